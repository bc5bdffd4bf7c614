"""What the provider of single sign-on says of itself: where it is asked what, and by which keys it signs."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from authlib.integrations.requests_client import OAuth2Session
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from urllib3.exceptions import HTTPError

from portal.errors import NotAllowedNow
from portal.oidc import Oidc, is_safe
from portal.people.asking import Session, object_of

KEPT = 3600.0
"""Seconds for which it is believed without asking again."""
REST = 10.0
"""Seconds for which a provider that did not answer is not asked again: each of our servers does one thing at a time."""
SILENT = (requests.ConnectionError, requests.Timeout)
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
log = logging.getLogger(__name__)


class ProviderAway(NotAllowedNow):
    """It does not answer, or with nothing that can be used."""


class Discovery:
    """One for each process: it keeps what it has read."""

    def __init__(self, oidc: Oidc) -> None:
        self._oidc = oidc
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}
        self._rests_until = 0.0

    @contextmanager
    def asking(self, **known: Any) -> Iterator[OAuth2Session]:
        """To ask the provider for something. Raises ProviderAway where it cannot be reached, and at once where it
        could not be a moment ago.
        """
        if time.monotonic() < self._rests_until:
            raise self._away("it did not answer a moment ago")
        try:
            with Session(self._oidc.client_id, self._oidc.client_secret or None, **known) as session:
                yield session
        except (requests.RequestException, HTTPError, OSError) as error:
            if not isinstance(error, requests.RequestException) or isinstance(error, SILENT):
                self._rests_until = time.monotonic() + REST
            raise self._away(repr(error)) from error

    def about(self) -> dict[str, Any]:
        """Its addresses (OIDC Discovery 4), which lead nowhere unsafe, and what it can do. Raises ProviderAway."""
        about = self._read(f"{self._oidc.issuer.rstrip('/')}/.well-known/openid-configuration")
        endpoints = [about.get(name) for name in NEEDED]
        if "userinfo_endpoint" in about:
            endpoints.append(about["userinfo_endpoint"])
        if about.get("issuer") != self._oidc.issuer:  # or one provider could speak in the name of another
            raise self._away(f"it calls itself {about.get('issuer')!r}, not {self._oidc.issuer!r}")
        if not all(isinstance(url, str) and is_safe(url) for url in endpoints):
            raise self._away(f"an address is missing or not safe: {endpoints!r}")
        return about

    def keys(self, *, anew: bool = False) -> KeySet:
        """By which it signs; asked for `anew` where a key is not among those known. Raises ProviderAway."""
        try:
            return KeySet.import_key_set(self._read(self.about()["jwks_uri"], anew=anew))  # type: ignore[arg-type]
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise self._away(repr(error)) from error

    def _read(self, url: str, *, anew: bool = False) -> dict[str, Any]:
        read_at, found = self._kept.get(url, (0.0, {}))
        if found and not anew and time.monotonic() < read_at + KEPT:
            return found
        with self.asking() as session:
            found = object_of(session.get(url, withhold_token=True))
        self._kept[url] = time.monotonic(), found
        return found

    def _away(self, why: str) -> ProviderAway:
        log.warning("single sign-on at %s: %s", self._oidc.issuer, why)
        return ProviderAway(f"We cannot reach {self._oidc.name} right now. Please try again in a minute.")
