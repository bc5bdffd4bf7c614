"""Blocking somebody one has met, or was to meet."""

from __future__ import annotations

from portal.addresses import is_somebodys
from portal.database import write
from portal.errors import Missing
from portal.people import blocks
from portal.people.models import Person
from portal.sessions.models import Session
from portal.sessions.turns import Seat, check, seat_at, turn


@turn("block", "mentor", "mentee", "teammate")
def _why_not_block(seat: Seat) -> str:
    return "" if blockable(seat) else "You have blocked everybody in this session already."


def blockable(seat: Seat) -> dict[str, Person]:
    """The others in this session whom this person has not blocked, by the part they have in it."""
    blocked = {person.id for person in blocks.blocked_by(seat.person)}
    return {part: person for part, person in others_in(seat).items() if person.id not in blocked}


def others_in(seat: Seat) -> dict[str, Person]:
    """The others in this session who have an account, by the part they have in it: "mentor", "teammate-17"."""
    parts = {"mentor": seat.session.mentor.person, "mentee": seat.session.mentee}
    parts |= {f"teammate-{mate.account.id}": mate.account for mate in seat.team if mate.account}
    return {
        part: person for part, person in parts.items() if person.id != seat.person.id and is_somebodys(person.email)
    }


@write
def block(session: Session, who: str, *, person: Person) -> Person:
    """Block the one who has this part ("mentor", "mentee", "teammate-17") in the session; done twice, it is
    done. Returns whom. Raises Missing where nobody has it.
    """
    seat = seat_at(session.ref, person=person)
    check("block", seat)
    other = others_in(seat).get(who)
    if other is None:
        raise Missing
    blocks.block(other, person=person)
    return other
