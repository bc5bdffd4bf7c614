"""Pages of accounts: say who you are, and lift blocks."""

from __future__ import annotations

from flask import Blueprint, request
from flask_login import current_user, login_required
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from portal.clock import zone, zone_names
from portal.pages import device_zone, own_path, page, see
from portal.people import account, blocks
from portal.people.forms import PersonForm
from portal.people.invited import name_given

people = Blueprint("people", __name__)


@people.get("/you")
@login_required
def you() -> Response:
    """What the portal knows of you, and where your own pages are."""
    form = PersonForm(obj=current_user)
    if not current_user.name:
        form.name.data = name_given(current_user.email)
        form.time_zone.data = zone(device_zone() or current_user.time_zone).key
    return _you_page(form, request.args.get("next"))


@people.post("/you")
@login_required
def describe() -> Response:
    """Change name, headline and zone."""
    form = PersonForm(request.form)
    target = request.form.get("next")
    if not form.validate():
        return _you_page(form, target, status=422)
    account.describe(current_user._get_current_object(), **form.data)
    if target:
        return redirect(own_path(target), 303)
    return see("people.you", "Saved.")


def _you_page(form: PersonForm, target: str | None, status: int = 200) -> Response:
    blocked = blocks.blocked_by(current_user)
    return page("people/you.html", status=status, form=form, next=target, zones=sorted(zone_names()), blocked=blocked)


@people.post("/blocks/<int(max=2147483647):key>/end")
@login_required
def unblock(key: int) -> Response:
    """Lift a block. Of one that is not there, it says the same."""
    blocks.unblock(key, person=current_user._get_current_object())
    return see("people.you", "Unblocked. You can be offered each other's openings.")
