"""Lives of sessions, played at random on the portal and on the model: what one allows, the other does, at each step."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from portal.availability import hours
from portal.availability.hours import Plan
from portal.people import blocks
from portal.people.codes import new_token
from portal.sessions import booking
from portal.sessions.booking import Request
from portal.sessions.holding import hold
from portal.sessions.models import Session
from tests.proof.deeds import (
    DEEDS,
    FIRST,
    KIND,
    LENGTH,
    MENTEE_MOSTLY,
    MENTOR,
    MOSTLY,
    WHICH,
    WHO,
    a_cancellation,
    a_hold,
    a_session,
    deed,
    nothing,
)
from tests.proof.life_turns import Turns
from tests.proof.model import MISSING, Model
from tests.proof.paper import Booked, Held, Wanted
from tests.proof.play import SECOND, Place
from tests.proof.stage import GUESTS, MENTORS, PLACES, PLANS, SEASONS, STEPS


class Life(Turns):
    """Each deed is tried. It must happen where the model sees nothing against it, else be refused."""

    @initialize(season=st.sampled_from(SEASONS), plans=st.tuples(PLANS, PLANS, PLANS), first=FIRST)
    def begin(self, season: datetime, plans: tuple[Plan, ...], first: list[tuple[str, str, int, str, int]]) -> None:
        """A few sessions are booked already, as far as there are openings; those for projects with a team."""
        self.stage.clear()
        self.stage.time.set(season)
        self.model = Model(season, tuple(self.stage.people))
        for name, plan in zip(MENTORS, plans, strict=True):
            self._save(name, plan)
        for who, mentor, length, kind, number in first:
            self.session_is_booked(who, mentor, length, ("offered", number), kind)
            if kind == "project" and self.model.sessions:
                self.team_is_invited(1, "mentee", [*GUESTS[number % 5 :]][:4], None)

    # Time and hours.

    @deed(nothing, by=st.sampled_from(STEPS))
    def time_passes(self, by: timedelta) -> None:
        self._set_time(self.model.now + by)

    @deed(nothing, name=MENTOR, plan=PLANS, away=st.sampled_from([None, None, 0, 1, 2]), extra=st.integers(0, 23))
    def hours_change(self, name: str, plan: Plan, away: int | None, extra: int) -> None:
        self._wait(None)
        if away is not None:
            day = (self.model.now + timedelta(days=away)).date()
            plan = replace(plan, off=((day, day, ""),), extra=((day, extra * 60, extra * 60 + 60),))
        self._save(name, plan)

    def _save(self, name: str, plan: Plan) -> None:
        self.model.plans[name] = replace(plan, time_zone=MENTORS[name])
        hours.save(self.model.plans[name], mentor=self.stage.mentors[name])
        self.is_changed = True

    # Taking a time.

    @deed(nothing, who=st.one_of(st.just(""), WHO, WHO), mentor=MENTOR, length=LENGTH, place=PLACES)
    def hold_is_taken(self, who: str, mentor: str, length: int, place: Place) -> None:
        self._wait(None)
        wanted, browser = self._wanted(who, mentor, length, place), who or "phone"
        given_back = self.model.holds_of(browser, who)
        mentee = self.stage.people[who] if who else None
        why_not = self.model.why_not_hold(wanted, who, browser)
        if self._try("hold", why_not, lambda: hold(self._opening(wanted), holder=browser, mentee=mentee, draft={})):
            self._give_back(given_back)
            gap = self.model.plans[mentor].gap
            self.model.holds.append(Held(self.result.ref, wanted, gap, self.model.now, browser, who))

    @deed(nothing, who=WHO, mentor=MENTOR, length=LENGTH, place=PLACES, kind=KIND)
    def session_is_booked(self, who: str, mentor: str, length: int, place: Place, kind: str) -> None:
        self._wait(None)
        wanted = self._wanted(who, mentor, length, place)
        self._book("book", self.model.why_not_book(wanted, who, who), wanted, who, kind=kind)

    @deed(
        a_hold,
        which=WHICH,
        is_own=st.sampled_from([True, True, True, False]),
        who=WHO,
        kind=KIND,
        late=st.integers(-4, 1),
    )
    def hold_is_booked(self, which: int, is_own: bool, who: str, kind: str, late: int) -> None:
        """In time, in the last second of the hold, or after it; by the one who holds it, mostly."""
        held = self.model.holds[-1 - which % len(self.model.holds)]
        over = held.at + timedelta(minutes=10) + late * SECOND
        self._set_time(over if late >= -1 and over > self.model.now else self.model.now + SECOND)
        who = (held.mentee or who) if is_own else who
        if not Session.select().where(Session.hold_ref == held.ref).exists():
            browser = held.browser if is_own else who
            why_not = self.model.why_not_book(held.wanted, who, browser, held.ref)
            self._book("book what is held", why_not, held.wanted, who, browser=browser, ref=held.ref, kind=kind)

    def _book(
        self, what: str, why_not: str, wanted: Wanted, who: str, *, browser: str = "", ref: str = "", kind: str
    ) -> None:
        given_back = self.model.holds_of(browser or who, who)
        request = Request("An objective", ("A question?",), kind, "video")
        mentee, ref = self.stage.people[who], ref or new_token()
        holder = browser or who
        if self._try(
            what,
            why_not,
            lambda: booking.book(self._opening(wanted), request, mentee=mentee, holder=holder, hold_ref=ref),
        ):
            self._booked(wanted, who, kind, given_back)

    def _booked(self, wanted: Wanted, who: str, kind: str, given_back: list[Held | Booked]) -> None:
        self._give_back(given_back)
        gap = self.model.plans[wanted.mentor].gap
        self.model.sessions.append(Booked(self.result.ref, who, wanted, gap, kind))

    @deed(a_session, which=WHICH, by=MENTEE_MOSTLY)
    def booking_is_sent_again(self, which: int, by: str) -> None:
        """The same form, from the same page: the same session, whatever became of it."""
        session, who = self._begin(which, by, None)
        if who == session.mentor:
            return
        stored = self._row(session)
        why_not = "" if who == session.mentee else MISSING
        request = Request("Another objective", ("Another question?",), "career", "chat")
        mentee = self.stage.people[who]
        opening = self._opening(session.wanted)
        if self._try(
            "book again",
            why_not,
            lambda: booking.book(opening, request, mentee=mentee, holder=who, hold_ref=stored.hold_ref),
        ):
            assert self.result == stored

    @deed(a_cancellation, which=WHICH, by=MENTEE_MOSTLY, mentor=MENTOR, is_as_long=MOSTLY, place=PLACES)
    def session_is_rebooked(self, which: int, by: str, mentor: str, is_as_long: bool, place: Place) -> None:
        session, who = self._begin(which, by, None, of=lambda each: each.is_cancelled)
        wanted = self._wanted(who, mentor, session.wanted.length if is_as_long else 60, place)
        given_back, mentee = self.model.holds_of(who, who), self.stage.people[who]
        cancelled, opening, ref = self._row(session), self._opening(wanted), new_token()
        why_not = self.model.why_not_rebook(session, who, wanted)
        if self._try(
            "rebook",
            why_not,
            lambda: booking.rebook(cancelled, opening, mentee=mentee, holder=who, hold_ref=ref),
        ):
            self._booked(wanted, who, session.kind, given_back)

    # Blocks.

    @deed(nothing, who=WHO, other=WHO, is_lifted=st.sampled_from([True, True, False]))
    def somebody_is_blocked(self, who: str, other: str, is_lifted: bool) -> None:
        self._wait(None)
        if is_lifted:
            blocks.unblock(self.stage.people[other].id, person=self.stage.people[who])
            self.model.blocks.discard((who, other))
            self.is_changed = True
        elif self._try(
            "block",
            "oneself" if who == other else "",
            lambda: blocks.block(self.stage.people[other], person=self.stage.people[who]),
        ):
            self.model.blocks.add((who, other))

    @rule(what=st.one_of([st.tuples(st.just(name), st.fixed_dictionaries(drawn)) for _, name, drawn in DEEDS]))
    def something_happens(self, what: tuple[str, dict[str, Any]]) -> None:
        name, drawn = what
        if NEEDS[name](self.model):
            getattr(self, name)(**drawn)


NEEDS = {name: needs for needs, name, _ in DEEDS}
