"""What a link in a letter carries: which letter it was in, signed, so that it works without signing in."""

from __future__ import annotations

from datetime import UTC, datetime

from itsdangerous import BadSignature, URLSafeSerializer

from portal.errors import Missing
from portal.mail.outbox import Outbox


def token_of(letter: Outbox, secret_key: str) -> str:
    """The token of a letter: short, the same each time, and nothing in it says who reads it."""
    token = _signer(secret_key).dumps([letter.id, int(letter.created_at.timestamp())])
    return str(token)


def letter_of(token: str, secret_key: str) -> Outbox:
    """The letter that a token was in. Raises Missing."""
    try:
        key, created_at = _signer(secret_key).loads(token)
    except BadSignature:
        raise Missing from None
    # Both: a database that was put back from a backup gives the numbers after it once more.
    same = (Outbox.id == key) & (Outbox.created_at == datetime.fromtimestamp(created_at, UTC))
    letter: Outbox | None = Outbox.get_or_none(same)
    if letter is None:
        raise Missing
    return letter


def _signer(secret_key: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_key, salt="outbox")
