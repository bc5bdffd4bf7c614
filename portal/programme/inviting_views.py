"""Inviting people, and who was invited."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.pages import number, page, see
from portal.people import invitations as inviting
from portal.people.models import Person
from portal.programme.inviting import invite_pasted
from portal.programme.inviting_forms import InviteForm
from portal.programme.views import programme

KEY = "<int(max=2147483647):key>"


@programme.get("/coordinator/invitations")
def invitations() -> Response:
    """Paste addresses; who is invited, and whether they came."""
    return _page(InviteForm())


@programme.post("/coordinator/invitations")
def invite() -> Response:
    """Invite all that can be; what cannot is told by line."""
    form = InviteForm(request.form)
    if not form.validate():
        return _page(form, status=422)
    report = invite_pasted(form.pasted, as_mentor=form.role.data == "mentor", coordinator=_coordinator())
    said = f"{report.invited} invited. Each gets a mail."
    if not report.bad:
        return see("programme.invitations", said)
    form.addresses.data = report.to_fix
    return _page(form, status=200 if report.invited else 422, report=report)


def _page(form: InviteForm, status: int = 200, **more: Any) -> Response:
    at = number("page", lowest=1, highest=1000, otherwise=1)
    return page("programme/invitations.html", status=status, form=form, guests=inviting.guests(at), at=at, **more)


@programme.post(f"/coordinator/invitations/{KEY}/again")
def invite_again(key: int) -> Response:
    """One more mail."""
    invitation = inviting.invite_again(key, coordinator=_coordinator())
    return see("programme.invitations", f"{invitation.email} is invited again.")


@programme.post(f"/coordinator/invitations/{KEY}/end")
def take_back(key: int) -> Response:
    """They may no longer sign up by it."""
    return see(
        "programme.invitations", f"{inviting.take_back(key, coordinator=_coordinator()).email} is invited no more."
    )


def _coordinator() -> Person:
    coordinator: Person = current_user._get_current_object()
    return coordinator
