"""Hours that are still good: asked every four weeks; two weeks unanswered, the openings leave search."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from portal.availability import hours
from portal.availability.confirming import ask_and_lapse, confirm
from portal.availability.derived import freshen
from portal.availability.hours import Plan
from portal.availability.models import Availability
from portal.errors import OpeningTaken
from portal.mail.delivery import deliver_due
from portal.mail.outbox import Outbox
from portal.mail.tokens import token_of
from portal.mentors.models import Mentor
from portal.mentors.profile import hide, restore
from portal.people.models import Person
from portal.sessions.booking import book
from portal.sessions.holding import Opening
from portal.sessions.models import Session
from portal.settings import Settings
from tests.cast import ALL_WEEK, REQUEST, Visitor, make_mentor, make_session, opening, starts_of
from tests.conftest import Time
from tests.letters import told

LAILA = "laila.mansour@example.org"
SECOND, WEEK = timedelta(seconds=1), timedelta(weeks=1)
STILL_GOOD = ("availability/still_good", LAILA)


@pytest.fixture
def mentor(world: Time) -> Mentor:
    ask_and_lapse()
    world.pass_(seconds=1)
    return make_mentor()


def asked(world: Time, after: timedelta) -> list[tuple[str, str]]:
    """What the worker puts out when it looks so long after the hours were set."""
    before = len(told())
    world.set(Availability.get().confirmed_at + after)
    freshen()
    ask_and_lapse()
    return told()[before:]


def link_of(app: Flask) -> str:
    """The path of the button in the latest mail."""
    letter = Outbox.select().where(Outbox.kind == STILL_GOOD[0]).order_by(Outbox.id.desc()).get()
    return f"/hours/still-good/{token_of(letter, app.config['SECRET_KEY'])}"


@pytest.mark.parametrize(
    ("after", "is_asked"), [(4 * WEEK - SECOND, False), (4 * WEEK, True), (4 * WEEK + SECOND, True)]
)
def test_ask_after_four_weeks(world: Time, mentor: Mentor, after: timedelta, is_asked: bool) -> None:
    asked(world, 3 * WEEK)
    assert asked(world, after) == [STILL_GOOD] * is_asked
    assert asked(world, 5 * WEEK) == [STILL_GOOD] * (not is_asked)


@pytest.mark.parametrize(
    ("after", "is_lapsed"), [(6 * WEEK - SECOND, False), (6 * WEEK, True), (6 * WEEK + SECOND, True)]
)
def test_lapse_after_six_weeks(world: Time, mentor: Mentor, after: timedelta, is_lapsed: bool) -> None:
    asked(world, 4 * WEEK)
    assert asked(world, after) == [STILL_GOOD] * is_lapsed
    assert (Availability.get().is_lapsed, starts_of(mentor) == []) == (is_lapsed, is_lapsed)


def test_lapse_takes_the_openings_and_nothing_else(app: Flask, world: Time, mentor: Mentor, mentee: Person) -> None:
    asked(world, 4 * WEEK)
    world.set(Availability.get().confirmed_at + 6 * WEEK - timedelta(days=1))
    freshen()
    session, wanted = make_session(mentor, mentee, number=100), opening(mentor, 60)
    plan = hours.plan_of(mentor)
    world.pass_(days=1)
    ask_and_lapse()
    assert (Session.get_by_id(session.id).is_cancelled, hours.plan_of(mentor)) == (False, plan)
    page = Visitor(app).get("/mentors/laila-mansour").text
    assert ("Laila has no opening" in page, "data-opening" in Visitor(app).get("/").text) == (True, False)
    with pytest.raises(OpeningTaken):
        make_session_at(wanted, mentee)
    confirm(mentor)
    assert make_session_at(wanted, mentee).start == wanted.start


def make_session_at(wanted: Opening, mentee: Person) -> Session:
    return book(wanted, REQUEST, mentee=mentee, holder="b", hold_ref="b")


def test_saving_the_hours_says_so_as_well(world: Time, mentor: Mentor) -> None:
    asked(world, 4 * WEEK)
    asked(world, 6 * WEEK)
    plan = hours.plan_of(mentor)
    assert plan is not None
    hours.save(plan, mentor=mentor)
    assert (Availability.get().is_lapsed, len(starts_of(mentor)) > 0) == (False, True)
    assert asked(world, 4 * WEEK) == [STILL_GOOD]


@pytest.mark.parametrize("kind", ["empty week", "hidden"])
def test_nobody_is_asked_about_nothing(world: Time, kind: str) -> None:
    ask_and_lapse()
    mentor = make_mentor(plan=Plan("Etc/UTC") if kind == "empty week" else Plan("Etc/UTC", ALL_WEEK))
    if kind == "hidden":
        hide(mentor)
    assert (asked(world, 4 * WEEK), asked(world, 6 * WEEK)) == ([], [])
    if kind == "hidden":
        restore(mentor)
        assert (asked(world, 7 * WEEK), asked(world, 9 * WEEK - SECOND), asked(world, 9 * WEEK)) == (
            [STILL_GOOD],
            [],
            [STILL_GOOD],
        )


def test_who_was_away_for_long_is_asked_before_anything_lapses(world: Time, mentor: Mentor) -> None:
    assert asked(world, 40 * WEEK) == [STILL_GOOD]
    assert not Availability.get().is_lapsed


def test_one_tap_on_the_page(app: Flask, world: Time, mentor: Mentor) -> None:
    laila = Visitor(app, mentor.person)
    assert "They are still good" not in laila.get("/hours").text
    asked(world, 4 * WEEK)
    assert "Are these hours still good? Say so by 4 January" in laila.get("/hours").text
    assert laila.post("/hours/confirmation").location == "/hours"
    assert "Are these hours still good?" not in laila.get("/hours").text
    assert (asked(world, 3 * WEEK), Availability.get().is_lapsed) == ([], False)


def test_one_tap_from_the_mail_signed_in_or_not(app: Flask, world: Time, mentor: Mentor) -> None:
    asked(world, 4 * WEEK)
    asked(world, 6 * WEEK)
    link = link_of(app)
    for _ in range(5):
        page = Visitor(app).get(link)
        assert (page.status_code, "They are still good" in page.text) == (200, True)
    assert Visitor(app).client.head(link).status_code == 200
    assert Availability.get().is_lapsed
    assert Visitor(app).post(link).location == link
    assert (Availability.get().is_lapsed, len(starts_of(mentor)) > 0) == (False, True)
    assert "Your hours are confirmed" in Visitor(app).get(link).text


def test_the_page_shows_all_hours_on_the_mentors_clock(app: Flask, world: Time, mentor: Mentor) -> None:
    asked(world, 4 * WEEK)
    today = world.now.astimezone(ZoneInfo("Asia/Tokyo")).date()
    off = [
        (today + timedelta(days=first), today + timedelta(days=last), "") for first, last in ((-9, -1), (3, 3), (4, 6))
    ]
    extra = [(today + timedelta(days=days), 600, 720) for days in (-1, 2)]
    link = link_of(app)
    hours.save(Plan("Asia/Tokyo", ((0, 540, 720),), off=tuple(off), extra=tuple(extra)), mentor=mentor)
    Availability.update(asked_at=world.now, confirmed_at=world.now - 4 * WEEK).execute()
    page = Visitor(app).get(link).text
    rows = [" ".join(row.split()) for row in re.findall(r"<li>(.*?)</li>", page, re.DOTALL)]
    assert ("Times in Tokyo" in page, rows) == (
        True,
        [
            "Mon 09:00–12:00",
            "Also on 23 December, 10:00–12:00",
            "Not on 24 December",
            "Not from 25 December to 27 December",
        ],
    )


def test_a_link_of_another_mail_confirms_nothing(app: Flask, world: Time, mentor: Mentor, mentee: Person) -> None:
    make_session(mentor, mentee)
    before = Availability.get().confirmed_at
    world.pass_(hours=1)
    for letter in Outbox.select():
        token = token_of(letter, app.config["SECRET_KEY"])
        assert Visitor(app).get(f"/hours/still-good/{token}").status_code == 404
        assert Visitor(app).post(f"/hours/still-good/{token}").status_code == 404
    assert (Visitor(app).get("/hours/still-good/x").status_code, Availability.get().confirmed_at) == (404, before)


def test_only_mentors_confirm(app: Flask, world: Time, mentor: Mentor, stranger: Person) -> None:
    assert Visitor(app, stranger).post("/hours/confirmation").status_code == 409
    assert Visitor(app).post("/hours/confirmation").status_code == 303


def test_the_mail_is_not_sent_to_who_has_said_so_meanwhile(
    app: Flask, settings: Settings, world: Time, mentor: Mentor
) -> None:
    asked(world, 4 * WEEK)
    world.pass_(seconds=1)
    confirm(mentor)
    assert deliver_due(app, settings) == 0
    assert [row.error for row in Outbox.select()] == ["the hours were confirmed"]
