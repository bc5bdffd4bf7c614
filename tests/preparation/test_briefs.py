"""In the morning a mentor gets the briefs of the day: at seven on their own clock, once, and none without sessions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from portal.availability.hours import Plan
from portal.clock import zone
from portal.mail.delivery import deliver_due
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.preparation.briefs import send_briefs
from portal.sessions.changes import cancel, move
from portal.sessions.models import Session
from portal.settings import Settings
from tests.cast import ALL_WEEK, make_mentor, make_session, starts_of
from tests.conftest import Time
from tests.letters import mail, text_of, told

LAILA = "laila.mansour@example.org"
BRIEFS = ("preparation/briefs", LAILA)
SECOND = timedelta(seconds=1)
KOLKATA = zone("Asia/Kolkata")
SEVEN_IN_KOLKATA = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)


@pytest.fixture
def mentor(world: Time) -> Mentor:
    """In Kolkata, with hours from 9 to 17 there."""
    send_briefs()
    return make_mentor(zone="Asia/Kolkata", plan=Plan("Asia/Kolkata", ALL_WEEK, lengths=(15,), notice=0))


def tomorrow(mentor: Mentor, mentee: Person, *numbers: int) -> None:
    """Book the openings of these numbers of Tuesday."""
    first = next(n for n, start in enumerate(starts_of(mentor)) if start > SEVEN_IN_KOLKATA)
    for number in numbers:
        make_session(mentor, mentee, number=first + number)


def sent(world: Time, at: datetime) -> list[tuple[str, str]]:
    before = len(told())
    world.set(at)
    send_briefs()
    return told()[before:]


@pytest.mark.parametrize(("off", "is_due"), [(-SECOND, False), (timedelta(), True), (SECOND, True)])
def test_briefs_come_at_seven_of_the_mentor(
    world: Time, mentor: Mentor, mentee: Person, off: timedelta, is_due: bool
) -> None:
    tomorrow(mentor, mentee, 0)
    sent(world, SEVEN_IN_KOLKATA - timedelta(hours=2))
    assert sent(world, SEVEN_IN_KOLKATA + off) == [BRIEFS] * is_due
    assert sent(world, SEVEN_IN_KOLKATA + timedelta(minutes=20)) == [BRIEFS] * (not is_due)
    assert sent(world, SEVEN_IN_KOLKATA + timedelta(hours=9)) == []


def test_briefs_are_one_mail_for_all_sessions_of_the_day(
    app: Flask, world: Time, mentor: Mentor, mentee: Person
) -> None:
    tomorrow(mentor, mentee, 0, 3)
    assert sent(world, SEVEN_IN_KOLKATA) == [BRIEFS]
    message = mail(app, "preparation/briefs")
    assert message["Subject"] == "Today: 2 sessions, the first Tuesday 24 November 2026, 09:00–09:15 (Kolkata time)"
    assert text_of(message).count("Sam wants to walk away with: A counter-offer I can send tomorrow") == 2


def test_no_briefs_without_a_session_that_day(world: Time, mentor: Mentor, mentee: Person) -> None:
    tomorrow(mentor, mentee, 40)
    assert sent(world, SEVEN_IN_KOLKATA) == []
    assert sent(world, SEVEN_IN_KOLKATA + timedelta(days=1)) == [BRIEFS]


def test_briefs_after_an_outage_are_of_what_is_still_ahead_today(
    app: Flask, world: Time, mentor: Mentor, mentee: Person
) -> None:
    tomorrow(mentor, mentee, 0, 20)
    assert sent(world, SEVEN_IN_KOLKATA + timedelta(hours=3)) == [BRIEFS]
    assert mail(app, "preparation/briefs")["Subject"].startswith("Today: Sam Rivera, Tuesday 24 November 2026, 14:15")
    assert sent(world, SEVEN_IN_KOLKATA + timedelta(hours=12)) == []


def test_briefs_after_days_without_a_worker_are_of_today_alone(world: Time, mentor: Mentor, mentee: Person) -> None:
    tomorrow(mentor, mentee, 0, 40)
    assert sent(world, SEVEN_IN_KOLKATA + timedelta(days=1, hours=-3)) == []
    assert sent(world, SEVEN_IN_KOLKATA + timedelta(days=1)) == [BRIEFS]


def test_briefs_of_sessions_that_were_cancelled_meanwhile_are_not_sent(
    app: Flask, settings: Settings, world: Time, mentor: Mentor, mentee: Person
) -> None:
    tomorrow(mentor, mentee, 0)
    Outbox.delete().execute()
    assert sent(world, SEVEN_IN_KOLKATA) == [BRIEFS]
    cancel(Session.get(), person=mentee, reason="Ill")
    deliver_due(app, settings)
    assert Outbox.get(Outbox.kind == BRIEFS[0]).error == "the sessions are over"


def test_briefs_leave_out_what_was_cancelled_or_moved_since(
    app: Flask, world: Time, mentor: Mentor, mentee: Person
) -> None:
    tomorrow(mentor, mentee, 0, 8, 16)
    assert sent(world, SEVEN_IN_KOLKATA) == [BRIEFS]
    first, second, third = Session.select().order_by(Session.start)
    cancel(first, person=mentee, reason="Ill")
    move(second, starts_of(mentor)[-1], mentee=mentee)
    subject = str(mail(app, "preparation/briefs")["Subject"])
    assert subject.startswith(f"Today: Sam Rivera, Tuesday 24 November 2026, {third.start.astimezone(KOLKATA):%H:%M}–")
