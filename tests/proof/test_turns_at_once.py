"""Both sides change their minds at the same moment, a thousand times: one effect each, and the books are right."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from flask import Flask

from portal import database
from portal.availability.hours import Plan
from portal.mentors.models import Mentor
from portal.people.codes import new_token
from portal.people.models import Person
from portal.sessions.booking import book
from portal.sessions.changes import cancel, move
from portal.sessions.holding import Opening
from portal.sessions.models import Session
from portal.settings import Settings
from tests.cast import BOOKING, REQUEST, make_mentor, make_person, value_of
from tests.conftest import Engine
from tests.proof import ledger
from tests.proof.server import Answer, Client, at_once, percentile, serving, signed_in
from tests.proof.size import size

ROUNDS = size(1000, usual=40)
BATCH = 100
"""Rounds between two looks at the books."""
QUARTER = timedelta(minutes=15)
ALL_DAY = Plan("Etc/UTC", tuple((day, 0, 1440) for day in range(7)), lengths=(15, 30, 60), notice=0)
SENTENCE = re.compile(r'<p class="refusal[^>]*>([^<]+)<')
Statuses = list[int]


@dataclass
class Round:
    """Two requests for the same moment, and what may come of them."""

    kind: str
    session: Session
    calls: list[Callable[[], Answer]]
    second: Session | None = None
    answers: list[Answer] = field(default_factory=list)

    def wrong(self) -> Iterator[str]:
        """From the answers and from what is stored: nothing if there was one effect."""
        statuses, effects = self.statuses, self.effects()
        if (statuses, effects) not in MAY_BE[self.kind]:
            yield f"{self.kind}: {statuses} and {effects}"
        yield from _unsaid(self.answers)

    @property
    def statuses(self) -> Statuses:
        return [answer.status for answer in self.answers]

    def effects(self) -> str:
        """What has become of the session, or sessions."""
        rows = [Session.get_by_id(each.id) for each in (self.session, self.second) if each is not None]
        each = zip(rows, (self.session, self.second), strict=False)
        return "; ".join(_effect(row, before) for row, before in each if before is not None)


def _effect(row: Session, before: Session) -> str:
    moved = f"moved by {(row.start - before.start) // QUARTER}, {row.moves - before.moves} times" if row.moves else ""
    return " and ".join(filter(None, [moved if row.start != before.start else "", "cancelled" * row.is_cancelled]))


def _unsaid(answers: list[Answer]) -> Iterator[str]:
    for answer in answers:
        said = SENTENCE.findall(answer.text)
        if answer.status == 409 and (len(said) != 1 or not said[0].endswith(".")):
            yield f"409 says {said}"


MAY_BE: dict[str, list[tuple[Statuses, str]]] = {
    "both cancel": [([303, 409], "cancelled"), ([409, 303], "cancelled")],
    "the mentor cancels, the mentee moves": [
        ([303, 409], "cancelled"),
        ([303, 303], "moved by 2, 1 times and cancelled"),
    ],
    "two tabs move, once more is allowed": [([303, 409], "moved by 2, 1 times"), ([409, 303], "moved by 3, 1 times")],
    "two tabs move": [([303, 303], "moved by 2, 2 times"), ([303, 303], "moved by 3, 2 times")],
    "two sessions move to one opening": [
        ([303, 409], "moved by 2, 1 times; "),
        ([409, 303], "; moved by 1, 1 times"),
    ],
    "the mentee blocks, the mentor cancels": [([303, 303], "cancelled")],
}


class Rounds:
    """All of them, made ready: each has an hour of a mentor for itself, and mentees of its own."""

    def __init__(self, app: Flask, port: int, count: int, kinds: list[str]) -> None:
        self.app, self.port = app, port
        first = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
        mentors = [make_mentor(f"Mentor {number}", plan=ALL_DAY) for number in range(count // 300 + 1)]
        with database.db.atomic():
            hours = [
                (mentor, first + timedelta(hours=hour))
                for hour in range(count // len(mentors) + 1)
                for mentor in mentors
            ]
            self.rounds = [self._make(kinds[n % len(kinds)], n, *hours[n]) for n in range(count)]
        self.answers: list[Answer] = []
        self.wrong: list[str] = []

    def _make(self, kind: str, number: int, mentor: Mentor, hour: datetime) -> Round:
        sam, laila = make_person(f"Mentee {number}"), self._client(mentor.person)
        session, client = _book(mentor, sam, hour), self._client(sam)
        path, to = f"/sessions/{session.ref}", [self._to(mentor, hour + step * QUARTER) for step in (2, 3)]
        off = {"reason": "Something came up"}
        if kind == "both cancel":
            return Round(kind, session, [partial(c.post, f"{path}/cancellation", off) for c in (client, laila)])
        if kind == "the mentor cancels, the mentee moves":
            calls = [partial(laila.post, f"{path}/cancellation", off), partial(client.post, f"{path}/move", to[0])]
            return Round(kind, session, calls)
        if kind == "the mentee blocks, the mentor cancels":
            blocks = partial(client.post, f"{path}/block", {"who": "mentor"})
            return Round(kind, session, [blocks, partial(laila.post, f"{path}/cancellation", off)])
        if kind == "two sessions move to one opening":
            eva = make_person(f"Other mentee {number}")
            second = _book(mentor, eva, hour + QUARTER)
            other = partial(self._client(eva).post, f"/sessions/{second.ref}/move", to[0])
            return Round(kind, session, [partial(client.post, f"{path}/move", to[0]), other], second)
        if kind == "two tabs move, once more is allowed":
            for start in (hour + QUARTER, hour):
                move(session, start, mentee=sam)
        return Round(kind, Session.get_by_id(session.id), [partial(client.post, f"{path}/move", each) for each in to])

    def _client(self, person: Person) -> Client:
        return signed_in(self.app, person, self.port)

    def _to(self, mentor: Mentor, start: datetime) -> dict[str, str]:
        return {"opening": value_of(Opening(mentor, start, 15))}

    def run(self) -> None:
        for number, each in enumerate(self.rounds, 1):
            each.answers = at_once(each.calls)
            self.answers += each.answers
            self.wrong += each.wrong()
            if number % BATCH == 0:
                self.wrong += ledger.faults()


def _book(mentor: Mentor, mentee: Person, start: datetime) -> Session:
    opening = Opening(mentor, start, 15)
    return book(opening, REQUEST, mentee=mentee, holder=new_token(), hold_ref=new_token())


def _say(engine: Engine, what: str, answers: list[Answer]) -> None:
    took = [answer.seconds * 1000 for answer in answers]
    statuses = dict(Counter(answer.status for answer in answers))
    print(f"\n{engine.name}: {what}, {statuses}; p50 {percentile(took, 0.5):.0f} ms, slowest {max(took):.0f} ms")


def test_turns_at_once_have_one_effect(app: Flask, settings: Settings, engine: Engine) -> None:
    with serving(settings) as server:
        rounds = Rounds(app, server.port, ROUNDS, list(MAY_BE))
        rounds.run()
    came = Counter((each.kind, *each.statuses, each.effects()) for each in rounds.rounds)
    _say(engine, f"{ROUNDS} rounds of turns {dict(came)}", rounds.answers)
    assert rounds.wrong == []
    assert ledger.faults() == []
    assert ledger.deadlocks() == 0
    # Each could go either way, and did: nobody was always first.
    ways = Counter(kind for kind, *_ in came)
    assert set(ways) == set(MAY_BE)
    assert sum(len(both) for both in MAY_BE.values()) - ways.total() <= size(0, usual=4)  # a few rounds leave out some


def test_turns_at_once_without_a_second_look_have_two(app: Flask, settings: Settings) -> None:
    """The control: the same rounds, judged the same way, on a server that does not ask its rules again."""
    with serving(settings, module="tests.proof.unchecked") as server:
        rounds = Rounds(app, server.port, BATCH, ["both cancel", "two tabs move, once more is allowed"])
        rounds.run()
    assert "both cancel: [303, 303] and cancelled" in rounds.wrong
    assert [line for line in rounds.wrong if line.startswith("two tabs move, once more is allowed: [303, 303]")] != []
    assert [
        line for line in ledger.faults() if "has events after it was cancelled" in line or "lacks the" in line
    ] != []


# A books B while B books A.

OVERLAPS = [(0, 15, 0, 15), (0, 30, 1, 30), (0, 60, 3, 15), (1, 15, 0, 60)]
"""Quarters into the hour and minutes of the one session, and of the other: they always meet."""
PAIRS = 25


class EachOther:
    """Pairs of mentors who want an hour of each other, which of the two sessions has a part."""

    def __init__(self, app: Flask, port: int) -> None:
        self.mentors = [make_mentor(f"Mentor {number}", plan=ALL_DAY) for number in range(2 * PAIRS)]
        self.clients = {mentor.person_id: signed_in(app, mentor.person, port) for mentor in self.mentors}
        self.first = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
        self.answers: list[Answer] = []
        self.wrong: list[str] = []

    def run(self, rounds: int) -> None:
        for number in range(rounds):
            turn, pair = divmod(number, PAIRS)
            self._book_each_other(self.mentors[2 * pair : 2 * pair + 2], self.first + timedelta(hours=turn), number)
            if pair == PAIRS - 1:
                self._call_all_off()
            if number % BATCH == BATCH - 1:
                self.wrong += ledger.faults()

    def _book_each_other(self, pair: list[Mentor], hour: datetime, number: int) -> None:
        in_first, first, in_second, second = OVERLAPS[number // PAIRS % len(OVERLAPS)]
        wanted = [
            (pair[0], Opening(pair[1], hour + in_first * QUARTER, first)),
            (pair[1], Opening(pair[0], hour + in_second * QUARTER, second)),
        ]
        forms = [{"opening": value_of(opening), "hold": new_token(), **BOOKING} for _, opening in wanted]
        clients = [self.clients[mentor.person_id] for mentor, _ in wanted]
        answers = at_once([partial(c.post, "/sessions", f) for c, f in zip(clients, forms, strict=True)])
        self.answers += answers
        if sorted(answer.status for answer in answers) != [303, 409]:
            self.wrong.append(f"both have booked: {[answer.status for answer in answers]}")
        self.wrong += _unsaid(answers)

    def _call_all_off(self) -> None:
        """So that nobody has three sessions ahead."""
        with database.db.atomic():
            for session in Session.select().where(Session.cancelled_at.is_null()):
                cancel(session, person=session.mentee, reason="Once more")


def test_book_each_other_a_thousand_times_has_one_winner(app: Flask, settings: Settings, engine: Engine) -> None:
    with serving(settings) as server:
        each_other = EachOther(app, server.port)
        each_other.run(ROUNDS)
    _say(engine, f"{ROUNDS} rounds of booking each other", each_other.answers)
    assert each_other.wrong == []
    assert ledger.faults() == []
    assert ledger.deadlocks() == 0
    assert Session.select().count() == ROUNDS
    winners = Counter(session.mentor_id < session.mentee_id for session in Session.select())
    assert min(winners.values()) > 0


@pytest.mark.parametrize("rounds", [PAIRS])
def test_book_each_other_without_claims_is_won_by_both(app: Flask, settings: Settings, rounds: int) -> None:
    """The control: on a server that looks at no claim, both win."""
    with serving(settings, module="tests.proof.unguarded") as server:
        each_other = EachOther(app, server.port)
        each_other.run(rounds - 1)
    assert each_other.wrong == ["both have booked: [303, 303]"] * (rounds - 1)
    assert [line for line in ledger.faults() if " is in 2 sessions " in line] != []
