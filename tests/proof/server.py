"""The real server in a process group of its own, and many signed-in clients."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

from flask import Flask, session
from flask_wtf.csrf import generate_csrf

from portal.people.codes import new_token
from portal.people.models import Person
from portal.settings import Settings
from tests.cast import cookie_of
from tests.engines import free_port

Result = TypeVar("Result")

ROOT = Path(__file__).parents[2]
PORTAL = "portal.cli"
PATIENCE = 60.0
"""Seconds until something that should happen at once counts as never: a slow machine fails no test."""
TROUBLE = re.compile(r"Traceback|ERROR|\[CRITICAL\]|panicked|deadlock")
"""What a server says when something went wrong inside it, even where the client saw nothing of it."""


class Server:
    """`portal run`, or another module that takes the same arguments, serving one database."""

    def __init__(
        self, settings: Settings, *, module: str = PORTAL, with_mails: bool = False, port: int | None = None
    ) -> None:
        self.is_killed = False
        self.port = port or free_port()
        self.log = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed by stop() or kill()
        address = ["--host", "127.0.0.1", "--port", str(self.port)]
        command = [sys.executable, "-m", module, "run", *address, "--workers", "2"]
        self.process = subprocess.Popen(
            command if with_mails else [*command, "--no-work"],
            env={
                **os.environ,
                "SECRET_KEY": settings.secret_key,
                "PORTAL_URL": settings.portal_url,
                "MAIL_URL": settings.mail_url,
                "PORTAL_DATA": str(settings.data),
                "DATABASE_URL": settings.database_url,
                "REDIS_URL": settings.redis_url,
                "RATE_FACTOR": str(settings.rate_factor),
                "PYTHONUNBUFFERED": "1",
            },
            cwd=ROOT,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a group of its own: kill() takes the workers too, and nobody else
        )

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                answer = Client(self.port).get("/sign-in")
            except OSError:
                time.sleep(0.01)
                continue
            assert answer.status == 200, self.said()
            return
        raise AssertionError(f"the server does not answer:\n{self.said()}")

    def stop(self) -> None:
        """As an operator does: SIGTERM to the one process they started. It must go by itself, quietly, and leave no
        process behind.
        """
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(PATIENCE)
        said = self.said()
        self.log.close()
        assert status == 0, said
        assert TROUBLE.findall(said) == [], said
        self._wait_until_the_group_is_gone()

    def kill(self) -> list[str]:
        """As a power cut does to the processes: all of them at once, with no word of warning. Returns what had
        gone wrong before.
        """
        self.is_killed = True
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)
        trouble = TROUBLE.findall(self.said())
        self.log.close()
        return trouble

    def _wait_until_the_group_is_gone(self) -> None:
        """Python's helper for worker processes goes a moment after the one it helped."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                os.killpg(self.process.pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.01)
        raise AssertionError("a process was left behind")

    def said(self) -> str:
        """What it wrote, but for the line it writes for each request."""
        self.log.seek(0)
        return "".join(line for line in self.log if "portal.requests" not in line)


@contextmanager
def serving(
    settings: Settings, *, module: str = PORTAL, with_mails: bool = False, port: int | None = None
) -> Iterator[Server]:
    """The server, answering, on a port that is free where none is given. Stopped at the end, unless the test has killed
    it; killed where the test failed, so that its own failure shows.
    """
    server = Server(settings, module=module, with_mails=with_mails, port=port)
    try:
        server.wait_until_it_answers()
        yield server
    except BaseException:
        if not server.is_killed:
            server.kill()
        raise
    if not server.is_killed:
        server.stop()


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    text: str
    seconds: float


@dataclass(frozen=True)
class Client:
    """A browser with one cookie, which it never changes. Each request has a connection of its own."""

    port: int
    headers: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None)

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        return self._ask("POST", path, urlencode({"csrf_token": self.token, **fields}))

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        form = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        began = time.perf_counter()
        try:
            connection.request(method, path, body, self.headers | form)
            response = connection.getresponse()
            text = response.read().decode()
            seconds = time.perf_counter() - began
            return Answer(response.status, response.headers.get("Location", ""), text, seconds)
        finally:
            connection.close()


def signed_in(app: Flask, person: Person, port: int) -> Client:
    """A client whose cookie the app itself has signed: what signing in would leave, without two hundred codes."""
    with app.test_request_context():
        token = generate_csrf()  # leaves its other half in the session
        kept = {**session, **cookie_of(person), "holder": new_token()}
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    name = app.config["SESSION_COOKIE_NAME"]
    return Client(port, {"Cookie": f"{name}={serializer.dumps(kept)}"}, token)


def at_once(calls: Sequence[Callable[[], Result]]) -> list[Result]:
    """Make all these calls at the same moment, each in a thread of its own. The results in their order."""
    start = threading.Barrier(len(calls))

    def call(number: int) -> Result:
        start.wait(PATIENCE)
        return calls[number]()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, range(len(calls))))


def percentile(seconds: Sequence[float], share: float) -> float:
    return sorted(seconds)[min(int(len(seconds) * share), len(seconds) - 1)]
