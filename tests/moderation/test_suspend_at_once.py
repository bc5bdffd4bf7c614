"""Suspending while those suspended book, sign in and wait: whatever comes first, nothing of theirs is left ahead."""

from __future__ import annotations

from functools import partial

import pytest

from portal.availability.models import Claim
from portal.errors import ShutOut
from portal.moderation import suspending
from portal.moderation.absences import record_of
from portal.people import sign_ins
from portal.people.models import Person
from portal.sessions import booking
from portal.sessions.models import Session
from portal.waiting.models import Watch
from portal.waiting.offering import offer_due
from portal.waiting.watching import Terms, wait_for_mentor
from tests.attack.test_at_once import at_once
from tests.cast import make_mentor, make_person, make_session
from tests.conftest import Time
from tests.proof import ledger

ROUNDS = 8


def suspend(person: Person, by: Person) -> None:
    suspending.suspend(person, reason="Not so", version=record_of(person.id).version, coordinator=by)


def left_ahead(person: Person) -> list[object]:
    """Sessions, taken time and lines of somebody; there are to be none."""
    mine = ((Session.mentee == person) | (Session.mentor == person.id)) & Session.cancelled_at.is_null()
    found = [Session.select().where(mine), Claim.select().where(Claim.person == person)]
    return [row for query in (*found, Watch.select().where(Watch.person == person)) for row in query]


def play(world: Time, rounds: int) -> list[object]:
    """Each round somebody new books two mentors, of whom one is suspended with them, and a worker offers meanwhile."""
    inga, lasting = make_person("Inga Holm", coordinator=True), make_mentor("Omar Aziz")
    left: list[object] = []
    for number in range(rounds):
        sam, laila = make_person(f"Sam {number}"), make_mentor(f"Laila {number}")
        wait_for_mentor(laila, Terms(), person=sam)
        before = make_session(lasting, sam, number=number)
        at_once(
            partial(suspend, sam, inga),
            partial(suspend, laila.person, inga),
            partial(make_session, laila, sam, number=number + 3),
            partial(make_session, lasting, sam, number=number + 9),
            partial(sign_ins.begin, sam, way="code", agent=""),
            offer_due,
        )
        offer_due()
        assert Session.get_by_id(before.id).is_cancelled
        for person in (sam, laila.person):
            assert Person.get_by_id(person.id).is_suspended
            left += left_ahead(person)
        if ledger.deadlocks():
            left.append("a deadlock")
    return left


def test_suspend_while_they_book_wait_and_sign_in(world: Time) -> None:
    assert play(world, ROUNDS) == []


def test_a_booking_that_looks_at_no_suspension_is_found(world: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: it comes right after."""
    inga, omar, sam = make_person("Inga Holm", coordinator=True), make_mentor("Omar Aziz"), make_person("Sam Rivera")
    suspend(sam, inga)
    with pytest.raises(ShutOut):
        make_session(omar, sam)
    monkeypatch.setattr(booking, "check_may_book", lambda _mentee: None)
    session = make_session(omar, sam)
    assert left_ahead(sam) == [session, Claim.get(Claim.person == sam)]
