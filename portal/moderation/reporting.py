"""Reporting a person or a text. Who is reported is never told who did."""

from __future__ import annotations

from typing import Any

from portal.clock import now
from portal.database import lock, write
from portal.errors import NotAllowedNow
from portal.moderation.models import Report
from portal.moderation.reportable import Subject
from portal.people import blocks
from portal.people.models import Person

MOST_OPEN = 20
"""Open reports of one person: coordinators can look at so many."""


@write
def report(subject: Subject, *, person: Person, reason: str, words: str, block: bool = False) -> bool:
    """Ask coordinators to look at it; with `block`, also block who it is about. The text is kept as it is now.

    Reported once more while the first waits, it adds nothing, and False is returned. Raises NotAllowedNow beyond 20
    open ones.
    """
    lock(Person, [side.id for side in (person, subject.person) if side])  # at once: the other may report this one
    if block and may_block(subject, person=person) and subject.person is not None:
        blocks.block(subject.person, person=person)
    if has_reported(subject, person=person):
        return False
    if _open_ones(person).count() >= MOST_OPEN:
        raise NotAllowedNow(f"{MOST_OPEN} reports of yours wait for a coordinator. Wait until some are looked at.")
    Report.create(
        kind=subject.kind,
        thing=subject.thing,
        reporter=person,
        person=subject.person,
        mentor=subject.mentor,
        session=subject.session,
        reason=reason,
        words=words,
        text=subject.text,
        at=now(),
    )
    return True


def has_reported(subject: Subject, *, person: Person) -> bool:
    """Whether a report of this by this person waits for a coordinator."""
    return bool(_open_ones(person).where(Report.thing == subject.thing).exists())


def may_block(subject: Subject, *, person: Person) -> bool:
    """Whether this person knows who it is about, and has not blocked them. Who wrote a line is not theirs to know."""
    whom = subject.person
    return whom is not None and subject.kind != "line" and not blocks.has_blocked(person.id, whom.id)


def _open_ones(person: Person) -> Any:
    return Report.select().where((Report.reporter == person) & Report.decided_at.is_null())
