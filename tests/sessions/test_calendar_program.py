"""Feed and mailed calendars, read back by calendar programs that are not ours: the same times, one entry, then none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from portal.clock import zone
from portal.mail.composing import compose
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people.account import describe
from portal.people.models import Person
from portal.sessions import feed
from portal.sessions.changes import cancel, move
from portal.sessions.models import Session
from tests.cast import make_mentor, make_person, make_session, opening
from tests.conftest import Time
from tests.proof.size import size
from tests.sessions.calendar_program import CalendarProgram, served

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""What a calendar program reads is made of the same rows on either database."""
LAILA = "laila.mansour@example.org"
ZONES = ["Australia/Lord_Howe", "Europe/Berlin", "Asia/Kolkata", "America/New_York", "Etc/UTC"]


@pytest.fixture
def program(tmp_path: Path) -> CalendarProgram:
    return CalendarProgram(tmp_path)


def shown(start: datetime, minutes: int, title: str) -> tuple[str, str, str]:
    """As khal shows it in UTC."""
    end = datetime.fromtimestamp(start.timestamp() + 60 * minutes, UTC)
    return f"{start:%Y-%m-%d %H:%M}", f"{end:%Y-%m-%d %H:%M}", title


def take_mails(app: Flask, program: CalendarProgram, to: str) -> None:
    """All that came to this reader since."""
    with app.app_context():
        for letter in Outbox.select().where(Outbox.recipient == to).order_by(Outbox.id):
            program.take(compose(letter, app.config["SETTINGS"]))
    Outbox.delete().execute()


@pytest.mark.parametrize("name", ZONES[: size(5, usual=3)])
def test_mailed_calendars_are_one_entry_then_none(
    app: Flask, program: CalendarProgram, mentor: Mentor, world: Time, name: str
) -> None:
    sam = make_person("Zoë Ågren-Łukasz", zone=name)
    session = make_session(mentor, sam, number=20, length=30)
    take_mails(app, program, sam.email)
    assert program.shown() == [shown(session.start, 30, "Session with Laila Mansour")]
    later = opening(mentor, 90, 30).start
    move(session, later, mentee=sam)
    take_mails(app, program, sam.email)
    assert program.shown() == [shown(later, 30, "Session with Laila Mansour")]
    cancel(Session.get(), person=sam, reason="Ill")
    take_mails(app, program, sam.email)
    assert program.shown() == []


def test_the_mentor_reads_a_name_with_all_its_letters(app: Flask, program: CalendarProgram, mentor: Mentor) -> None:
    sam = make_person("Zoë Ågren-Łukasz")
    describe(sam, name="Zoë, Ågren; a\\b 😀", headline="", time_zone="Etc/UTC")
    session = make_session(mentor, sam, number=20, length=30)
    take_mails(app, program, LAILA)
    assert program.shown() == [shown(session.start, 30, "Session with Zoë, Ågren; a\\b 😀")]


@pytest.mark.parametrize("name", ZONES[1 : size(4, usual=3)])
def test_feed_is_one_entry_then_none(app: Flask, program: CalendarProgram, world: Time, name: str) -> None:
    """With a mentor's other sessions beside it, and what they offer nowhere."""
    mentor, sam, noor = make_mentor(zone=name), make_person("Sam Rivera", zone=name), make_person("Noor Haddad")
    made = feed.make(mentor.person)
    other = make_session(mentor, noor, number=8)
    with served(app) as host:
        address = f"{host}/calendar/{feed.token_of(made, app.config['SECRET_KEY'])}.ics"
        program.sync(address)
        beside = shown(other.start, 15, "Session with Noor Haddad")
        assert program.shown() == [beside]
        session = make_session(mentor, sam, number=20, length=30)
        program.sync(address)
        assert program.shown() == [beside, shown(session.start, 30, "Session with Sam Rivera")]
        later = opening(mentor, 90, 30).start
        move(session, later, mentee=sam)
        program.sync(address)
        assert program.shown() == [beside, shown(later, 30, "Session with Sam Rivera")]
        cancel(Session.get_by_id(session.id), person=mentor.person, reason="Ill")
        program.sync(address)
        assert program.shown() == [beside]


def test_times_across_a_change_of_clocks_are_the_same_instants(
    app: Flask, program: CalendarProgram, mentee: Person, world: Time
) -> None:
    """Berlin changes on 28 March 2027; the mentor's New York has by then."""
    world.set(datetime(2027, 3, 26, 8, 0, tzinfo=UTC))
    mentor = make_mentor(zone="America/New_York")
    starts = [make_session(mentor, mentee, number=number).start for number in (3, 40, 75)]
    offsets = [start.astimezone(zone("Europe/Berlin")).utcoffset() for start in starts]
    assert offsets == [timedelta(hours=1), timedelta(hours=1), timedelta(hours=2)]
    take_mails(app, program, mentee.email)
    assert program.shown() == [shown(start, 15, "Session with Laila Mansour") for start in starts]
