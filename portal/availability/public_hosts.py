"""Speaks to hosts that anybody can name: public ones only, over TLS only, and until a moment at the latest."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from http.cookiejar import DefaultCookiePolicy
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

import requests
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.util.ssl_ import create_urllib3_context


def left(end: float) -> float:
    """Seconds left; Timeout where none are."""
    seconds = end - time.monotonic()
    if seconds <= 0:
        raise requests.Timeout
    return seconds


def session(end: float, *, loopback: bool = False, trusted: str = "") -> requests.Session:
    """One that keeps no cookies and knows no proxy and no password. All is over at `end` (of `time.monotonic`).
    With `loopback`, servers on this very machine may be asked as well; `trusted` is a file of authorities to trust
    instead of the usual ones.
    """
    limits = Config(
        ip_filter_enable=True,
        ip_filter_allow_loopback_ips=loopback,
        never_redirect=True,  # each hop is for the caller to look at
        default_timeout=None,
        user_agent_override="Micro-mentoring portal (reads calendars)",
    )
    made = _Session(limits)
    made.trust_env = False
    made.verify = trusted or True
    made.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    made.headers.update({"Accept": "text/calendar", "Accept-Encoding": "identity"})
    made.mount("https://", _Public(end, loopback=loopback))
    del made.adapters["http://"]
    return made


class _Session(HTTPSession):
    def resolve_redirects(self, *_: Any, **__: Any) -> Iterator[requests.PreparedRequest]:
        """None. Where requests looks for the next one itself, it first reads all of this one."""
        return iter(())


class _Public(IPFilterAdapter):
    """Connects to public addresses only, and reads until `end` at the latest, however slowly bytes come in."""

    def __init__(self, end: float, *, loopback: bool) -> None:
        self._context = create_urllib3_context()
        self._context.sslsocket_class = type("_Timed", (_Timed,), {"end": end})
        self._loopback = loopback
        super().__init__(is_https_proto=True, allow_loopback=loopback)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        """With the address to connect to in place of the name."""
        host, pool = super().build_connection_pool_key_attributes(*args, **kwargs)
        found = ip_address(host["host"].strip("[]"))
        if not is_public(found) and not (self._loopback and found.is_loopback):
            raise InvalidIPAddress(found)
        return host, pool


class _Timed(ssl.SSLSocket):
    """A read gets only the time that is left of the whole: without it, a byte a second would never be late."""

    end: float

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(left(self.end))
        return super().recv_into(*args, **kwargs)


def is_public(ip: IPv4Address | IPv6Address) -> bool:
    """Whether this is an address in the open internet, and of a single host there."""
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if inner:  # the host that is reached in the end
            return is_public(inner)
    is_local = ip.is_link_local or (isinstance(ip, IPv6Address) and ip.is_site_local)
    return ip.is_global and not (is_local or ip.is_multicast or ip.is_reserved or ip.is_unspecified)
