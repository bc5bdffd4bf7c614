"""Inviting people to sign up: many at once, again, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.clock import now
from portal.database import column, insert_many, lock, write
from portal.errors import Missing, NotAllowedNow
from portal.mail.preferences import Unwanted
from portal.people import mails
from portal.people.audit import What, record
from portal.people.invited import mailbox_of
from portal.people.models import INVITED_FOR, Invitation, Person
from portal.rounds import alone

HAS_ACCOUNT = "has an account already"
IS_INVITED = "is invited already"
TOLD_ENOUGH = "has got two invitations within a day"
WANTS_NONE = "has asked for no more invitations"
SHOWN = 100
"""On a page."""


@dataclass(frozen=True)
class Guest:
    """Somebody to invite. `email` is in lower case; `name` may be empty."""

    email: str
    name: str = ""


@write
def invite(guests: Sequence[Guest], *, as_mentor: bool, coordinator: Person) -> dict[str, str]:
    """Invite all of them but those for whom there is a reason not to. Returns these reasons by mailbox.

    Each invited one gets a mail and may sign up for 60 days. Two coordinators at once invite nobody twice.
    """
    alone("inviting")
    by_mailbox = {mailbox_of(guest.email): guest for guest in guests}
    why_not = _why_not(by_mailbox)
    wanted = [mailbox for mailbox in by_mailbox if mailbox not in why_not]
    Invitation.delete().where(Invitation.mailbox << wanted).execute()  # those that count no more
    values = [
        (mailbox, by_mailbox[mailbox].email, by_mailbox[mailbox].name, as_mentor, coordinator.id, now())
        for mailbox in wanted
    ]
    insert_many(Invitation, ("mailbox", "email", "name", "as_mentor", "by", "at"), values)
    for invitation in Invitation.select().where(Invitation.mailbox << wanted).order_by(Invitation.id):
        mails.invited(invitation, by=coordinator)
    if wanted:
        record(What.INVITED, by=coordinator, detail=f"{len(wanted)} as {'mentors' if as_mentor else 'members'}")
    return why_not


def _why_not(guests: dict[str, Guest]) -> dict[str, str]:
    """By mailbox, the last of the reasons there are. Addresses are known as typed, or as they are in ASCII."""
    spellings = {spelling: mailbox for mailbox, guest in guests.items() for spelling in (mailbox, guest.email)}
    standing = (Invitation.mailbox << list(guests)) & (Invitation.at > now() - INVITED_FOR)
    unwanted = (Unwanted.recipient << list(spellings)) & (Unwanted.kind == mails.INVITATION.name)
    accounts = column(Person.select(Person.email).where(Person.email << list(spellings)))
    return {
        **dict.fromkeys(column(Invitation.select(Invitation.mailbox).where(standing)), IS_INVITED),
        **{spellings[email]: TOLD_ENOUGH for email in mails.invited_often(spellings)},
        **{spellings[email]: WANTS_NONE for email in column(Unwanted.select(Unwanted.recipient).where(unwanted))},
        **{spellings[email]: HAS_ACCOUNT for email in accounts},
    }


@write
def invite_again(key: int, *, coordinator: Person) -> Invitation:
    """Send one more mail; it counts for another 60 days. Raises Missing, and NotAllowedNow where they have come or got
    one within a day.
    """
    invitation = _waiting(key)
    why_not = _why_not({invitation.mailbox: Guest(invitation.email)}).get(invitation.mailbox, IS_INVITED)
    if why_not != IS_INVITED:
        raise NotAllowedNow(f"{invitation.email} {why_not}. Nothing was sent.")
    if not invitation.can_be_sent_again(now()):
        raise NotAllowedNow("They got an invitation less than a day ago. Nothing was sent.")
    invitation.at = now()
    invitation.by = coordinator
    invitation.save(only=[Invitation.at, Invitation.by])
    mails.invited(invitation, by=coordinator)
    record(What.INVITED, by=coordinator, thing=f"invitation {key}", detail="again")
    return invitation


@write
def take_back(key: int, *, coordinator: Person) -> Invitation:
    """They may no longer sign up by it. Raises Missing, and NotAllowedNow where they have come."""
    invitation = _waiting(key)
    invitation.delete_instance()
    mails.not_invited(invitation)
    record(What.INVITATION_ENDED, by=coordinator, thing=f"invitation {key}")
    return invitation


def _waiting(key: int) -> Invitation:
    lock(Invitation, [key])
    invitation: Invitation | None = Invitation.get_or_none(Invitation.id == key)
    if invitation is None or not invitation.stands(now()):
        raise Missing
    if invitation.came_at is not None:
        raise NotAllowedNow(f"{invitation.email} has come by now. Nothing was changed.")
    return invitation


@dataclass(frozen=True)
class Guests:
    """One page of those who are invited, the latest first."""

    invitations: list[Invitation]
    total: int
    came: int
    has_more: bool


def guests(page: int) -> Guests:
    """Read it."""
    standing = Invitation.select().where(Invitation.at > now() - INVITED_FOR)
    came = standing.where(Invitation.came_at.is_null(False)).count()
    found = list(standing.order_by(Invitation.at.desc(), Invitation.id.desc()).paginate(page, SHOWN))
    total = standing.count()
    return Guests(found, total, came, has_more=page * SHOWN < total)
