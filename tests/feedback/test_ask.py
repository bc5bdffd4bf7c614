"""After a session its mentee is asked by mail, once, how it was; not where there is nothing to say."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from portal.feedback.asking import ask_for_ratings
from portal.feedback.rating import Answer, rate
from portal.mail.delivery import deliver_due
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people import blocks
from portal.people.models import Person
from portal.sessions.attendance import mark_absent
from portal.sessions.changes import cancel
from portal.sessions.models import Session
from portal.settings import Settings
from tests.cast import make_person, make_session
from tests.conftest import Time
from tests.letters import told

RATE = ("feedback/rate", "sam.rivera@example.org")
SECOND = timedelta(seconds=1)


@pytest.fixture
def session(mentor: Mentor, mentee: Person, world: Time) -> Session:
    ask_for_ratings()
    return make_session(mentor, mentee, number=8, length=60)


def asked(world: Time, session: Session, after: timedelta) -> list[tuple[str, str]]:
    before = len(told())
    world.set(session.end + after)
    ask_for_ratings()
    return told()[before:]


@pytest.mark.parametrize(("after", "is_asked"), [(-SECOND, False), (timedelta(), True), (SECOND, True)])
def test_ask_once_it_is_over(world: Time, session: Session, after: timedelta, is_asked: bool) -> None:
    asked(world, session, timedelta(minutes=-30))
    assert asked(world, session, after) == [RATE] * is_asked
    assert asked(world, session, timedelta(hours=3)) == [RATE] * (not is_asked)
    assert asked(world, session, timedelta(days=3)) == []


def test_ask_after_an_outage(world: Time, session: Session) -> None:
    assert asked(world, session, timedelta(days=2)) == [RATE]


@pytest.mark.parametrize(("late", "is_asked"), [(-SECOND, True), (timedelta(), True), (SECOND, False)])
def test_ask_after_an_outage_while_it_can_be_rated(
    world: Time, session: Session, late: timedelta, is_asked: bool
) -> None:
    assert asked(world, session, timedelta(days=14) + late) == [RATE] * is_asked


def test_ask_of_nothing_that_was_cancelled_missed_rated_or_whose_mentee_has_blocked_the_mentor(
    world: Time, mentor: Mentor
) -> None:
    """Each has a mentee of its own. A block by the mentor is nothing to notice, so that one is asked."""
    ask_for_ratings()
    people = off, missed, rated, blocker, blocked = [make_person(f"P{number} Doe") for number in range(5)]
    sessions = {who: make_session(mentor, who, number=8 + 2 * number) for number, who in enumerate(people)}
    cancel(sessions[off], person=off, reason="Ill")
    world.set(sessions[rated].end)
    mark_absent(sessions[missed], person=mentor.person)
    rate(sessions[rated], Answer("yes", 5), mentee=rated)
    blocks.block(mentor.person, person=blocker)
    blocks.block(blocked, person=mentor.person)
    assert asked(world, sessions[blocked], timedelta()) == [(RATE[0], blocked.email)]


def test_who_has_rated_by_then_gets_no_mail(app: Flask, settings: Settings, world: Time, session: Session) -> None:
    assert asked(world, session, timedelta()) == [RATE]
    rate(session, Answer("yes", 5), mentee=session.mentee)
    deliver_due(app, settings)
    assert (Outbox.get(Outbox.kind == RATE[0]).state, Outbox.get(Outbox.kind == RATE[0]).error) == (
        "skipped",
        "there is nothing to rate",
    )


def test_a_mail_that_is_two_weeks_late_is_not_sent(
    app: Flask, settings: Settings, world: Time, session: Session
) -> None:
    asked(world, session, timedelta())
    world.set(session.end + timedelta(days=14, seconds=1))
    deliver_due(app, settings)
    assert Outbox.get(Outbox.kind == RATE[0]).state == "skipped"
