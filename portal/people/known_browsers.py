"""Browsers in which somebody has signed in before: what strangers do to an address does not count there.

The idea is OWASP's of device cookies. The cookie is signed and outlives signing out. It holds a name of the browser and
a mark for each person, from which nobody can read who they are. It lets nobody in: whoever copies it can ask for codes
as that browser does.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeSerializer

from portal.people.codes import new_token

LIFE = 365 * 24 * 3600
"""Seconds without signing in after which a browser forgets it."""
MOST = 8
"""People of one browser, the latest first."""


@dataclass(frozen=True)
class KnownBrowser:
    """A browser, by what its cookie says."""

    name: str
    marks: tuple[str, ...]

    def knows(self, email: str, secret_key: str) -> bool:
        """Whether who has this address has signed in here before."""
        return _mark(email, secret_key) in self.marks

    def learn(self, email: str, secret_key: str) -> KnownBrowser:
        """They have now."""
        mark = _mark(email, secret_key)
        return KnownBrowser(self.name, (mark, *(other for other in self.marks if other != mark))[:MOST])

    def cookie(self, secret_key: str) -> str:
        """What its cookie says."""
        return str(_signer(secret_key).dumps([self.name, *self.marks]))


def read(cookie: str | None, secret_key: str) -> KnownBrowser:
    """The browser with this cookie; one that knows nobody yet where there is none, or a forged one."""
    try:
        name, *marks = _signer(secret_key).loads(cookie or "")
    except BadSignature:
        return KnownBrowser(new_token(), ())
    return KnownBrowser(name, tuple(marks))


def _mark(email: str, secret_key: str) -> str:
    return hmac.digest(secret_key.encode(), f"known browser {email}".encode(), "sha256").hex()[:16]


def _signer(secret_key: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_key, salt="known browser")
