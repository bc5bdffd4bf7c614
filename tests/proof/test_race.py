"""Two hundred mentees want the same opening at the same moment. One gets it; the others hear where else to go."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from flask import Flask

from portal import database
from portal.availability.models import Claim
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people.codes import new_token
from portal.sessions.holding import Opening
from portal.sessions.models import Session, SessionEvent
from portal.settings import Settings
from tests.cast import BOOKING, make_person, value_of
from tests.engines import Postgres, Sqlite
from tests.proof import ledger
from tests.proof.server import PORTAL, Answer, Client, at_once, percentile, serving, signed_in
from tests.proof.size import size

ROUNDS = size(20, usual=4)
RACERS = size(200, usual=100)
OFFERED = re.compile(r'data-opening="([^"]+)"')
Round = Callable[[list[Client], Mentor, datetime], list[Answer]]


def book(racers: list[Client], mentor: Mentor, start: datetime) -> list[Answer]:
    """All send the booking form for the same time, each from a page of its own."""
    return _send("/sessions", racers, [Opening(mentor, start, 30)])


def book_what_overlaps(racers: list[Client], mentor: Mentor, start: datetime) -> list[Answer]:
    """Half of them want the whole hour, the others its second half."""
    return _send("/sessions", racers, [Opening(mentor, start, 60), Opening(mentor, start + timedelta(minutes=30), 30)])


def hold(racers: list[Client], mentor: Mentor, start: datetime) -> list[Answer]:
    """All tap the opening; then who holds it books it, and at the same moment so do all others."""
    held = _send("/holds", racers, [Opening(mentor, start, 15)])
    assert verdict(held, "/holds/") == []
    refs = [answer.location.rsplit("/", 1)[1] if answer.location else new_token() for answer in held]
    booked = _send("/sessions", racers, [Opening(mentor, start, 15)], refs)
    assert [bool(answer.location) for answer in booked] == [bool(answer.location) for answer in held]
    return booked


def _send(path: str, racers: list[Client], wanted: list[Opening], refs: list[str] | None = None) -> list[Answer]:
    forms = [
        {"opening": value_of(wanted[number % len(wanted)]), "hold": refs[number] if refs else new_token(), **BOOKING}
        for number in range(len(racers))
    ]
    return at_once([partial(racer.post, path, form) for racer, form in zip(racers, forms, strict=True)])


def verdict(answers: list[Answer], prize: str = "/sessions/") -> list[str]:
    """What is wrong with these answers to a race: nothing where one has won and all others were told so."""
    won = [answer for answer in answers if answer.status == 303 and answer.location.startswith(prize)]
    lost = [answer for answer in answers if answer.status == 409 and "This time is no longer free." in answer.text]
    count = Counter(answer.status for answer in answers)
    wrong = [] if (len(won), len(lost)) == (1, len(answers) - 1) else [f"{len(won)} winners; answers: {dict(count)}"]
    return wrong + ["nothing nearby is offered" for answer in lost if len(OFFERED.findall(answer.text)) != 3]


class Race:
    """One mentor, and more mentees than race: a winner has what they came for and does not race again."""

    def __init__(self, app: Flask, mentor: Mentor, port: int) -> None:
        with database.db.atomic():
            people = [make_person(f"Racer {number}") for number in range(RACERS + ROUNDS)]
        self.racers = [signed_in(app, person, port) for person in people]
        self.mentor = mentor
        self.answers: list[Answer] = []
        self.wrong: list[str] = []

    def run(self, rounds: list[Round]) -> None:
        for run, start in zip(rounds, _hours(), strict=False):
            racers = self.racers[:RACERS]
            answers = run(racers, self.mentor, start)
            self.wrong += verdict(answers)
            self.answers += answers
            winners = [racer for racer, answer in zip(racers, answers, strict=True) if answer.status == 303]
            self.racers = [racer for racer in self.racers if racer not in winners[:1]]

    @property
    def summary(self) -> str:
        took = [answer.seconds * 1000 for answer in self.answers]
        p50, p95 = percentile(took, 0.5), percentile(took, 0.95)
        statuses = dict(Counter(answer.status for answer in self.answers))
        return f"{len(took)} answers {statuses}: p50 {p50:.0f} ms, p95 {p95:.0f} ms, slowest {max(took):.0f} ms"


def _hours() -> Iterator[datetime]:
    """Each hour of the mentor's days, from the day after tomorrow."""
    first = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=2)
    return (first + timedelta(days=day, hours=hour) for day in range(7) for hour in range(8))


@contextmanager
def racing(app: Flask, mentor: Mentor, settings: Settings, *, module: str = PORTAL) -> Iterator[Race]:
    with serving(settings, module=module) as server:
        yield Race(app, mentor, server.port)


def test_race_for_an_opening_has_one_winner(
    app: Flask, mentor: Mentor, settings: Settings, engine: Sqlite | Postgres
) -> None:
    with racing(app, mentor, settings) as race:
        race.run([book, hold, book, book_what_overlaps] * (ROUNDS // 4))
    print(f"\n{engine.name}: {ROUNDS} rounds of {RACERS}, {race.summary}")
    assert race.wrong == []
    assert len(race.answers) == ROUNDS * RACERS
    assert ledger.faults() == []
    assert ledger.deadlocks() == 0
    counts = [table.select().count() for table in (Session, SessionEvent, Outbox)]
    assert counts == [ROUNDS, ROUNDS, 2 * ROUNDS]
    assert Claim.select().where(Claim.begins).count() == ROUNDS


@pytest.mark.parametrize("kind", [book, book_what_overlaps])
def test_race_without_claims_is_won_by_many(app: Flask, mentor: Mentor, settings: Settings, kind: Round) -> None:
    """The control: the same race, judged the same way, on a server that looks at no claim."""
    with racing(app, mentor, settings, module="tests.proof.unguarded") as race:
        race.run([kind])
    winners = Session.select().count()
    assert winners > 1
    assert race.wrong == [f"{winners} winners; answers: {dict(Counter(answer.status for answer in race.answers))}"]
    assert f"person {mentor.person_id} is in {winners} sessions" in " ".join(ledger.faults())
