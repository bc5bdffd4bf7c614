"""Changes are asked for by our own pages alone: what another site makes a browser send is refused."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request

from portal.pages import bare_page, settings

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that change nothing (RFC 9110 9.2.1)."""
FOREIGN_SITES = frozenset({"cross-site", "same-site"})
"""A neighbour on the same domain is a stranger as well."""


def install(app: Flask, *, but: frozenset[str]) -> None:
    """Refuse with 403 every change that a page of another origin asks for, before anything else runs, so install this
    first. `but` are endpoints that anyone may ask, because their address is the secret.
    """

    def refuse_foreign() -> Response | None:
        if request.method in SAFE or request.endpoint in but or not is_foreign():
            return None
        return bare_page(403, "Not from there", "This was sent by another site. Nothing was changed. Open this one.")

    app.before_request(refuse_foreign)


def is_foreign() -> bool:
    """Whether the browser says that a page of another origin sent this request. Programs that are no browsers say
    neither where from nor at whose wish, and have no cookie to misuse.
    """
    origin = request.headers.get("Origin")
    is_ours = origin is None or origin in (f"{request.scheme}://{request.host}", origin_of(settings().portal_url))
    return not is_ours or request.headers.get("Sec-Fetch-Site") in FOREIGN_SITES


def origin_of(url: str) -> str:
    """The origin of an http(s) address as browsers write it (RFC 6454 6.2): in lower case, without a default port."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    return f"{parts.scheme}://{host}".removesuffix(":443" if parts.scheme == "https" else ":80")
