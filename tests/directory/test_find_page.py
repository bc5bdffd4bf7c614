"""The first page: whole or in part, and whatever is typed into it."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.mentors.models import Mentor
from portal.mentors.profile import Profile, hide, save_draft
from portal.people.models import Person
from tests.cast import Visitor, make_mentor, make_person
from tests.directory.shows import cards_of

PART = {"HX-Request": "true"}
NASTY = [
    '"',
    "'",
    '"" OR 1=1',
    "(((",
    ")))",
    "NEAR(a b, 3)",
    "a:*",
    "headline_stems:a",
    "a* AND b* NOT c*",
    "^a + b - c",
    "'; drop table person; --",
    "\\",
    "a\\'b",
    "%",
    "_",
    "{}",
    "{{7*7}}",
    "${7*7}",
    "<script>alert(1)</script>",
    "a & b | !c <-> d",
    ":*",
    "😀 🏳️‍🌈",
    "\u202eabc\u202c",
    "שלום עולם",
    "مرحبا",
    "ﷺ" * 200,
    "㍿" * 200,
    "𞤀𞤁",
    "ߺ ꟿ 𖭰",
    "² Ⅷ ㈀ ٣",
    "a\u0301" * 300,
    "\uffff\ufffd",
    "the of and to how",
    "x" * 100_000,
    "x " * 5_000,
    "js " * 5_000,
    "null",
    "../../etc/passwd",
    "\x01\x1b[31m",
]


def test_nothing_typed_breaks_the_search(app: Flask, visitor: Visitor, mentor: Mentor) -> None:
    for typed in NASTY:
        for query in (typed, f"{typed} ", f"js {typed}", f"{typed} negotiate"):
            for answer in (
                visitor.get("/", query_string={"q": query}),
                visitor.get("/", query_string={"q": query}, headers=PART),
            ):
                assert (query[:40], answer.status_code) == (query[:40], 200)
                assert ("<script>alert" in answer.text, "49" in query or ">49<" not in answer.text) == (False, True)
    assert Person.select().count() == 1
    assert [card.slug for card in cards_of(visitor.get("/?q=negotiate").text)] == [mentor.slug]


def test_bytes_that_are_no_text_are_read_as_far_as_they_go(app: Flask, visitor: Visitor, mentor: Mentor) -> None:
    for query in ("q=%ff%fe", "q=%ed%a0%80", "q=%c3", "q=%", "q=%zz", "q", "=", "&&&", "q=a;b", "q[]=a"):
        assert (query, visitor.get(f"/?{query}").status_code) == (query, 200)


def test_a_nul_is_a_clear_400(app: Flask, visitor: Visitor) -> None:
    for answer in (
        visitor.get("/?q=a%00b"),
        visitor.part("/?q=%00"),
        visitor.get("/?kind=%00"),
        visitor.get("/?%00=a"),
        visitor.get("/mentors/a%00b"),
    ):
        assert (answer.status_code, "There is a character in it that is no text." in answer.text) == (400, True)
    assert visitor.post("/asked", {"q": "a\0b"}).status_code == 400


def test_a_part_is_the_results_alone(app: Flask, visitor: Visitor, mentor: Mentor) -> None:
    whole, part = visitor.get("/?q=negotiate"), visitor.part("/?q=negotiate")
    assert (whole.text.startswith("<!doctype html>"), part.text.lstrip().startswith('<section id="results"')) == (
        True,
        True,
    )
    assert cards_of(whole.text) == cards_of(part.text) != []
    assert ("HX-Replace-Url" in whole.headers, part.headers["HX-Replace-Url"]) == (False, "/?q=negotiate")
    for answer in (whole, part):
        assert "HX-Request" in [word.strip() for word in answer.headers["Vary"].split(",")]


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_a_browser_that_moves_on_gets_the_whole_page(app: Flask, visitor: Visitor, mentor: Mentor, header: str) -> None:
    answer = visitor.get("/?q=negotiate", headers={"HX-Request": "true", header: "true"})
    assert answer.text.startswith("<!doctype html>")


def test_the_address_of_a_part_carries_what_was_typed_and_no_more(app: Flask, visitor: Visitor) -> None:
    for typed in ("a\r\nSet-Cookie: x=1", "ü ß 漢", "a&kind=skill", "#?%"):
        address = visitor.get("/", query_string={"q": typed}, headers=PART).headers["HX-Replace-Url"]
        assert ("\n" in address, address.isascii(), address.count("&"), address[:4]) == (False, True, 0, "/?q=")


def test_find_shows_the_openings_in_the_readers_zone(app: Flask, mentor: Mentor) -> None:
    browser = Visitor(app)
    for zone, time in (("Asia/Kolkata", "14:30"), ("America/New_York", "04:00"), ("no/where", "09:00"), ("", "09:00")):
        browser.client.set_cookie("zone", zone)
        page = browser.get("/").text
        assert (zone, f">{time}<small>today</small>" in page) == (zone, True)


def test_find_keeps_a_wish_for_kind_and_format_on_the_way_to_the_form(app: Flask, visitor: Visitor) -> None:
    make_mentor(kinds=("career", "project"))
    page = visitor.get("/?kind=project&format=chat").text
    assert 'name="kind" value="project"><input type="hidden" name="format" value="chat">' in page


def test_find_hides_who_is_hidden_and_who_is_not_public_yet(app: Flask, visitor: Visitor) -> None:
    hide(make_mentor("Ana Lima"))
    save_draft(Profile("Bo Chen", "Soon"), person=make_person("Bo Chen"))
    make_mentor("Cy Ray")
    assert [card.slug for card in cards_of(visitor.get("/").text)] == ["cy-ray"]
    assert cards_of(visitor.get("/?q=ana").text) == []
