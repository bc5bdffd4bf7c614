"""The kinds of letters: what they are called, who may do without them, and when one is no longer true.

A feature names its kinds beside the functions that send them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal.mail.outbox import Outbox

Check = Callable[["Outbox"], str]
"""Says why a letter is no longer to be sent; an empty string where it still is."""


Words = Callable[["Outbox"], dict[str, Any]]
Anew = Callable[["Outbox"], object]
"""Puts it anew with what is known now: somebody it spoke of has left."""


def _not_anew(_letter: object) -> None:
    """What it told is of use to nobody now."""


@dataclass(frozen=True)
class Kind:
    """One kind of letter. `name` is its template folder, `label` what people call it."""

    name: str
    label: str
    is_needed: bool
    """A booking or an account needs it, so nobody can do without."""
    readers: str
    """ "everyone", "mentor" or "coordinator": who is asked whether they want it. Who is "invited" has no account, and
    says so by the link in the mail.
    """
    why_not: Check
    words: Words
    links: tuple[str, ...] = ()
    """The facts that a link in it needs: all others go once it is sent."""
    is_kept: bool = True
    """Whether it is remembered that it was sent."""
    anew: Anew = _not_anew


KINDS: dict[str, Kind] = {}
"""By name, in the order in which features name them."""


def _still_true(_letter: object) -> str:
    return ""


def _as_written(letter: Outbox) -> dict[str, Any]:
    return letter.facts


def kind(
    name: str,
    label: str,
    *,
    needed: bool = False,
    readers: str = "everyone",
    unless: Check = _still_true,
    words: Words = _as_written,
    links: tuple[str, ...] = (),
    kept: bool = True,
    anew: Anew = _not_anew,
) -> Kind:
    """Name a kind of letter. `unless` is asked again right before each try to send one; `words` are what it is made
    of, where that is not just what was written then.
    """
    KINDS[name] = Kind(name, label, needed, readers, unless, words, links, kept, anew)
    return KINDS[name]
