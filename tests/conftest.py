"""What all tests share: a database of each kind, a stopped clock, the app, the cast."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from types import CodeType

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

from portal import clock, create_app, database
from portal.limits import set_limits
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.rates import open_rates
from portal.settings import Settings
from tests.cast import MONDAY, Visitor, make_mentor, make_person
from tests.engines import Postgres, Sqlite, postgres, sqlite
from tests.proof.size import IS_FULL

Engine = Sqlite | Postgres
LONG = (
    *("proof/test_mail_kill.py", "preparation/test_year.py", "proof/test_turns_at_once.py", "proof/test_life.py"),
    *("sessions/test_turn", "browser/test_conversation.py", "availability/test_show_then_book.py"),
    *("feedback/test_wish_is_secret.py", "proof", "browser", "availability/test_oracle.py"),
    *("access", "attack/test_input.py", "attack/test_planted.py"),
    *("kernel/test_calendar_text.py", "sessions/test_calendar_program.py", "waiting/test_random.py"),
    *("people/test_flood.py", "people/test_nothing_is_left.py", "kernel/test_demo.py", "directory/test_order.py"),
)
"""What takes longest begins first, the longest at the head, so that no worker is left alone with it at the end. What
it runs is covered by shorter tests as well, so it is not slowed down by measuring that.
"""
POSTGRES = ("directory/test_search.py", "kernel/test_database.py")
"""Where the code differs for PostgreSQL. The rest is covered once it has run on SQLite."""


class Compiled(BytecodeCache):
    """Templates, compiled once for all the apps of a process rather than once for each: a process that serves has
    one app, tests have thousands.
    """

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key, bucket.checksum] = bucket.code


Flask.jinja_options = {"bytecode_cache": Compiled()}


MEASURED = pytest.StashKey[bool]()
"""Whether what it runs counts for the coverage."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    _leave_for_prove(config, items)
    seen = set()
    for item in items:
        once = (item.path, item.name.partition("[")[0], _is_in(item, POSTGRES) and _is_on_postgres(item))
        differs = _is_in(item, POSTGRES) or not _is_on_postgres(item)
        item.stash[MEASURED] = differs and once not in seen and not _is_in(item, LONG)
        if item.stash[MEASURED]:
            seen.add(once)
    items.sort(key=lambda item: next((place for place, path in enumerate(LONG) if _is_in(item, path)), len(LONG)))


def _leave_for_prove(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each test runs on SQLite with all its parameters and on PostgreSQL with the first; with all in `make prove`."""
    seen, left = set(), []
    for item in items:
        test = (item.path, item.name.partition("[")[0])
        if not IS_FULL and _is_on_postgres(item) and not _is_in(item, POSTGRES):
            if test in seen:
                left.append(item)
            seen.add(test)
    if left:
        config.hook.pytest_deselected(items=left)
        gone = set(left)
        items[:] = [item for item in items if item not in gone]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Not measured either: it runs nothing of the portal but what this file has imported already. What it makes stays
    until the end, so nobody is to look for garbage in it, now or later.
    """
    gc.disable()
    with _unmeasured():
        collected = yield
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    gc.enable()
    return collected


@contextmanager
def _unmeasured() -> Iterator[None]:
    """Not by pytest-cov's own mark: in a worker of xdist that stops one measuring and resumes another beneath it."""
    measuring = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    try:
        yield
    finally:
        sys.settrace(measuring[0])
        threading.settrace(measuring[1])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """For `-n auto`: one more than there are cores, because browsers and servers are often waited for."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Measuring what is covered takes a fifth more time, so each test is measured once, whatever its parameters."""
    with nullcontext() if item.stash[MEASURED] else _unmeasured():
        return (yield)


def _is_on_postgres(item: pytest.Item) -> bool:
    return "postgres" in item.name.partition("[")[2]


def _is_in(item: pytest.Item, paths: str | tuple[str, ...]) -> bool:
    return _place(item.path).startswith(paths)


@cache
def _place(path: Path) -> str:
    return path.relative_to(Path(__file__).parent).as_posix()


@pytest.fixture(scope="session")
def engines() -> Iterator[dict[str, Engine]]:
    """Filled as they are asked for, so that a run of SQLite tests starts no server."""
    with ExitStack() as stack:
        yield _Engines(stack)


class _Engines(dict[str, Engine]):
    def __init__(self, stack: ExitStack) -> None:
        super().__init__()
        self.stack = stack

    def __missing__(self, name: str) -> Engine:
        start: Callable[[], AbstractContextManager[Engine]] = {"sqlite": sqlite, "postgres": postgres}[name]
        self[name] = self.stack.enter_context(start())
        return self[name]


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest, engines: dict[str, Engine]) -> Engine:
    """Each test runs on both databases."""
    return engines[request.param]


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    """What one test did too often is nothing to the next."""
    open_rates()


@pytest.fixture
def database_url(engine: Engine) -> Iterator[str]:
    """An empty, migrated database."""
    url = engine.make()
    yield url
    database.disconnect()
    engine.drop(url)


class Time:
    """The stopped clock of a test."""

    def __init__(self) -> None:
        self.now = MONDAY

    def set(self, instant: datetime) -> None:
        self.now = instant
        clock._stopped = instant

    def pass_(self, **by: float) -> None:
        self.set(self.now + timedelta(**by))


@pytest.fixture
def time() -> Iterator[Time]:
    """It is Monday 23 November 2026, 08:00 UTC, until the test moves on."""
    with clock.stopped_at(MONDAY):
        yield Time()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        secret_key="k" * 32,
        portal_url="http://portal.example.org",
        mail_url="console:",
        data=tmp_path,
        database_url=database_url,
    )


@pytest.fixture
def world(settings: Settings, time: Time) -> Time:
    """A database in place and a stopped clock: enough for verbs."""
    database.open_database(settings.database_url)
    database.connect()
    return time


@pytest.fixture
def app(settings: Settings, world: Time, request: pytest.FixtureRequest) -> Flask:
    """One for all tests of a process with the same settings, but for those marked `own_app`, which change it."""
    if request.node.get_closest_marker("own_app"):
        made = create_app(settings)
    else:
        made = _app(replace(settings, database_url="sqlite:///never-opened.db", data=Path(), mail_url="console:"))
        made.config["SETTINGS"] = settings
        set_limits(settings.limits)
    made.testing = True
    database.open_database(settings.database_url)
    database.connect()
    return made


@cache
def _app(settings: Settings) -> Flask:
    return create_app(settings)


@pytest.fixture
def mentor(world: Time) -> Mentor:
    return make_mentor()


@pytest.fixture
def mentee(world: Time) -> Person:
    return make_person("Sam Rivera", zone="Europe/Berlin")


@pytest.fixture
def coordinator(world: Time) -> Person:
    return make_person("Inga Holm", coordinator=True)


@pytest.fixture
def stranger(world: Time) -> Person:
    """Signed in, and with no part in it. Always tries."""
    return make_person("Mallory Quinn")


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app)
