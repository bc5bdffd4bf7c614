"""A directory of 200: portal/demo/mentors.csv imported once for each database, and only read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache

import pytest
from flask import Flask

from portal import clock, create_app, database
from portal.availability import hours
from portal.availability.hours import Plan
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.settings import Settings
from tests.cast import ALL_WEEK, MONDAY
from tests.conftest import Engine
from tests.directory.shows import import_shows


@pytest.fixture(scope="session")
def kept_shows(engines: dict[str, Engine]) -> Iterator[Callable[[str], str]]:
    """For each engine the address of a database with 200 mentors, each with hours, filled once for all files."""
    with ExitStack() as stack:
        yield cache(lambda name: stack.enter_context(_shows(engines[name])))


@contextmanager
def _shows(engine: Engine) -> Iterator[str]:
    url = engine.make()
    with clock.stopped_at(MONDAY):
        database.open_database(url)
        database.connect()
        import_shows()
        for mentor in Mentor.select(Mentor, Person).join(Person):
            hours.save(Plan(mentor.person.time_zone, ALL_WEEK, notice=0), mentor=mentor)
    database.disconnect()
    yield url
    database.disconnect()
    engine.drop(url)


@pytest.fixture(params=["sqlite", "postgres"])
def shows_url(request: pytest.FixtureRequest, kept_shows: Callable[[str], str]) -> str:
    return kept_shows(request.param)


@pytest.fixture
def shows(shows_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The app over it. Tests only look."""
    folder = tmp_path_factory.mktemp("shows")
    with clock.stopped_at(MONDAY):
        made = create_app(Settings("k" * 32, "http://portal.example.org", "console:", folder, shows_url))
        made.testing = True
        database.connect()
        yield made
        database.disconnect()
