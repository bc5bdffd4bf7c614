"""Settings from the environment, checked once at start."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from portal.errors import SettingsError
from portal.limits import Limits
from portal.oidc import Oidc, read_oidc
from portal.text import EMAIL


@dataclass(frozen=True)
class Settings:
    """Everything the portal reads from its environment."""

    secret_key: str
    """Signs cookies and derives sign-in codes. Whoever has it can sign in as anyone."""
    portal_url: str
    """Where people reach the portal, for links in mails; no slash at the end."""
    mail_url: str
    """`smtp://user:password@host:port?from=address`, `smtps://…`, or `console:`."""
    data: Path
    """The folder for the SQLite file."""
    database_url: str
    """`sqlite:///path` or `postgresql://…`."""
    demo: bool = False
    """A throw-away demo programme: sign in without a code, move the clock."""
    trusted_proxies: int = 0
    """How many reverse proxies stand before the portal, whose X-Forwarded-For and -Proto count. Nobody else's do."""
    limits: Limits = field(default_factory=Limits)
    """What a programme may set for everybody."""
    members_only: bool = False
    """The directory is for those who are signed in."""
    oidc: Oidc | None = None
    """The provider of single sign-on, where there is one."""
    sso_only: bool = False
    """People come in by single sign-on; codes by mail let nobody in."""
    redis_url: str = ""
    """Where limits are counted for all processes; each counts for itself where there is none."""
    rate_factor: int = 1
    """So many times as often as usual may something be done: see `portal.rates`."""

    @property
    def mail_from(self) -> str:
        """The address mails come from."""
        given = parse_qs(urlsplit(self.mail_url).query).get("from", [""])[0]
        return given or f"portal@{urlsplit(self.portal_url).hostname}"

    @property
    def passkey_host(self) -> str:
        """The host for which browsers make passkeys; empty where they make none: without TLS, or for a bare IP address
        (WebAuthn level 3, 5.1.3 and 13.4.9).
        """
        host = urlsplit(self.portal_url).hostname or ""
        is_local = host == "localhost" or host.endswith(".localhost")
        return host if is_local or (self.is_secure and not _is_ip(host)) else ""

    @property
    def is_secure(self) -> bool:
        """Whether people come over TLS."""
        return self.portal_url.startswith("https://")


def from_environment(environ: Mapping[str, str]) -> Settings:
    """Read and check the settings. Raises SettingsError with what is wrong and what would be right."""
    data = Path(environ.get("PORTAL_DATA") or "instance")
    oidc = read_oidc(environ)
    return Settings(
        secret_key=_secret(environ),
        portal_url=_portal_url(environ),
        mail_url=_mail_url(environ),
        data=data,
        database_url=_database_url(environ, data),
        trusted_proxies=_count(environ, "TRUSTED_PROXIES", 0, lowest=0, highest=5),
        limits=Limits(
            upcoming=_count(environ, "MOST_UPCOMING", Limits.upcoming),
            moves=_count(environ, "MOST_MOVES", Limits.moves),
            remind_hours=_hours(environ, "REMIND_HOURS", Limits.remind_hours),
            private_months=_months(environ),
            **_sign_up(environ),
            coordinators_need=_one_of(environ, "COORDINATORS_NEED", ("passkey", "code")),
        ),
        members_only=_one_of(environ, "DIRECTORY", ("public", "members")) == "members",
        oidc=oidc,
        sso_only=_sso_only(environ, oidc),
        redis_url=_redis_url(environ),
        rate_factor=_count(environ, "RATE_FACTOR", 1, highest=1000),
    )


def for_demo(*, data: Path, port: int) -> Settings:
    """Settings of a demo programme: everything local, a secret of its own."""
    return Settings(
        secret_key=secrets.token_hex(32),
        portal_url=f"http://127.0.0.1:{port}",
        mail_url="console:",
        data=data,
        database_url=f"sqlite:///{data / 'portal.db'}",
        demo=True,
        limits=Limits(coordinators_need="code"),
    )


def _secret(environ: Mapping[str, str]) -> str:
    secret = environ.get("SECRET_KEY", "")
    if len(secret) < 32:
        raise SettingsError(
            "SECRET_KEY must be set to at least 32 random characters, for example the output of:"
            " python3 -c 'import secrets; print(secrets.token_hex(32))'"
        )
    return secret


