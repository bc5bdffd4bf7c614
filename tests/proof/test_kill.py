"""kill -9 in the middle of bookings, again and again: what was acknowledged is there, and nothing by halves."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from http.client import HTTPException

import pytest
from flask import Flask

from portal import database
from portal.availability.hours import Plan
from portal.availability.models import Claim
from portal.mail.outbox import Outbox
from portal.people.codes import new_token
from portal.people.models import Person
from portal.sessions.holding import Opening
from portal.sessions.models import Session
from portal.settings import Settings
from tests.cast import ALL_WEEK, BOOKING, make_mentor, make_person, make_session, starts_of, value_of
from tests.engines import Postgres, Sqlite
from tests.letters import name_of
from tests.proof import ledger
from tests.proof.server import PATIENCE, Answer, Client, Server, at_once, serving, signed_in
from tests.proof.size import size

CYCLES = {"sqlite": size(100, usual=8), "postgres": size(20, usual=4)}
BOOKERS = 4
MOST = 6
"""Bookings that are answered before the server is killed, at the most."""
PLANNED = 12
"""Bookings prepared for each time it is killed: MOST, those under way, and some that are quick."""
MENTORS = 12


@dataclass
class Attempt:
    """One booking that a client wants. `form` stays the same when it is sent again."""

    client: Client
    form: dict[str, str]
    is_held_first: bool

    def send(self, port: int) -> Answer:
        client = replace(self.client, port=port)
        if self.is_held_first:
            held = client.post("/holds", {"opening": self.form["opening"]})
            assert held.status == 303, held.text
            self.form["hold"] = held.location.removeprefix("/holds/")
            self.is_held_first = False
        return client.post("/sessions", self.form)


def _attempts(app: Flask, count: int) -> Iterator[Attempt]:
    """Bookings that are all possible: three for each mentee, at times that never meet; every other holds first."""
    mentors = [make_mentor(f"Mentor {number}", plan=_plan(number)) for number in range(MENTORS)]
    grid = [starts_of(mentor, 30)[8::3] for mentor in mentors]  # 45 minutes apart: room for the gap
    with database.db.atomic():
        mentees = [signed_in(app, make_person(f"Mentee {number}"), 0) for number in range(count // 3 + 1)]
    for number in range(count):
        row, which = divmod(number, MENTORS)
        start = grid[which][(row + 11 * which) % len(grid[which])]
        form = {"opening": value_of(Opening(mentors[which], start, 30)), "hold": new_token(), **BOOKING}
        yield Attempt(mentees[number // 3], form, is_held_first=number % 2 == 0)


def _plan(number: int) -> Plan:
    return Plan("Etc/UTC", ALL_WEEK, lengths=(15, 30, 60), notice=0, gap=15 * (number % 2))


class Bookers:
    """A few clients, each sending one booking after the other until there is no server."""

    def __init__(self, attempts: list[Attempt]) -> None:
        self.attempts = attempts
        self.acknowledged: list[str] = []
        self.open: list[Attempt] = []
        """Sent, and never answered."""
        self.cut_off = 0

    def book_until_killed(self, server: Server, after: int, pause: float) -> list[str]:
        target = len(self.acknowledged) + after
        enough = threading.Event()

        def kill() -> list[str]:
            enough.wait(PATIENCE)
            threading.Event().wait(pause)
            return server.kill()

        return at_once([kill, *[partial(self._book, server.port, target, enough)] * BOOKERS])[0]

    def _book(self, port: int, target: int, enough: threading.Event) -> list[str]:
        while True:
            attempt = self.attempts.pop()
            try:
                self.acknowledge(attempt.send(port))
            except (OSError, HTTPException) as error:
                self.cut_off += not isinstance(error, ConnectionRefusedError)
                self.open.append(attempt)
                return []
            if len(self.acknowledged) >= target:
                enough.set()

    def acknowledge(self, answer: Answer) -> None:
        assert (answer.status, answer.location[:10]) == (303, "/sessions/"), answer.text
        self.acknowledged.append(answer.location.removeprefix("/sessions/"))

    def send_again(self, port: int) -> None:
        """As a browser does whose request was cut off. Whether or not it had been booked, now it is, once."""
        again, self.open = self.open, []
        for attempt in again:
            self.acknowledge(attempt.send(port))


def test_kill_loses_nothing_that_was_acknowledged(app: Flask, settings: Settings, engine: Sqlite | Postgres) -> None:
    cycles, chance, unanswered = CYCLES[engine.name], random.Random(9), 0
    bookers = Bookers(list(_attempts(app, cycles * PLANNED)))
    for cycle in range(cycles):
        # No connection of ours stays open: the next server finds what a crash leaves, and recovers it.
        database.disconnect()
        with serving(settings, with_mails=cycle % 10 == 0) as server:
            assert ledger.faults(bookers.acknowledged) == []
            unanswered += Session.select().count() - len(bookers.acknowledged)
            bookers.send_again(server.port)
            database.disconnect()
            assert bookers.book_until_killed(server, chance.randint(1, MOST), chance.uniform(0, 0.02)) == []
    with serving(settings) as server:
        assert ledger.faults(bookers.acknowledged) == []
        bookers.send_again(server.port)
        database.disconnect()
    assert ledger.faults(bookers.acknowledged) == []
    assert {session.ref for session in Session.select()} == set(bookers.acknowledged)
    assert len(set(bookers.acknowledged)) == len(bookers.acknowledged)
    print(
        f"\n{engine.name}: killed {cycles} times, {len(bookers.acknowledged)} bookings acknowledged, none lost;"
        f" {bookers.cut_off} requests cut off, {unanswered} of them after they were on disk"
    )
    assert bookers.cut_off >= cycles  # the kills did come in the middle of requests


def _lose_a_letter(session: Session) -> list[str]:
    lost = Outbox.get(Outbox.kind == "sessions/booked_mentee")
    lost.delete_instance()
    return [f"letter missing: {name_of(lost)}"]


def _lose_a_claim(session: Session) -> list[str]:
    claim = Claim.select().where(Claim.person == session.mentee_id).order_by(Claim.quarter.desc()).get()
    Claim.delete().where((Claim.person == claim.person_id) & (Claim.quarter == claim.quarter)).execute()
    return [f"session {session.id} needs the claims"]


def _lose_what_the_cap_counts(session: Session) -> list[str]:
    Claim.update(begins=False).where(Claim.session == session.id).execute()
    return [f"session {session.id} needs the claims"]


def _store_a_half(session: Session) -> list[str]:
    half = Session.create(**{**session.__data__, "id": session.id + 1, "ref": "half", "hold_ref": "half"})
    return [
        *[f"person {person} is in 2 sessions" for person in (session.mentor_id, session.mentee_id) for _ in (0, 1)],
        f"session {half.id} needs the claims",
        f"session {half.id} lacks the events ['booked']",
        f"letter missing: sessions/booked_mentor session {half.id}",
        f"letter missing: sessions/booked_mentee session {half.id}",
    ]


@pytest.mark.parametrize("harm", [_lose_a_letter, _lose_a_claim, _lose_what_the_cap_counts, _store_a_half])
def test_kill_check_sees_what_is_missing(world: None, mentee: Person, harm: Callable[[Session], list[str]]) -> None:
    """The control: each kind of half booking, made by hand, is found, and nothing else is."""
    session = make_session(make_mentor(), mentee, length=30)
    assert ledger.faults([session.ref]) == []
    with database.db.atomic() as changes:
        expected = harm(session)
        found = ledger.faults([session.ref])
        changes.rollback()
    assert [line[: len(start)] for line, start in zip(found, expected, strict=True)] == expected


def test_kill_check_sees_a_session_that_is_lost(world: None, mentee: Person) -> None:
    session = make_session(make_mentor(), mentee)
    assert ledger.faults([session.ref, "lost"]) == ["session lost was acknowledged and is lost"]
