"""Joining a line and leaving it, the place in it, and what of all that opens is wanted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portal.errors import Missing, NotAllowedNow
from portal.mentors.models import Expertise, Mentor
from portal.mentors.profile import hide
from portal.mentors.topics import listed_expertise
from portal.people.account import describe
from portal.people.models import Person
from portal.waiting.models import Watch
from portal.waiting.offering import let_go
from portal.waiting.offers import open_offer
from portal.waiting.watching import MOST, Terms, leave, lines_of, wait_for_expertise, wait_for_mentor
from tests.cast import make_person
from tests.conftest import Time
from tests.feedback.secrecy import statements
from tests.waiting.lines import TUESDAY, full_mentor, offered, open_at, work

NEGOTIATION = "Offer negotiation"


def topic(name: str = NEGOTIATION) -> Expertise:
    found = listed_expertise(name)
    assert found is not None
    return found


def before(person: Person) -> list[tuple[str, int]]:
    return [(line.name, line.people_before) for line in lines_of(person)]


def test_waiting_twice_changes_the_terms_and_keeps_the_place(
    laila: Mentor, ana: Person, ben: Person, world: Time
) -> None:
    first = wait_for_mentor(laila, Terms(), person=ana)
    wait_for_mentor(laila, Terms(), person=ben)
    world.pass_(hours=1)
    again = wait_for_mentor(laila, Terms(30, "evenings"), person=ana)
    assert (again.id, again.since, again.length, again.part) == (first.id, first.since, 30, "evenings")
    assert (Watch.select().count(), before(ana), before(ben)) == (2, [("Laila Mansour", 0)], [("Laila Mansour", 1)])


def test_leaving_frees_the_place_and_coming_back_is_the_end(
    laila: Mentor, ana: Person, ben: Person, world: Time
) -> None:
    key = wait_for_mentor(laila, Terms(), person=ana).id
    wait_for_mentor(laila, Terms(), person=ben)
    leave(key, person=ben)
    assert Watch.select().count() == 2  # it is not Ben's
    for _ in range(2):
        leave(key, person=ana)
    world.pass_(seconds=1)
    wait_for_mentor(laila, Terms(), person=ana)
    assert (before(ben), before(ana)) == ([("Laila Mansour", 0)], [("Laila Mansour", 1)])


def test_nobody_waits_for_themselves_or_for_who_is_not_there(laila: Mentor, ana: Person) -> None:
    with pytest.raises(NotAllowedNow, match="You cannot wait for yourself"):
        wait_for_mentor(laila, Terms(), person=laila.person)
    hide(laila)
    with pytest.raises(Missing):
        wait_for_mentor(Mentor.get(), Terms(), person=ana)
    wait_for_expertise(topic(), Terms(), person=laila.person)  # of somebody else
    assert [watch.person_id for watch in Watch.select()] == [laila.person_id]


def test_ten_lines_a_person(world: Time, ana: Person, laila: Mentor) -> None:
    names = [row.name for row in Expertise.select().order_by(Expertise.id).limit(MOST)]
    for name in names:
        wait_for_expertise(topic(name), Terms(), person=ana)
    with pytest.raises(NotAllowedNow, match="You wait for 10 already"):
        wait_for_mentor(laila, Terms(), person=ana)
    wait_for_expertise(topic(names[0]), Terms(15), person=ana)  # a change is no more
    leave(Watch.select().first().id, person=ana)
    wait_for_mentor(laila, Terms(), person=ana)
    assert Watch.select().count() == MOST


def test_place_counts_people_who_wait_for_the_same_in_any_way(laila: Mentor, ana: Person, ben: Person) -> None:
    other = full_mentor("Omar Said", expertise=("Public speaking",))
    cleo, dan = make_person("Cleo Sand"), make_person("Dan Roe")
    wait_for_expertise(topic(), Terms(60, "weekend"), person=ana)  # Laila has it
    wait_for_mentor(laila, Terms(), person=ana)  # the same person counts once
    wait_for_mentor(other, Terms(), person=ben)
    wait_for_mentor(laila, Terms(), person=cleo)
    wait_for_expertise(topic(), Terms(), person=dan)
    assert before(ana) == [(NEGOTIATION, 0), ("Laila Mansour", 0)]
    assert before(ben) == [("Omar Said", 0)]
    assert (before(cleo), before(dan)) == ([("Laila Mansour", 1)], [(NEGOTIATION, 2)])


def test_place_is_one_statement_however_many_lines(laila: Mentor, ana: Person, ben: Person) -> None:
    for row in Expertise.select().order_by(Expertise.id).limit(9):
        wait_for_expertise(row, Terms(), person=ben)
        wait_for_expertise(row, Terms(), person=ana)
    wait_for_mentor(laila, Terms(), person=ana)
    with statements() as run:
        assert [line.people_before for line in lines_of(ana)] == [1] * 9 + [0]
    assert len(run) == 1


@pytest.mark.parametrize(("length", "made"), [(0, [15]), (15, [15]), (30, [30]), (60, [])])
def test_the_length_that_is_wanted(laila: Mentor, ana: Person, length: int, made: list[int]) -> None:
    wait_for_mentor(laila, Terms(length), person=ana)
    open_at(laila, TUESDAY, length=45)
    work()
    offer = open_offer(ana.id)
    assert ([offer.length] if offer else []) == made


@pytest.mark.parametrize(
    ("part", "taken"),
    [("", 0), ("mornings", 1), ("afternoons", 3), ("evenings", 5), ("weekend", 6)],
)
def test_the_part_of_the_day_that_is_wanted(laila: Mentor, ana: Person, part: str, taken: int) -> None:
    """Ana is in Kolkata, 5 h 30 min ahead: 6:00 there is 00:30 here."""
    describe(ana, name=ana.name, headline="", time_zone="Asia/Kolkata")
    day = TUESDAY.replace(hour=0, minute=0)
    at = (15, 30, 6 * 60 + 15, 6 * 60 + 30, 11 * 60 + 15, 11 * 60 + 30)
    starts = [*(day + timedelta(minutes=minutes) for minutes in at), datetime(2026, 11, 27, 18, 30, tzinfo=UTC)]
    wait_for_mentor(laila, Terms(15, part), person=ana)
    open_at(laila, *starts)
    assert (work(), offered()) == (1, [("Ana", starts[taken])])


def test_mornings_follow_the_clock_across_its_change(laila: Mentor, ana: Person, world: Time) -> None:
    """In New York 6:00 is 10:00 UTC until 1 November 2026, and 11:00 from then on."""
    world.set(datetime(2026, 10, 30, 12, tzinfo=UTC))
    describe(ana, name=ana.name, headline="", time_zone="America/New_York")
    wait_for_mentor(laila, Terms(15, "mornings"), person=ana)
    starts = [datetime(2026, *day, tzinfo=UTC) for day in ((10, 31, 9, 45), (11, 1, 10, 45), (11, 2, 10, 45))]
    open_at(laila, *starts)
    assert (work(), offered()) == (0, [])
    open_at(laila, *starts, datetime(2026, 11, 2, 11, 0, tzinfo=UTC))
    assert (work(), offered()) == (1, [("Ana", datetime(2026, 11, 2, 11, 0, tzinfo=UTC))])


def test_the_hour_before_the_change_is_a_morning_too(laila: Mentor, ana: Person, world: Time) -> None:
    world.set(datetime(2026, 10, 30, 12, tzinfo=UTC))
    describe(ana, name=ana.name, headline="", time_zone="America/New_York")
    wait_for_mentor(laila, Terms(15, "mornings"), person=ana)
    open_at(laila, datetime(2026, 10, 31, 10, 0, tzinfo=UTC))
    assert (work(), offered()) == (1, [("Ana", datetime(2026, 10, 31, 10, 0, tzinfo=UTC))])


def test_expertise_is_offered_by_whoever_has_it_the_soonest_first(laila: Mentor, ana: Person, ben: Person) -> None:
    other, third = full_mentor("Omar Said"), full_mentor("Tove Berg", expertise=("Public speaking",))
    for person in (laila.person, ana, ben):
        wait_for_expertise(topic(), Terms(), person=person)
    hour = timedelta(hours=1)
    for mentor, start in ((laila, TUESDAY + hour), (other, TUESDAY + 2 * hour), (third, TUESDAY)):
        open_at(mentor, start)
    assert work() == 2
    assert offered() == [("Laila", TUESDAY + 2 * hour), ("Ana", TUESDAY + hour)]
    assert open_offer(ben.id) is None


def test_line_is_one_for_those_who_wait_for_the_mentor_and_for_the_expertise(
    laila: Mentor, ana: Person, ben: Person, world: Time
) -> None:
    wait_for_expertise(topic(), Terms(), person=ben)
    world.pass_(minutes=1)
    wait_for_mentor(laila, Terms(), person=ana)
    open_at(laila, TUESDAY)
    assert (work(), offered()) == (1, [("Ben", TUESDAY)])
    offer = open_offer(ben.id)
    assert offer is not None
    let_go(offer.ref, person=ben)
    assert offered() == [("Ana", TUESDAY)]


def test_looking_is_cheap_and_writes_nothing(laila: Mentor, ana: Person) -> None:
    for number in range(3):
        wait_for_mentor(laila, Terms(15 * number % 45), person=make_person(f"Person {number}"))
    wait_for_expertise(topic(), Terms(), person=ana)
    runs: list[list[str]] = []
    for _ in range(5):  # PostgreSQL tidies up while it reads, which looks like a change
        with statements() as run:
            assert work() == 0
        runs.append(run)
    writes = [sql for run in runs for sql in run if not sql.lstrip().lower().startswith(("select", "pragma"))]
    assert (writes, len(runs[0]) <= 9, min(len(run) for run in runs)) == ([], True, 3)


def test_looking_does_not_grow_with_those_who_wait(laila: Mentor) -> None:
    counts = []
    for number in range(12):
        wait_for_mentor(laila, Terms(), person=make_person(f"Person {number}"))
        with statements() as run:
            work()
        counts.append(len(run))
    assert len(set(counts)) == 1
