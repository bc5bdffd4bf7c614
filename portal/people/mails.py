"""Mails about signing in."""

from __future__ import annotations

from portal.mail import outbox


def code(email: str, *, seed: str, zone: str) -> None:
    """The sign-in code. The letter holds its seed; the code is worked out when it is sent."""
    outbox.put("people/code", subject=seed, to=email, zone=zone, words={"seed": seed})
