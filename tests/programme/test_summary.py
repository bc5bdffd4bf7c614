"""Every Monday at eight, coordinators read how the week was and what waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from portal.availability.hours import Plan
from portal.feedback.rating import Answer, rate
from portal.mail.delivery import deliver_due
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.programme.summary import send_summaries
from portal.sessions.booking import book
from portal.sessions.holding import Opening
from portal.settings import Settings
from tests.cast import REQUEST, make_mentor, make_person, make_session
from tests.conftest import Time
from tests.letters import mail, text_of, told

WEEKLY = "programme/weekly"
INGA, TOKYO = "inga.holm@example.org", "yui.sato@example.org"
EIGHT = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def coordinators(coordinator: Person, world: Time) -> None:
    make_person("Yui Sato", zone="Asia/Tokyo", coordinator=True)
    world.pass_(hours=1)
    send_summaries()


def sent(world: Time, at: datetime) -> list[str]:
    before = len(told())
    world.set(at)
    send_summaries()
    assert {kind for kind, _ in told()[before:]} <= {WEEKLY}
    return [to for _, to in told()[before:]]


@pytest.mark.usefixtures("coordinators")
@pytest.mark.parametrize(("off", "is_due"), [(-SECOND, False), (timedelta(), True), (SECOND, True)])
def test_summary_comes_on_monday_at_eight_of_each_reader(world: Time, off: timedelta, is_due: bool) -> None:
    assert sent(world, EIGHT - timedelta(hours=9)) == [TOKYO]
    assert sent(world, EIGHT + off) == [INGA] * is_due
    assert sent(world, EIGHT + timedelta(hours=1)) == [INGA] * (not is_due)
    assert sent(world, EIGHT + timedelta(days=6)) == []


@pytest.mark.usefixtures("coordinators")
def test_summary_after_an_outage_comes_once_for_the_latest_week(world: Time) -> None:
    assert sent(world, EIGHT + timedelta(days=9)) == [INGA, TOKYO]
    assert sent(world, EIGHT + timedelta(days=9, hours=1)) == []


@pytest.mark.usefixtures("coordinators")
def test_summary_has_the_week_and_what_waits(app: Flask, world: Time, mentor: Mentor, mentee: Person) -> None:
    session = make_session(mentor, mentee, number=8)
    world.set(session.end)
    rate(session, Answer("yes", 5, line="Very clear"), mentee=mentee)
    sent(world, EIGHT)
    message = mail(app, WEEKLY, "inga")
    assert message["Subject"] == "Last week: 1 session, 1 waiting for you"
    for line in ("- 1 session held", "- 100 % got what they came for", "- 1 waits for a decision of yours"):
        assert f"\n{line}\n" in text_of(message)


@pytest.mark.usefixtures("coordinators")
def test_summary_is_not_sent_late_nor_to_who_is_no_coordinator(app: Flask, settings: Settings, world: Time) -> None:
    sent(world, EIGHT)
    Person.update(is_coordinator=False).where(Person.email == INGA).execute()
    world.set(EIGHT + timedelta(days=3, seconds=1))
    deliver_due(app, settings)
    assert {row.recipient: row.error for row in Outbox.select()} == {
        INGA: "they are no coordinator",
        TOKYO: "the week is over",
    }


@pytest.mark.usefixtures("coordinator")
@pytest.mark.parametrize(("start", "held"), [("Sun 23:30", 1), ("Sun 23:45", 1), ("Mon 00:00", 0)])
def test_summary_counts_a_session_in_the_week_in_which_it_began(world: Time, start: str, held: int) -> None:
    day = timedelta(days=start.startswith("Mon"))
    hour = datetime.strptime(start[4:], "%H:%M").replace(tzinfo=UTC)
    wanted = datetime(2026, 11, 29, hour.hour, hour.minute, tzinfo=UTC) + day
    mentor = make_mentor(plan=Plan("Etc/UTC", tuple((day, 0, 1440) for day in range(7)), lengths=(30,), notice=0))
    book(Opening(mentor, wanted, 30), REQUEST, mentee=make_person("Sam Rivera"), holder="h", hold_ref="h")
    send_summaries()
    assert [sent(world, EIGHT + timedelta(weeks=weeks)) for weeks in (0, 1)] == [[INGA], [INGA]]
    weeks = Outbox.select().where(Outbox.kind == WEEKLY).order_by(Outbox.id)
    assert [letter.facts["held"] for letter in weeks] == [held, 1 - held]
