"""The people of the table of access and their browsers, and one database that is put back for each try."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from portal import clock, database
from portal.mentors.models import Mentor
from portal.mentors.profile import mentor_of
from portal.people.models import Person
from portal.rates import open_rates
from portal.sessions.holding import Opening
from portal.sessions.models import Session
from portal.settings import Settings
from tests.cast import Visitor, starts_of
from tests.people.device import Device

IN_A_DEMO = ("demo", "as mentee")
NOT_FRESH, BY_A_CODE = "not fresh", "by a code"
SIGNED_IN = (NOT_FRESH, BY_A_CODE)
"""How somebody has, other than just now and, if a coordinator, by a passkey."""


@dataclass(frozen=True)
class Hand:
    """A browser: what its cookie holds, and the token of its pages."""

    cookie: str
    token: str


@dataclass
class World:
    """Everybody, and by the words of the table every thing: what its address is made of."""

    settings: Settings
    cast: dict[str, Person]
    things: dict[str, dict[str, Any]]
    sessions: dict[str, Session]
    apps: dict[str, Flask]
    hands: dict[tuple[str, str], Hand] = field(default_factory=dict)
    device: Device = field(default_factory=Device)
    known: dict[str, list[Any]] = field(default_factory=dict)
    file: bytes = b""

    def hand(self, role: str, thing: str = "") -> Hand:
        """The same for all that this role does: one sign-in, made before anything is compared. Some things are how
        somebody has signed in.
        """
        return self.hands[role, next((how for how in SIGNED_IN if thing.endswith(how)), "")]

    def made_of(self, thing: str) -> dict[str, Any]:
        """What the address of a thing is made of; "a passkey, not fresh" is about a passkey."""
        return self.things.get(re.sub(", (not|by|with) .*", "", thing), {})

    def app_for(self, thing: str) -> Flask:
        """The portal as it has to be set for a thing to be there."""
        if thing in IN_A_DEMO:
            return self.apps["demo"]
        return self.apps["provider" if thing.endswith("with a provider") else ""]

    def ask(self, app: Flask, method: str, path: str, role: str, data: Any = None, **more: Any) -> TestResponse:
        """As somebody of this role who has the page open: with its token."""
        hand = self.hand(role, more.pop("thing", ""))
        client = app.test_client()
        client.set_cookie(app.config["SESSION_COOKIE_NAME"], hand.cookie)
        typed = None if method == "GET" else {"csrf_token": hand.token, **(data or {})}
        return client.open(path, method=method, data=typed, **more)

    def remember(self) -> None:
        """This is how it is to be."""
        self.known = stored(database.db.get_tables())
        if not database.is_postgres():
            database.db.execute_sql("pragma wal_checkpoint(truncate)")
            self.file = self._path.read_bytes()

    @property
    def _path(self) -> Path:
        return Path(self.settings.database_url.removeprefix("sqlite:///"))

    def restore(self) -> None:
        """Put everything back: as a file, because verbs end their own transactions."""
        self.turn_back()
        database.disconnect()
        for suffix in ("-wal", "-shm"):
            Path(f"{self._path}{suffix}").unlink(missing_ok=True)
        self._path.write_bytes(self.file)
        database.connect()

    def turn_back(self) -> None:
        """It is the time that it was, also for a demo, and nobody has done anything too often."""
        open_rates()
        (self.settings.data / "demo-clock").unlink(missing_ok=True)
        clock.set_ahead(timedelta())

    def changed(self) -> list[str]:
        """The tables in which something is not as it was."""
        now = stored(self.known)
        return [table for table in now if now[table] != self.known[table]]

    @cached_property
    def mentor(self) -> Mentor:
        return as_mentor(self.cast["mentor"])

    def opening(self, number: int = 40, *, length: int = 15) -> Opening:
        """One that nobody holds."""
        return Opening(self.mentor, starts_of(self.mentor, length)[number], length)


def stored(tables: Iterable[str]) -> dict[str, list[Any]]:
    """All rows of these tables."""
    return {table: database.db.execute_sql(f'select * from "{table}"').fetchall() for table in tables}


def hand_with(app: Flask, kept: dict[str, Any]) -> Hand:
    """A browser whose cookie holds this, once it has seen a form."""
    browser = Visitor(app, kept=kept)
    token = browser.token()
    cookie = browser.client.get_cookie("portal")
    assert cookie is not None
    return Hand(cookie.value, token)


def as_mentor(person: Person) -> Mentor:
    """The mentor that this person is, though it may be hidden or wait."""
    mentor = mentor_of(person)
    assert mentor is not None
    return mentor
