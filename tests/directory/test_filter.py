"""Filters: kind, length, format, language, expertise, and the time in the reader's zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from portal.availability.hours import Plan
from portal.directory.filter import Filter, parse
from portal.people.models import Person
from tests.cast import ALL_WEEK, MONDAY, Visitor, make_mentor, make_session
from tests.conftest import Time
from tests.directory.shows import cards_of, find


def slugs(browser: Visitor, **query: str) -> list[str]:
    return [card.slug for card in find(browser, **query)]


def test_filter_by_what_a_mentor_offers(app: Flask, visitor: Visitor) -> None:
    make_mentor("Ana Lima", kinds=("career",), languages=("en", "pt"), expertise=("Go", "C++"))
    lengths = Plan("Etc/UTC", ALL_WEEK, lengths=(60,), notice=0)
    formats = {"formats": ("phone", "in_person"), "phone": "12345", "place": "Here"}
    make_mentor("Bo Chen", plan=lengths, kinds=("skill", "studies"), languages=("de",), expertise=("Go",), **formats)
    for query, found in (
        ({}, ["ana-lima", "bo-chen"]),
        ({"kind": "career"}, ["ana-lima"]),
        ({"kind": "studies"}, ["bo-chen"]),
        ({"kind": "project"}, []),
        ({"length": "15"}, ["ana-lima"]),
        ({"length": "60"}, ["ana-lima", "bo-chen"]),
        ({"format": "video"}, ["ana-lima"]),
        ({"format": "in_person"}, ["bo-chen"]),
        ({"language": "pt"}, ["ana-lima"]),
        ({"language": "de"}, ["bo-chen"]),
        ({"language": "fr"}, []),
        ({"expertise": "go"}, ["ana-lima", "bo-chen"]),
        ({"expertise": "golang"}, ["ana-lima", "bo-chen"]),
        ({"expertise": "cplusplus"}, ["ana-lima"]),
        ({"expertise": "C++"}, ["ana-lima"]),
        ({"expertise": "no such thing"}, []),
        ({"kind": "skill", "language": "en"}, []),
        ({"kind": "skill", "language": "de", "format": "phone", "length": "60", "expertise": "go"}, ["bo-chen"]),
        ({"q": "go", "kind": "career"}, ["ana-lima"]),
        ({"q": "c++", "kind": "studies"}, []),
    ):
        assert (query, slugs(visitor, **query)) == (query, found)


def test_filter_by_length_shows_openings_of_that_length(app: Flask, visitor: Visitor) -> None:
    make_mentor("Ana Lima", plan=Plan("Etc/UTC", ((0, 540, 600),), lengths=(15, 30, 60), notice=0))
    for length, count in (("15", 3), ("30", 3), ("60", 2)):
        page = visitor.get("/", query_string={"length": length}).text
        assert (len(cards_of(page)[0].openings), f'data-length="{length}"' in page) == (count, True)


INSTANTS = [
    datetime(2026, 11, 23, 8, 15, tzinfo=UTC),
    datetime(2026, 11, 23, 20, 0, tzinfo=UTC),
    datetime(2026, 11, 23, 23, 45, tzinfo=UTC),
    datetime(2026, 11, 24, 0, 0, tzinfo=UTC),
    datetime(2026, 11, 24, 5, 0, tzinfo=UTC),
    datetime(2026, 11, 25, 16, 45, tzinfo=UTC),
    datetime(2026, 11, 25, 17, 0, tzinfo=UTC),
    datetime(2026, 11, 28, 2, 0, tzinfo=UTC),
    datetime(2026, 11, 29, 16, 30, tzinfo=UTC),
    datetime(2026, 11, 30, 7, 45, tzinfo=UTC),
    datetime(2026, 11, 30, 8, 0, tzinfo=UTC),
    datetime(2026, 12, 5, 11, 0, tzinfo=UTC),
]


def fits(when: str, instant: datetime, zone: ZoneInfo) -> bool:
    """What the words promise, said once more: on the reader's own wall clock."""
    local, today = instant.astimezone(zone), MONDAY.astimezone(zone).date()
    return {
        "today": local.date() == today,
        "week": instant - MONDAY < timedelta(days=7),
        "evenings": local.hour >= 17,
        "weekend": local.strftime("%A") in ("Saturday", "Sunday"),
    }[when]


