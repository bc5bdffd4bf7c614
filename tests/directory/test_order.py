"""The order of the directory, and its pages."""

from __future__ import annotations

import re

from flask import Flask

from portal.availability.hours import Plan
from portal.people.models import Person
from tests.cast import ALL_WEEK, Visitor, make_mentor, make_person, make_session
from tests.conftest import Time
from tests.directory.shows import cards_of, find


def plan(starts: int, *, day: int = 0) -> Plan:
    return Plan("Etc/UTC", ((day, starts, starts + 60),), lengths=(15,), notice=0)


def slugs(browser: Visitor, **query: str) -> list[str]:
    return [card.slug for card in find(browser, **query)]


def test_find_shows_the_soonest_first_and_without_opening_last(app: Flask, visitor: Visitor) -> None:
    make_mentor("No Hours", plan=Plan("Etc/UTC", (), notice=0))
    make_mentor("In Afternoon", plan=plan(14 * 60))
    make_mentor("On Tuesday", plan=plan(9 * 60, day=1))
    make_mentor("In Morning", plan=plan(9 * 60))
    order = ["in-morning", "in-afternoon", "on-tuesday", "no-hours"]
    assert slugs(visitor) == order
    assert slugs(visitor, q="offer negotiation") == order
    assert "No opening right now." in visitor.get("/").text


def test_find_lifts_among_equals_who_gave_fewer_sessions_lately(app: Flask, visitor: Visitor, world: Time) -> None:
    often, seldom = make_mentor("Ana Often"), make_mentor("Bo Seldom")
    assert slugs(visitor) == ["ana-often", "bo-seldom"]
    make_session(often, make_person("Sam Rivera"), number=8)
    assert slugs(visitor) == ["bo-seldom", "ana-often"]
    assert slugs(visitor, q="offer negotiation") == ["bo-seldom", "ana-often"]
    for number in (8, 9):
        make_session(seldom, make_person("Noor Haddad"), number=number)
    assert slugs(visitor) == ["ana-often", "bo-seldom"]


def test_find_shows_the_better_answer_before_the_sooner(app: Flask, visitor: Visitor) -> None:
    make_mentor("Says It", plan=plan(9 * 60), expertise=("Go",), about="I once negotiated an offer.")
    make_mentor("Knows It", plan=plan(14 * 60))
    assert slugs(visitor, q="negotiate a job offer") == ["knows-it", "says-it"]
    assert slugs(visitor) == ["says-it", "knows-it"]


def test_a_booked_opening_moves_the_mentor_down(app: Flask, visitor: Visitor, mentee: Person) -> None:
    first = make_mentor("Ana Lima", plan=plan(9 * 60))
    make_mentor("Bo Chen", plan=plan(9 * 60 + 15))
    assert slugs(visitor) == ["ana-lima", "bo-chen"]
    make_session(first, mentee)
    make_session(first, mentee)
    assert slugs(visitor) == ["bo-chen", "ana-lima"]


def test_an_opening_that_has_passed_is_never_shown(app: Flask, visitor: Visitor, world: Time) -> None:
    make_mentor("Ana Lima", plan=Plan("Etc/UTC", ALL_WEEK, lengths=(15,), notice=60))
    world.pass_(hours=1, minutes=7)
    assert find(visitor)[0].openings[0] == "2026-11-23T10:15:00Z"
    world.pass_(days=20)
    assert find(visitor)[0].openings[0] == "2026-12-13T10:15:00Z"


def test_pages_grow_and_the_parts_follow_each_other(shows: Flask) -> None:
    browser = Visitor(shows)
    pages = [browser.get("/", query_string={"page": number}).text for number in range(1, 11)]
    parts = [browser.part(f"/?page={number}").text for number in range(1, 11)]
    assert [len(cards_of(page)) for page in pages] == [24, 48, 72, 96, 120, 144, 168, 192, 200, 200]
    assert [len(cards_of(part)) for part in parts] == [24] * 8 + [8, 0]
    in_parts = [card.slug for part in parts for card in cards_of(part)]
    assert in_parts == [card.slug for card in cards_of(pages[9])]
    more = [re.findall(r'class="more"><a class="button" href="([^"]+)"', page) for page in pages]
    assert more == [*([f"/?page={number}#page-{number}"] for number in range(2, 10)), [], []]


def test_more_keeps_the_filter(shows: Flask) -> None:
    browser = Visitor(shows)
    page = browser.get("/?q=javascript&length=15&when=week").text
    assert '<a class="button" href="/?q=javascript&amp;length=15&amp;when=week&amp;page=2#page-2"' in page
    again = browser.part("/?q=javascript&length=15&when=week&page=2").text
    first, second = ({card.slug for card in cards_of(shown)} for shown in (page, again))
    assert (len(first), len(second), first & second) == (24, 24, set())


def test_a_page_is_the_same_when_asked_again(shows: Flask) -> None:
    browser = Visitor(shows)
    assert [card.slug for card in find(browser)] == [card.slug for card in find(browser)]
