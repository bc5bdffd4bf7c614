"""Fetches a calendar from an address that somebody typed: over TLS, from public hosts, within limits of size and time.

What is at the address, and where it leads on to, is in the hands of others. So each hop is looked at anew, and the
connection goes to the very address that was looked at.
"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import requests
from requests_hardened.ip_filter import InvalidIPAddress

from portal.availability.busy_file import Unreadable
from portal.availability.public_hosts import left, session

LONGEST = 2000
"""Letters in an address."""
MOST_HOPS = 5
CHUNK = 64 * 1024

NOT_HTTPS = "The address must start with https://, so that nobody on the way can read your calendar."
NO_ADDRESS = "This is not an address of a calendar. It looks like https://calendar.example.org/private-1a2b/basic.ics."
WITH_LOGIN = "There is a name or a password in this address. Give the secret address of the calendar, which needs none."
NOT_FOUND = "There is no host of this name. Copy the address once more, all of it."
NOT_PUBLIC = "This address leads into a private network, where we do not go. Give an address that works from anywhere."
LEADS_TO_HTTP = (
    "This address leads on to one that does not start with https://. Give the address it ends at, with https://."
)
LEADS_NOWHERE = "This address leads on to something that is none. Copy the address from your calendar once more."
TOO_MANY_HOPS = "This address leads on and on, and never to a calendar. Copy the address from your calendar once more."
NOT_TRUSTED = "The host at this address cannot prove who it is. Give one that opens in a browser without a warning."
NO_ANSWER = "Nothing answers at this address. Check that it is right; if it is, we try again by ourselves."
TOO_SLOW = "The calendar came too slowly, so we stopped. We try again by ourselves."
TOO_BIG = "This calendar is bigger than {} MB. Give the address of a smaller one, for example without its past."
CUT_SHORT = "The connection broke while we were reading. We try again by ourselves."
NOTHING_THERE = "There is no calendar at this address any more. Copy the address from your calendar once more."
SIGN_IN = "This address asks us to sign in. Give the secret address of the calendar, which anyone who has it can open."
LATER = "The host of this calendar has a problem of its own (it says {}). We try again by ourselves."
STRANGE = "The host of this calendar gave an answer that we do not know ({}). Copy the address once more."


@dataclass(frozen=True)
class Rules:
    """What reading one calendar may cost. Only tests make others than these."""

    seconds: float = 15.0
    """For fetching, in all."""
    silence: float = 5.0
    """For a connection to be made."""
    size: int = 2 * 1024 * 1024
    """Bytes."""
    cpu: int = 10
    """Seconds of one processor for going through it."""
    wall: float = 45.0
    """Seconds after which it is over in any case."""
    memory: int = 512 * 1024 * 1024
    """Bytes."""
    loopback: bool = False
    """Whether servers on this very machine may be asked."""
    trusted: str = ""
    """A file of authorities to trust instead of the usual ones."""


RULES = Rules()


@dataclass(frozen=True)
class Fetched:
    """What was at the address, and the name that the host gives to this version of it."""

    body: bytes
    etag: str


def address(typed: str) -> str:
    """The address to fetch, from what somebody typed. Raises Unreadable."""
    scheme, colon, rest = typed.strip().partition(":")
    url = f"https:{rest}" if scheme.lower() in ("webcal", "webcals") else f"{scheme}{colon}{rest}"
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise Unreadable(NO_ADDRESS) from error
    if not colon or not parts.hostname or len(url) > LONGEST or not url.isprintable() or " " in url:
        raise Unreadable(NO_ADDRESS)
    if parts.scheme != "https":
        raise Unreadable(NOT_HTTPS)
    if "@" in parts.netloc:
        raise Unreadable(WITH_LOGIN)
    return url


def fetch(url: str, *, etag: str = "", rules: Rules = RULES) -> Fetched | None:
    """What is at `url`; None where it is still the version of that `etag`. Raises Unreadable."""
    end = time.monotonic() + rules.seconds
    with session(end, loopback=rules.loopback, trusted=rules.trusted) as asking:
        try:
            return _follow(asking, address(url), etag, rules, end)
        except InvalidIPAddress as error:
            raise Unreadable(NOT_PUBLIC) from error
        except requests.exceptions.SSLError as error:
            raise Unreadable(NOT_TRUSTED) from error
        except (requests.RequestException, ValueError, OSError) as error:
            raise Unreadable(_why(error, end)) from error


def _why(error: Exception, end: float) -> str:
    """The sentence for what went wrong on the way."""
    if isinstance(error, requests.Timeout) or time.monotonic() >= end:
        return TOO_SLOW
    if isinstance(error, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
        return CUT_SHORT
    if isinstance(error, ValueError) or isinstance(error.__cause__, socket.gaierror):  # or no name that can be
        return NOT_FOUND
    return NO_ANSWER


def _follow(asking: requests.Session, url: str, etag: str, rules: Rules, end: float) -> Fetched | None:
    headers = {"If-None-Match": etag} if etag else {}
    for _ in range(MOST_HOPS + 1):
        wait = min(rules.silence, left(end))
        with asking.get(url, headers=headers, stream=True, timeout=(wait, left(end))) as response:
            target = asking.get_redirect_target(response)
            if target is None:
                return _read(response, rules, end)
        url = _hop(url, target)
    raise Unreadable(TOO_MANY_HOPS)


def _hop(url: str, target: str) -> str:
    try:
        there = urljoin(url, target)
        scheme = urlsplit(there).scheme
    except ValueError as error:
        raise Unreadable(LEADS_NOWHERE) from error
    if scheme != "https":
        raise Unreadable(LEADS_TO_HTTP)
    return address(there)


def _read(response: requests.Response, rules: Rules, end: float) -> Fetched | None:
    if response.status_code == 304:
        return None
    if response.status_code != 200:
        raise Unreadable(_refused(response.status_code))
    too_big = Unreadable(TOO_BIG.format(rules.size // 1024**2))
    said = response.headers.get("Content-Length", "")
    if said.isascii() and said.isdigit() and int(said[:20]) > rules.size:
        raise too_big
    body = bytearray()
    for chunk in response.iter_content(CHUNK):
        body += chunk
        if len(body) > rules.size:
            raise too_big
        left(end)
    etag = response.headers.get("ETag", "").strip()
    return Fetched(bytes(body), etag if etag.isascii() and etag.isprintable() and len(etag) <= LONGEST else "")


def _refused(status: int) -> str:
    if status in (401, 403, 407):
        return SIGN_IN
    if status in (404, 410):
        return NOTHING_THERE
    return LATER.format(status) if status == 429 or status >= 500 else STRANGE.format(status)