def test_filter_by_time_in_the_readers_zone(app: Flask) -> None:
    for number, instant in enumerate(INSTANTS):
        minute = instant.hour * 60 + instant.minute
        plan = Plan("Etc/UTC", extra=((instant.date(), minute, minute + 15),), lengths=(15,), notice=0)
        make_mentor(f"Giver {number:02}", plan=plan)
    for zone in ("Etc/UTC", "America/New_York", "Asia/Tokyo", "Asia/Kolkata", "Pacific/Kiritimati"):
        browser = Visitor(app)
        browser.client.set_cookie("zone", zone)
        for when in ("today", "week", "evenings", "weekend"):
            found = [number for number, at in enumerate(INSTANTS) if fits(when, at, ZoneInfo(zone))]
            expected = [f"giver-{number:02}" for number in found]
            assert (zone, when, slugs(browser, when=when)) == (zone, when, expected)
            assert (zone, when, sorted(slugs(browser, when=when, q="giver "))) == (zone, when, expected)


def test_filter_by_time_shows_only_openings_that_fit(app: Flask, visitor: Visitor) -> None:
    make_mentor("Ana Lima", plan=Plan("Etc/UTC", tuple((day, 540, 1200) for day in range(7)), notice=0))
    for when, first in (
        ("", "2026-11-23T09:00:00Z"),
        ("evenings", "2026-11-23T17:00:00Z"),
        ("weekend", "2026-11-28T09:00:00Z"),
    ):
        assert find(visitor, when=when)[0].openings[0] == first


def test_filter_by_time_leaves_out_when_the_reader_is_busy(app: Flask, mentee: Person, visitor: Visitor) -> None:
    only = Plan("Etc/UTC", ((0, 540, 555),), lengths=(15,), notice=0)
    booked, other = make_mentor("Ana Lima", plan=only), make_mentor("Bo Chen", plan=only)
    make_session(booked, mentee)
    assert slugs(visitor, when="today") == [other.slug]
    assert slugs(Visitor(app, mentee), when="today") == []
    assert find(Visitor(app, mentee), q="bo ")[0].openings == ("2026-11-30T09:00:00Z",)


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "x"},
        {"kind": "Skill"},
        {"length": "20"},
        {"length": "abc"},
        {"length": "-15"},
        {"length": "１５"},
        {"format": "email"},
        {"language": "klingon"},
        {"language": "English"},
        {"when": "never"},
        {"page": "0"},
        {"page": "41"},
        {"page": "1.5"},
        {"page": "9" * 400},
    ],
)
def test_parse_refuses_what_no_page_offers(given: dict[str, str]) -> None:
    name = next(iter(given))
    with pytest.raises(ValueError, match=f"^“{name}” cannot be that. It is (one of: |one of: like )"):
        parse(given)


def test_bad_parameters_get_a_sentence(app: Flask, visitor: Visitor) -> None:
    for query, said in (
        ("kind=x", "“kind” cannot be that. It is one of: skill, project, career, studies."),
        ("length=20", "“length” cannot be that. It is one of: 15, 30, 60."),
        ("when=never", "“when” cannot be that. It is one of: today, week, evenings, weekend."),
        ("language=xx", "“language” cannot be that. It is one of: like en."),
    ):
        for answer in (visitor.get(f"/?{query}"), visitor.part(f"/?{query}")):
            assert (query, answer.status_code, said in answer.text) == (query, 400, True)


def test_parse_cleans_the_need_and_keeps_that_it_is_still_typed() -> None:
    assert parse({"q": "  a \u202e  b\t"}).q == "a b"
    assert (parse({"q": "a b"}).q, parse({"q": "a b "}).q) == ("a b", "a b ")
    assert len(parse({"q": "x" * 500}).q) == 200
    assert parse({"nonsense": "1", "page": "", "kind": ""}) == Filter()


def test_the_address_holds_the_whole_filter(app: Flask, visitor: Visitor, world: Time) -> None:
    make_mentor("Ana Lima", kinds=("career",))
    query = {"q": "ana", "kind": "career", "length": "15", "format": "video", "language": "en", "when": "week"}
    page = visitor.get("/", query_string=query).text
    assert [card.slug for card in cards_of(page)] == ["ana-lima"]
    assert ('value="ana"' in page, 'value="career" checked' in page) == (True, True)
    for name in ("15", "video", "en", "week"):
        assert (name, f'<option value="{name}" selected' in page) == (name, True)
