"""Lives of sessions, played at random on the portal and on the model: what one allows, the other does, at each step."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from portal.availability import hours
from portal.availability.hours import Plan
from portal.feedback.rating import Answer, rate
from portal.people import blocks
from portal.people.codes import new_token
from portal.sessions import attendance, booking, changes, team
from portal.sessions.booking import Request
from portal.sessions.holding import hold
from portal.sessions.models import Session
from tests.proof.deeds import (
    DEEDS,
    EITHER,
    FIRST,
    GUEST,
    KIND,
    LENGTH,
    MENTEE_MOSTLY,
    MENTOR,
    MENTOR_MOSTLY,
    MOSTLY,
    TEAMMATE_MOSTLY,
    WHICH,
    WHO,
    a_cancellation,
    a_hold,
    a_session,
    a_team,
    an_absence,
    deed,
    nothing,
)
from tests.proof.model import MISSING, Model
from tests.proof.paper import Booked, Held, Wanted
from tests.proof.play import SECOND, Place, Play
from tests.proof.stage import GUESTS, MENTORS, PLACES, PLANS, SEASONS, STEPS, at, email


class Life(Play):
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

    # Until the start.

    @deed(a_session, which=WHICH, by=MENTEE_MOSTLY, place=PLACES, when=at("start"))
    def session_is_moved(self, which: int, by: str, place: Place, when: tuple[str, int] | None) -> None:
        session, who = self._begin(which, by, when)
        start = self._start(place, who, session.mentor, session.wanted.length, session)
        is_repeat = who == session.mentee and start == session.start and session.moves and not session.is_cancelled
        why_not = "" if is_repeat else self.model.why_not_move(session, who, start)
        given_back = self.model.holds_of("", who)
        if self._turn("move", why_not, changes.move, session, start, mentee=who) and not is_repeat:
            self._give_back(given_back)
            session.wanted, session.moves = replace(session.wanted, start=start), session.moves + 1
            session.gap, session.is_asked_to_move = self.model.plans[session.mentor].gap, False

    @deed(a_session, which=WHICH, by=MENTOR_MOSTLY, when=at("start"))
    def move_is_asked_for(self, which: int, by: str, when: tuple[str, int] | None) -> None:
        session, who = self._begin(which, by, when)
        why_not = self.model.why_not_ask_to_move(session, who)
        if self._turn("ask to move", why_not, changes.ask_to_move, session, mentor=who, reason="A train"):
            session.is_asked_to_move = True

    @deed(a_session, which=WHICH, by=EITHER, when=at("start"))
    def session_is_cancelled(self, which: int, by: str, when: tuple[str, int] | None) -> None:
        session, who = self._begin(which, by, when)
        why_not = self.model.why_not_cancel(session, who)
        if self._turn("cancel", why_not, changes.cancel, session, person=who, reason="Ill"):
            session.is_cancelled, session.is_asked_to_move = True, False

    @deed(a_session, which=WHICH, by=MENTEE_MOSTLY, when=at("start"))
    def questions_change(self, which: int, by: str, when: tuple[str, int] | None) -> None:
        session, who = self._begin(which, by, when)
        why_not = self.model.why_not_change_questions(session, who)
        self._turn("questions", why_not, changes.change_questions, session, ("And now?",), mentee=who)

    # A team.

    @deed(a_session, which=WHICH, by=MENTEE_MOSTLY, guests=GUEST, when=at("start"))
    def team_is_invited(self, which: int, by: str, guests: list[str], when: tuple[str, int] | None) -> None:
        session, who = self._begin(which, by, when, of=lambda each: each.kind == "project" and self._is_ahead(each))
        if which % 4:  # mostly those who can be invited
            guests = [guest for guest in guests if guest not in (session.mentor, session.mentee)]
        why_not = self.model.why_not_invite(session, who, guests)
        if self._turn("invite", why_not, team.invite, session, [email(guest) for guest in guests], mentee=who):
            session.team += [guest for guest in guests if guest not in session.team]

    @deed(a_team, which=WHICH, by=MENTEE_MOSTLY, guest=st.sampled_from(GUESTS), when=at("start"))
    def teammate_is_taken_out(self, which: int, by: str, guest: str, when: tuple[str, int] | None) -> None:
        session, who = self._begin(which, by, when, of=lambda each: each.team and self._is_ahead(each))
        mate = self._mate(session, guest)
        why_not = self.model.why_not_remove(session, who, mate)
        if self._turn("remove", why_not, team.remove, session, self._mate_id(session, mate), mentee=who):
            session.team.remove(mate)

    @deed(a_team, which=WHICH, by=TEAMMATE_MOSTLY, when=at("end"))
    def teammate_leaves(self, which: int, by: str, when: tuple[str, int] | None) -> None:
        session, who = self._begin(which, by, when, of=lambda each: each.team and self._is_ahead(each))
        if self._turn("leave", self.model.why_not_leave(session, who), team.leave, session, person=who):
            session.team.remove(who)

    @deed(a_team, which=WHICH, by=TEAMMATE_MOSTLY, when=at("start"))
    def teammate_asks(self, which: int, by: str, when: tuple[str, int] | None) -> None:
        session, who = self._begin(which, by, when, of=lambda each: each.team and self._is_ahead(each))
        self._turn("ask", self.model.why_not_team_question(session, who), team.ask, session, "And me?", person=who)

    @deed(a_team, which=WHICH, by=MENTEE_MOSTLY, guest=st.sampled_from(GUESTS), when=at("start"))
    def session_is_handed_over(self, which: int, by: str, guest: str, when: tuple[str, int] | None) -> None:
        session, who = self._begin(which, by, when, of=lambda each: each.team and self._is_ahead(each))
        mate = self._mate(session, guest)
        why_not = self.model.why_not_hand_over(session, who, mate)
        if self._turn("hand over", why_not, team.hand_over, session, self._mate_id(session, mate), mentee=who):
            session.team.remove(mate)
            session.mentee = mate

    # The first ten minutes, and afterwards.

    @deed(a_session, which=WHICH, by=EITHER, when=at("soon", "ten minutes"))
    def somebody_is_late(self, which: int, by: str, when: tuple[str, int] | None) -> None:
        session, who = self._begin(which, by, when, of=lambda each: not each.is_cancelled)
        if self._turn("late", self.model.why_not_late(session, who), attendance.say_late, session, person=who):
            session.late.add(who)

    @deed(a_session, which=WHICH, by=EITHER, when=at("ten minutes", "a day after"))
    def somebody_does_not_come(self, which: int, by: str, when: tuple[str, int] | None) -> None:
        session, who = self._begin(which, by, when, of=lambda each: not each.is_cancelled)
        why_not = self.model.why_not_absent(session, who)
        if self._turn("absence", why_not, attendance.mark_absent, session, person=who):
            session.absent.add(session.other(who))

    @deed(an_absence, which=WHICH, by=EITHER, when=at("two weeks after"))
    def somebody_objects(self, which: int, by: str, when: tuple[str, int] | None) -> None:
        session, who = self._begin(which, by, when, of=lambda each: each.absent - each.objected)
        why_not = self.model.why_not_object(session, who)
        if self._turn("objection", why_not, attendance.object_to, session, person=who, objection="I did"):
            session.objected.add(who)

    @deed(a_session, which=WHICH, by=MENTEE_MOSTLY, when=at("end", "two weeks after"))
    def session_is_rated(self, which: int, by: str, when: tuple[str, int] | None) -> None:
        session, who = self._begin(which, by, when, of=lambda each: not each.is_cancelled)
        if self._turn("rate", self.model.why_not_rate(session, who), rate, session, Answer("yes", 5), mentee=who):
            session.is_rated = True

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
