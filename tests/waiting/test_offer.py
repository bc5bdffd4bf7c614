"""Two who wait, one opening: one hold, one mail; after two hours the next in line. Never two holds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.availability import hours
from portal.availability.hours import Plan
from portal.availability.models import Hold
from portal.limits import Limits, set_limits
from portal.mail import preferences
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.mentors.profile import hide
from portal.people import blocks, pauses
from portal.people.codes import new_token
from portal.people.models import Person
from portal.sessions.booking import book
from portal.sessions.changes import cancel
from portal.sessions.holding import Opening, hold
from portal.waiting.models import Offer, Watch
from portal.waiting.offering import let_go, offer_due
from portal.waiting.offers import take
from portal.waiting.watching import Terms, leave, wait_for_mentor
from tests.cast import REQUEST, make_mentor, make_session, starts_of
from tests.conftest import Time
from tests.waiting.lines import TUESDAY, TWO_HOURS, full_mentor, held, mails, offered, open_at, outcomes, work


@pytest.fixture
def two_in_line(laila: Mentor, ana: Person, ben: Person) -> Mentor:
    for person in (ana, ben):
        wait_for_mentor(laila, Terms(), person=person)
    assert (work(), offered(), mails()) == (0, [], [])
    return laila


def test_offer_is_one_hold_and_one_mail_then_the_next_after_two_hours(two_in_line: Mentor, world: Time) -> None:
    open_at(two_in_line, TUESDAY)
    begun, mentor = world.now, two_in_line.person_id
    assert (work(), work()) == (1, 0)
    assert (offered(), mails(), held()) == ([("Ana", TUESDAY)], ["Ana"], [(mentor, TUESDAY)])
    assert starts_of(two_in_line) == []
    world.set(begun + TWO_HOURS - timedelta(seconds=1))
    assert (work(), offered(), mails()) == (0, [("Ana", TUESDAY)], ["Ana"])
    world.set(begun + TWO_HOURS)
    assert (work(), work()) == (1, 0)
    assert (offered(), mails(), held()) == ([("Ben", TUESDAY)], ["Ana", "Ben"], [(mentor, TUESDAY)])
    world.set(begun + 2 * TWO_HOURS)
    assert (work(), offered(), mails(), held()) == (0, [], ["Ana", "Ben"], [])
    assert (outcomes(), starts_of(two_in_line)) == ([("Ana", "unused"), ("Ben", "unused")], [TUESDAY])


def test_offer_ends_once_whether_the_hold_or_the_offer_is_looked_at_first(two_in_line: Mentor, world: Time) -> None:
    open_at(two_in_line, TUESDAY)
    offer_due()
    world.pass_(hours=2)
    assert offer_due() == 1  # nobody has given back the hold that ran out
    assert offered() == [("Ben", TUESDAY)]
    assert [held.is_released for held in Hold.select().order_by(Hold.id)] == [True, False]
    world.pass_(hours=2)
    assert work() == 0  # here the hold was given back before
    assert outcomes() == [("Ana", "unused"), ("Ben", "unused")]


def test_offer_follows_a_cancellation(ana: Person, ben: Person, stranger: Person, world: Time) -> None:
    laila = full_mentor()
    open_at(laila, TUESDAY)
    session = make_session(laila, stranger)
    wait_for_mentor(laila, Terms(), person=ana)
    assert (work(), offered()) == (0, [])
    cancel(session, person=stranger, reason="Ill")
    assert (work(), offered()) == (1, [("Ana", TUESDAY)])


def test_offers_go_to_as_many_as_there_are_openings(two_in_line: Mentor) -> None:
    first, second = TUESDAY, TUESDAY + timedelta(minutes=15)
    open_at(two_in_line, first, second)
    assert (work(), offered(), mails()) == (2, [("Ana", first), ("Ben", second)], ["Ana", "Ben"])


@pytest.mark.parametrize(("minutes", "made"), [(105, 0), (120, 1), (135, 1)])
def test_offer_needs_two_hours_ahead(two_in_line: Mentor, world: Time, minutes: int, made: int) -> None:
    open_at(two_in_line, world.now + timedelta(minutes=minutes))
    assert work() == made
    world.pass_(minutes=120)
    assert (work(), offered()) == (0, [])


def test_offer_respects_the_notice_of_the_mentor(two_in_line: Mentor, world: Time) -> None:
    extra = ((world.now.date(), 11 * 60, 11 * 60 + 15),)
    hours.save(Plan("Etc/UTC", extra=extra, notice=181), mentor=two_in_line)
    assert work() == 0
    hours.save(Plan("Etc/UTC", extra=extra, notice=180), mentor=two_in_line)
    assert work() == 1


def test_offer_let_go_passes_on_at_once_and_the_place_stays(two_in_line: Mentor, ana: Person) -> None:
    open_at(two_in_line, TUESDAY)
    work()
    for _ in range(2):
        let_go(Offer.get().ref, person=ana)
    assert (offered(), mails()) == ([("Ben", TUESDAY)], ["Ana", "Ben"])
    later = TUESDAY + timedelta(hours=1)
    open_at(two_in_line, TUESDAY, later)
    assert (work(), offered()) == (1, [("Ben", TUESDAY), ("Ana", later)])


def test_leaving_with_an_offer_passes_it_on_at_once(two_in_line: Mentor, ana: Person) -> None:
    open_at(two_in_line, TUESDAY)
    work()
    key = Watch.get(Watch.person == ana).id
    for _ in range(2):
        leave(key, person=ana)
    assert (outcomes(), offered()) == ([("Ana", "passed"), ("Ben", "open")], [("Ben", TUESDAY)])


def test_offer_unused_sends_to_the_end_of_the_line(two_in_line: Mentor, world: Time) -> None:
    open_at(two_in_line, TUESDAY)
    work()
    world.pass_(hours=2)
    open_at(two_in_line, TUESDAY, TUESDAY + timedelta(hours=1))
    assert (work(), offered()) == (2, [("Ben", TUESDAY), ("Ana", TUESDAY + timedelta(hours=1))])


def test_three_offers_unused_in_a_row_end_the_waiting(laila: Mentor, ana: Person, world: Time) -> None:
    wait_for_mentor(laila, Terms(), person=ana)
    open_at(laila, *(TUESDAY + timedelta(minutes=15 * number) for number in range(5)))
    for unused in range(3):
        assert (work(), Watch.select().count(), len(offered("unused"))) == (1, 1, unused)
        world.pass_(hours=2)
    assert (work(), Watch.select().count(), len(offered("unused"))) == (0, 0, 3)


def test_an_offer_let_go_begins_the_count_anew(laila: Mentor, ana: Person, world: Time) -> None:
    wait_for_mentor(laila, Terms(), person=ana)
    open_at(laila, *(TUESDAY + timedelta(minutes=15 * number) for number in range(8)))
    for is_let_go in (False, False, True, False, False):
        work()
        if is_let_go:
            let_go(Offer.get(Offer.outcome == "open").ref, person=ana)
        else:
            world.pass_(hours=2)
    work()
    assert [outcome for _, outcome in outcomes()] == ["unused", "unused", "passed", "unused", "unused", "open"]
    assert Watch.select().count() == 1


def test_booked_from_an_offer_ends_the_waiting(two_in_line: Mentor, ana: Person) -> None:
    open_at(two_in_line, TUESDAY)
    work()
    ref = take(Offer.get().ref, person=ana, holder="ana's phone")
    assert take(Offer.get().ref, person=ana, holder="ana's phone") == ref
    session = book(Opening(two_in_line, TUESDAY, 15), REQUEST, mentee=ana, holder="ana's phone", hold_ref=ref)
    assert (work(), outcomes(), mails()) == (0, [("Ana", "booked")], ["Ana"])
    assert [watch.person.first_name for watch in Watch.select()] == ["Ben"]
    cancel(session, person=ana, reason="Ill")
    assert (work(), offered()) == (1, [("Ben", TUESDAY)])


def test_offer_survives_looking_around_until_it_is_taken(two_in_line: Mentor, ana: Person) -> None:
    other = make_mentor("Omar Said")
    open_at(two_in_line, TUESDAY)
    work()
    first, second = (Opening(other, start, 15) for start in starts_of(other)[40:42])
    hold(first, holder="ana's phone", mentee=ana, draft={})
    assert (work(), offered()) == (0, [("Ana", TUESDAY)])
    take(Offer.get().ref, person=ana, holder="ana's phone")
    assert first.start in starts_of(other)  # one browser holds one opening
    hold(second, holder="ana's phone", mentee=ana, draft={})
    assert (work(), outcomes()) == (1, [("Ana", "gone"), ("Ben", "open")])


def test_who_may_not_book_or_does_without_the_mail_is_passed_over(
    two_in_line: Mentor, ana: Person, ben: Person, world: Time
) -> None:
    pauses.pause(ana, world.now.date() + timedelta(days=1))
    preferences.stop("waiting/offer", recipient=ben.email)
    open_at(two_in_line, TUESDAY)
    assert (work(), offered()) == (0, [])
    pauses.resume(ana)
    assert (work(), offered()) == (1, [("Ana", TUESDAY)])
    world.pass_(hours=2)
    assert (work(), offered()) == (0, [])
    preferences.choose(["waiting/offer"], recipient=ben.email, among=["waiting/offer"])
    assert (work(), offered()) == (1, [("Ben", TUESDAY)])


def test_a_pause_that_ends_by_itself_ends_the_passing_over(two_in_line: Mentor, ana: Person, world: Time) -> None:
    Watch.delete().where(Watch.person != ana).execute()
    pauses.pause(ana, world.now.date() + timedelta(days=1))
    open_at(two_in_line, TUESDAY)
    assert work() == 0
    world.set(TUESDAY.replace(hour=0) - timedelta(seconds=1))
    assert work() == 0
    world.pass_(seconds=1)
    assert work() == 1


def test_who_has_enough_ahead_keeps_the_place(two_in_line: Mentor, ana: Person, stranger: Person) -> None:
    set_limits(Limits(upcoming=1))
    try:
        session = make_session(make_mentor("Omar Said"), ana, number=90)
        open_at(two_in_line, TUESDAY)
        assert (work(), offered()) == (1, [("Ben", TUESDAY)])
        cancel(session, person=ana, reason="Ill")
        later = TUESDAY + timedelta(hours=1)
        open_at(two_in_line, TUESDAY, later)
        assert (work(), offered()) == (1, [("Ben", TUESDAY), ("Ana", later)])
    finally:
        set_limits(Limits())


def test_offer_lies_in_the_free_time_of_who_waits(two_in_line: Mentor, ana: Person) -> None:
    other = make_mentor("Omar Said")
    book(Opening(other, TUESDAY, 30), REQUEST, mentee=ana, holder=new_token(), hold_ref=new_token())
    open_at(two_in_line, TUESDAY, TUESDAY + timedelta(minutes=15))
    assert (work(), offered()) == (1, [("Ben", TUESDAY)])


@pytest.mark.parametrize("by", ["mentor", "mentee"])
def test_no_offer_across_a_block(two_in_line: Mentor, ana: Person, by: str) -> None:
    sides = {"mentor": two_in_line.person, "mentee": ana}
    other = "mentee" if by == "mentor" else "mentor"
    blocks.block(sides[other], person=sides[by])
    open_at(two_in_line, TUESDAY)
    assert (work(), offered()) == (1, [("Ben", TUESDAY)])


def test_block_and_hiding_end_an_offer_and_the_place_stays(two_in_line: Mentor, ana: Person, ben: Person) -> None:
    open_at(two_in_line, TUESDAY)
    work()
    blocks.block(ana, person=two_in_line.person)
    assert (work(), outcomes()) == (1, [("Ana", "gone"), ("Ben", "open")])
    hide(two_in_line)
    assert (work(), outcomes(), Watch.select().count()) == (0, [("Ana", "gone"), ("Ben", "gone")], 2)


def test_one_offer_a_person_even_in_two_lines(two_in_line: Mentor, ana: Person) -> None:
    other = full_mentor("Omar Said")
    wait_for_mentor(other, Terms(), person=ana)
    for mentor in (two_in_line, other):
        open_at(mentor, TUESDAY)
    assert (work(), offered(), mails()) == (1, [("Ana", TUESDAY)], ["Ana"])
    let_go(Offer.get().ref, person=ana)
    assert (offered(), mails()) == ([("Ben", TUESDAY), ("Ana", TUESDAY)], ["Ana", "Ben", "Ana"])
    assert [who for who, _ in held()] == [two_in_line.person_id, other.person_id]


def test_who_never_got_the_mail_keeps_their_place(laila: Mentor, ana: Person, ben: Person, world: Time) -> None:
    for person in (ana, ben):
        wait_for_mentor(laila, Terms(), person=person)
        world.pass_(seconds=1)
    open_at(laila, TUESDAY)
    work()
    Outbox.update(state="waiting").execute()
    world.pass_(hours=2)
    assert (work(), outcomes()) == (1, [("Ana", "gone"), ("Ben", "open")])
    first = Watch.select().order_by(Watch.since).first()
    assert first.person_id == ana.id


def test_an_offer_ends_when_the_mentor_is_no_longer_willing(laila: Mentor, ana: Person, world: Time) -> None:
    wait_for_mentor(laila, Terms(), person=ana)
    open_at(laila, TUESDAY)
    assert (work(), outcomes()) == (1, [("Ana", "open")])
    open_at(laila, TUESDAY + timedelta(hours=5))
    assert (work(), outcomes()) == (1, [("Ana", "gone"), ("Ana", "open")])
