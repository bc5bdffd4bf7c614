"""Mails that could not be delivered."""

from __future__ import annotations

from werkzeug.wrappers import Response

from portal.mail import undelivered
from portal.mail.kinds import KINDS
from portal.pages import page, see
from portal.programme import resending
from portal.programme.views import programme
from portal.sessions.views import me


@programme.get("/coordinator/mails")
def mails() -> Response:
    """What was given up, to whom, and why. Nothing of what they say."""
    labels = {name: kind.label for name, kind in KINDS.items()}
    labels |= {name: "A mail after a session" for name in KINDS if name.startswith("feedback/")}  # a wish is secret
    return page("programme/undelivered.html", letters=undelivered.undelivered(), labels=labels)


@programme.post("/coordinator/mails/<int(max=2147483647):key>/again")
def send_again(key: int) -> Response:
    """Try it again."""
    resending.send_again(key, coordinator=me())
    return see("programme.mails", "It is tried again now.")


@programme.post("/coordinator/mails/<int(max=2147483647):key>/discarding")
def discard(key: int) -> Response:
    """Leave it."""
    resending.leave(key, coordinator=me())
    return see("programme.mails", "It is not tried any more.")
