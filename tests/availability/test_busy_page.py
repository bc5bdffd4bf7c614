"""The page of a mentor's own calendar: what it says at each time, and that nobody else learns the address."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from flask import Flask

from portal.availability import busy
from portal.availability.busy_fetch import NO_ADDRESS, NOT_HTTPS, NOTHING_THERE, WITH_LOGIN
from portal.availability.busy_file import Unreadable
from portal.availability.busy_reader import Order, Reading
from portal.mentors.models import Mentor
from portal.people.models import Person
from tests.availability.cases import everything
from tests.cast import Visitor, make_mentor
from tests.conftest import Time

PAGE = "/hours/calendar"
URL = "https://calendar.example.org/private-1a2b/basic.ics"
SECRET = "private-1a2b"


@pytest.fixture
def laila(app: Flask, mentor: Mentor) -> Visitor:
    return Visitor(app, mentor.person)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Reading | str]:
    """What readings bring, one after another; a sentence is a problem."""
    waiting: list[Reading | str] = []

    def read(_order: Order, **_: object) -> Reading:
        found = waiting.pop(0)
        if isinstance(found, str):
            raise Unreadable(found)
        return found

    monkeypatch.setattr(busy, "read", read)
    return waiting


def state(page: str) -> list[str]:
    """The paragraphs that say how it goes."""
    section = page.partition('<section id="state"')[2].partition("</section>")[0]
    found = re.findall(r"<p[^>]*>(.*?)</p>", section, re.DOTALL)
    return [html.unescape(" ".join(re.sub(r"<[^>]+>", "", text).split())) for text in found]


def line(page: str) -> str:
    """The one line of the hours page."""
    found = re.findall(r'<a href="/hours/calendar">(.*?)</a>', page, re.DOTALL)
    assert len(found) == 1
    return " ".join(str(found[0]).split())


NOTHING = (
    "Are you busy at some of your hours? Connect the calendar you use, and its busy times are taken out of your"
    " openings by themselves. We read when you are busy and keep only that: no titles, no places, no people."
)
HOST = "calendar.example.org/••••••"


def test_calendar_is_connected_read_and_removed(laila: Visitor, told: list[Reading | str], world: Time) -> None:
    assert state(laila.get(PAGE).text) == [NOTHING]
    assert line(laila.get("/hours").text) == "Your own calendar: busy times in it can be taken out of your openings."
    answer = laila.post(PAGE, {"url": URL.replace("https:", "webcal:")})
    assert (answer.status_code, answer.location) == (303, PAGE)
    page = laila.get(PAGE).text
    assert '<p class="flash" role="status">Your calendar is connected.</p>' in page
    assert state(page) == [HOST, "It is read in a moment. Look again"]
    assert line(laila.get("/hours").text) == (
        "Your own calendar: busy times are taken out of your openings. Not read yet."
    )
    told.append(Reading(0b111111 << 8, '"1"'))
    busy.fetch_due()
    world.pass_(minutes=12)
    assert state(laila.get(PAGE).text) == [
        HOST,
        "In the next two weeks it says that you are busy for 1.5 hours. None of that time is open.",
        "Read 12 min ago. Next time in 48 min.",
    ]
    assert line(laila.get("/hours").text) == (
        "Your own calendar: busy times are taken out of your openings. Read 12 min ago."
    )
    answer = laila.post(f"{PAGE}/end")
    assert (answer.status_code, answer.location) == (303, PAGE)
    page = laila.get(PAGE).text
    assert '<p class="flash" role="status">Your calendar is removed. Its busy times count no more.</p>' in page
    assert state(page) == [NOTHING]


@pytest.mark.parametrize(("quarters", "said"), [(0, "0 hours"), (1, "0.25 hours"), (4, "1 hour"), (48, "12 hours")])
def test_busy_hours_are_counted(laila: Visitor, told: list[Reading | str], quarters: int, said: str) -> None:
    laila.post(PAGE, {"url": URL})
    told.append(Reading((1 << quarters) - 1))
    busy.fetch_due()
    sentence = f"In the next two weeks it says that you are busy for {said}. None of that time is open."
    assert state(laila.get(PAGE).text)[1] == sentence


def test_problem_is_said_until_it_is_over(laila: Visitor, told: list[Reading | str], world: Time) -> None:
    laila.post(PAGE, {"url": URL})
    told += [NOTHING_THERE, Reading(0), NOTHING_THERE]
    busy.fetch_due()
    never = "Nothing was read yet, so no time is taken out of your openings."
    assert state(laila.get(PAGE).text) == [HOST, NOTHING_THERE, never, "Tried just now. Next try in 15 min."]
    assert line(laila.get("/hours").text) == "Your own calendar: it cannot be read at the moment."
    world.pass_(minutes=15)
    busy.fetch_due()
    assert state(laila.get(PAGE).text)[2] == "Read just now. Next time in 1 h."
    world.pass_(hours=1)
    busy.fetch_due()
    world.pass_(minutes=5)
    kept = "What we read today at 08:15 counts until tomorrow at 08:15."
    assert state(laila.get(PAGE).text) == [HOST, NOTHING_THERE, kept, "Tried 5 min ago. Next try in 10 min."]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-1, "What we read yesterday at 08:00 counts until today at 08:00."),
        (0, "It could not be read for a day, so its busy times are no longer taken out of your openings."),
        (1, "It could not be read for a day, so its busy times are no longer taken out of your openings."),
    ],
)
def test_problem_of_a_day_is_said_as_such(
    laila: Visitor, told: list[Reading | str], world: Time, seconds: int, said: str
) -> None:
    laila.post(PAGE, {"url": URL})
    told += [Reading(0), *[NOTHING_THERE] * 9]
    start = world.now
    for _ in range(6):
        busy.fetch_due()
        world.pass_(hours=4)
    world.set(start + timedelta(days=1, seconds=seconds))
    busy.fetch_due()
    assert state(laila.get(PAGE).text)[2] == said


def test_events_that_cannot_be_read_are_told(laila: Visitor, told: list[Reading | str]) -> None:
    laila.post(PAGE, {"url": URL})
    told.append(Reading(0, "", 1))
    busy.fetch_due()
    one = "One event in it cannot be read, and takes no time from your openings. Save it anew in your calendar."
    assert state(laila.get(PAGE).text)[2] == one


NEEDED = "Paste the address of your calendar. It starts with https:// or webcal://."


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", NEEDED),
        ("   ", NEEDED),
        ("my calendar", NO_ADDRESS),
        ("http://calendar.example.org/basic.ics", NOT_HTTPS),
        ("https://me:secret@calendar.example.org/", WITH_LOGIN),
        ("https://calendar.example.org/<b>\"'", None),
        (f"https://calendar.example.org/{'a' * 1980}", "At most 2000 characters, please."),
    ],
)
def test_connect_with_bad_input_says_what_is_wrong_and_keeps_it(laila: Visitor, typed: str, said: str | None) -> None:
    before = everything()
    answer = laila.post(PAGE, {"url": typed})
    if said is None:  # odd, but an address
        assert answer.status_code == 303
        return
    errors = re.findall(r'<p class="error" id="url-error">([^<]*)</p>', answer.text)
    assert (answer.status_code, [html.unescape(error) for error in errors]) == (422, [said])
    value = re.findall(r'<input[^>]* name="url"[^>]* value="([^"]*)"', answer.text)
    assert [html.unescape(text) for text in value] == [typed.strip()]
    assert 'aria-invalid="true"' in answer.text
    assert everything() == before


def test_bad_input_keeps_what_was_connected(laila: Visitor) -> None:
    laila.post(PAGE, {"url": URL})
    before = everything()
    assert state(laila.post(PAGE, {"url": "http://other.example.org"}).text) == [
        HOST,
        "It is read in a moment. Look again",
    ]
    assert everything() == before


def test_state_alone_looks_again_by_itself_until_it_was_read(laila: Visitor, told: list[Reading | str]) -> None:
    laila.post(PAGE, {"url": URL})
    part = laila.part(PAGE).text
    assert (part.strip()[:21], part.count("hx-get"), part.count("<form")) == ('<section id="state" a', 1, 1)
    told.append(NOTHING_THERE)
    busy.fetch_due()
    assert laila.part(PAGE).text.count("hx-get") == 0


def test_address_is_shown_to_nobody(
    app: Flask, laila: Visitor, told: list[Reading | str], mentor: Mentor, mentee: Person, coordinator: Person
) -> None:
    other = make_mentor("Omar Haddad")
    laila.post(PAGE, {"url": URL})
    told.append(Reading(1))
    busy.fetch_due()
    pages = [PAGE, "/hours", f"/mentors/{mentor.slug}", "/", "/you", "/mentors/edit"]
    for person in (mentor.person, mentee, other.person, coordinator):
        seen = "".join(Visitor(app, person).get(page).text for page in pages)
        assert (SECRET in seen, ("calendar.example.org" in seen) == (person == mentor.person)) == (False, True)


def test_others_neither_see_nor_change_it(app: Flask, laila: Visitor, mentee: Person, visitor: Visitor) -> None:
    laila.post(PAGE, {"url": URL})
    before = everything()
    sam = Visitor(app, mentee)
    page = sam.get(PAGE)
    assert (page.status_code, page.text.count("Hours belong to mentors."), page.text.count(HOST)) == (200, 1, 0)
    assert [sam.post(path, {"url": URL}).status_code for path in (PAGE, f"{PAGE}/end")] == [409, 409]
    answers = [visitor.get(PAGE), visitor.post(PAGE, {"url": URL}), visitor.post(f"{PAGE}/end")]
    assert [(answer.status_code, answer.location.partition("?")[0]) for answer in answers] == [(303, "/sign-in")] * 3
    assert everything() == before


def test_other_mentor_has_a_calendar_of_their_own(app: Flask, laila: Visitor) -> None:
    laila.post(PAGE, {"url": URL})
    omar = Visitor(app, make_mentor("Omar Haddad").person)
    assert state(omar.get(PAGE).text) == [NOTHING]
    omar.post(f"{PAGE}/end")
    assert state(laila.get(PAGE).text)[0] == HOST


def test_sent_twice_it_is_connected_once(laila: Visitor, mentor: Mentor) -> None:
    for _ in range(2):
        assert laila.post(PAGE, {"url": URL}).status_code == 303
    found = busy.calendar_of(mentor)
    assert found is not None
    assert found.url == URL
    for _ in range(2):
        assert laila.post(f"{PAGE}/end").status_code == 303
    assert busy.calendar_of(mentor) is None
