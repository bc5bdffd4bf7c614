"""Single sign-on as a programme sets it: which provider signs people in, and what its word makes of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from portal.errors import SettingsError

CLAIM = re.compile(r"((?:https?://)?[^:\s]+):(\S.*)")
"""A claim, which may be named by an address, and a value of it, which may have colons."""
LONGEST_NAME = 40


@dataclass(frozen=True)
class Oidc:
    """A provider of OpenID Connect, and the portal as it knows it."""

    issuer: str
    """Its name and address, exactly as it writes it itself."""
    client_id: str
    name: str
    """What people call it: "Continue with Example University"."""
    client_secret: str = field(default="", repr=False)
    """Empty for a public client."""
    scope: str = "openid email profile"
    coordinator: tuple[str, str] | None = None
    """A claim, and the value in it that makes a coordinator."""

    def makes_coordinator(self, claims: Mapping[str, Any]) -> bool:
        """Whether it says of somebody that they are a coordinator here."""
        if self.coordinator is None:
            return False
        said = claims.get(self.coordinator[0])
        return self.coordinator[1] in said if isinstance(said, list) else said == self.coordinator[1]


def read_oidc(environ: Mapping[str, str]) -> Oidc | None:
    """The provider that is set; None where there is none. Raises SettingsError."""
    issuer, client_id = environ.get("OIDC_ISSUER", ""), environ.get("OIDC_CLIENT_ID", "")
    if not issuer and not client_id:
        return None
    if not is_safe(issuer) or "?" in issuer or "#" in issuer:
        raise SettingsError(
            "OIDC_ISSUER must be the https address by which the provider calls itself, like https://login.example.edu;"
            f" it is {issuer!r}"
        )
    if not client_id:
        raise SettingsError("OIDC_CLIENT_ID must be set: the provider gives it when the portal is registered there")
    return Oidc(
        issuer=issuer,
        client_id=client_id,
        client_secret=environ.get("OIDC_CLIENT_SECRET", ""),
        name=_name(environ) or urlsplit(issuer).netloc,
        scope=_scope(environ),
        coordinator=_coordinator(environ),
    )


def is_safe(url: str) -> bool:
    """Whether what is sent to this address can be read on the way by nobody: over TLS, or on this very machine."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    if not parts.hostname or "@" in parts.netloc or not url.isprintable() or " " in url:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname))


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _name(environ: Mapping[str, str]) -> str:
    name = environ.get("OIDC_BUTTON", "")
    if len(name) > LONGEST_NAME or not name.isprintable() or name != name.strip():
        raise SettingsError(f"OIDC_BUTTON must be a name of at most {LONGEST_NAME} characters; it is {name!r}")
    return name


def _scope(environ: Mapping[str, str]) -> str:
    scope = environ.get("OIDC_SCOPE") or Oidc.scope
    if "openid" not in scope.split():
        raise SettingsError(f"OIDC_SCOPE must have openid in it, like {Oidc.scope}; it is {scope!r}")
    return scope


def _coordinator(environ: Mapping[str, str]) -> tuple[str, str] | None:
    given = environ.get("OIDC_COORDINATOR_CLAIM", "")
    if not given:
        return None
    found = CLAIM.fullmatch(given)
    if found is None:
        raise SettingsError(
            "OIDC_COORDINATOR_CLAIM must be a claim and a value in it, like groups:portal-coordinators;"
            f" it is {given!r}"
        )
    return found[1], found[2]
