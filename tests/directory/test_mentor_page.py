"""A mentor's public page: length, day and time to choose from, in the reader's zone."""

from __future__ import annotations

import re

from flask import Flask

from portal.availability.hours import Plan
from portal.mentors.models import Mentor
from portal.mentors.profile import Profile, hide, save_draft
from portal.people.models import Person
from tests.cast import Visitor, make_mentor, make_person, make_session
from tests.conftest import Time

PATH = "/mentors/laila-mansour"


def starts(page: str) -> list[str]:
    return re.findall(r'data-opening="([^"]+)"', page)


def days(page: str) -> list[str]:
    return re.findall(r'class="day"[^>]*day=([0-9-]+)"', page)


def chosen(page: str, kind: str) -> list[str]:
    """What is marked as chosen among lengths ("true") or days ("date")."""
    return re.findall(rf'<a [^>]*href="([^"]+)"[^>]*aria-current="{kind}"', page)


def test_page_offers_the_shortest_length_on_the_first_day(app: Flask, visitor: Visitor) -> None:
    make_mentor(plan=Plan("Etc/UTC", ((0, 540, 630), (2, 840, 870)), lengths=(15, 30, 60), notice=0))
    page = visitor.get(PATH).text
    assert starts(page) == [f"2026-11-23T{time}:00Z" for time in ("09:00", "09:15", "09:30", "09:45", "10:00", "10:15")]
    assert sorted(set(days(page))) == ["2026-11-23", "2026-11-25", "2026-11-30", "2026-12-02"]
    assert [path.split("?")[1] for path in chosen(page, "true")] == ["length=15&amp;day=2026-11-23"]
    assert [path.split("?")[1] for path in chosen(page, "date")] == ["length=15&amp;day=2026-11-23"]


def test_page_of_a_length_and_a_day(app: Flask, visitor: Visitor) -> None:
    make_mentor(plan=Plan("Etc/UTC", ((0, 540, 630), (2, 840, 870)), lengths=(15, 30, 60), notice=0))
    page = visitor.get(f"{PATH}?length=30&day=2026-11-25").text
    assert starts(page) == ["2026-11-25T14:00:00Z"]
    long = visitor.get(f"{PATH}?length=60&day=2026-11-25").text
    assert starts(long) == ["2026-11-23T09:00:00Z", "2026-11-23T09:15:00Z", "2026-11-23T09:30:00Z"]
    assert "2026-11-25" not in days(long)


def test_page_of_a_day_that_is_none_shows_the_first(app: Flask, visitor: Visitor, mentor: Mentor) -> None:
    first = starts(visitor.get(PATH).text)
    assert len(first) == 32
    for day in (
        "2026-11-20",
        "2099-01-01",
        "0001-01-01",
        "tomorrow",
        "2026-13-45",
        "２０２６-11-24",
        "'; drop",
        "x" * 9000,
    ):
        answer = visitor.get(PATH, query_string={"day": day})
        assert (day, answer.status_code, starts(answer.text)) == (day, 200, first)


def test_page_of_a_length_that_is_not_offered_shows_the_shortest(app: Flask, visitor: Visitor) -> None:
    make_mentor(plan=Plan("Etc/UTC", ((0, 540, 600),), lengths=(30,), notice=0))
    for length in ("", "15", "17", "60"):
        page = visitor.get(PATH, query_string={"length": length}).text
        assert (length, 'data-length="30"' in page, 'data-length="15"' in page) == (length, True, False)


def test_page_of_a_length_that_is_none_is_a_clear_400(app: Flask, visitor: Visitor, mentor: Mentor) -> None:
    said = "“length” must be a whole number from 15 to 60."
    for length in ("14", "61", "0", "-15", "15.0", "abc", "１５", "9" * 5000, "0x1e", " 15"):
        answer = visitor.get(PATH, query_string={"length": length})
        assert (length, answer.status_code, said in answer.text) == (length, 400, True)


def test_page_in_part_is_the_times_alone(app: Flask, visitor: Visitor, mentor: Mentor) -> None:
    whole, part = visitor.get(PATH), visitor.part(PATH)
    assert part.text.lstrip().startswith('<section id="times"')
    assert (starts(part.text), "About" in part.text) == (starts(whole.text), False)
    assert [("HX-Request" in answer.headers["Vary"]) for answer in (whole, part)] == [True, True]


