"""What preparations and conversations hold about people."""

from __future__ import annotations

from typing import Any

from portal.held import KEY, STAYS, Fading, Part, Who, holds
from portal.preparation.models import Message, Preparation, Reading, Reminder, is_blocked_for
from portal.sessions.held import SIDES, in_sessions_of
from portal.sessions.models import Session, Teammate


def _to_others(who: Who) -> Any:
    """What others wrote where somebody reads along."""
    invited = Teammate.select(Teammate.session).where((Teammate.email == who.email) & Teammate.left_at.is_null())
    mine = in_sessions_of(Message.session, *SIDES)(who) | (Message.session << invited)
    return mine & (Message.person != who.id) & ~is_blocked_for(who.id)


holds(
    Preparation,
    Part(
        "preparations",
        in_sessions_of(Preparation.session, *SIDES),
        shows="session read_at line links ready_at ready_by",
        erased=STAYS,
    ),
    Part("", in_sessions_of(Preparation.session, Session.mentor), erased={"line": "", "links": ""}),
    fades=Fading(Preparation.session, {"line": "", "links": ""}),
)
holds(
    Message,
    Part("messages", Message.person, shows="session text at", untold={"key": "it stands for the form it came from"}),
    Part("messages_to_you", _to_others, shows="session person text at", erased=STAYS),
    plain={"id": KEY},
    fades=Fading(Message.session),
)
holds(
    Reading,
    Part("conversations_read", Reading.person, shows="session seen_at", untold={"message": "a number of a message"}),
)
OF_BOTH = "of a session, the same for all in it"
holds(Reminder, plain=dict.fromkeys(("session", "start", "hours", "at", "is_late", "is_told"), OF_BOTH))
