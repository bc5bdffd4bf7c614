"""What sessions hold about those in them."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Any

import peewee

from portal.held import KEY, STAYS, Fading, Part, Who, called, holds
from portal.sessions.models import HANDED_OVER, Attendance, Feed, Session, SessionEvent, Teammate

SAID = "Removed."
"""What stays of an answer: that there was one counts."""


def in_sessions_of(session: peewee.Field, *sides: peewee.Field) -> Callable[[Who], Any]:
    """What belongs to the sessions in which somebody is one of these sides."""

    def rows(who: Who) -> Any:
        return session << Session.select(Session.id).where(reduce(or_, (side == who.id for side in sides)))

    return rows


def _part_of(who: Who) -> Any:
    invited = Teammate.select(Teammate.session).where((Teammate.email == who.email) & Teammate.left_at.is_null())
    return (Session.mentee == who.id) | (Session.mentor == who.id) | (Session.id << invited)


def _given_away(who: Who) -> Any:
    """Sessions that somebody booked, or had, and gave to a teammate."""
    given = (SessionEvent.person == who.id) & (SessionEvent.what == HANDED_OVER)
    return Session.id << SessionEvent.select(SessionEvent.session).where(given)


_BRIEF = dict.fromkeys(("objective", "questions", "link", "context"), "")
SIDES = (Session.mentor, Session.mentee)
_SAID = peewee.Case(None, [(Attendance.objection != "", SAID)], "")
called(Session.ref)
holds(
    Session,
    Part(
        "sessions",
        _part_of,
        shows="ref mentor mentee start length kind format objective questions link context moves move_request"
        " created_at questions_at cancelled_at cancelled_by cancel_reason",
        untold={"hold_ref": "it stands for the browser that held it"},
        erased=STAYS,
    ),
    Part("", Session.mentee, erased=_BRIEF),
    Part("sessions_handed_over", _given_away, shows="ref objective link context", erased=_BRIEF),
    Part("", Session.mentor, erased={"move_request": ""}),
    Part("", Session.cancelled_by, erased={"cancel_reason": ""}),
    plain={"id": KEY, "sequence": "counts the changes", "revised_at": "when that counted up"},
    fades=Fading(
        Session.id,
        dict.fromkeys(("objective", "questions", "link", "context", "move_request", "cancel_reason"), ""),
    ),
)
holds(
    SessionEvent,
    Part("session_history", SessionEvent.person, shows="session what at", erased=STAYS),
    plain={"id": KEY},
)
holds(
    Attendance,
    Part(
        "attendance",
        Attendance.person,
        shows="session late_at absent_at objection reviewed_at",
        # Nobody decides any more on somebody who left.
        erased={"objection": _SAID, "reviewed_at": peewee.fn.COALESCE(Attendance.reviewed_at, Attendance.absent_at)},
    ),
    fades=Fading(Attendance.session, {"objection": _SAID}),
)
holds(
    Teammate,
    Part("seats_in_teams", Teammate.email, shows="session question invited_at left_at"),
    Part(
        "teammates",
        in_sessions_of(Teammate.session, Session.mentee),
        shows="session email question invited_at left_at",
        erased=STAYS,
    ),
    plain={"id": KEY},
    fades=Fading(Teammate.session, {"question": ""}),
)
holds(Feed, Part("calendar_feed", Feed.person, shows="since", untold={"seed": "the address follows from it"}))
