"""Many people at once who change their minds: hold, hold elsewhere, book, cancel. The books are right at the end."""

from __future__ import annotations

import random
from collections import Counter
from functools import partial

from flask import Flask

from portal import database
from portal.availability.models import Hold, Openings
from portal.mentors.models import Mentor
from portal.people.codes import new_token
from portal.people.models import Person
from portal.sessions.holding import Opening
from portal.settings import Settings
from tests.cast import BOOKING, make_mentor, make_person, starts_of, value_of
from tests.engines import Postgres, Sqlite
from tests.proof import ledger
from tests.proof.server import Answer, Client, at_once, serving, signed_in
from tests.proof.size import size

MENTORS = ("Laila Mansour", "Tobias Okafor", "Mina Petrov")
STEPS = size(40, usual=16)


class Hopper:
    """One mentee, or a mentor who is one as well, who wants everything for a moment."""

    def __init__(self, client: Client, mentors: list[Mentor], seed: int) -> None:
        self.client, self.mentors = client, mentors
        self.chance = random.Random(seed)
        self.answers: list[Answer] = []
        self.booked: list[str] = []

    def run(self, openings: dict[int, list[Opening]]) -> None:
        for _ in range(STEPS):
            mentor = self.chance.choice(self.mentors)
            wanted = {"opening": value_of(self.chance.choice(openings[mentor.person_id]))}
            self._post("/holds", wanted)
            if self.chance.random() < 0.5:
                booked = self._post("/sessions", {**wanted, "hold": new_token(), **BOOKING})
                if booked.status == 303:
                    self.booked.append(booked.location)
            if self.booked and self.chance.random() < 0.5:
                self._post(self.booked.pop(0) + "/cancellation", {"reason": "Something came up"})
            self.answers.append(self.client.get("/"))

    def _post(self, path: str, fields: dict[str, str]) -> Answer:
        answer = self.client.post(path, fields)
        self.answers.append(answer)
        return answer


def test_storm_of_second_thoughts_leaves_the_books_right(
    app: Flask, settings: Settings, engine: Sqlite | Postgres
) -> None:
    mentors = [make_mentor(name) for name in MENTORS]
    openings = {mentor.person_id: _last_openings(mentor) for mentor in mentors}
    people: list[Person] = [make_person(f"Hopper {number}") for number in range(9)] + [m.person for m in mentors]
    with serving(settings) as server:
        hoppers = []
        for seed, person in enumerate(people):
            others = [mentor for mentor in mentors if mentor.person_id != person.id]
            hoppers.append(Hopper(signed_in(app, person, server.port), others, seed))
        at_once([partial(hopper.run, openings) for hopper in hoppers])
    answers = Counter(answer.status for hopper in hoppers for answer in hopper.answers)
    print(f"\n{engine.name}: {dict(answers)}, {Hold.select().count()} holds")
    assert set(answers) == {200, 303, 409}
    assert ledger.faults() == []
    assert ledger.deadlocks() == 0


def _last_openings(mentor: Mentor) -> list[Opening]:
    return [Opening(mentor, start, length) for length in (15, 30, 60) for start in starts_of(mentor, length)[-8:]]


def test_storm_check_sees_an_opening_that_is_not_true(world: None, mentor: Mentor) -> None:
    """The control: openings one quarter off, as a lost update would leave them."""
    row = Openings.get(Openings.length == 15)
    assert ledger.faults() == []
    with database.db.atomic() as changes:
        Openings.update(starts=row.starts[:-1]).where((Openings.mentor == mentor) & (Openings.length == 15)).execute()
        assert ledger.faults() == [f"mentor {mentor.person_id} shows openings of 15 minutes that are not true"]
        changes.rollback()
