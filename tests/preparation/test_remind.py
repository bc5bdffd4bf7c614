"""Reminders: at their hour, to the side that should act, once, and none for what was past when it was booked."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask

from portal.limits import Limits, set_limits
from portal.mail.delivery import deliver_due
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.preparation.models import Reminder
from portal.preparation.preparing import prepare, prepared, set_ready
from portal.preparation.reminders import remind_due
from portal.sessions import team
from portal.sessions.changes import cancel, move
from portal.sessions.models import Session
from portal.sessions.turns import seat_at
from portal.settings import Settings
from tests.cast import make_session, opening
from tests.conftest import Time
from tests.kernel.smtp import mail_server, mailing_to
from tests.letters import told

LAILA, SAM, KAI = "laila.mansour@example.org", "sam.rivera@example.org", "kai@example.org"
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
DAY = 24 * HOUR
OPEN, READY, SOON = "preparation/questions_open", "preparation/get_ready", "preparation/soon"


@pytest.fixture
def session(mentor: Mentor, mentee: Person) -> Session:
    """In two days and a few hours; the worker has looked before."""
    remind_due()
    booked = make_session(mentor, mentee, number=80)
    assert booked.start - booked.created_at > 2 * DAY
    return booked


def reminded(world: Time, at: datetime) -> list[tuple[str, str]]:
    """What the worker puts out when it looks at this instant."""
    before = len(told())
    world.set(at)
    remind_due()
    return told()[before:]


def marks() -> list[tuple[int, bool, bool]]:
    """Hours ahead, whether it was late, whether anybody was told."""
    rows = Reminder.select().order_by(Reminder.session, Reminder.hours.desc())
    return [(row.hours, row.is_late, row.is_told) for row in rows]


@pytest.mark.parametrize(("before", "due"), [(SECOND, False), (timedelta(), True), (-SECOND, True)])
@pytest.mark.parametrize("hours", [24, 1])
def test_remind_comes_at_its_hour(world: Time, session: Session, hours: int, before: timedelta, due: bool) -> None:
    reminded(world, session.start - hours * HOUR - 5 * SECOND)
    expected = {24: [(OPEN, LAILA), (READY, SAM)], 1: [(SOON, LAILA), (SOON, SAM)]}[hours]
    assert reminded(world, session.start - hours * HOUR - before) == (expected if due else [])


def test_remind_a_day_ahead_only_the_side_that_is_not_ready(
    world: Time, session: Session, mentor: Mentor, mentee: Person
) -> None:
    edition = prepared(seat_at(session.ref, person=mentee)).edition
    prepare(session, mentor=mentor.person, read=edition, line="", links=())
    assert reminded(world, session.start - DAY) == [(READY, SAM)]


def test_remind_a_day_ahead_nobody_where_both_are_ready(
    world: Time, session: Session, mentor: Mentor, mentee: Person
) -> None:
    edition = prepared(seat_at(session.ref, person=mentee)).edition
    prepare(session, mentor=mentor.person, read=edition, line="", links=())
    set_ready(session, mentee=mentee, is_ready=True)
    assert reminded(world, session.start - DAY) == []
    assert marks() == [(24, False, False)]
    assert reminded(world, session.start - HOUR) == [(SOON, LAILA), (SOON, SAM)]


def test_remind_an_hour_ahead_the_team_as_well(world: Time, session: Session, mentee: Person) -> None:
    Session.update(kind="project").execute()
    team.invite(Session.get(), [KAI], mentee=mentee)
    reminded(world, session.start - DAY)
    assert reminded(world, session.start - HOUR) == [(SOON, LAILA), (SOON, SAM), (SOON, KAI)]


def test_remind_comes_once_however_often_the_worker_looks(world: Time, session: Session) -> None:
    for seconds in range(0, 90, 10):
        reminded(world, session.start - HOUR + seconds * SECOND)
    assert [kind for kind, _ in told()].count(SOON) == 2


@pytest.mark.parametrize(("booked", "due"), [(SECOND, True), (timedelta(), False), (-SECOND, False)])
def test_remind_skips_what_was_past_when_it_was_booked(
    world: Time, mentor: Mentor, mentee: Person, booked: timedelta, due: bool
) -> None:
    start = opening(mentor, 20).start
    world.set(start - HOUR - booked - SECOND)
    remind_due()
    world.set(start - HOUR - booked)
    session = make_session(mentor, mentee, number=3 if due else 2)
    Session.update(start=start).where(Session.id == session.id).execute()
    reminded(world, start - HOUR + 2 * SECOND)
    assert [to for kind, to in told() if kind == SOON] == [LAILA, SAM] * due


def test_remind_of_the_new_time_after_a_move_and_not_of_the_old(
    world: Time, session: Session, mentor: Mentor, mentee: Person
) -> None:
    assert len(reminded(world, session.start - DAY)) == 2
    later = opening(mentor, 90).start
    move(session, later, mentee=mentee)
    assert reminded(world, session.start - HOUR) == []
    assert reminded(world, later - DAY) == [(OPEN, LAILA), (READY, SAM)]
    assert reminded(world, later - HOUR) == [(SOON, LAILA), (SOON, SAM)]


def test_remind_of_nothing_that_is_cancelled(world: Time, session: Session, mentee: Person) -> None:
    cancel(session, person=mentee, reason="Ill")
    assert reminded(world, session.start - DAY) == reminded(world, session.start - HOUR) == []


@pytest.mark.parametrize(
    ("back", "told_then", "marked"),
    [
        (-DAY + timedelta(minutes=15), [(OPEN, LAILA), (READY, SAM)], [(24, False, True)]),
        (-DAY + timedelta(minutes=15) + SECOND, [(OPEN, LAILA), (READY, SAM)], [(24, True, True)]),
        (-HOUR - SECOND, [(OPEN, LAILA), (READY, SAM)], [(24, True, True)]),
        (-HOUR, [(SOON, LAILA), (SOON, SAM)], [(24, True, False), (1, False, True)]),
        (-SECOND, [(SOON, LAILA), (SOON, SAM)], [(24, True, False), (1, True, True)]),
        (timedelta(), [], [(24, True, False), (1, True, False)]),
        (3 * DAY, [], [(24, True, False), (1, True, False)]),
    ],
)
def test_remind_after_an_outage_marks_what_is_late_and_never_tells_two_at_once(
    world: Time,
    session: Session,
    back: timedelta,
    told_then: list[tuple[str, str]],
    marked: list[tuple[int, bool, bool]],
) -> None:
    assert reminded(world, session.start + back) == told_then
    assert marks() == marked


def test_a_reminder_that_the_mail_server_held_up_is_not_sent_after_the_start(
    app: Flask, settings: Settings, world: Time, session: Session
) -> None:
    Outbox.delete().execute()
    reminded(world, session.start - HOUR)
    with mail_server() as mailbox:
        world.set(session.start)
        assert deliver_due(app, mailing_to(mailbox.port, settings)) == 0
    assert {(row.state, row.error) for row in Outbox.select()} == {("skipped", "the session has started: too late")}


def test_a_reminder_to_get_ready_is_not_sent_to_who_is_by_then(
    app: Flask, settings: Settings, world: Time, session: Session, mentor: Mentor, mentee: Person
) -> None:
    Outbox.delete().execute()
    assert len(reminded(world, session.start - DAY)) == 2
    edition = prepared(seat_at(session.ref, person=mentee)).edition
    prepare(session, mentor=mentor.person, read=edition, line="", links=())
    set_ready(session, mentee=mentee, is_ready=True)
    with mail_server() as mailbox:
        assert deliver_due(app, mailing_to(mailbox.port, settings)) == 0
    assert {row.error for row in Outbox.select()} == {"the brief was read", "they are ready"}


def test_remind_at_the_hours_that_the_programme_sets(world: Time, session: Session) -> None:
    set_limits(Limits(remind_hours=(48, 2)))
    try:
        assert reminded(world, session.start - 48 * HOUR) == [(OPEN, LAILA), (READY, SAM)]
        assert reminded(world, session.start - 24 * HOUR) == []
        assert reminded(world, session.start - 2 * HOUR) == [(SOON, LAILA), (SOON, SAM)]
    finally:
        set_limits(Limits())


def test_remind_after_a_clock_that_was_ahead_is_set_right(world: Time, session: Session, mentee: Person) -> None:
    """What was told too early is not told again, and nothing stops."""
    now, other = world.now, make_session(session.mentor, mentee, number=120)
    assert reminded(world, session.start - DAY) == [(OPEN, LAILA), (READY, SAM)]
    assert reminded(world, now) == []
    assert reminded(world, session.start - DAY + SECOND) == []
    assert reminded(world, session.start - HOUR) == [(SOON, LAILA), (SOON, SAM)]
    assert reminded(world, other.start - DAY) == [(OPEN, LAILA), (READY, SAM)]
    assert marks() == [(24, False, True), (1, False, True), (24, False, True)]
