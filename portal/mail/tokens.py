"""What a link in a letter carries: which letter it was in, signed, so that it works without signing in."""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeSerializer

from portal.errors import Missing
from portal.mail.outbox import Outbox


def token_of(letter: Outbox, secret_key: str) -> str:
    """The token of a letter: short, the same each time, and nothing in it says who reads it."""
    token = _signer(secret_key).dumps(letter.id)
    return str(token)


def letter_of(token: str, secret_key: str) -> Outbox:
    """The letter that a token was in. Raises Missing."""
    try:
        key = _signer(secret_key).loads(token)
    except BadSignature:
        raise Missing from None
    letter: Outbox | None = Outbox.get_or_none(Outbox.id == key)
    if letter is None:
        raise Missing
    return letter


def _signer(secret_key: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_key, salt="letter")
