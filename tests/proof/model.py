"""The life of sessions as a person would keep it on paper: who may do what now, and what is so afterwards.

It shares no code with the portal but the numbers people set: it knows no claims, no bitmaps and no seats.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from portal.availability.hours import Plan
from tests.availability import oracle
from tests.proof.paper import Booked, Held, Wanted, minutes, quarters, week_of

MISSING = "nothing at this address"
UPCOMING, MOVES, TEAMMATES = 3, 3, 5
"""As PRODUCT.md and the settings say."""


@dataclass
class Model:
    """Everything there is. People are their names."""

    now: datetime
    people: tuple[str, ...]
    """Those with an account."""
    plans: dict[str, Plan] = field(default_factory=dict)
    sessions: list[Booked] = field(default_factory=list)
    holds: list[Held] = field(default_factory=list)
    blocks: set[tuple[str, str]] = field(default_factory=set)
    """Who has blocked whom."""

    # What is taken.

    def taken(self, who: str, *, without: list[Held | Booked]) -> set[datetime]:
        """The quarters in which this person has something: a mentor's gap is part of it."""
        found: set[datetime] = set()
        for each in self._standing(without):
            if who == each.wanted.mentor:
                found |= quarters(each.wanted.start, each.wanted.end + minutes(each.gap))
            if who and who == each.mentee:
                found |= quarters(each.wanted.start, each.wanted.end)
        return found

    def _standing(self, without: list[Held | Booked]) -> list[Held | Booked]:
        standing: list[Held | Booked] = [session for session in self.sessions if not session.is_cancelled]
        standing += [held for held in self.holds if held.stands(self.now)]
        return [each for each in standing if each not in without]

    def upcoming(self, who: str) -> int:
        return sum(s.mentee == who and not s.is_cancelled and s.start > self.now for s in self.sessions)

    def are_apart(self, one: str, other: str) -> bool:
        return bool({(one, other), (other, one)} & self.blocks)

    def holds_of(self, browser: str, mentee: str) -> list[Held | Booked]:
        """What is given back when this browser, or this person, takes something else."""
        mine = [held for held in self.holds if held.browser == browser or (mentee and held.mentee == mentee)]
        return [held for held in mine if held.stands(self.now)]

    # Why something cannot be had.

    def why_not_free(self, wanted: Wanted, who: str, *, came: datetime, without: list[Held | Booked]) -> str:
        """`came`: when they took it first; notice and horizon count from then."""
        plan = self.plans[wanted.mentor]
        reasons = {
            "apart": self.are_apart(who, wanted.mentor),
            "past": wanted.start <= self.now,
            "off the grid": bool(wanted.start.timestamp() % 900),
            "length": wanted.length not in plan.lengths,
            "notice": wanted.start < came + minutes(plan.notice),
            "horizon": wanted.start > came + timedelta(days=plan.horizon),
            "hours": len(oracle.willing(plan, wanted.start, wanted.end)) < wanted.length,
            "mentor's time": self._mentor_is_busy(wanted, plan, without),
            "weekly cap": self._cap_is_reached(wanted, plan, without),
            "mentee's time": bool(quarters(wanted.start, wanted.end) & self.taken(who, without=without)),
        }
        return next((reason for reason, holds in reasons.items() if holds), "")

    def _mentor_is_busy(self, wanted: Wanted, plan: Plan, without: list[Held | Booked]) -> bool:
        needed = quarters(wanted.start, wanted.end + minutes(plan.gap))
        return bool(needed & self.taken(wanted.mentor, without=without))

    def _cap_is_reached(self, wanted: Wanted, plan: Plan, without: list[Held | Booked]) -> bool:
        zone = ZoneInfo(plan.time_zone)
        given = Counter(
            week_of(each.wanted.start, zone) for each in self._standing(without) if each.wanted.mentor == wanted.mentor
        )
        weeks = {week_of(wanted.start, zone), week_of(wanted.end - minutes(1), zone)}
        return plan.weekly_cap is not None and any(given[week] >= plan.weekly_cap for week in weeks)

    def why_not_hold(self, wanted: Wanted, who: str, browser: str) -> str:
        if who == wanted.mentor:
            return "oneself"
        if who and self.upcoming(who) >= UPCOMING:
            return "enough upcoming"
        return self.why_not_free(wanted, who, came=self.now, without=self.holds_of(browser, who))

    def why_not_book(self, wanted: Wanted, who: str, browser: str, ref: str = "") -> str:
        if who == wanted.mentor:
            return "oneself"
        if self.upcoming(who) >= UPCOMING:
            return "enough upcoming"
        of_old = [held for held in self.holds if (held.ref, held.browser, held.wanted) == (ref, browser, wanted)]
        came = next((held.at for held in of_old if held.stands(self.now)), self.now)
        return self.why_not_free(wanted, who, came=came, without=self.holds_of(browser, who))

    # Why a turn cannot be taken. A role that never has it finds nothing.

    def _until_start(self, session: Booked, who: str, *roles: str) -> str:
        if session.role(who) not in roles:
            return MISSING
        return "cancelled" if session.is_cancelled else "started" if self.now >= session.start else ""

    def why_not_cancel(self, session: Booked, who: str) -> str:
        return self._until_start(session, who, "mentor", "mentee")

    def why_not_change_questions(self, session: Booked, who: str) -> str:
        return self._until_start(session, who, "mentee")

    def why_not_team_question(self, session: Booked, who: str) -> str:
        return self._until_start(session, who, "teammate")

    def why_not_move(self, session: Booked, who: str, start: datetime) -> str:
        wanted = Wanted(session.mentor, start, session.wanted.length)
        return (
            self._until_start(session, who, "mentee")
            or ("moved enough" if session.moves >= MOVES else "")
            or ("there already" if start == session.start else "")
            or self.why_not_free(wanted, who, came=self.now, without=[session, *self.holds_of("", who)])
        )

    def why_not_ask_to_move(self, session: Booked, who: str) -> str:
        return (
            self._until_start(session, who, "mentor")
            or ("asked already" if session.is_asked_to_move else "")
            or ("moved enough" if session.moves >= MOVES else "")
        )

    def why_not_rebook(self, session: Booked, who: str, wanted: Wanted) -> str:
        if session.role(who) != "mentee":
            return MISSING
        if not session.is_cancelled:
            return "not cancelled"
        return self.why_not_book(wanted, who, who) if wanted.length == session.wanted.length else "another length"

    def why_not_invite(self, session: Booked, who: str, guests: list[str]) -> str:
        new = [guest for guest in guests if guest not in session.team]
        return (
            self._until_start(session, who, "mentee")
            or ("no project" if session.kind != "project" else "")
            or ("full" if len(session.team) >= TEAMMATES or len(session.team) + len(new) > TEAMMATES else "")
            or ("part of it" if {session.mentor, session.mentee} & set(new) else "")
        )

    def why_not_remove(self, session: Booked, who: str, mate: str) -> str:
        return self._until_start(session, who, "mentee") or ("not in the team" if mate not in session.team else "")

    def why_not_leave(self, session: Booked, who: str) -> str:
        if session.role(who) != "teammate":
            return MISSING
        return "cancelled" if session.is_cancelled else "over" if self.now >= session.end else ""

    def why_not_hand_over(self, session: Booked, who: str, mate: str) -> str:
        return (
            self.why_not_remove(session, who, mate)
            or ("no account" if mate not in self.people else "")
            or ("enough upcoming" if self.upcoming(mate) >= UPCOMING else "")
            or ("apart" if self.are_apart(mate, session.mentor) else "")
            or ("their time" if quarters(session.start, session.end) & self.taken(mate, without=[]) else "")
        )

    def why_not_late(self, session: Booked, who: str) -> str:
        if session.role(who) not in ("mentor", "mentee"):
            return MISSING
        if session.is_cancelled:
            return "cancelled"
        if not session.start - minutes(15) <= self.now < session.start + minutes(10):
            return "not the time"
        return "said already" if who in session.late else ""

    def why_not_absent(self, session: Booked, who: str) -> str:
        if session.role(who) not in ("mentor", "mentee"):
            return MISSING
        if session.is_cancelled:
            return "cancelled"
        if not session.start + minutes(10) <= self.now < session.end + timedelta(hours=24):
            return "not the time"
        if session.other(who) in session.absent:
            return "said already"
        return "rated" if session.is_rated else ""

    def why_not_object(self, session: Booked, who: str) -> str:
        if session.role(who) not in ("mentor", "mentee"):
            return MISSING
        if who not in session.absent:
            return "nothing was said"
        if who in session.objected:
            return "said already"
        return "" if self.now < session.end + timedelta(days=14) else "not the time"

    def why_not_rate(self, session: Booked, who: str) -> str:
        if session.role(who) != "mentee":
            return MISSING
        if session.is_cancelled:
            return "cancelled"
        if not session.end <= self.now <= session.end + timedelta(days=14):
            return "not the time"
        if session.absent - session.objected:
            return "not held"
        return "rated already" if session.is_rated else ""
