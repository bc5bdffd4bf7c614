"""Private texts are removed some months after their session; all that is counted stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from portal.feedback.impact import impact_of
from portal.feedback.models import Rating
from portal.feedback.rating import Answer, rate
from portal.held import HELD
from portal.limits import Limits, limits, set_limits
from portal.mentors.models import Mentor
from portal.moderation.queue import queue
from portal.people.models import Person
from portal.preparation.models import Message
from portal.sessions import fading
from portal.sessions.fading import _months_ago, fade
from portal.sessions.models import Session
from tests.cast import make_session
from tests.conftest import Time
from tests.people.filled import Filler


@pytest.fixture(autouse=True)
def programme() -> Iterator[Limits]:
    before = limits()
    yield before
    set_limits(before)


@pytest.fixture
def person(world: Time) -> Person:
    return Filler().fill(1)[0]


def texts() -> dict[str, list[object]]:
    """All that fades, by table and column."""
    found = {}
    for model, held in HELD.items():
        for name in (held.fades.becomes or {"text": ""}) if held.fades else ():
            found[f"{model.__name__}.{name}"] = [getattr(row, name) for row in model.select()]
    return found


def test_nothing_is_removed_a_day_too_early(person: Person, world: Time) -> None:
    before = texts()
    world.set(datetime(2027, 10, 1, tzinfo=UTC))
    assert (fade(), texts()) == (0, before)


def test_all_is_removed_once_it_is_time_and_the_counts_stay(person: Person, world: Time) -> None:
    world.set(world.now + timedelta(days=800))
    before, sessions = texts(), Session.select().count()
    mentor = Session.get(Session.mentee == person).mentor_id
    counted = impact_of(mentor)
    assert fade() > 0
    after = texts()
    assert after.pop("Message.text") == []
    assert {name for name, values in after.items() if any("qzxj" in str(value) for value in values)} == {
        *("Rating.line", "Decision.about"),  # what others may read; what was decided on people
    }
    assert after["Rating.line"] == before["Rating.line"]
    assert set(after["Attendance.objection"]) == {"Removed."}
    assert (impact_of(mentor), Session.select().count(), fade()) == (counted, sessions, 0)


def test_a_line_that_others_may_not_read_goes(person: Person, world: Time) -> None:
    Rating.update(line_status="refused").execute()
    world.set(world.now + timedelta(days=800))
    fade()
    assert {row.line for row in Rating.select()} == {""}


def test_it_goes_on_in_small_steps(person: Person, world: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fading, "BATCH", 1)
    world.set(world.now + timedelta(days=800))
    fade()
    assert (Message.select().count(), Session.select().where(Session.objective != "").count()) == (0, 0)


def test_never_means_never(person: Person, world: Time) -> None:
    set_limits(replace(limits(), private_months=0))
    before = texts()
    world.set(world.now + timedelta(days=8000))
    assert (fade(), texts()) == (0, before)


@pytest.mark.parametrize(
    ("months", "then"),
    [(1, (2027, 2, 28)), (12, (2026, 3, 31)), (13, (2026, 2, 28)), (36, (2024, 3, 31)), (37, (2024, 2, 29))],
)
def test_months_end_where_they_end(months: int, then: tuple[int, int, int]) -> None:
    assert _months_ago(datetime(2027, 3, 31, 9, tzinfo=UTC), months) == datetime(*then, 9, tzinfo=UTC)


def test_a_line_that_faded_before_anybody_decided_waits_for_nobody(
    world: Time, mentor: Mentor, mentee: Person, coordinator: Person
) -> None:
    session = make_session(mentor, mentee)
    world.set(session.end)
    rate(session, Answer("yes", 5, line="A line for others."), mentee=mentee)
    assert [row.line for row in queue(coordinator).lines] == ["A line for others."]
    world.set(world.now + timedelta(days=800))
    fade()
    assert (queue(coordinator).lines, Rating.get().line_status, Rating.get().stars) == ([], "none", 5)
