"""Two hundred steps of a life in line, at random: after each, what is held is what the product promises.

The rule is written here a second time, slowly: who is before whom, and what fits whom.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from portal.availability.choices import choices
from portal.availability.claims import openings_of
from portal.availability.derived import freshen
from portal.availability.models import Hold
from portal.database import Table, db, tuples
from portal.errors import Refusal
from portal.mentors.models import Mentor, MentorExpertise
from portal.people import blocks
from portal.people.codes import new_token
from portal.people.models import Person
from portal.sessions.booking import book
from portal.sessions.changes import cancel
from portal.sessions.fairness import why_not_book
from portal.sessions.holding import Opening, give_back, hold
from portal.sessions.models import Session
from portal.waiting import fitting, offering, offers
from portal.waiting.line import Waiter, in_line
from portal.waiting.models import PARTS, Offer, Watch
from portal.waiting.offering import let_go, offer_due
from portal.waiting.offers import take
from portal.waiting.watching import Terms, leave, wait_for_expertise, wait_for_mentor
from tests.cast import REQUEST, make_person
from tests.conftest import Time
from tests.proof import ledger
from tests.waiting.lines import TUESDAY, full_mentor, mails, open_at
from tests.waiting.test_line import topic

STEPS = 200
ZONES = ("Etc/UTC", "Asia/Kolkata", "America/Los_Angeles")
Fit = tuple[datetime, int, int, int]
"""When, how many sessions its mentor gave lately, the mentor, how long."""
HOURS = {"mornings": (6, 12), "afternoons": (12, 17), "evenings": (17, 24)}


class Life:
    """Three mentors, six who wait, one who only books; and what can happen."""

    def __init__(self, world: Time, seed: int) -> None:
        self.world, self.chance = world, random.Random(seed)
        names = (("Laila Mansour", "Offer negotiation"), ("Omar Said", "Offer negotiation"), ("Tove Berg", "R"))
        self.mentors = [full_mentor(name, expertise=(expertise,)) for name, expertise in names]
        self.people = [make_person(f"P{number} Doe", zone=ZONES[number % 3]) for number in range(6)]
        self.booker = make_person("Bo Booker")
        steps = ((self.wait, 5), (self.leave, 1), (self.open, 4), (self.pass_time, 5), (self.book, 2))
        steps += ((self.cancel, 3), (self.let_go, 2), (self.take, 3), (self.look_around, 1), (self.block, 1))
        self.steps = [step for step, times in steps for _ in range(times)]

    def step(self) -> str:
        act: Callable[[], object] = self.chance.choice(self.steps)
        with suppress(Refusal):
            act()
        return act.__name__

    def wait(self) -> None:
        wish = Terms(self.chance.choice((0, 0, 15, 30)), self.chance.choice(("", "", *PARTS)))
        person = self.chance.choice(self.people)
        if self.chance.random() < 0.6:
            wait_for_mentor(self.chance.choice(self.mentors), wish, person=person)
        else:
            wait_for_expertise(topic(self.chance.choice(("R", "Offer negotiation"))), wish, person=person)

    def leave(self) -> None:
        watch = self._any(Watch)
        leave(watch.id, person=watch.person)

    def open(self) -> None:
        day = self.world.now.replace(hour=0, minute=0, second=0)
        days = self.chance.sample(range(6), 2)
        starts = [day + timedelta(days=day_, minutes=15 * self.chance.randrange(92)) for day_ in days]
        open_at(self.chance.choice(self.mentors), *starts, length=self.chance.choice((15, 30, 45)))

    def pass_time(self) -> None:
        self.world.pass_(minutes=self.chance.choice((1, 15, 59, 60, 120, 121, 300)))

    def book(self) -> None:
        mentor = self.chance.choice(self.mentors)
        starts = choices(openings_of(mentor.person_id)[0], mentee_id=None)
        if starts:
            opening = Opening(mentor, self.chance.choice(starts), 15)
            mentee = self.chance.choice((self.booker, *self.people))
            book(opening, REQUEST, mentee=mentee, holder=new_token(), hold_ref=new_token())

    def cancel(self) -> None:
        session = self._any(Session)
        cancel(session, person=session.mentee, reason="Ill")

    def let_go(self) -> None:
        offer = self._open_offer()
        let_go(offer.ref, person=offer.person)

    def take(self) -> None:
        offer = self._open_offer()
        browser = f"browser of {offer.person_id}"
        ref = take(offer.ref, person=offer.person, holder=browser)
        if self.chance.random() < 0.5:
            opening = Opening(offer.mentor, offer.start, offer.length)
            book(opening, REQUEST, mentee=offer.person, holder=browser, hold_ref=ref)

    def look_around(self) -> None:
        mentor, person = self.chance.choice(self.mentors), self.chance.choice(self.people)
        starts = choices(openings_of(mentor.person_id)[0], mentee_id=person.id)
        if starts:
            hold(Opening(mentor, starts[0], 15), holder=f"browser of {person.id}", mentee=person, draft={})
        else:
            give_back(f"browser of {person.id}", person)

    def block(self) -> None:
        if self.chance.random() < 0.2:
            person = self.chance.choice(self.people)
            (blocks.block if self.chance.random() < 0.7 else _unblock)(self.mentors[2].person, person=person)

    def _open_offer(self) -> Offer:
        """Mostly; now and then one that is over."""
        is_open = list(Offer.select().where(Offer.outcome == "open").order_by(Offer.id))
        return self.chance.choice(is_open) if is_open and self.chance.random() < 0.8 else self._any(Offer)

    def _any(self, table: type[Table]) -> Any:
        rows = list(table.select().order_by(table._meta.primary_key))
        if not rows:
            raise Refusal
        return self.chance.choice(rows[-6:])


def _unblock(other: Person, *, person: Person) -> None:
    blocks.unblock(other.id, person=person)


def fits(watch: Watch, now: datetime) -> Iterator[Fit]:
    """The slow way: every opening that this one could be offered now."""
    known = {(offer.person_id, offer.mentor_id, offer.start) for offer in Offer.select()}
    for mentor in Mentor.select().where(Mentor.status == "published"):
        topics = [row.expertise_id for row in MentorExpertise.select().where(MentorExpertise.mentor == mentor)]
        if watch.mentor_id != mentor.person_id and watch.expertise_id not in topics:
            continue
        for row in openings_of(mentor.person_id):
            for start in choices(row, mentee_id=watch.person_id) if row.length == (watch.length or 15) else ():
                is_new = (watch.person_id, mentor.person_id, start) not in known
                if is_new and start >= now + timedelta(hours=2) and _is_in(watch, start):
                    yield start, row.load, mentor.person_id, row.length


def _is_in(watch: Watch, start: datetime) -> bool:
    local = start.astimezone(ZoneInfo(watch.person.time_zone))
    if watch.part in HOURS:
        first, last = HOURS[watch.part]
        return first <= local.hour < last
    return local.weekday() >= 5 if watch.part else True


def due(now: datetime) -> list[tuple[int, int, datetime]]:
    """Whom what must be offered, in which order."""
    served = {offer.person_id for offer in Offer.select().where(Offer.outcome == "open")}
    taken: list[Fit] = []
    found = []
    for watch in sorted(Watch.select(), key=lambda watch: (watch.since, watch.id)):
        if watch.person_id in served or why_not_book(watch.person):
            continue
        free = [fit for fit in fits(watch, now) if not any(_overlap(fit, other) for other in taken)]
        if free:
            served.add(watch.person_id)
            taken.append(min(free))
            found.append((watch.person_id, min(free)[2], min(free)[0]))
    return found


def _overlap(one: Fit, other: Fit) -> bool:
    (start, _, mentor, length), (their_start, _, their_mentor, their_length) = one, other
    ends = start + timedelta(minutes=length), their_start + timedelta(minutes=their_length)
    return mentor == their_mentor and start < ends[1] and their_start < ends[0]


def work_as_due(now: datetime) -> list[str]:
    """A round of the worker, in two halves; what is wrong after it."""
    freshen()
    for offer_id in offers.over():
        offers.end(offer_id)
    wanted, known = due(now), Offer.select().count()
    offer_due()
    made = [(row.person_id, row.mentor_id, row.start) for row in Offer.select().order_by(Offer.id).offset(known)]
    return [*([f"offered {made}, due {wanted}"] if made != wanted else []), *faults(now)]


def faults(now: datetime) -> list[str]:
    made = list(Offer.select())
    open_now = [offer for offer in made if offer.outcome == "open"]
    standing = {held.ref for held in Hold.select().where(~Hold.is_released)}
    twice = Counter((offer.person_id, offer.mentor_id, offer.start) for offer in made)
    ones = Counter(offer.person_id for offer in open_now)
    return [
        *ledger.time_faults(),
        *(f"{key} was offered {count} times" for key, count in twice.items() if count > 1),
        *(f"person {person} has {count} offers" for person, count in ones.items() if count > 1),
        *(f"offer {offer.id} is open and past" for offer in open_now if offer.expires_at <= now),
        *(f"offer {offer.id} is open and not held" for offer in open_now if offer.hold_ref not in standing),
        *(f"offer {row.id} is over and held" for row in made if row.outcome != "open" and row.hold_ref in standing),
        *([f"{len(mails())} mails for {len(made)} offers"] if len(mails()) != len(made) else []),
    ]


def test_two_hundred_steps_keep_what_is_promised(world: Time) -> None:
    life = Life(world, seed=4)
    for number in range(STEPS):
        step = life.step()
        assert (number, step, work_as_due(world.now)) == (number, step, [])
    ends = Counter(offer.outcome for offer in Offer.select())
    print(f"\n{dict(ends)}")
    assert (min(ends["booked"], ends["passed"], ends["unused"]) >= 3, sum(ends.values()) >= 30) == (True, True)


def _as_promised(_patch: pytest.MonkeyPatch) -> None:
    pass


def _last_in_line_first(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(fitting, "in_line", lambda: in_line()[::-1])


def _to_who_has_one(patch: pytest.MonkeyPatch) -> None:
    """The database would refuse that as well."""
    db.execute_sql("drop index offer_one_open")
    wish = (Watch.mentor, Watch.expertise, Watch.length, Watch.part)
    line = Watch.select(Watch.id, Watch.person, *wish, Person.time_zone).join(Person).order_by(Watch.since, Watch.id)
    patch.setattr(fitting, "in_line", lambda: [Waiter(*row) for row in tuples(line)])


def _what_they_had_before(patch: pytest.MonkeyPatch) -> None:
    bitmaps = fitting._Openings._bitmaps

    def of_claims_alone(self: fitting._Openings, rows: Iterable[Any]) -> dict[tuple[Any, ...], int]:
        return bitmaps(self, (row for row in rows if len(row[0]) == 1))

    patch.setattr(fitting._Openings, "_bitmaps", of_claims_alone)


def _without_an_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(offers, "over", list)


def _held_after_the_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(offers, "release", lambda _: None)


def _without_a_mail(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(offering.mails, "offered", lambda *_, **__: None)


def _without_a_claim(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(offering, "claim", lambda *_, **__: None)


DUE = "offered …, due …"


@pytest.mark.parametrize(
    ("break_it", "found"),
    [
        (_as_promised, set()),
        (_last_in_line_first, {DUE}),
        (_to_who_has_one, {DUE, "person … has … offers"}),
        (_what_they_had_before, {DUE, "… was offered … times"}),
        (_without_an_end, {"offer … is open and past", "offer … is open and not held"}),
        (_held_after_the_end, {"offer … is over and held"}),
        (_without_a_mail, {"… mails for … offers"}),
        (_without_a_claim, {DUE, "hold … needs … claims of its mentor and has …"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_worker_that_offers_so_is_found_out(
    world: Time,
    ana: Person,
    ben: Person,
    monkeypatch: pytest.MonkeyPatch,
    break_it: Callable[[pytest.MonkeyPatch], None],
    found: set[str],
) -> None:
    """The controls. Two wait, two times are offered; one is let go, the other is not used."""
    laila = full_mentor()
    for person in (ana, ben):
        wait_for_mentor(laila, Terms(), person=person)
        world.pass_(minutes=1)
    break_it(monkeypatch)
    open_at(laila, TUESDAY, TUESDAY + timedelta(hours=1))
    wrong = work_as_due(world.now)
    first = Offer.select().order_by(Offer.id).first()
    let_go(first.ref, person=first.person)
    wrong += work_as_due(world.now)
    world.pass_(hours=2)
    wrong += work_as_due(world.now)
    assert {re.sub(r"\[.*?\]|\(.*\)|\d+", "…", line) for line in wrong} == found
