"""Two workers at once: no person with two offers, no opening with two holds, and the line in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest

from portal import database
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.waiting import fitting, offering
from portal.waiting.models import Offer
from portal.waiting.offering import let_go, offer_due
from portal.waiting.watching import Terms, leave, wait_for_expertise, wait_for_mentor
from tests.cast import make_person
from tests.conftest import Time
from tests.proof import ledger
from tests.proof.server import PATIENCE, at_once
from tests.waiting.lines import TUESDAY, full_mentor, held, mails, open_at
from tests.waiting.test_line import topic

WORKERS = 4
WAITING = 12
OPENINGS = 9


def faults() -> list[str]:
    """What is wrong with the open offers."""
    offers = list(Offer.select().where(Offer.outcome == "open"))
    people = Counter(offer.person_id for offer in offers)
    times = Counter((offer.mentor_id, offer.start) for offer in offers)
    found = [f"person {person} has {count} offers" for person, count in people.items() if count > 1]
    found += [f"{start} is held {count} times" for (_, start), count in times.items() if count > 1]
    return found + [f"{count} mails about {ref}" for ref, count in _mails().items() if count > 1]


def _mails() -> Counter[str]:
    """The mails about each opening, to each person."""
    letters = Outbox.select().where(Outbox.kind == "waiting/offer")
    return Counter(f"{letter.facts['mentor']} at {letter.facts['start']} to {letter.recipient}" for letter in letters)


def round_of_a_worker() -> int:
    try:
        return offer_due()
    finally:
        database.disconnect()


def test_workers_at_once_offer_each_opening_once_in_the_order_of_the_line(world: Time) -> None:
    mentors = [full_mentor(name) for name in ("Laila Mansour", "Omar Said", "Tove Berg")]
    people = [make_person(f"P{number:02} Doe") for number in range(WAITING)]
    for number, person in enumerate(people):
        if number % 3:
            wait_for_mentor(mentors[number % 2], Terms(), person=person)
        wait_for_expertise(topic(), Terms(), person=person)
        world.pass_(seconds=1)
    for mentor in mentors:
        open_at(mentor, *(TUESDAY + timedelta(hours=hour) for hour in range(OPENINGS // 3)))
    made = at_once([round_of_a_worker] * WORKERS)
    assert (sum(made), faults()) == (OPENINGS, [])
    assert [offer.person_id for offer in Offer.select().order_by(Offer.id)] == [person.id for person in people[:9]]
    assert (len(held()), len(mails())) == (OPENINGS, OPENINGS)
    assert ledger.faults() == []
    world.pass_(hours=2)
    made = at_once([round_of_a_worker] * WORKERS)
    assert (sum(made), faults()) == (OPENINGS, [])
    assert Offer.select().where(Offer.outcome == "unused").count() == OPENINGS
    assert ledger.faults() == []


def test_leaving_and_letting_go_while_workers_work(world: Time) -> None:
    """Everybody waits for everybody's locks; each time goes to one person, and no two wait for each other."""
    laila = full_mentor()
    people = [make_person(f"P{number:02} Doe") for number in range(WAITING)]
    lines = [wait_for_mentor(laila, Terms(), person=person).id for person in people]
    open_at(laila, *(TUESDAY + timedelta(hours=hour) for hour in range(4)))
    assert offer_due() == 4
    refs = {offer.person_id: offer.ref for offer in Offer.select()}
    going = [partial(let_go, refs[person.id], person=person) for person in people[:2]]
    leaving = [partial(leave, line, person=person) for line, person in zip(lines[2:6], people[2:6], strict=True)]
    at_once([partial(_in_a_thread, call) for call in (*going, *leaving, offer_due, offer_due)])
    database.connect()
    offer_due()
    assert (faults(), ledger.faults(), ledger.deadlocks()) == ([], [], 0)
    left = {person.id for person in people[2:6]}
    served = [offer.person_id for offer in Offer.select().where(Offer.outcome == "open").order_by(Offer.id)]
    assert (len(served), left & set(served)) == (4, set())


def _in_a_thread(call: Callable[[], object]) -> None:
    try:
        call()
    finally:
        database.disconnect()


@pytest.fixture
def both_have_looked(laila: Mentor, ana: Person, monkeypatch: pytest.MonkeyPatch) -> Barrier:
    """One waits, one opening is there, and workers that meet here do not wait for each other before."""
    wait_for_mentor(laila, Terms(), person=ana)
    open_at(laila, TUESDAY)
    monkeypatch.setattr(offering, "lock", lambda *_: None)
    monkeypatch.setattr(offering, "one_at_a_time", lambda: None)
    return Barrier(2)


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_workers_without_lock_and_key_would_offer_twice(
    ana: Person, both_have_looked: Barrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: nobody waits for anybody, no time is claimed, and the database lets a second offer pass."""
    monkeypatch.setattr(offering, "claim", lambda *_, **__: both_have_looked.wait(PATIENCE))
    monkeypatch.setattr(offering, "MOST", 1)
    database.db.execute_sql("drop index offer_one_open")
    at_once([round_of_a_worker] * 2)
    assert faults() == [
        f"person {ana.id} has 2 offers",
        f"{TUESDAY} is held 2 times",
        f"2 mails about Laila Mansour at {int(TUESDAY.timestamp())} to {ana.email}",
    ]


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_without_the_lock_the_database_still_refuses_the_second(
    both_have_looked: Barrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []

    def look_together(refused: object = ()) -> object:
        found = fitting.first_fit(refused)  # type: ignore[arg-type]
        looked.append(1)
        if len(looked) in (3, 4):  # each looks once before, without a transaction
            both_have_looked.wait(PATIENCE)
        return found

    monkeypatch.setattr(offering, "first_fit", look_together)
    made = at_once([round_of_a_worker] * 2)
    assert (sorted(made), faults(), mails()) == ([0, 1], [], ["Ana"])
