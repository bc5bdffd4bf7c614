"""How a life is played: each step is tried on the portal, foretold by the model, and both are compared after it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, invariant

from portal.availability.choices import next_openings
from portal.errors import Missing, Refusal
from portal.feedback.models import Rating
from portal.people.models import Block
from portal.sessions import changes
from portal.sessions.holding import Opening
from portal.sessions.models import Attendance, Session, Teammate
from portal.sessions.turns import seat_at
from tests.proof import ledger
from tests.proof.model import MISSING, Model
from tests.proof.paper import QUARTER, Booked, Held, Wanted
from tests.proof.stage import EDGES, STRANGER, Stage, email

SECOND = timedelta(seconds=1)
Place = tuple[str, Any]


class Play(RuleBasedStateMachine):
    """The machine without its rules. What a step tries must happen where the model sees nothing against it, else
    be refused.
    """

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.model = Model(stage.time.now, tuple(stage.people))
        self.result: Any = None
        self.steps = 0
        self.is_changed = False

    # What is always so.

    @invariant()
    def all_is_well(self) -> None:
        """Looked at after each change, and at the end for what was refused."""
        if self.is_changed:
            self._books_are_right()
            self._portal_and_model_agree()
            self._only_those_who_are_part_of_it_see_a_session()
        self.is_changed = False

    def teardown(self) -> None:
        self._books_are_right()
        self._portal_and_model_agree()

    def _books_are_right(self) -> None:
        gaps = {each.ref: each.gap for each in (*self.model.sessions, *self.model.holds)}
        assert ledger.book_faults(gaps=gaps) == []

    def _portal_and_model_agree(self) -> None:
        names, sessions, rows = self.stage.names, self.model.sessions, list(Session.select())
        assert {_facts(row, names) for row in rows} == {session.facts for session in sessions}
        assert all(row.start.tzinfo is UTC and row.start.timestamp() % 900 == 0 for row in rows)
        refs = {row.id: row.ref for row in rows}
        said = {
            (refs[row.session_id], names[row.person_id], bool(row.late_at), bool(row.absent_at), bool(row.objection))
            for row in Attendance.select()
        }
        assert said == {fact for session in sessions for fact in session.said}
        rated = {refs[rating.session_id] for rating in Rating.select()}
        assert rated == {session.ref for session in sessions if session.is_rated}
        assert {(names[row.person_id], names[row.blocked_id]) for row in Block.select()} == self.model.blocks

    def _only_those_who_are_part_of_it_see_a_session(self) -> None:
        self.steps += 1
        if self.model.sessions:
            session = self.model.sessions[self.steps % len(self.model.sessions)]
            for who in (STRANGER, self.model.people[self.steps % len(self.model.people)]):
                assert (who, self._role(session, who)) == (who, session.role(who))

    def _role(self, session: Booked, who: str) -> str:
        try:
            return seat_at(session.ref, person=self.stage.people[who]).role
        except Missing:
            return "stranger"

    # How a step is made.

    def _begin(
        self, which: int, by: str, when: tuple[str, int] | None, of: Callable[[Booked], object] | None = None
    ) -> tuple[Booked, str]:
        """One of the sessions, the latest first, and somebody at it, at the time that was asked for. Mostly one of
        those `of` which it is true that something can be done; without it, one that is ahead.
        """
        fitting = list(filter(of or self._is_ahead, self.model.sessions)) if which % 8 else []
        among = fitting or self.model.sessions
        session = among[-1 - which % len(among)]
        edge = when and EDGES[when[0]](session) + when[1] * SECOND
        self._wait(edge)
        teammates = [mate for mate in session.team if mate in self.model.people]
        teammate = teammates[which % len(teammates)] if teammates else STRANGER
        part = {"mentee": session.mentee, "mentor": session.mentor, "teammate": teammate, "stranger": STRANGER}
        return session, part.get(by, by)

    def _is_ahead(self, session: Booked) -> bool:
        return not session.is_cancelled and self.model.now < session.start

    def _wait(self, until: datetime | None) -> None:
        """At least a second: two letters of the same second may be the same letter."""
        self._set_time(max(until or self.model.now, self.model.now + SECOND))

    def _set_time(self, instant: datetime) -> None:
        self.model.now = instant
        self.stage.set_time(instant)

    def _try(self, what: str, why_not: str, verb: Callable[[], Any]) -> bool:
        try:
            self.result, happened = verb(), "done"
        except Missing:
            happened = "not found"
        except Refusal as refusal:
            happened = f"refused: {refusal}"
        expected = "refused" if why_not not in ("", MISSING) else "not found" if why_not else "done"
        assert happened.split(":")[0] == expected, (
            f"{what} at {self.model.now}: {happened}; expected: {why_not or 'done'}"
        )
        self.stage.seen[what, why_not] += 1
        self.is_changed = happened == "done"
        return self.is_changed

    def _turn(
        self, what: str, why_not: str, verb: Callable[..., None], session: Booked, *more: Any, **named: Any
    ) -> bool:
        known = {name: self.stage.people.get(who, who) for name, who in named.items()}
        row = self._row(session)
        return self._try(what, why_not, lambda: verb(row, *more, **known))

    def _row(self, session: Booked) -> Session:
        row: Session = Session.get(Session.ref == session.ref)
        return row

    def _give_back(self, holds: list[Held | Booked]) -> None:
        for held in holds:
            assert isinstance(held, Held)
            held.is_released = True

    def _opening(self, wanted: Wanted) -> Opening:
        return Opening(self.stage.mentors[wanted.mentor], wanted.start, wanted.length)

    def _mate(self, session: Booked, guest: str) -> str:
        """One who is in the team, if anybody is; every now and then one who is not."""
        known = [mate for mate in session.team if mate in self.model.people] or session.team
        return guest if guest in session.team or not known or guest == "vic" else known[0]

    def _mate_id(self, session: Booked, mate: str) -> int:
        row = Teammate.get_or_none((Teammate.session == self._row(session)) & (Teammate.email == email(mate)))
        return row.id if row else 0

    def _wanted(self, who: str, mentor: str, length: int, place: Place) -> Wanted:
        """`length`: in minutes, or which of those that the mentor offers."""
        offered = self.model.plans[mentor].lengths
        length = length if length >= 15 else offered[length % len(offered)]
        return Wanted(mentor, self._start(place, who, mentor, length), length)

    def _start(self, place: Place, who: str, mentor: str, length: int, moving: Booked | None = None) -> datetime:
        where, number = place[1] if place[0] == "at a limit" else place
        now, plan = self.model.now, self.model.plans[mentor]
        offered = self._offered(who, mentor, length, moving) if where == "offered" else []
        if offered:
            return offered[number % len(offered)]
        first = {
            "beside": self._last_start(who),
            "horizon": now + timedelta(days=plan.horizon) - QUARTER + SECOND,
            "off the grid": now + timedelta(minutes=plan.notice, hours=1),
        }.get(where, now + timedelta(minutes=plan.notice))
        on_the_grid = datetime.fromtimestamp(-(-first.timestamp() // 900) * 900, UTC) + number * QUARTER
        return on_the_grid + timedelta(minutes=5) * (where == "off the grid")

    def _last_start(self, who: str) -> datetime:
        """Of this person's sessions, if there is one; else of all."""
        starts = [session.start for session in self.model.sessions]
        own = [session.start for session in self.model.sessions if session.role(who) != "stranger"]
        return [self.model.now, *starts, *own][-1]

    def _offered(self, who: str, mentor: str, length: int, moving: Booked | None) -> list[datetime]:
        """What a page would offer. All of it can be had."""
        mentor_id = self.stage.mentors[mentor].person_id
        if moving is not None and who == moving.mentee:
            starts = changes.other_openings(self._row(moving))
        else:
            starts = next_openings(mentor_id, length, mentee_id=self.stage.people[who].id if who else 0, most=None)
        wanted = [Wanted(mentor, start, length) for start in starts[:3]]
        without: list[Held | Booked] = [moving] if moving is not None and who == moving.mentee else []
        wrong = [each for each in wanted if self.model.why_not_free(each, who, came=self.model.now, without=without)]
        assert wrong == [] or who == mentor
        return starts


def _facts(row: Session, names: dict[int, str]) -> tuple[object, ...]:
    people = names[row.mentor_id], names[row.mentee_id]
    return row.ref, *people, row.start, row.length, row.is_cancelled, row.moves, row.move_request != ""
