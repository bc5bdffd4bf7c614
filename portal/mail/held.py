"""What letters hold about those who get them, and about those they speak of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.database import write
from portal.held import KEY, Part, Who, holds, leaving
from portal.mail.kinds import KINDS
from portal.mail.outbox import Outbox
from portal.mail.preferences import Unwanted

holds(
    Outbox,
    Part(
        "letters",
        Outbox.recipient,
        shows="kind created_at due_at sent_at state zone",
        untold={
            "words": "they come by mail, and until then they may hold what a code follows from",
            "subject": "it names what the letter is about by a number",
            "version": "it tells one letter about that from the next",
            "error": "why it could not be sent",
        },
    ),
    plain={"id": KEY, "next_at": "when the worker tries it", "tries": "counts them"},
)
holds(Unwanted, Part("mails_you_do_without", Unwanted.recipient, shows="kind at"))

Speaks = Callable[[Who], Any]
_about: list[Speaks] = []


def about(speaks: Speaks) -> Speaks:
    """Let this be the condition in SQL of letters that speak of a person, whoever gets them."""
    _about.append(speaks)
    return speaks


@leaving
@write
def _forget(who: Who) -> None:
    """What waits to tell others of somebody who left is told anew, without them, or not at all."""
    told_to_others = Outbox.state.in_(("waiting", "dead")) & (Outbox.recipient != who.email)
    letters = [letter for speaks in _about for letter in Outbox.select().where(told_to_others & speaks(who))]
    Outbox.delete().where(Outbox.id << [letter.id for letter in letters]).execute()
    for letter in letters:
        if letter.kind in KINDS:
            KINDS[letter.kind].anew(letter)
