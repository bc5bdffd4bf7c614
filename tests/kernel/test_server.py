"""The mail worker's round: letters go, openings stay true, what nobody needs is forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask

from portal import clock, database
from portal.availability.models import Claim, Hold, Openings
from portal.demo.clock import move_on
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people.models import Person, SignInCode, SignInLink
from portal.people.signing_in import is_link_valid, issue_link, request_code
from portal.server import tidy, work_once
from portal.sessions.holding import hold
from portal.settings import Settings
from tests.cast import MONDAY, make_session, opening, starts_of
from tests.conftest import Time
from tests.feedback.after import rated
from tests.kernel.smtp import mail_server, mailing_to


def test_round_delivers_what_is_due_once(app: Flask, settings: Settings, mentor: Mentor, mentee: Person) -> None:
    make_session(mentor, mentee)
    with mail_server() as mailbox:
        mailing = mailing_to(mailbox.port, settings)
        assert [work_once(app, mailing) for _ in range(2)] == [2, 0]
        assert mailbox.recipients == ["laila.mansour@example.org", "sam.rivera@example.org"]
    assert Outbox.select().where(Outbox.sent_at.is_null()).count() == 0


def test_round_connects_by_itself(app: Flask, settings: Settings) -> None:
    database.disconnect()
    assert work_once(app, settings) == 0


def next_stored(mentor: Mentor) -> datetime:
    row = Openings.get((Openings.mentor == mentor.person_id) & (Openings.length == 15))
    found: datetime = row.next
    return found


def test_round_keeps_the_next_opening_ahead(app: Flask, settings: Settings, mentor: Mentor, world: Time) -> None:
    before = next_stored(mentor)
    world.pass_(hours=5)
    assert next_stored(mentor) == before < world.now
    work_once(app, settings)
    assert next_stored(mentor) == starts_of(mentor)[0] > world.now


def test_round_frees_what_was_held_too_long(
    app: Flask, settings: Settings, mentor: Mentor, mentee: Person, world: Time
) -> None:
    hold(opening(mentor), holder="a", mentee=mentee, draft={})
    world.pass_(minutes=9, seconds=59)
    work_once(app, settings)
    assert Claim.select().count() == 2
    world.pass_(seconds=1)
    work_once(app, settings)
    assert Claim.select().count() == 0


def test_round_of_a_demo_follows_its_clock(app: Flask, settings: Settings) -> None:
    demo = replace(settings, demo=True)
    move_on(demo, timedelta(days=1))
    clock.set_ahead(timedelta())
    try:
        work_once(app, settings)
        assert clock.now() == MONDAY
        work_once(app, demo)
        assert clock.now() == MONDAY + timedelta(days=1)
    finally:
        clock.set_ahead(timedelta())


def test_round_of_a_demo_asks_at_once_whether_it_helped(
    app: Flask, settings: Settings, mentor: Mentor, mentee: Person, world: Time
) -> None:
    session = rated(mentor, mentee, world)
    world.set(session.end + timedelta(days=14))
    asked = Outbox.select().where(Outbox.kind == "feedback/did_it_help")
    work_once(app, settings)
    assert asked.count() == 0
    try:
        work_once(app, replace(settings, demo=True))
    finally:
        clock.set_ahead(timedelta())
    assert asked.count() == 1


@pytest.mark.parametrize(("seconds", "left"), [(-1, 1), (0, 1), (1, 0)])
def test_tidy_forgets_codes_a_day_after_they_end(world: Time, seconds: int, left: int) -> None:
    request_code("sam@example.org", browser="b", zone="Etc/UTC")
    world.pass_(minutes=10, days=1, seconds=seconds)
    request_code("ana@example.org", browser="c", zone="Etc/UTC")
    tidy()
    assert (SignInCode.select().count(), SignInCode.select().where(SignInCode.email == "ana@example.org").count()) == (
        left + 1,
        1,
    )


@pytest.mark.parametrize(("seconds", "left"), [(-1, 1), (0, 1), (1, 0)])
def test_tidy_forgets_links_a_day_after_they_end(world: Time, seconds: int, left: int) -> None:
    issue_link("sam@example.org")
    world.pass_(hours=1, days=1, seconds=seconds)
    fresh = issue_link("sam@example.org")
    tidy()
    assert (SignInLink.select().count(), is_link_valid(fresh)) == (left + 1, True)


@pytest.mark.parametrize(("seconds", "left"), [(-1, 1), (0, 1), (1, 0)])
def test_tidy_forgets_what_was_typed_and_never_booked(
    app: Flask, settings: Settings, mentor: Mentor, mentee: Person, world: Time, seconds: int, left: int
) -> None:
    hold(opening(mentor), holder="a", mentee=mentee, draft={"objective": "private"})
    world.pass_(minutes=10, days=1, seconds=seconds)
    work_once(app, settings)  # gives the time back; until then the hold is what holds it
    tidy()
    assert Hold.select().count() == left


def test_tidy_keeps_what_counts(world: Time, mentor: Mentor, mentee: Person) -> None:
    request_code("sam@example.org", browser="b", zone="Etc/UTC")
    hold(opening(mentor), holder="a", mentee=mentee, draft={})
    tidy()
    assert (SignInCode.select().count(), Hold.select().count(), Claim.select().count()) == (1, 1, 2)
