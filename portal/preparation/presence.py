"""Who is looking at a conversation, and how far they have read it.

Every write makes remembered answers of the directory old, so it is noted only where it matters: when there was
something new to read, and, while a chat is the meeting, every 20 seconds.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from portal.database import write
from portal.preparation import mails
from portal.preparation.models import Reading
from portal.sessions.turns import Seat

REFRESHED = timedelta(seconds=20)
"""So old may the note get that somebody is here."""
HERE = timedelta(seconds=45)
"""So long after they were last seen, somebody is here."""


def is_chat(seat: Seat) -> bool:
    """Whether the conversation is the meeting, now or in a few minutes."""
    return seat.session.format == "chat" and seat.stage in ("soon", "running")


def is_present(seat: Seat) -> bool:
    """Whether the other side is in the chat."""
    return is_chat(seat) and is_looking(_reading(seat, seat.other.id), seat.now)


def now_key(seat: Seat) -> str:
    """Changes whenever what the top of the page says does, presence included."""
    return seat.key(is_present(seat))


def is_looking(reading: Reading | None, now: datetime) -> bool:
    """Whether they were seen a moment ago."""
    return reading is not None and bool(now - reading.seen_at <= HERE)


def look(seat: Seat, last: int) -> None:
    """This person is here, and was shown everything up to the message `last`, or nothing new (0)."""
    if not last and not is_chat(seat):
        return
    reading = _reading(seat, seat.person.id)
    shown = reading.message if reading else 0
    is_due = is_chat(seat) and (reading is None or seat.now - reading.seen_at >= REFRESHED)
    if last > shown or is_due:
        _note(seat, max(last, shown), before=shown)


@write
def _note(seat: Seat, last: int, *, before: int) -> None:
    seen = {"message": last, "seen_at": seat.now}
    Reading.insert(session=seat.session, person=seat.person, **seen).on_conflict(
        conflict_target=[Reading.session, Reading.person],
        update=seen,
        where=Reading.message <= last,  # of two answers under way, the later one may be noted first
    ).execute()
    if last > before:
        mails.seen(seat, before)


def _reading(seat: Seat, person_id: int) -> Reading | None:
    found: Reading | None = Reading.get_or_none((Reading.session == seat.session) & (Reading.person == person_id))
    return found
