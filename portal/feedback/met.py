"""The people somebody has met."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN, SQL, Case, fn

from portal.database import rows, tuples
from portal.feedback.impact import was_held
from portal.mentors.models import Mentor
from portal.people.models import Block, Person
from portal.sessions.models import Session

SHOWN = 50


@dataclass(frozen=True)
class Met:
    """Somebody met in one session or more. `slug` names their page, where they have a public one."""

    name: str
    slug: str | None
    sessions: int
    latest: datetime


def people_met(person: Person) -> list[Met]:
    """Each once, the latest first, without those whom this person has blocked; two statements."""
    other = Case(None, [(Session.mentor == person.id, Session.mentee)], Session.mentor)
    mine = (Session.mentee == person.id) | (Session.mentor == person.id)
    blocked = Block.select(Block.blocked).where(Block.person == person)
    latest = fn.MAX(Session.start)
    held = Session.select(other, fn.COUNT(Session.id), latest).where(mine & was_held() & other.not_in(blocked))
    met = tuples(held.group_by(SQL("1")).order_by(latest.desc()).limit(SHOWN))
    who = {row["id"]: row for row in _names([other_id for other_id, _, _ in met])}
    return [Met(who[key]["name"], who[key]["slug"], count, last) for key, count, last in met]


def _names(ids: list[int]) -> list[dict[str, str]]:
    """Under the name and with the page they have in the directory, or else as people."""
    is_public = Mentor.status == "published"
    query = Person.select(
        Person.id,
        Case(None, [(is_public, Mentor.name)], Person.name).alias("name"),
        Case(None, [(is_public, Mentor.slug)]).alias("slug"),
    )
    return rows(query.join(Mentor, JOIN.LEFT_OUTER).where(Person.id << ids))
