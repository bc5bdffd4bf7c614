"""What waiting holds about people."""

from __future__ import annotations

from typing import Any

from peewee import Value

from portal.held import KEY, Part, Who, holds
from portal.mail.held import about
from portal.mail.outbox import Outbox
from portal.waiting.models import Offer, Watch

holds(
    Watch,
    Part("waiting_for", Watch.person, shows="mentor expertise length part since"),
    Part("", Watch.mentor),
    plain={"id": KEY},
)
holds(
    Offer,
    Part(
        "offers",
        Offer.person,
        shows="mentor start length expires_at outcome",
        untold={"watch": "what it is for is told there", "hold_ref": "it stands for what is held", "ref": "an address"},
    ),
    Part("", Offer.mentor),
    plain={"id": KEY},
)


@about
def _letters(who: Who) -> Any:
    """Of offers by this mentor: they name who is gone. As `subject_of` writes it."""
    theirs = Offer.select(Value("offer ").concat(Offer.id.cast("TEXT"))).where(Offer.mentor == who.id)
    return Outbox.subject << theirs
