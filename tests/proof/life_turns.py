"""The turns of sessions in a life: until the start, with a team, in the first ten minutes and afterwards."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from portal.feedback.rating import Answer, rate
from portal.sessions import attendance, changes, team
from tests.proof.deeds import (
    EITHER,
    GUEST,
    MENTEE_MOSTLY,
    MENTOR_MOSTLY,
    TEAMMATE_MOSTLY,
    WHICH,
    a_session,
    a_team,
    an_absence,
    deed,
)
from tests.proof.play import Place, Play
from tests.proof.stage import GUESTS, PLACES, at, email


class Turns(Play):
    """What is done with sessions that are booked."""

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
            session.late.clear()
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
