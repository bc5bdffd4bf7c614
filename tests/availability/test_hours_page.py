"""The hours page: what is typed is saved, looked at first, or sent back with what is wrong."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from portal.availability import hours
from portal.availability.forms import MOST_ROWS
from portal.availability.models import Availability
from portal.mentors import profile
from portal.mentors.models import Mentor
from portal.mentors.profile import Profile, mentor_of
from portal.people.models import Person
from portal.sessions.changes import cancel
from tests.availability.cases import everything, shown
from tests.availability.hours_form import PLAN, ROWS, TYPED, Form, alert, filled, sent
from tests.cast import Visitor, make_mentor, make_session

PREVIEW = {"HX-Request": "true"}


@pytest.fixture
def laila(app: Flask, mentor: Mentor) -> Visitor:
    return Visitor(app, mentor.person)


def test_show_hours_as_they_are_saved(laila: Visitor, mentor: Mentor) -> None:
    hours.save(PLAN, mentor=mentor)
    assert filled(laila.get("/hours").text) == TYPED


def test_save_stores_what_is_typed(laila: Visitor, mentor: Mentor) -> None:
    answer = laila.post("/hours", sent(TYPED))
    assert (answer.status_code, answer.location) == (303, "/hours")
    assert "Your hours are saved." in laila.get("/hours").text
    assert hours.plan_of(mentor) == PLAN


def test_save_says_what_is_booked_outside_of_them(laila: Visitor, mentor: Mentor, mentee: Person) -> None:
    """They stay, and the mentor is to know."""
    plan = hours.plan_of(mentor)
    assert plan is not None
    first, later = make_session(mentor, mentee), make_session(mentor, mentee, number=40)
    assert hours.booked_outside(plan, mentor) == []
    day_off = replace(plan, off=((first.start.date(), first.start.date(), ""),))
    assert hours.booked_outside(day_off, mentor) == [first.start]
    longer = make_session(mentor, mentee, number=20, length=30)
    until_its_middle = tuple((day, 0, (longer.start.hour * 60 + longer.start.minute + 15)) for day in range(7))
    assert longer.start in hours.booked_outside(replace(plan, weekly=until_its_middle), mentor)
    cancel(longer, person=mentee, reason="Ill")
    assert hours.booked_outside(replace(plan, weekly=()), mentor) == [first.start, later.start]
    laila.post("/hours", sent(filled(laila.get("/hours").text) | {"weekly_remove": [str(day) for day in range(7)]}))
    said = "2 booked sessions do not lie inside of them, the first today 09:00. Ask for another time"
    assert said in laila.get("/hours").text


def test_save_what_the_page_shows_changes_nothing(laila: Visitor, mentor: Mentor) -> None:
    hours.save(PLAN, mentor=mentor)
    assert laila.post("/hours", sent(filled(laila.get("/hours").text))).status_code == 303
    assert hours.plan_of(mentor) == PLAN


def test_save_leaves_out_what_is_ticked_to_remove(laila: Visitor, mentor: Mentor) -> None:
    hours.save(PLAN, mentor=mentor)
    page = laila.get("/hours").text
    boxes = {kind: re.findall(rf'name="{kind}_remove" value="(\d+)"', page) for kind in ROWS}
    assert {kind: len(values) for kind, values in boxes.items()} == {"weekly": 3, "off": 1, "extra": 2}
    ticked = {"weekly_remove": boxes["weekly"][1:], "off_remove": boxes["off"], "extra_remove": boxes["extra"][:1]}
    laila.post("/hours", {**Form(page).values, **ticked})
    assert hours.plan_of(mentor) == replace(PLAN, weekly=PLAN.weekly[:1], off=(), extra=PLAN.extra[1:])


def test_save_rows_typed_beside_removed_ones_are_kept(laila: Visitor, mentor: Mentor) -> None:
    typed = {
        **TYPED,
        "weekly": [("0", "09:00", "10:00"), ("0", "11:00", "12:00"), ("1", "", ""), ("2", "9:00", "24:00")],
    }
    laila.post("/hours", sent(typed, weekly_remove=["0"]))
    assert hours.plan_of(mentor) == replace(PLAN, weekly=((0, 660, 720), (2, 540, 1440)))


def test_preview_shows_openings_and_saves_nothing(laila: Visitor, mentor: Mentor) -> None:
    before = everything()
    part = laila.post("/hours", sent(TYPED, only="preview"), headers=PREVIEW)
    page = laila.post("/hours", sent(TYPED, only="preview"))
    assert everything() == before
    assert (part.status_code, page.status_code, part.text.strip()[:21]) == (200, 200, '<section id="preview"')
    assert filled(page.text) == TYPED
    laila.post("/hours", sent(TYPED))
    count = len(shown(mentor)[15])
    assert f"<strong>{count} openings</strong> of 15 minutes would be shown to mentees" in part.text
    assert count == sum(len(re.findall(r"\d\d:\d\d", day)) for day in part.text.split("<strong>")[2:]) > 0
    assert re.findall(r"<p><strong>([^<]+)</strong>", part.text)[1:4] == ["Sat 28", "Sun 29", "Mon 30 Nov"]


def test_preview_of_a_bad_plan_says_what_is_wrong(laila: Visitor) -> None:
    typed = {**TYPED, "weekly": [("0", "09:07", "12:00")]}
    part = laila.post("/hours", sent(typed, only="preview"), headers=PREVIEW)
    assert (part.status_code, alert(part.text)) == (422, "Write times like 09:00, on a quarter hour.")
    assert "<form" not in part.text


QUARTERS = "Write times like 09:00, on a quarter hour."
AWAY = "Days off need a first and a last day, like 2026-12-24."
EXTRA = "Extra hours need a date, like 2026-12-24."
BACKWARDS = "ends before it starts. Past midnight, add the rest to the next day."


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("weekly", [("0", "09:07", "12:00")], QUARTERS),
        ("weekly", [("0", "09:00", "12:10")], QUARTERS),
        ("weekly", [("0", "09:00", "")], QUARTERS),
        ("weekly", [("0", "nine", "ten")], QUARTERS),
        ("weekly", [("0", "09:00", "24:15")], QUARTERS),
        ("weekly", [("0", "٠٩:٠٠", "12:00")], QUARTERS),
        ("weekly", [("0", "12:00", "09:00")], f"12:00–09:00 {BACKWARDS}"),
        ("weekly", [("0", "12:00", "12:00")], f"12:00–12:00 {BACKWARDS}"),
        ("off", [("24.12.2026", "", "")], AWAY),
        ("off", [("", "2026-12-24", "")], AWAY),
        ("off", [("", "", "Away")], AWAY),
        ("off", [("2026-02-29", "", "")], AWAY),
        ("off", [("1999-12-31", "", "")], AWAY),
        ("off", [("2026-12-24", "2026-12-23", "")], "The last day off lies before the first."),
        ("extra", [("", "09:00", "10:00")], EXTRA),
        ("extra", [("2026-12-32", "09:00", "10:00")], EXTRA),
        ("extra", [("2026-12-24", "09:00", "09:05")], QUARTERS),
        ("extra", [("2026-12-24", "10:00", "09:00")], f"10:00–09:00 {BACKWARDS}"),
        ("time_zone", "Mars/Olympus", "We do not know this time zone. Pick one like Europe/Berlin."),
        ("time_zone", "", "Type a time zone, like Europe/Berlin."),
        ("lengths", [], "Tick at least one length."),
        ("paused_until", "tomorrow", "This is not a date. It looks like 2026-12-24."),
        ("paused_until", "3000-01-01", "This is not a date. It looks like 2026-12-24."),
    ],
)
def test_save_with_bad_input_says_what_is_wrong_and_keeps_it(laila: Visitor, field: str, value: Any, said: str) -> None:
    before, typed = everything(), {**TYPED, field: value}
    answer = laila.post("/hours", sent(typed))
    assert (answer.status_code, alert(answer.text), answer.text.count(said)) == (422, said, 2)
    assert filled(answer.text) == typed
    assert everything() == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("notice", "5"),
        ("gap", "-15"),
        ("horizon", "57"),
        ("horizon", ""),
        ("weekly_cap", "0"),
        ("lengths", ["45"]),
        ("notice", []),
    ],
)
def test_save_with_what_cannot_be_chosen_is_refused(laila: Visitor, field: str, value: Any) -> None:
    before = everything()
    answer = laila.post("/hours", sent({**TYPED, field: value}))
    assert answer.status_code == 422
    assert re.fullmatch(r"Not a valid choice\.|&#39;45&#39; is not a valid choice for this field\.", alert(answer.text))
    assert {**filled(answer.text), field: ""} == {**TYPED, field: ""}
    assert everything() == before


def test_save_an_unknown_day_is_refused(laila: Visitor) -> None:
    answer = laila.post("/hours", sent({**TYPED, "weekly": [("7", "09:00", "12:00")]}))
    assert (answer.status_code, alert(answer.text)) == (422, "Choose a day.")


def test_save_nothing_at_all_is_refused(laila: Visitor) -> None:
    before = everything()
    assert laila.post("/hours").status_code == 422
    assert everything() == before


def test_save_a_length_twice_is_once(laila: Visitor, mentor: Mentor) -> None:
    assert laila.post("/hours", sent({**TYPED, "lengths": ["60", "15", "60"]})).status_code == 303
    assert hours.plan_of(mentor) == PLAN


def test_save_more_rows_than_there_can_be_is_refused_and_not_cut(laila: Visitor, mentor: Mentor) -> None:
    rows = [
        ("2026-12-24", f"{hour:02}:{minute:02}", f"{hour:02}:{minute + 15}")
        for hour in range(24)
        for minute in (0, 15, 30)
    ]
    assert laila.post("/hours", sent({**TYPED, "extra": rows[:MOST_ROWS]})).status_code == 303
    before = everything()
    answer = laila.post("/hours", sent({**TYPED, "extra": rows[: MOST_ROWS + 1]}))
    assert (answer.status_code, len(filled(answer.text)["extra"])) == (422, MOST_ROWS + 1)
    assert everything() == before


def test_hours_need_a_profile_first(app: Flask, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    answers = sam.get("/hours"), sam.post("/hours", sent(TYPED))
    told = [(answer.status_code, 'href="/profile">Become a mentor' in answer.text) for answer in answers]
    assert told == [(200, True), (409, True)]
    assert Availability.select().count() == 0


def test_hours_need_somebody_signed_in(visitor: Visitor, mentor: Mentor) -> None:
    before = everything()
    answers = visitor.get("/hours"), visitor.post("/hours", sent(TYPED))
    assert [(answer.status_code, answer.location.split("?")[0]) for answer in answers] == [(303, "/sign-in")] * 2
    assert everything() == before


def test_save_without_the_pages_token_is_refused(laila: Visitor) -> None:
    before = everything()
    assert laila.client.post("/hours", data=sent(TYPED)).status_code == 400
    assert everything() == before


def test_save_changes_only_ones_own_hours(app: Flask, mentor: Mentor, stranger: Person) -> None:
    mallory, hers = Visitor(app, make_mentor(stranger.name).person), hours.plan_of(mentor)
    guesses = dict.fromkeys(("mentor", "mentor_id", "person", "person_id", "id"), mentor.person_id)
    assert mallory.post("/hours", sent(TYPED, slug=mentor.slug, **guesses)).status_code == 303
    assert mallory.post(f"/hours?mentor={mentor.person_id}&slug={mentor.slug}", sent(TYPED)).status_code == 303
    assert (hours.plan_of(mentor), hours.plan_of(Mentor.get_by_id(stranger.id))) == (hers, PLAN)
    assert mallory.post(f"/hours/{mentor.slug}", sent(TYPED)).status_code == 404


def test_hours_of_an_applicant_begin_in_their_own_zone(app: Flask, mentee: Person) -> None:
    profile.save_draft(Profile("Sam Rivera", "Biologist"), person=mentee)
    sam = Visitor(app, mentee)
    page = sam.get("/hours").text
    assert (filled(page)["time_zone"], filled(page)["lengths"]) == ("Europe/Berlin", ["15", "30"])
    assert "<strong>0 openings</strong> of 15 minutes, once your profile is public" in page
    assert sam.post("/hours", sent(TYPED)).status_code == 303
    mentor = mentor_of(mentee)
    assert mentor is not None
    assert hours.plan_of(mentor) == PLAN
