"""A session as a calendar entry. Pure."""

from __future__ import annotations

from portal.mail.calendar import Entry
from portal.sessions.models import Session


def entry_of(session: Session, *, other: str, is_cancelled: bool | None = None) -> Entry:
    """The entry for one who meets `other`. For somebody who is no longer part of it, it is cancelled
    even where the session is not.
    """
    return Entry(
        uid=f"session-{session.ref}@portal",
        sequence=session.sequence,
        revised=int(max(session.revised_at, session.questions_at).timestamp()),
        start=int(session.start.timestamp()),
        length=session.length,
        summary=f"Session with {other}",
        description="\n".join([session.objective, "", *session.question_list]),
        where=session.place,
        path=f"/sessions/{session.ref}",
        is_cancelled=session.is_cancelled if is_cancelled is None else is_cancelled,
    )
