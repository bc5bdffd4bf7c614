"""Searching 200 mentors: however a topic is written, the same people are found, for a true reason."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
from flask import Flask

from portal.directory import finding, search
from portal.mentors.models import Alias, Expertise, Mentor
from portal.mentors.wording import stem, stems, words
from tests.cast import Visitor
from tests.directory.shows import Shown, find, import_some, names_with, rows_of_the_file

FILE = rows_of_the_file()
NEEDS = [
    "js",
    "c++",
    ".net",
    "python",
    "front end",
    "career change",
    "review my react code",
    "I want to learn machine learning for my thesis",
    "how do I scale a node api",
    "developer",
    "lead engineer",
    "magento",
    "leah",
    "system design",
    "tech",
    "rea",
]


def names(shown: list[Shown]) -> set[str]:
    return {card.name for card in shown}


def test_find_without_a_need_shows_everyone_once(shows: Flask) -> None:
    found = find(Visitor(shows))
    assert len(found) == len({card.slug for card in found}) == 200
    assert sorted(card.name for card in found) == sorted(row["name"] for row in FILE)


@pytest.mark.parametrize(
    ("spellings", "listed_as"),
    [
        (("js", "JavaScript", "ecmascript", "JS ", "java script"), ("javascript", "js", "ecmascript", "es6", "jquery")),
        (("golang", "go", "Go ", "GOLANG"), ("go", "golang")),
        (("front end", "frontend", "Front-End", "front-end", " FRONT_END "), ("frontend", "front-end", "front end")),
        (("c++", "C++ ", "cpp"), ("c++",)),
        (("c#", "c-sharp"), ("c#",)),
        (("accessibility", "a11y"), ("a11y", "accessibility")),
    ],
)
def test_find_the_same_people_however_it_is_written(
    shows: Flask, spellings: tuple[str, ...], listed_as: tuple[str, ...]
) -> None:
    browser = Visitor(shows)
    found = [names(find(browser, typed)) for typed in spellings]
    assert found == [found[0]] * len(found)
    assert len(found[0]) >= len(names_with(*listed_as)) > 0
    assert names_with(*listed_as) - found[0] == set()


def test_find_nobody_else_by_a_short_name(shows: Flask) -> None:
    browser = Visitor(shows)
    assert names(find(browser, "go")) == names_with("go", "golang")
    assert names(find(browser, "c++")) == names_with("c++") | {row["name"] for row in FILE if "C++" in row["headline"]}
    assert names(find(browser, "c#")) != names(find(browser, "c++"))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("javascrpit", "javascript"), ("pyhton ", "python"), ("kuberntes", "kubernetes"), ("ract native", "react native")],
)
def test_find_despite_a_typo_and_say_so(shows: Flask, typed: str, meant: str) -> None:
    browser = Visitor(shows)
    assert names(find(browser, typed)) == names(find(browser, meant)) != set()
    assert "Shown for “" in browser.get("/", query_string={"q": typed}).text
    assert "Shown for “" not in browser.get("/", query_string={"q": meant}).text


@pytest.mark.parametrize(("typed", "some"), [("pyth", "python"), ("javas", "javascript"), ("kubern", "kubernetes")])
def test_find_while_typing(shows: Flask, typed: str, some: str) -> None:
    assert names_with(some) - names(find(Visitor(shows), typed)) == set()


def test_find_what_nobody_offers_says_what_to_do(shows: Flask) -> None:
    page = Visitor(shows).get("/?q=underwater+basket+weaving+zzzz&kind=career").text
    assert ("Nobody fits all of this yet" in page, "0 mentors" in page) == (True, True)
    assert 'href="/?q=underwater+basket+weaving+zzzz"' in page


def test_every_bold_reason_is_the_mentors_and_answers_the_need(shows: Flask) -> None:
    browser = Visitor(shows)
    bold = 0
    for need in NEEDS:
        for card in find(browser, need):
            assert [name for name in card.bold if not is_true(name, need, topics_of(card.slug))] == [], (need, card)
            bold += len(card.bold)
    assert bold > 200


def test_every_word_said_is_in_the_profile(shows: Flask) -> None:
    browser = Visitor(shows)
    quoted = 0
    for need in NEEDS:
        for card in find(browser, need):
            assert [word for word in card.words if not is_said(word, card.slug)] == [], (need, card)
            quoted += len(card.words)
    assert quoted > 50


def test_a_false_reason_would_be_found_out(shows: Flask) -> None:
    card = find(Visitor(shows), "go")[0]
    assert is_true("Go", "golang", topics_of(card.slug))
    assert not is_true("Go", "rust", topics_of(card.slug))
    assert not is_true("Rust", "rust", topics_of(card.slug))
    assert (is_said("leah", "leah-harmon"), is_said("laila", "leah-harmon")) == (True, False)


def is_true(name: str, need: str, topics: set[str]) -> bool:
    """It is the mentor's, and one way to write it is wholly said in the need."""
    said = {stem(word) for word in words(need)}
    return name in topics and any({stem(word) for word in words(way)} <= said for way in ways_to_write(name))


