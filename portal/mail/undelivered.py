"""Letters that were given up after eight tries: a coordinator sends them again, or discards them."""

from __future__ import annotations

from datetime import datetime

from portal.clock import now
from portal.database import write
from portal.mail.outbox import Outbox, said_in

SHOWN = 100


def undelivered() -> list[Outbox]:
    """They, the latest first."""
    return list(
        Outbox.select().where(Outbox.state == "dead").order_by(Outbox.due_at.desc(), Outbox.id.desc()).limit(SHOWN)
    )


def count_undelivered() -> int:
    """How many there are."""
    return int(Outbox.select().where(Outbox.state == "dead").count())


@write
def send_again(key: int) -> bool:
    """Try it eight times more, beginning now. False where somebody was faster."""
    return _turn(key, state="waiting", tries=0, next_at=now())


@write
def discard(key: int) -> bool:
    """Do not try it any more. False where somebody was faster."""
    letter = Outbox.get_or_none(Outbox.id == key)
    return letter is not None and _turn(key, state="discarded", words=said_in(letter))


def _turn(key: int, **changes: str | int | datetime) -> bool:
    return bool(Outbox.update(**changes).where((Outbox.id == key) & (Outbox.state == "dead")).execute())
