"""What every answer carries: headers that deny a browser what no page of ours needs, and say who may keep what."""

from __future__ import annotations

from flask import Flask, Response, current_app, request, session
from werkzeug.wrappers import Response as AnyResponse

DENIED = (
    *("accelerometer", "bluetooth", "camera", "display-capture", "geolocation", "gyroscope", "hid", "idle-detection"),
    *("local-fonts", "magnetometer", "microphone", "midi", "payment", "serial", "usb"),
)
"""What a script could learn or reach through a browser, and none of ours does. No frames are let in either, so the list
is as long as a first visit can bear, which has 30 KB in all.
"""
OURS = ("publickey-credentials-create", "publickey-credentials-get")
"""Passkeys, for our own pages."""
SECURITY_HEADERS = {
    # Without X-Frame-Options: every browser that htmx runs in knows frame-ancestors, which overrules it (CSP 3, 6.4.2).
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: under it browsers send `Origin: null` with our own forms, which portal.origin refuses.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ",".join([*(f"{name}=()" for name in DENIED), *(f"{name}=(self)" for name in OURS)]),
}
FILE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""All that means something for a stylesheet, a script or an image: these are counted as well."""
TRANSPORT_SECURITY = "max-age=63072000; includeSubDomains"
FOR_VISITORS = "private, no-cache"
"""Kept by this browser alone. Back is instant and what was typed is still there."""
FOR_PEOPLE = "private, no-store"
"""Kept nowhere (ASVS 14.3.2). Under no-cache, Back shows a page as it was, from memory or disk, without asking: also
after signing out on a computer that others use, and also a session that was cancelled meanwhile. The price is that Back
asks the server.
"""


def install(app: Flask) -> None:
    """Every answer of the app, whoever made it, carries them."""
    app.after_request(_finish)


def forget_cache(response: AnyResponse) -> AnyResponse:
    """Let the browser throw away what it kept of us, pages held for Back as well. Not its cookies: one of them says
    "You are signed out" on the next page.
    """
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _finish(response: Response) -> Response:
    is_file = response.mimetype == "image/jpeg" or (request.endpoint == "static" and response.mimetype != "text/html")
    response.headers.update(FILE_HEADERS if is_file else SECURITY_HEADERS)
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = TRANSPORT_SECURITY
    if response.mimetype == "text/html":
        response.vary.add("HX-Request")
        response.vary.add("Cookie")
    if "Cache-Control" not in response.headers:  # files and feeds say it themselves
        response.headers["Cache-Control"] = FOR_PEOPLE if "_user_id" in session else FOR_VISITORS
    return response