def is_said(word: str, slug: str) -> bool:
    """The word, or another way to write the expertise it names, stands in the profile: as a whole, or
    but for words that say nothing where two others are left.
    """
    text = profile_of(slug)
    named = Alias.get_or_none(Alias.key == " ".join(words(word)))
    ways = ways_to_write(named.expertise.name) if named else (word,)
    typing = stem(words(word)[0]) if len(words(word)) == 1 else "-"
    return any(
        _runs(_whole(way), _whole(text)) or (len(stems(way)) > 1 and _runs(stems(way), stems(text))) for way in ways
    ) or any(part.startswith(typing) for part in stems(text))


def _whole(text: str) -> list[str]:
    return [stem(word) for word in words(text)]


def _runs(way: list[str], profile: list[str]) -> bool:
    return any(profile[at : at + len(way)] == way for at in range(len(profile)))


@cache
def ways_to_write(name: str) -> tuple[str, ...]:
    return tuple(row.text for row in Alias.select().join(Expertise).where(Expertise.name == name))


@cache
def topics_of(slug: str) -> set[str]:
    return set(Mentor.get(Mentor.slug == slug).topic_names.split("; "))


@cache
def profile_of(slug: str) -> str:
    mentor = Mentor.get(Mentor.slug == slug)
    return f"{mentor.name} {mentor.headline} {mentor.about}"


def test_best_answers_come_first(shows: Flask) -> None:
    found = find(Visitor(shows), "python django rust ")
    answered = [len({"Python", "Rust"} & set(card.bold)) for card in found]
    assert answered == sorted(answered, reverse=True)
    assert (answered[0], answered[-1]) == (2, 1)
    assert "best match first" in Visitor(shows).get("/?q=react").text


@pytest.fixture
def forgetful() -> Iterator[None]:
    """Answers are remembered until the database changes; other limits are no change to it."""
    yield
    finding._find.cache_clear()


def test_find_what_very_many_offer_keeps_the_soonest(
    shows: Flask, monkeypatch: pytest.MonkeyPatch, forgetful: None
) -> None:
    """As in a programme where hundreds know JavaScript: the limits are smaller here."""
    browser = Visitor(shows)
    soonest = [card.slug for card in find(browser, expertise="javascript")][:10]
    both = {card.slug for card in find(browser, "javascript python ") if set(card.bold) == {"JavaScript", "Python"}}
    monkeypatch.setattr(search, "BROAD", 50)
    monkeypatch.setattr(search, "CAP", 10)
    finding._find.cache_clear()
    assert sorted(card.slug for card in find(browser, "javascript")) == sorted(soonest)
    assert "more than 10 mentors" in browser.get("/?q=javascript").text
    found = find(browser, "javascript python ")
    assert {card.slug for card in found if set(card.bold) == {"JavaScript", "Python"}} == both != set()
    assert {card.slug for card in found if "Python" in card.bold} >= both


@pytest.mark.parametrize("need", ["negotiation", "salary negotiation", "negotiate a job offer"])
def test_find_what_is_near_where_nobody_offers_just_that(app: Flask, mentor: Mentor, need: str) -> None:
    assert [card.slug for card in find(Visitor(app), need)] == [mentor.slug]


def test_find_mentors_who_have_set_no_hours_yet(app: Flask, world: object) -> None:
    import_some(names_with("go", "golang"))
    found = find(Visitor(app), "golang")
    assert {card.name for card in found} == names_with("go", "golang")
    assert {card.openings for card in found} == {()}
