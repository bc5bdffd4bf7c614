"""Mails about the programme."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from portal.clock import now
from portal.mail import outbox
from portal.mail.kinds import kind
from portal.mail.outbox import Outbox
from portal.people.models import Person

OF_USE = timedelta(days=3)
"""So long a summary of last week is news."""


def _is_old(letter: Outbox) -> str:
    person = Person.get_or_none((Person.email == letter.recipient) & Person.is_coordinator)
    if person is None:
        return "they are no coordinator"
    return "" if now() <= letter.due_at + OF_USE else "the week is over"


WEEKLY = kind("programme/weekly", "Every Monday: how the programme goes", readers="coordinator", unless=_is_old)


def weekly(coordinator: Person, *, week: str, words: dict[str, Any]) -> None:
    """To a coordinator: the week that is over, and what waits."""
    to, zone = coordinator.email, coordinator.time_zone
    outbox.put(WEEKLY, subject=f"weeks of person {coordinator.id}", version=week, to=to, zone=zone, words=words)
