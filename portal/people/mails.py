"""Mails about signing in."""

from __future__ import annotations

from portal.clock import now
from portal.mail import outbox
from portal.mail.kinds import kind
from portal.mail.outbox import Outbox
from portal.people.models import SignInCode


def _counts_no_more(letter: Outbox) -> str:
    waits = (SignInCode.seed == letter.facts["seed"]) & (SignInCode.expires_at > now()) & SignInCode.used_at.is_null()
    return "" if SignInCode.select().where(waits).exists() else "the code no longer counts"


CODE = kind("people/code", "Your sign-in code", needed=True, unless=_counts_no_more)


def code(email: str, *, seed: str, zone: str) -> None:
    """The sign-in code. The letter holds its seed; the code is worked out when it is sent."""
    outbox.put(CODE, subject=seed, to=email, zone=zone, words={"seed": seed})
