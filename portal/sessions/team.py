"""A team: up to five teammates of the mentee at a project session."""

from __future__ import annotations

from collections.abc import Iterable

from portal.addresses import follows
from portal.availability.claims import hand_on
from portal.database import write
from portal.errors import NotAllowedNow, Stale
from portal.people.blocks import are_apart
from portal.people.models import Person
from portal.sessions import mails
from portal.sessions.changes import keep
from portal.sessions.fairness import THEY_CANNOT, check_may_book
from portal.sessions.models import HANDED_OVER, Session, SessionEvent, Teammate
from portal.sessions.turns import Seat, check, not_started, seat_at, take, turn

MOST_TEAMMATES = 5
"""Of one session."""
MOST_INVITATIONS = 30
"""Of one session: each is a mail to an address that nobody has checked."""


@turn("teammates", "mentee")
def _why_not_invite(seat: Seat) -> str:
    if seat.session.kind != "project":
        return "Only a session about a project can have teammates."
    if len(seat.team) >= MOST_TEAMMATES and not not_started(seat, ""):
        return f"A session has {MOST_TEAMMATES} teammates at the most."
    return not_started(seat, "invite anyone")


@write
def invite(session: Session, emails: Iterable[str], *, mentee: Person) -> None:
    """Invite teammates by e-mail; who is invited already is not invited twice.

    Raises NotAllowedNow where they are too many, or one of the two sides is among them.
    """
    seat = take("teammates", session, person=mentee)
    wanted = [email for email in dict.fromkeys(emails) if email not in {mate.email for mate in seat.team}]
    if {seat.session.mentor.person.email, mentee.email} & set(wanted):
        raise NotAllowedNow("You and your mentor are part of the session already. Invite others.")
    left = MOST_TEAMMATES - len(seat.team)
    if len(wanted) > left:
        raise NotAllowedNow(f"You can invite {left} more, and these are {len(wanted)}.")
    if _invited(session) + len(wanted) > MOST_INVITATIONS:
        raise NotAllowedNow(f"A session can have {MOST_INVITATIONS} invitations in all, those you took back included.")
    for email in wanted:
        _seat(seat, email)


def _invited(session: Session) -> int:
    sent = (SessionEvent.session == session) & (SessionEvent.what == "invited")
    return int(SessionEvent.select().where(sent).count())


def _seat(seat: Seat, email: str) -> None:
    Teammate.insert(session=seat.session, email=email, invited_at=seat.now).on_conflict(
        conflict_target=[Teammate.session, Teammate.email],
        update={Teammate.invited_at: seat.now, Teammate.left_at: None},
    ).execute()
    # A later version each time: a calendar takes back what it has dropped only with a higher one.
    mails.invited(keep(seat, "invited"), email)


@follows
def _readdress(old: str, new: str) -> None:
    """A teammate keeps the seat. Who was invited by both addresses has one."""
    seats = Teammate.alias()
    taken = seats.select(seats.session).where(seats.email == new)
    Teammate.delete().where((Teammate.email == old) & (Teammate.session << taken)).execute()
    Teammate.update(email=new).where(Teammate.email == old).execute()


@turn("removal", "mentee")
def _why_not_remove(seat: Seat) -> str:
    return not_started(seat, "take anyone out") or ("" if seat.team else "There is no teammate to take out.")


@write
def remove(session: Session, teammate_id: int, *, mentee: Person) -> None:
    """Take an invitation back."""
    seat = take("removal", session, person=mentee)
    _part(seat, _of(seat, teammate_id), "removed")


@turn("departure", "teammate")
def _why_not_leave(seat: Seat) -> str:
    if seat.session.is_cancelled:
        return "This session was cancelled already."
    return "This session is over." if seat.stage == "over" else ""


@write
def leave(session: Session, *, person: Person) -> None:
    """Leave the team. The session stays as it is for all others; one's question goes along."""
    seat = take("departure", session, person=person)
    for mate in seat.team:
        if mate.email == person.email:
            _part(seat, mate, "left")


def _part(seat: Seat, mate: Teammate, what: str) -> None:
    Teammate.update(left_at=seat.now).where(Teammate.id == mate.id).execute()
    mails.no_longer_part(keep(seat, what), mate.email)


@turn("team-question", "teammate")
def _why_not_ask(seat: Seat) -> str:
    return not_started(seat, "ask something")


@write
def ask(session: Session, question: str, *, person: Person) -> None:
    """Add one's own question to the mentee's, or change it."""
    seat = take("team-question", session, person=person)
    mate = seat.own_teammate
    if mate is not None and question != mate.question:
        Teammate.update(question=question).where(Teammate.id == mate.id).execute()
        Session.update(questions_at=seat.now).where(Session.id == session.id).execute()


@turn("handover", "mentee")
def _why_not_hand_over(seat: Seat) -> str:
    late = not_started(seat, "hand it over")
    if late or any(mate.account for mate in seat.team):
        return late
    return "Hand it over to a teammate who has signed in once. None of them has yet."


@write
def hand_over(session: Session, teammate_id: int, *, mentee: Person) -> None:
    """Let a teammate have the session instead. Their time is taken, one's own is free at once.

    Raises OpeningTaken where they have another session then, NotAllowedNow where they may not book.
    """
    asked = seat_at(session.ref, person=mentee)
    check("handover", asked)  # before a word about the team, which is not everybody's to hear
    mate = _of(asked, teammate_id)
    successor = mate.account
    seat = take("handover", session, person=mentee, also=[successor.id] if successor else [])
    if successor is None:
        raise NotAllowedNow(f"{mate.email} has not signed in yet. Ask them to, then hand it over.")
    _of(seat, teammate_id)
    check_may_book(successor, they=True)
    if successor.id == session.mentor_id or are_apart(successor.id, session.mentor_id):
        raise NotAllowedNow(THEY_CANNOT)
    hand_on(session.id, giver=mentee.id, taker=successor.id, start=seat.session.start, length=session.length)
    Teammate.update(left_at=seat.now).where(Teammate.id == mate.id).execute()
    changed = keep(seat, HANDED_OVER, mentee=successor)
    mails.handed_over(changed, by=mentee)


def _of(seat: Seat, teammate_id: int) -> Teammate:
    for mate in seat.team:
        if mate.id == teammate_id:
            return mate
    raise Stale("This teammate has left meanwhile. Nothing was done.")
