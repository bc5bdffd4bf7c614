"""Which mails one gets: chosen on a page, or stopped by a link in one of them."""

from __future__ import annotations

from flask import request
from flask_login import current_user, login_required
from werkzeug.wrappers import Response

from portal.errors import Missing
from portal.mail import preferences
from portal.mail.kinds import KINDS
from portal.mail.outbox import Outbox
from portal.mail.tokens import letter_of
from portal.pages import page, see, settings
from portal.people.forms import MailsForm
from portal.people.views import people


@people.get("/you/mails")
@login_required
def mails() -> Response:
    """The mails one can do without."""
    unwanted = preferences.unwanted_by(current_user.email)
    offered = _offered()
    return page("people/mails.html", form=MailsForm.of(offered, wanted=offered.keys() - unwanted))


@people.post("/you/mails")
@login_required
def choose_mails() -> Response:
    """Choose them."""
    form = MailsForm.read(_offered(), request.form)
    if not form.validate():
        return page("people/mails.html", status=422, form=form)
    preferences.choose(form.wanted.data, recipient=current_user.email, among=_offered())
    return see("people.mails", "Saved.")


def _offered() -> dict[str, str]:
    """By name, with what they are called, for the roles that this person has or may take."""
    readers = ["everyone", "mentor", *(["coordinator"] if current_user.is_coordinator else [])]
    return {kind.name: kind.label for kind in preferences.optional(readers)}


@people.get("/mails/stop/<token>")
def stop(token: str) -> Response:
    """The link in a mail leads to a button: looking at it changes nothing."""
    letter = _letter(token)
    stopped = letter.kind in preferences.unwanted_by(letter.recipient)
    return page("people/stop.html", token=token, label=KINDS[letter.kind].label, stopped=stopped)


@people.post("/mails/stop/<token>")
def stop_now(token: str) -> Response:
    """No more of these. A mail program may say so for its reader (RFC 8058): it has no cookie, so no CSRF token."""
    letter = _letter(token)
    preferences.stop(letter.kind, recipient=letter.recipient)
    if request.form.get("List-Unsubscribe") == "One-Click":
        return stop(token)  # RFC 8058 3.1: no redirect
    return see("people.stop", token=token)


def _letter(token: str) -> Outbox:
    letter = letter_of(token, settings().secret_key)
    if letter.kind not in KINDS or KINDS[letter.kind].is_needed:
        raise Missing
    return letter
