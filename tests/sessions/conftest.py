"""A session in every state, for the tests that look at all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal import clock, create_app, database
from portal.settings import Settings
from tests.cast import MONDAY
from tests.conftest import Engine
from tests.sessions.agreement import World, make_world


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def life(
    request: pytest.FixtureRequest, engines: dict[str, Engine], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Made once for all moments: what is accepted is undone, and the rest must change nothing."""
    engine = engines[request.param]
    url, data = engine.make(), tmp_path_factory.mktemp("data")
    app = create_app(Settings("k" * 32, "http://portal.example.org", "console:", data=data, database_url=url))
    app.testing = True
    database.connect()
    with clock.stopped_at(MONDAY):
        yield make_world(app)
    database.disconnect()
    engine.drop(url)
