"""Who asks, and whether they ask too often: that is refused with 429, which says when to try again."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from flask import Flask, Response, g, request
from flask_login import current_user

from portal import rates
from portal.errors import TooMany
from portal.origin import SAFE
from portal.pages import page, settings
from portal.rates import WRITES, Rate


def install(app: Flask) -> None:
    """Limit what changes something, and answer what is too much. Install it after all that refuses foreign requests:
    what another site makes a browser send must not count against who sits before it.
    """
    app.before_request(_limit_writes)
    app.after_request(_say_when)
    app.register_error_handler(TooMany, too_many_page)


def limit(rate: Rate, *, browser: str = "") -> None:
    """Count this request: for who is signed in, else for a `browser` that is known, else for all at this network
    address. Raises TooMany.
    """
    if current_user.is_authenticated:
        who, most = f"person {current_user.id}", rate.person
    elif browser:
        who, most = f"browser {browser}", rate.person
    else:
        who, most = f"source {source()}", rate.source
    try:
        rates.check(rate, who, most * settings().rate_factor)
    except TooMany as refusal:
        g.try_again_in = refusal.seconds
        raise


def source() -> str:
    """The network address that asks. Of IPv6 the first half: whoever has one has all of the second (RFC 6177)."""
    given = request.remote_addr or ""
    try:
        address = ip_address(given.partition("%")[0])
    except ValueError:  # a socket in the file system has none
        return given
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address, 64), strict=False))
    return given


def too_many_page(refusal: TooMany) -> Response:
    """The sentence, and what was typed, to be sent again with one tap."""
    typed = [pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token"]
    return page("too_many.html", block="sentence", status=refusal.status, sentence=str(refusal), typed=typed)


def _limit_writes() -> None:
    if request.method not in SAFE:
        limit(WRITES)


def _say_when(response: Response) -> Response:
    if response.status_code == TooMany.status and "try_again_in" in g:
        response.headers["Retry-After"] = str(g.try_again_in)
    return response
