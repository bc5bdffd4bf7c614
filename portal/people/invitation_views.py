"""Where the button in an invitation leads."""

from __future__ import annotations

from flask import url_for
from werkzeug.wrappers import Response

from portal.errors import Missing
from portal.mail.tokens import letter_of
from portal.pages import page, settings
from portal.people.forms import EmailForm
from portal.people.invited import invitation_of
from portal.people.mails import INVITATION
from portal.people.views import people


@people.get("/invitations/<token>")
def invitation(token: str) -> Response:
    """The link in an invitation leads to signing in with that address: looking at it changes nothing."""
    letter = letter_of(token, settings().secret_key)
    if letter.kind != INVITATION.name:
        raise Missing
    asked = invitation_of(letter.recipient)
    target = url_for("mentors.edit") if letter.facts["as_mentor"] else "/"
    form = EmailForm(data={"email": letter.recipient})
    return page("people/sign_in.html", form=form, next=target, is_invited=asked is not None, is_over=asked is None)
