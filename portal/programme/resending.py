"""What a coordinator does with a mail that could not be delivered. Each time it is recorded."""

from __future__ import annotations

from portal.database import write
from portal.errors import Stale
from portal.mail import undelivered
from portal.mail.outbox import Outbox
from portal.people.audit import What, record
from portal.people.models import Person


@write
def send_again(key: int, *, coordinator: Person) -> None:
    """Try it eight times more. Raises Stale where somebody was faster."""
    _check(undelivered.send_again(key))
    _note(What.MAIL_AGAIN, key, coordinator)


@write
def leave(key: int, *, coordinator: Person) -> None:
    """Do not try it any more. Raises Stale where somebody was faster."""
    _check(undelivered.discard(key))
    _note(What.MAIL_LEFT, key, coordinator)


def _check(is_done: bool) -> None:
    if not is_done:
        raise Stale("Somebody was faster with this mail. Nothing was done.")


def _note(what: What, key: int, coordinator: Person) -> None:
    reader = Person.get_or_none(Person.email == Outbox.get_by_id(key).recipient)
    record(what, by=coordinator, about=reader, thing=f"letter {key}")
