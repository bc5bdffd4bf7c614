"""The worker as it runs on a server: until it is asked to stop, whatever happens to the database."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from runpy import run_path

import pytest
from flask import Flask

from portal import database, server
from portal.mail.outbox import Outbox
from portal.people.signing_in import request_code
from portal.settings import Settings
from tests.conftest import Time
from tests.engines import free_port
from tests.people.signing import SAM

Stopping = Callable[[Callable[[], bool]], None]


@pytest.fixture
def stopping() -> Iterator[Stopping]:
    """Asks this process to stop, as a service manager does, once something is true (or a minute is over)."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    watches: list[threading.Thread] = []

    def watch(is_done: Callable[[], bool]) -> None:
        def ask() -> None:
            end = time.monotonic() + 60
            while not is_done() and time.monotonic() < end:
                time.sleep(0.05)
            if callable(signal.getsignal(signal.SIGTERM)):  # else it would end the tests
                os.kill(os.getpid(), signal.SIGTERM)

        watches.append(threading.Thread(target=ask))
        watches[-1].start()

    yield watch
    for thread in watches:
        thread.join()
    for number, handler in before.items():
        signal.signal(number, handler)


def test_work_delivers_what_is_due_until_it_is_asked_to_stop(
    world: Time, settings: Settings, stopping: Stopping, capsys: pytest.CaptureFixture[str]
) -> None:
    request_code(SAM, browser="one", zone="Etc/UTC")
    database.disconnect()
    stopping(lambda: f"--- mail to {SAM}: " in sys.stderr.getvalue())  # type: ignore[attr-defined]
    server.work(settings)
    assert capsys.readouterr().err.count(f"--- mail to {SAM}: ") == 1
    database.connect()
    assert Outbox.get().sent_at == world.now


def test_work_outlives_a_database_that_is_away(
    settings: Settings, stopping: Stopping, caplog: pytest.LogCaptureFixture
) -> None:
    away = replace(settings, database_url=f"postgresql://postgres@127.0.0.1:{free_port()}/portal")
    stopping(lambda: caplog.text.count("work failed; trying again") > 1)
    server.work(away)
    assert caplog.text.count("work failed; trying again") > 1


def test_wsgi_offers_the_app_to_any_server(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"SECRET_KEY": "k" * 32, "PORTAL_URL": "http://localhost", "MAIL_URL": "console:"}
    for name, value in {**values, "DATABASE_URL": database_url, "PORTAL_DATA": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    app = run_path(str(Path(__file__).parents[2] / "wsgi.py"))["app"]
    assert isinstance(app, Flask)
    assert app.test_client().get("/").status_code == 200
