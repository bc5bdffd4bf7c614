"""Rounds: each thing comes up once, also where the clock is wrong for a while."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from portal.people.models import Person
from portal.preparation.briefs import send_briefs
from portal.programme.summary import send_summaries
from portal.rounds import Span, go_round, passes_quarter
from tests.conftest import Time
from tests.feedback.secrecy import statements

QUARTER, SECOND = datetime(2026, 11, 23, 8, 15, tzinfo=UTC), timedelta(seconds=1)


class Work:
    """Notes the spans it was given."""

    def __init__(self) -> None:
        self.spans: list[Span] = []

    def __call__(self, span: Span) -> int:
        self.spans.append(span)
        return 1


def look(work: Work, *, is_due: bool = True) -> int:
    return go_round("test", is_due=lambda _: is_due, work=work)


def test_spans_follow_each_other_without_a_gap(world: Time) -> None:
    work, begun = Work(), world.now
    assert look(work) == 0
    for minutes in (1, 5, 200):
        world.pass_(minutes=minutes)
        assert look(work) == 1
    ends = [begun, *(span[1] for span in work.spans)]
    assert [span[0] for span in work.spans] == ends[:-1]


def test_nothing_due_is_noted_once_an_hour(world: Time) -> None:
    work = Work()
    look(work)
    world.pass_(minutes=59)
    assert look(work, is_due=False) == 0
    world.pass_(minutes=1)
    assert look(work, is_due=False) == 1
    assert [end - begin for begin, end in work.spans] == [timedelta(hours=1)]


def test_work_that_fails_comes_up_again(world: Time) -> None:
    work = Work()
    look(work)
    world.pass_(minutes=1)
    with pytest.raises(ZeroDivisionError):
        go_round("test", is_due=lambda _: True, work=lambda span: 1 // 0)
    world.pass_(minutes=1)
    look(work)
    assert [end - begin for begin, end in work.spans] == [timedelta(minutes=2)]


def test_a_clock_that_was_far_ahead_for_a_moment_silences_nothing(world: Time) -> None:
    work, right = Work(), world.now
    look(work)
    world.set(right + timedelta(days=400))
    look(work)
    world.set(right + timedelta(minutes=1))
    assert look(work) == 0
    world.pass_(minutes=1)
    assert look(work) == 1
    assert work.spans[-1] == (right + timedelta(minutes=1), right + timedelta(minutes=2))


def test_a_clock_that_goes_back_a_little_repeats_nothing(world: Time) -> None:
    work = Work()
    look(work)
    world.pass_(minutes=10)
    look(work)
    world.pass_(minutes=-5)
    assert look(work) == 0
    world.pass_(minutes=6)
    look(work)
    assert [end - begin for begin, end in work.spans] == [timedelta(minutes=10), timedelta(minutes=1)]


@pytest.mark.parametrize(
    ("begin", "end", "passes"),
    [(0, 899, False), (0, 900, True), (0, 901, True), (-1, 0, True), (0, 0, False), (1, 899, False), (899, 901, True)],
)
def test_a_quarter_begins_in_a_span(begin: int, end: int, passes: bool) -> None:
    """After its first instant, up to and including its second."""
    assert passes_quarter((QUARTER + begin * SECOND, QUARTER + end * SECOND)) is passes


@pytest.mark.parametrize("go", [send_briefs, send_summaries])
def test_between_two_quarters_nobody_is_looked_for(world: Time, coordinator: Person, go: Callable[[], int]) -> None:
    """The worker asks each second: it reads how far it has looked, and nothing else before a quarter begins."""
    go()
    for passed, read in ((timedelta(minutes=15) - SECOND, 1), (SECOND, 2)):
        world.set(world.now + passed)
        with statements() as run:
            assert go() == 0
        assert (world.now, len(run)) == (world.now, read)
