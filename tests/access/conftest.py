"""One world for all tests of access, built once for each database and put back for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal import clock, database
from portal.limits import set_limits
from portal.settings import Settings
from tests.access.making import make_world
from tests.access.world import World
from tests.cast import MONDAY
from tests.conftest import Engine


@pytest.fixture(scope="session")
def built(engines: dict[str, Engine], tmp_path_factory: pytest.TempPathFactory) -> World:
    """On SQLite, and never asked anything: a file can be copied back in no time."""
    data = tmp_path_factory.mktemp("access")
    return _build(engines["sqlite"].make(), data)


def _build(url: str, data: Path) -> World:
    with clock.stopped_at(MONDAY):
        world = make_world(Settings("k" * 32, "http://localhost", "console:", data=data, database_url=url))
        world.remember()
        return world


@pytest.fixture
def world(built: World) -> Iterator[World]:
    """As it was built."""
    set_limits(built.settings.limits)
    database.open_database(built.settings.database_url)
    with clock.stopped_at(MONDAY):
        built.restore()
        yield built
        database.disconnect()


@pytest.fixture
def postgres_world(engines: dict[str, Engine], tmp_path: Path) -> Iterator[World]:
    """The same on PostgreSQL, where putting back is slow: ask it only what changes nothing."""
    url = engines["postgres"].make()
    world = _build(url, tmp_path)
    with clock.stopped_at(MONDAY):
        yield world
        database.disconnect()
    engines["postgres"].drop(url)
