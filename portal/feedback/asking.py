"""Once a session is over, its mentee is asked by mail, once, how it was."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from portal.availability.models import LENGTHS
from portal.feedback import mails
from portal.feedback.unrated import waits_for_rating
from portal.people.blocks import blocks
from portal.rounds import Span, go_round
from portal.sessions.models import Session, end_of_session
from portal.sessions.turns import full_sessions


def ask_for_ratings() -> int:
    """Ask about everything that has ended. Returns how many are asked."""
    return go_round("ratings", is_due=_is_due, work=_ask)


def _is_due(span: Span) -> bool:
    return bool(Session.select().where(_to_ask(span)).exists())


def _ask(span: Span) -> int:
    asked = list(full_sessions().where(_to_ask(span)))
    for session in asked:
        mails.rate(session)
    return len(asked)


def _to_ask(span: Span) -> Any:
    """Not of who has blocked the mentor; a block by the mentor is nothing to notice."""
    return _ended(span) & waits_for_rating() & ~blocks(Session.mentee, Session.mentor)


def _ended(span: Span) -> Any:
    """Sessions that ended in this time. They began a little earlier, by which they are found."""
    since, until = (int(instant.timestamp()) for instant in span)
    began = (Session.start > span[0] - timedelta(minutes=max(LENGTHS))) & (Session.start < span[1])
    return began & (end_of_session() > since) & (end_of_session() <= until)