def _portal_url(environ: Mapping[str, str]) -> str:
    url = environ.get("PORTAL_URL", "").rstrip("/")
    _check_address("PORTAL_URL", url)
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise SettingsError(
            f"PORTAL_URL must be the address people use, like https://mentoring.example.org; it is {url!r}"
        )
    return url


def _mail_url(environ: Mapping[str, str]) -> str:
    url = environ.get("MAIL_URL", "")
    _check_address("MAIL_URL", url)
    parts = urlsplit(url)
    if url != "console:" and not (parts.scheme in {"smtp", "smtps"} and parts.hostname):
        raise SettingsError(
            "MAIL_URL must be smtp://user:password@host:587, smtps://…, or console: to print mails;"
            f" it is {parts.scheme + ':…' if parts.scheme else 'not set'}"
        )
    return url


def _database_url(environ: Mapping[str, str], data: Path) -> str:
    url = environ.get("DATABASE_URL") or f"sqlite:///{data.absolute() / 'portal.db'}"
    if not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise SettingsError(
            f"DATABASE_URL must start with sqlite:/// or postgresql://; it starts with {url.split(':', 1)[0]!r}"
        )
    _check_address("DATABASE_URL", url)
    return url


def _redis_url(environ: Mapping[str, str]) -> str:
    url = environ.get("REDIS_URL", "")
    _check_address("REDIS_URL", url)
    if url and not re.fullmatch(r"rediss?://[^/?#]+(/[0-9]*)?|unix://[^?#]*", url):
        raise SettingsError("REDIS_URL must be like redis://:password@host:6379/0, rediss://… or unix:///path")
    return url


def _count(environ: Mapping[str, str], name: str, otherwise: int, *, lowest: int = 1, highest: int = 100) -> int:
    given = environ.get(name, "")
    if not given:
        return otherwise
    if not given.isascii() or not given.isdigit() or len(given) > 9 or not lowest <= int(given) <= highest:
        raise SettingsError(f"{name} must be a whole number from {lowest} to {highest}; it is {given!r}")
    return int(given)


def _hours(environ: Mapping[str, str], name: str, otherwise: tuple[int, ...]) -> tuple[int, ...]:
    given = environ.get(name, "")
    if not given:
        return otherwise
    parts = [part.strip() for part in given.split(",")]
    if not all(re.fullmatch(r"[0-9]{1,3}", part) and 1 <= int(part) <= 168 for part in parts) or len(parts) > 5:
        raise SettingsError(f"{name} must be up to five whole hours from 1 to 168, like 24,1; it is {given!r}")
    return tuple(sorted({int(part) for part in parts}, reverse=True))


def _months(environ: Mapping[str, str]) -> int:
    given = environ.get("PRIVATE_TEXT_MONTHS", "")
    if given == "never":
        return 0
    try:
        return _count(environ, "PRIVATE_TEXT_MONTHS", Limits.private_months, highest=120)
    except SettingsError:
        raise SettingsError(
            f"PRIVATE_TEXT_MONTHS must be a whole number from 1 to 120, or never; it is {given!r}"
        ) from None


def _sign_up(environ: Mapping[str, str]) -> dict[str, Any]:
    given = environ.get("SIGN_UP") or "open"
    parts = [part.strip().lower() for part in given.split(",")]
    if parts == ["open"]:
        return {}
    domains = tuple(part for part in parts if part != "invitation")
    if not all(EMAIL.fullmatch(f"name@{domain}") for domain in domains):
        raise SettingsError(
            f"SIGN_UP must be open, invitation, or domains like example.edu,uni.example.org; it is {given!r}"
        )
    return {"domains": domains, "by_invitation": "invitation" in parts}


def _sso_only(environ: Mapping[str, str], oidc: Oidc | None) -> bool:
    wanted = _one_of(environ, "SIGN_IN", ("any", "sso")) == "sso"
    if wanted and oidc is None:
        raise SettingsError("SIGN_IN=sso needs a provider: set OIDC_ISSUER, or leave SIGN_IN out")
    return wanted


def _one_of(environ: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    given = environ.get(name) or choices[0]
    if given not in choices:
        raise SettingsError(f"{name} must be {' or '.join(choices)}; it is {given!r}")
    return given


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _check_address(name: str, url: str) -> None:
    try:
        _ = urlsplit(url).port
    except ValueError as error:
        # Without the address itself: it may hold a password.
        raise SettingsError(f"{name} cannot be read as an address; a port is a number from 0 to 65535") from error
