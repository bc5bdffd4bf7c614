"""Suspending, erasing and deciding while something else goes on: whatever comes first, nothing is left ahead."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from threading import Event

import pytest

from portal import database
from portal.availability.models import Claim
from portal.database import db
from portal.errors import ShutOut
from portal.held import Who
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.moderation import reporting, suspending, triage
from portal.moderation.absences import record_of
from portal.moderation.models import Report
from portal.moderation.reportable import subject_at
from portal.moderation.triage import Outcome
from portal.people import account, erasing, sign_ins, suspensions
from portal.people.models import Person, SignIn
from portal.sessions import booking
from portal.sessions.models import Session
from portal.waiting.models import Watch
from portal.waiting.offering import offer_due
from portal.waiting.watching import Terms, wait_for_mentor
from tests.attack.test_at_once import at_once
from tests.cast import make_mentor, make_person, make_session
from tests.conftest import Engine, Time
from tests.moderation.reported import place, reported
from tests.proof import ledger

ROUNDS = 8


def suspend(person: Person, by: Person) -> None:
    suspending.suspend(person, reason="Not so", version=record_of(person.id).version, coordinator=by)


def lift(person: Person, by: Person) -> None:
    suspending.lift(person, reason="", version=record_of(person.id).version, coordinator=by)


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


def meanwhile(first: Callable[[], object], then: Callable[[], object], *, patience: float = 0.3) -> object:
    """What comes of `then`, begun while the transaction of `first` is not over."""
    begun = Event()

    def follow() -> object:
        database.connect()
        begun.wait()
        try:
            return then()
        except ShutOut as refusal:
            return type(refusal)
        finally:
            database.disconnect()

    with ThreadPoolExecutor(1) as thread:
        with db.atomic():
            first()
            following = thread.submit(follow)
            begun.set()
            wait([following], timeout=patience)
        return following.result()


def test_who_signs_in_at_that_moment_is_not_in_once_it_is_lifted(mentee: Person, coordinator: Person) -> None:
    follow = partial(sign_ins.begin, mentee, way="code", agent="")
    assert meanwhile(partial(suspend, mentee, coordinator), follow) is ShutOut
    lift(mentee, coordinator)
    assert SignIn.select().where(SignIn.person == mentee).count() == 0


def test_without_a_lock_who_signs_in_at_that_moment_is_in(
    engine: Engine, mentee: Person, coordinator: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control. SQLite has one writer at a time."""
    monkeypatch.setattr(suspensions, "lock", lambda *_: None)
    follow = partial(sign_ins.begin, mentee, way="code", agent="")
    patience = 10 if engine.name == "postgres" else 0.3
    is_in = meanwhile(partial(suspending_without_locks, mentee), follow, patience=patience) is not ShutOut
    assert is_in is (engine.name == "postgres")


def suspending_without_locks(person: Person) -> None:
    Person.update(suspended_at=person.created_at).where(Person.id == person.id).execute()


def test_a_claim_at_that_moment_makes_no_coordinator(mentee: Person, coordinator: Person) -> None:
    claim = partial(account.follow_claim, mentee, is_coordinator=True)
    assert meanwhile(partial(suspend, mentee, coordinator), claim) is ShutOut
    assert not Person.get_by_id(mentee.id).is_coordinator


def test_who_signs_in_while_they_leave_is_nobody(mentee: Person) -> None:
    follow = partial(sign_ins.begin, mentee, way="code", agent="")
    assert meanwhile(partial(erasing._erase, Who(mentee.id, mentee.email), on_server=False), follow) is ShutOut
    assert SignIn.select().count() == 0


def test_deciding_on_a_report_while_its_person_or_its_reporter_leaves(world: Time) -> None:
    """Whatever comes first: nobody waits for each other, and nobody who left gets a mail."""
    inga = make_person("Inga Holm", coordinator=True)
    for number in range(ROUNDS):
        sam, laila = make_person(f"Sam {number}"), make_mentor(f"Laila {number}")
        report = reported(place(make_session(laila, sam), "mentor"), sam)
        outcome = Outcome(("suspend", "nothing")[number % 2], "A note", "A sentence")
        at_once(
            partial(erasing.erase, sam if number % 3 else laila.person),
            partial(triage.decide, report, outcome, coordinator=inga),
        )
        gone = sam if number % 3 else laila.person
        assert [letter.kind for letter in Outbox.select().where(Outbox.recipient == gone.email)] == ["people/erased"]
    assert ledger.deadlocks() == 0


def test_two_who_report_and_block_each_other(mentor: Mentor, mentee: Person) -> None:
    session = make_session(mentor, mentee)
    for _ in range(ROUNDS):
        Report.delete().execute()
        sides = ((mentee, place(session, "mentor")), (mentor.person, place(session, "mentee")))
        at_once(
            *(
                partial(
                    reporting.report, subject_at(at, person=who), person=who, reason="selling", words="", block=True
                )
                for who, at in sides
            )
        )
        assert Report.select().count() == 2
    assert ledger.deadlocks() == 0