def test_page_is_in_the_readers_zone_and_tells_the_mentors(app: Flask, visitor: Visitor) -> None:
    make_mentor(zone="Asia/Kolkata", plan=Plan("Asia/Kolkata", ((1, 0, 45),), lengths=(15,), notice=0))
    visitor.client.set_cookie("zone", "America/New_York")
    page = visitor.get(PATH).text
    assert re.findall(r">(\d\d:\d\d)</button>", page) == ["13:30", "13:45", "14:00"]
    assert sorted(set(days(page))) == ["2026-11-23", "2026-11-30"]
    told = ["Kolkata, 13:30 now", "Your time, New York. 00:00 for Laila."]
    assert [what for what in told if what not in page] == []
    visitor.client.set_cookie("zone", "Asia/Kolkata")
    assert "for Laila." not in visitor.get(PATH).text


def test_page_sorts_times_into_parts_of_the_day(app: Flask, visitor: Visitor) -> None:
    hours = (
        (0, 0, 15),
        (0, 5 * 60 + 45, 6 * 60 + 15),
        (0, 11 * 60 + 45, 12 * 60 + 15),
        (0, 16 * 60 + 45, 17 * 60 + 15),
    )
    make_mentor(plan=Plan("Etc/UTC", hours, lengths=(15,), notice=0))
    page = visitor.get(f"{PATH}?day=2026-11-30").text
    parts = re.findall(r'class="muted part">(\w+)</p>(.*?)</div>', page, re.DOTALL)
    assert [(name, re.findall(r">(\d\d:\d\d)<", times)) for name, times in parts] == [
        ("Night", ["00:00", "05:45"]),
        ("Morning", ["06:00", "11:45"]),
        ("Afternoon", ["12:00", "16:45"]),
        ("Evening", ["17:00"]),
    ]


def test_page_shows_how_open_a_day_is(app: Flask, visitor: Visitor) -> None:
    hours = tuple((day, 600, 600 + 15 * count) for day, count in ((1, 1), (2, 2), (3, 3), (4, 7), (5, 8)))
    make_mentor(plan=Plan("Etc/UTC", hours, lengths=(15,), notice=0, horizon=7))
    found = re.findall(r"<b>(\d+)</b><i class=\"open-(\d)\">", visitor.get(PATH).text)
    assert found == [("23", "0"), ("24", "1"), ("25", "1"), ("26", "2"), ("27", "2"), ("28", "3"), ("29", "0")]


def test_page_leaves_out_what_is_taken_and_when_the_reader_is_busy(
    app: Flask, visitor: Visitor, mentee: Person, mentor: Mentor
) -> None:
    other = make_mentor("Tobias Okafor")
    booked = make_session(other, mentee, number=4, length=30)
    taken = {"2026-11-23T10:00:00Z", "2026-11-23T10:15:00Z"}
    assert booked.start.isoformat() == "2026-11-23T10:00:00+00:00"
    assert taken & set(starts(visitor.get("/mentors/tobias-okafor").text)) == set()
    assert taken - set(starts(visitor.get(PATH).text)) == set()
    assert taken & set(starts(Visitor(app, mentee).get(PATH).text)) == set()


def test_page_without_openings_leads_to_others(app: Flask, visitor: Visitor, world: Time) -> None:
    make_mentor(plan=Plan("Etc/UTC", (), lengths=(15, 30)))
    page = visitor.get(PATH).text
    assert "Laila has no opening of this length in the next days." in page
    assert 'href="/?q=Offer+negotiation">Others who help with Offer negotiation' in page


def test_page_of_a_hidden_mentor_is_there_for_the_mentor_and_coordinators_alone(
    app: Flask, visitor: Visitor, mentor: Mentor, stranger: Person, coordinator: Person
) -> None:
    hide(mentor)
    assert [Visitor(app, who).get(PATH).status_code for who in (None, stranger)] == [404, 404]
    for who in (mentor.person, coordinator):
        own = Visitor(app, who).get(PATH)
        assert (own.status_code, "This profile is not in the directory." in own.text) == (200, True)
        assert starts(own.text) == []


def test_page_of_nobody_and_of_who_is_not_public_yet_look_the_same(app: Flask, visitor: Visitor) -> None:
    person = make_person("Bo Chen")
    save_draft(Profile("Bo Chen", "Soon"), person=person)
    shown = [
        Visitor(app, who).get(f"/mentors/{slug}")
        for who in (None, person)
        for slug in ("bo-chen", "nobody", "%ff", "x" * 900)
    ]
    assert [answer.status_code for answer in shown] == [404] * 8
    assert ["There is nothing at this address." in answer.text for answer in shown] == [True] * 8


def test_page_shows_text_as_text(app: Flask, visitor: Visitor) -> None:
    evil = "<img src=x onerror=alert(1)>{{7*7}}"
    make_mentor(headline=evil, about=evil, pronouns=evil[:28], expertise=(evil,), video_link="https://secret.example")
    page = visitor.get(PATH).text
    assert ("<img" in page, ">49" in page, "secret.example" in page, "&lt;img src=x" in page) == (
        False,
        False,
        False,
        True,
    )
