"""Mails of a preparation and of a conversation."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from portal.mail import outbox
from portal.mail.kinds import kind
from portal.people.blocks import has_blocked
from portal.people.models import first_name
from portal.sessions.mails import is_off, subject_of
from portal.sessions.turns import Seat

EXCERPT = 300
"""Characters of a message that a mail brings."""
PATIENCE = timedelta(minutes=1)
"""So long a mail waits for those who were there a moment ago."""


PREPARED = kind("preparation/prepared", "Your mentor wrote back before a session", unless=is_off)
MESSAGE = kind("preparation/message", "Messages", unless=is_off)


def prepared(seat: Seat, line: str, links: tuple[str, ...]) -> None:
    """To the mentee: what the mentor wrote. Not to one who has blocked the mentor."""
    mentee = seat.session.mentee
    if has_blocked(mentee.id, seat.session.mentor_id):
        return
    version = f"at {_epoch(seat.now)} {crc32(repr((line, links)).encode()):08x}"
    words = {**_words(seat), "line": line, "links": list(links), "who": first_name(seat.session.mentor.name)}
    subject = subject_of(seat.session.id)
    outbox.put(PREPARED, subject=subject, version=version, to=mentee.email, zone=mentee.time_zone, words=words)


def message(seat: Seat, text: str, *, to: str, zone: str, shown: int, may_see: bool) -> None:
    """To another: somebody wrote. `shown` is the last message they saw: all that come until they look again are
    one mail. To those who were there a moment ago (`may_see`) it goes a little later, unless they look again.
    """
    excerpt = " ".join(text.split())
    if len(excerpt) > EXCERPT:
        excerpt = f"{excerpt[: EXCERPT - 1]}…"
    words = {**_words(seat), "excerpt": excerpt, "who": seat.person.first_name or seat.person.email}
    later = PATIENCE if may_see else timedelta()
    subject = subject_of(seat.session.id)
    outbox.put(MESSAGE, subject=subject, version=_after(shown), to=to, zone=zone, words=words, later=later)


def seen(seat: Seat, shown: int) -> None:
    """They look: the mail on its way about what came after the message `shown` is not needed."""
    outbox.take_back(MESSAGE, subject=subject_of(seat.session.id), version=_after(shown), to=seat.person.email)


def _after(shown: int) -> str:
    return f"after {shown}"


def _words(seat: Seat) -> dict[str, Any]:
    session = seat.session
    return {"ref": session.ref, "start": _epoch(session.start), "length": session.length}


def _epoch(instant: datetime) -> int:
    return int(instant.timestamp())
