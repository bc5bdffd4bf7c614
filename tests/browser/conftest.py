"""A browser, a demo programme to look at, and phones."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from portal import database, schema
from portal.demo.seed import seed
from tests.browser.phone import SCREEN, Phone
from tests.engines import free_port, unavailable
from tests.proof.size import size

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds a demo may take to be up on a busy machine."""
with_javascript_and_without = pytest.mark.parametrize(
    "javascript", [True, False], ids=["with JavaScript", "without JavaScript"]
)
with_javascript = pytest.mark.parametrize(
    "javascript", [True, False][: size(2, usual=1)], ids=["with JavaScript", "without JavaScript"][: size(2, usual=1)]
)
"""Without it only in `make prove`."""


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The system's Chromium. For this folder only: while it is there an event loop runs in this thread."""
    chromium = shutil.which("chromium") or shutil.which("chromium", path="/usr/bin")
    if chromium is None:
        unavailable("Chromium: apt-get install chromium")
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=quiet)
        yield launched
        launched.close()


@cache
def filled() -> bytes:
    """The database of a demo that has just begun."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "portal.db"
        database.open_database(f"sqlite:///{file}")
        database.connect()
        schema.migrate()
        database.connect()
        seed()
        database.db.execute_sql("pragma wal_checkpoint(truncate)")
        database.disconnect()
        return file.read_bytes()


@contextmanager
def running_demo(data: Path, content: bytes = b"") -> Iterator[str]:
    """The address of a demo programme of its own, with this in its database. It need not be filled for each test,
    which takes longer than most of them.
    """
    data.mkdir()
    (data / "portal.db").write_bytes(content or filled())
    with _running(data) as address:
        yield address


@contextmanager
def _running(data: Path) -> Iterator[str]:
    """Stopped with SIGTERM."""
    port = free_port()
    command = [sys.executable, "-m", "portal.cli", "demo", "--port", str(port), "--data", str(data)]
    log = data.parent / f"{data.name}.log"
    with log.open("w") as output:
        server = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, server, log)
            yield address
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
                raise


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    last = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < last:
        try:
            with urllib.request.urlopen(f"{address}/sign-in", timeout=PATIENCE):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
    pytest.fail(f"the demo did not start:\n{log.read_text()}")


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One demo for all tests that leave time and the coordinator's queue alone. It begins with nothing, as with
    somebody who tries it out.
    """
    with _running(tmp_path_factory.mktemp("demo") / "data") as address:
        yield address


NewPhone = Callable[..., Phone]


def new_phone(browser: Browser, address: str, **options: Any) -> Phone:
    """A phone with an empty cache."""
    context = browser.new_context(base_url=address, **{**SCREEN, **options})
    context.set_default_timeout(PATIENCE * 1000 / 2)
    return Phone(context)


@pytest.fixture
def phone(browser: Browser, demo: str) -> Iterator[NewPhone]:
    """Makes phones. At the end there may be nothing to complain of on any of them."""
    made: list[Phone] = []

    def make(**options: Any) -> Phone:
        made.append(new_phone(browser, demo, **options))
        return made[-1]

    yield make
    complaints = [complaint for phone in made for complaint in phone.complaints]
    for phone in made:
        phone.context.close()
    assert not complaints, "\n".join(complaints)
