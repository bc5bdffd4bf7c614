"""Both prepare: the mentor reads the brief and writes back, the mentee is ready."""

from __future__ import annotations

from dataclasses import dataclass

from portal.database import write
from portal.people.blocks import has_blocked
from portal.people.models import Person
from portal.preparation import mails
from portal.preparation.models import Preparation
from portal.prepared import PreparedModels, once_for_each_engine, slot
from portal.sessions.models import Session
from portal.sessions.turns import Seat, not_started, take, turn


@dataclass(frozen=True)
class Prepared:
    """How far both are, as one of them sees it."""

    line: str
    links: list[str]
    has_read: bool
    """The mentor has read the questions as they are now."""
    had_read: bool
    """The mentor has read them, and they were changed since."""
    is_mentee_ready: bool
    edition: str
    """Names the questions as they are: what is ticked as read is what was shown."""


def prepared(seat: Seat) -> Prepared:
    """Read it. Who has blocked the mentor no longer sees what the mentor writes."""
    kept = _kept(seat.session)
    is_hidden = not seat.is_mentor and has_blocked(seat.person.id, seat.session.mentor_id)
    is_read = kept.is_read(seat.session)
    return Prepared(
        line="" if is_hidden else kept.line,
        links=[] if is_hidden else kept.link_list,
        has_read=is_read,
        had_read=kept.read_at is not None and not is_read,
        is_mentee_ready=kept.is_ready(seat.session),
        edition=_edition(seat.session),
    )


def _edition(session: Session) -> str:
    return str(int(session.questions_at.timestamp()))


@turn("preparation", "mentor")
def _why_not_prepare(seat: Seat) -> str:
    if seat.session.is_cancelled:
        return "This session was cancelled, so there is nothing to prepare."
    return "This session is over, so there is nothing to prepare." if seat.stage == "over" else ""


@write
def prepare(session: Session, *, mentor: Person, read: str, line: str, links: tuple[str, ...]) -> bool:
    """Keep the mentor's tick, line and links. `read` is the edition of the questions that was ticked, or empty.
    The mentee gets a mail where the line or the links are new. Returns whether the tick counts, if there was one:
    not for questions that were changed meanwhile.
    """
    seat = take("preparation", session, person=mentor)
    before, is_current = _kept(session), read == _edition(seat.session)
    read_at = None
    if is_current:
        read_at = before.read_at if prepared(seat).has_read else seat.now
    _keep(session, read_at=read_at, line=line, links="\n".join(links))
    if (before.line, before.link_list) != (line, list(links)) and (line or links):
        mails.prepared(seat, line, links)
    return is_current or not read


@turn("readiness", "mentee")
def _why_not_ready(seat: Seat) -> str:
    return not_started(seat, "get ready for it")


@write
def set_ready(session: Session, *, mentee: Person, is_ready: bool) -> None:
    """Say that one is ready, or is not after all."""
    seat = take("readiness", session, person=mentee)
    if is_ready != prepared(seat).is_mentee_ready:
        _keep(session, ready_at=seat.now if is_ready else None, ready_by=mentee.id)


def _kept(session: Session) -> Preparation:
    found: list[Preparation] = _of_session().models(session=session.id)
    return found[0] if found else Preparation(session=session)


@once_for_each_engine
def _of_session() -> PreparedModels:
    return PreparedModels(Preparation.select().where(Preparation.session == slot("session")))


def _keep(session: Session, **changes: object) -> None:
    same = {name: getattr(_kept(session), name) for name in changes}
    if same != changes:
        Preparation.insert(session=session, **changes).on_conflict(
            conflict_target=[Preparation.session], update=changes
        ).execute()
