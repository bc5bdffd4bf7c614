"""What people ask for: kept without the person, shown from three askers up."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from portal.availability.hours import Plan
from portal.clock import zone
from portal.directory.demand import Demand, not_offered, note
from portal.directory.models import Asked
from portal.people.models import Person
from portal.when import Reader
from tests.cast import Visitor, make_mentor
from tests.conftest import Time


def ask(need: str, *askers: str, world: Time) -> None:
    for asker in askers:
        note(need, asker=asker, secret_key="k" * 32, reader=Reader(zone("Etc/UTC"), world.now))


def needs() -> list[str]:
    return [row[0] for row in Asked.select(Asked.need).order_by(Asked.need).tuples()]


@pytest.mark.parametrize(("askers", "shown"), [(2, []), (3, [Demand("zither lessons", 3, is_offered=False)])])
def test_demand_is_shown_from_three_askers(world: Time, askers: int, shown: list[Demand]) -> None:
    ask("Zither lessons", *"abc"[:askers], world=world)
    ask("zither  LESSONS!", *"abc"[:askers], world=world)
    assert not_offered() == shown


def test_one_asker_in_three_weeks_is_not_three_askers(world: Time) -> None:
    for _ in range(3):
        ask("my divorce", "a", world=world)
        world.pass_(days=7)
    assert (len(needs()), not_offered()) == (3, [])
    ask("my divorce", "b", "c", world=world)
    assert not_offered() == []
    ask("my divorce", "a", world=world)
    assert not_offered() == [Demand("my divorce", 3, is_offered=False)]


def test_asker_cannot_be_told_nor_followed_from_week_to_week(world: Time) -> None:
    ask("zither lessons", "person 1", world=world)
    world.pass_(days=7)
    ask("zither lessons", "person 1", world=world)
    note("zither lessons", asker="person 1", secret_key="x" * 32, reader=Reader(zone("Etc/UTC"), world.now))
    hashes = [row[0] for row in Asked.select(Asked.asker).tuples()]
    assert len(set(hashes)) == 3
    assert [re.fullmatch("[0-9a-f]{32}", asker) is not None for asker in hashes] == [True] * 3


def test_week_begins_on_monday(world: Time) -> None:
    for _ in range(8):
        ask("zither lessons", "a", world=world)
        world.pass_(days=1)
    assert [row[0] for row in Asked.select(Asked.week).order_by(Asked.week).tuples()] == ["2026-11-23", "2026-11-30"]


def test_demand_is_forgotten_after_four_weeks(world: Time) -> None:
    ask("zither lessons", "a", "b", "c", world=world)
    world.pass_(days=34, hours=15, minutes=59)
    assert len(not_offered()) == 1
    world.pass_(minutes=1)
    assert not_offered() == []


def test_demand_leaves_out_what_is_offered_soon(world: Time) -> None:
    soon = Plan("Etc/UTC", notice=0, lengths=(15,), extra=((world.now.date(), 12 * 60, 13 * 60),))
    later = Plan(
        "Etc/UTC", ((0, 12 * 60, 13 * 60),), notice=0, lengths=(15,), paused_until=(world.now.date().replace(day=30))
    )
    make_mentor("Soon Able", expertise=("Go",), plan=soon)
    make_mentor("Later Able", expertise=("Rust",), plan=later)
    for need in ("golang", "rust", "zither lessons"):
        ask(need, "a", "b", "c", world=world)
    ask("zither lessons", "d", world=world)
    assert not_offered() == [Demand("zither lessons", 4, is_offered=False), Demand("rust", 3, is_offered=True)]


def test_demand_lists_the_most_asked_first_and_only_so_many(world: Time) -> None:
    for number in range(10):
        ask(f"zzz{number}", *(f"asker {asker}" for asker in range(3 + number)), world=world)
    assert [row.askers for row in not_offered()] == [12, 11, 10, 9, 8, 7, 6, 5]
    assert [row.need for row in not_offered(most=2)] == ["zzz9", "zzz8"]


def test_what_is_too_short_or_says_nothing_is_not_kept(world: Time) -> None:
    for need in ("", "ab", "!!!", "  a  ", "😀😀😀"):
        ask(need, "a", world=world)
    assert needs() == []
    ask("abc", "a", world=world)
    assert needs() == ["abc"]


def test_asked_keeps_the_need_once_for_each_browser_and_person(app: Flask, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    for browser in (sam, Visitor(app, mentee), Visitor(app), sam):
        answer = browser.post("/asked", {"q": "Zither lessons"})
        assert (answer.status_code, answer.data) == (204, b"")
        browser.post("/asked", {"q": "zither lessons "})
    assert [tuple(row) for row in Asked.select(Asked.need, Asked.offered, Asked.soon).tuples()] == [
        ("zither lessons", False, False)
    ] * 2


def test_asked_takes_whatever_is_typed(app: Flask, visitor: Visitor) -> None:
    long = " ".join(f"{number:x}ü漢" for number in range(20_000))[:30_000]
    for need in ("", "'; drop table asked; --", long, "ﷺ" * 4000, "<b>", "\u202e" * 10):
        assert (need[:20], visitor.post("/asked", {"q": need}).status_code) == (need[:20], 204)
    assert max(map(len, needs())) == 200
    assert visitor.client.post("/asked", data={"q": "zither"}).status_code == 400
    assert visitor.get("/asked").status_code == 405
    assert "zither" not in needs()


def test_page_asks_to_keep_a_need_that_is_long_enough(app: Flask, visitor: Visitor) -> None:
    asks = ['hx-post="/asked"' in visitor.get("/", query_string={"q": need}).text for need in ("", "ab", "ab ", "abc")]
    assert asks == [False, False, False, True]
