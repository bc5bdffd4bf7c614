"""Proofs run against the real server, which has the real clock."""

from __future__ import annotations

import pytest

from portal import database
from portal.settings import Settings


@pytest.fixture
def world(settings: Settings) -> None:
    """A database in place, and the time that it is."""
    database.open_database(settings.database_url)
    database.connect()
