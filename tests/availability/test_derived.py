"""What is stored stays true while time passes: the next opening, holds that run out, hours far ahead."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from random import Random
from threading import Event, Thread
from time import sleep

import pytest

from portal import database
from portal.availability.claims import openings_of
from portal.availability.derived import MARGIN, freshen
from portal.availability.models import NEVER, Availability, Claim, Hold, Openings
from portal.availability.openings import instant_of, quarter_of
from portal.database import is_postgres
from portal.errors import OpeningTaken
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.sessions.changes import cancel
from portal.sessions.holding import Opening, give_back, hold
from portal.sessions.models import Session
from tests.availability import oracle
from tests.availability.cases import ALWAYS_OPEN, day, give, random_plan, shown
from tests.cast import ALL_WEEK, MONDAY, make_mentor, make_person, opening, starts_of
from tests.conftest import Time

SECOND = timedelta(seconds=1)


def stored(mentor: Mentor) -> dict[int, object]:
    return {
        row.length: None if row.next == instant_of(NEVER // 900) else row.next for row in openings_of(mentor.person_id)
    }


def first(mentor: Mentor) -> dict[int, object]:
    return {length: starts[0] if starts else None for length, starts in shown(mentor).items()}


def test_next_is_the_first_opening_that_can_be_booked(mentor: Mentor) -> None:
    assert stored(mentor) == first(mentor) == dict.fromkeys((15, 30, 60), day(23, 9))


@pytest.mark.parametrize("notice", [0, 1, 60, 10080])
def test_freshen_moves_a_passed_next_on_to_the_second(world: Time, notice: int) -> None:
    mentor = make_mentor(plan=replace(ALWAYS_OPEN, notice=notice, lengths=(15,)))
    world.set(MONDAY + timedelta(hours=3, minutes=7))
    freshen()
    last = stored(mentor)[15] - timedelta(minutes=notice) - (SECOND if notice == 0 else 0 * SECOND)
    world.set(last)
    assert (freshen(), stored(mentor)) == (0, first(mentor))
    before = stored(mentor)[15]
    world.pass_(seconds=1)
    assert (freshen(), stored(mentor)) == (1, {15: before + timedelta(minutes=15)})
    assert (freshen(), stored(mentor)) == (0, first(mentor))


def test_freshen_notices_what_comes_into_the_horizon_to_the_second(world: Time) -> None:
    mentor = make_mentor(plan=replace(ALWAYS_OPEN, weekly=((3, 600, 615),), horizon=1, lengths=(15,)))
    assert stored(mentor) == {15: None}
    world.set(day(25, 9, 59) + 59 * SECOND)
    freshen()
    assert stored(mentor) == first(mentor) == {15: None}
    world.pass_(seconds=1)
    freshen()
    assert stored(mentor) == first(mentor) == {15: day(26, 10)}


def test_freshen_expands_hours_when_they_are_due(world: Time) -> None:
    mentor = make_mentor(plan=ALWAYS_OPEN)
    due = MONDAY + timedelta(days=MARGIN - 1)
    world.set(due - SECOND)
    freshen()
    assert Availability.get(Availability.mentor == mentor.person_id).base == quarter_of(MONDAY)
    assert starts_of(mentor)[-1] == due - timedelta(minutes=15) + timedelta(days=14)
    world.pass_(seconds=1)
    freshen()
    assert Availability.get(Availability.mentor == mentor.person_id).base == quarter_of(due)
    assert starts_of(mentor)[-1] == due + timedelta(days=14)


def test_freshen_after_a_long_silence_shows_what_the_oracle_finds(world: Time, mentee: Person) -> None:
    plan = replace(ALWAYS_OPEN, weekly=ALL_WEEK, weekly_cap=1, gap=60)
    mentor = make_mentor(plan=plan)
    give(mentor, day(23, 16), 60)
    world.set(day(23, 8) + timedelta(days=100))
    assert shown(mentor) == {15: [], 30: [], 60: []}
    with pytest.raises(OpeningTaken):
        give(mentor, world.now + timedelta(days=1, hours=2))
    freshen()
    assert shown(mentor) == {length: oracle.starts(plan, length, now=world.now) for length in plan.lengths}


def test_hours_expanded_again_keep_the_gap_of_a_session_that_runs(world: Time) -> None:
    mentor = make_mentor(plan=replace(ALWAYS_OPEN, gap=60))
    give(mentor, day(25, 7), 60)
    world.set(day(25, 8))
    freshen()
    assert openings_of(mentor.person_id)[0].base == quarter_of(world.now)
    assert starts_of(mentor)[0] == day(25, 9)


def test_freshen_gives_back_a_hold_the_second_it_runs_out(mentor: Mentor, mentee: Person, world: Time) -> None:
    held = hold(opening(mentor), holder="h", mentee=mentee, draft={})
    world.pass_(minutes=9, seconds=59)
    freshen()
    assert (held.start in starts_of(mentor), Claim.select().count()) == (False, 2)
    world.pass_(seconds=1)
    assert (freshen(), freshen()) == (1, 0)
    assert (held.start in starts_of(mentor), Claim.select().count()) == (True, 0)
    assert Hold.get().is_released


def test_freshen_with_nothing_due_changes_nothing(mentor: Mentor, world: Time) -> None:
    before = list(Openings.select().dicts())
    assert freshen() == 0
    assert list(Openings.select().dicts()) == before


def test_freshen_takes_no_more_than_it_is_asked_to(world: Time) -> None:
    mentors = [make_mentor(f"Mentor {number}") for number in range(3)]
    world.pass_(days=3)
    expanded = Availability.select().where(Availability.base == quarter_of(world.now))
    freshen(most=2)
    assert expanded.count() == 2
    freshen(most=2)
    assert expanded.count() == len(mentors)


@pytest.mark.parametrize("seed", range(4))
def test_next_is_true_at_any_moment_of_a_busy_fortnight(world: Time, seed: int) -> None:
    """Whatever happens and however late the worker comes, until `stale_at` and after `freshen`."""
    chance, moments = Random(seed), 0
    plans = [
        random_plan(chance, "Europe/Berlin", MONDAY + timedelta(days=2), horizon=1 + number * 3) for number in range(4)
    ]
    mentors = [make_mentor(f"Mentor {number}", plan=plan) for number, plan in enumerate(plans)]
    for event in _fortnight(chance, mentors, world, steps=20 if is_postgres() else 60):
        fresh = {(row.mentor_id, row.length) for row in Openings.select() if row.stale_at > world.now}
        for mentor in mentors:
            told, true = stored(mentor), first(mentor)
            kept = [length for length in told if (mentor.person_id, length) in fresh]
            assert [told[length] for length in kept] == [true[length] for length in kept], event
        freshen()
        assert [stored(mentor) for mentor in mentors] == [first(mentor) for mentor in mentors], event
        moments += sum(len(starts) for mentor in mentors for starts in shown(mentor).values())
    assert moments > 1000


def _fortnight(chance: Random, mentors: list[Mentor], time: Time, *, steps: int) -> Iterator[str]:
    """Things happen, then time passes: often to the second at which something stored grows old."""
    holders = [make_person(f"Holder {number}") for number in range(3)]
    for _ in range(steps):
        mentor, who = chance.choice(mentors), chance.choice(holders)
        event = chance.choice(["book", "hold", "give back", "cancel"])
        length, starts = chance.choice(list(shown(mentor).items()))
        if event == "book" and starts:
            give(mentor, chance.choice(starts), length)
        elif event == "hold" and starts:
            with suppress(OpeningTaken):  # the earlier hold was given back, and with it this person's time
                hold(Opening(mentor, chance.choice(starts), length), holder=who.name, mentee=who, draft={})
        elif event == "give back":
            give_back(who.name, who)
        elif event == "cancel":
            for session in Session.select().where(Session.cancelled_at.is_null(), Session.start > time.now).limit(1):
                cancel(session, person=session.mentor.person, reason="Ill")
        yield event
        old = Openings.select().where(Openings.stale_at < time.now + timedelta(days=1)).order_by(Openings.stale_at)
        if chance.random() < 0.6 and old.exists():
            time.set(max(old.get().stale_at + chance.choice([-1, 0]) * SECOND, time.now))
        else:
            time.pass_(minutes=chance.randrange(600), seconds=chance.randrange(60))
        yield "time"


@contextmanager
def under_way(mentor: Mentor, wanted: Opening) -> Iterator[None]:
    """A booking that is done and not yet committed, in another connection."""
    booked = Event()

    def book_slowly() -> None:
        database.connect()
        with database.db.atomic():
            give(mentor, wanted.start)
            booked.set()
            sleep(0.3)  # long enough for another to get in between, if it can
        database.disconnect()

    booking = Thread(target=book_slowly)
    booking.start()
    assert booked.wait(20)
    yield
    booking.join(20)


def test_giving_a_hold_back_waits_for_a_booking_that_is_under_way(world: Time) -> None:
    """Both derive the openings of one mentor, and the second must see what the first took."""
    mentor, other = make_mentor(), make_mentor("Tobias Okafor")
    held, wanted = hold(opening(mentor, 0), holder="h", mentee=None, draft={}), opening(mentor, 4)
    with under_way(mentor, wanted):
        hold(opening(other), holder="h", mentee=None, draft={})
    assert (held.start in starts_of(mentor), wanted.start in starts_of(mentor)) == (True, False)


def test_giving_back_what_a_mentor_held_waits_for_a_booking_with_that_mentor(world: Time) -> None:
    """The browser is signed out by now, so only the hold tells whose time it was."""
    mentor, other = make_mentor(), make_mentor("Tobias Okafor")
    held, wanted = hold(opening(other, 4), holder="h", mentee=mentor.person, draft={}), opening(mentor, 8)
    with under_way(mentor, wanted):
        hold(opening(other), holder="h", mentee=None, draft={})
    assert (held.start in starts_of(mentor), wanted.start in starts_of(mentor)) == (True, False)
