"""Who is invited to sign up, and whether they came."""

from __future__ import annotations

from contextlib import suppress

import idna

from portal.addresses import follows
from portal.clock import now
from portal.database import column, lock, write
from portal.people.models import INVITED_FOR, Invitation


def mailbox_of(email: str) -> str:
    """One spelling for one mailbox: "Ana@Bücher.example" is "ana@xn--bcher-kva.example" (RFC 5891). What stands before
    the @ is told apart letter by letter, but for capitals: "ana+x" is not "ana".
    """
    local, _, domain = email.strip().lower().rpartition("@")
    with suppress(UnicodeError):  # no domain by these rules: it is compared as it is
        domain = idna.encode(domain, uts46=True).decode()
    return f"{local}@{domain}"


def invitation_of(email: str) -> Invitation | None:
    """The invitation of this address, if it counts."""
    found: Invitation | None = Invitation.get_or_none(Invitation.mailbox == mailbox_of(email))
    return found if found is not None and found.stands(now()) else None


def awaits_profile(email: str) -> bool:
    """Whether a mentor of this address is invited, and comes for the first time."""
    invitation = invitation_of(email)
    return invitation is not None and bool(invitation.as_mentor) and invitation.came_at is None


def name_given(email: str) -> str:
    """What the coordinator who invited them called them."""
    invitation = invitation_of(email)
    return str(invitation.name) if invitation is not None else ""


def hold(email: str) -> None:
    """Within a transaction: nobody takes this invitation back until it ends."""
    lock(Invitation, column(Invitation.select(Invitation.id).where(Invitation.mailbox == mailbox_of(email))))


@write
def note_coming(email: str) -> None:
    """They have signed in."""
    invitation = invitation_of(email)
    if invitation is not None and invitation.came_at is None:
        Invitation.update(came_at=now()).where(Invitation.id == invitation.id).execute()


@write
def forget_old() -> None:
    """What counts no more names people who never came, or who are known by now."""
    Invitation.delete().where(Invitation.at <= now() - INVITED_FOR).execute()


@follows
def _readdress(old: str, new: str) -> None:
    """Who came by an invitation is listed under the address they have now."""
    before, after = mailbox_of(old), mailbox_of(new)
    Invitation.delete().where((Invitation.mailbox == after) & (Invitation.mailbox != before)).execute()
    Invitation.update(mailbox=after, email=new).where(Invitation.mailbox == before).execute()
