"""Secrets that people type or click: how they are made, hashed and compared. Pure."""

from __future__ import annotations

import hashlib
import hmac
import secrets


def new_token() -> str:
    """128 random bits, safe in a URL."""
    return secrets.token_urlsafe(16)


def fingerprint(token: str) -> str:
    """What the database keeps of a random token."""
    return hashlib.sha256(token.encode()).hexdigest()


DIGITS = 6
"""Of a code that few can guess at: a phone shows it whole, and a hand types it."""
LONG = 12
"""Digits of a code that anybody may guess at."""


def code_for(seed: str, secret_key: str, digits: int = DIGITS) -> str:
    """The code of a seed. Without the secret key the seed says nothing about it."""
    digest = hmac.digest(secret_key.encode(), f"sign-in code {seed}".encode(), "sha256")
    return f"{int.from_bytes(digest[:8], 'big') % 10**digits:0{digits}}"


def same(left: str, right: str) -> bool:
    """Whether two secrets are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(left.encode(), right.encode())
