"""Pages of another e-mail address: say it, then type the code that went there."""

from __future__ import annotations

from flask import request, session, url_for
from flask_login import current_user
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from portal.errors import NotAllowedNow
from portal.pages import page, reader, see, settings
from portal.people import address
from portal.people.codes import new_token
from portal.people.forms import AddressForm, CodeForm
from portal.people.sign_in_views import fresh
from portal.people.signing_in import WrongCode
from portal.people.views import people


@people.get("/you/address")
@fresh
def address_page() -> Response:
    """Ask for the new address."""
    return page("people/address.html", form=AddressForm())


@people.post("/you/address")
@fresh
def give_address() -> Response:
    """Send a code there. Known or not, the answer is the same."""
    form = AddressForm(request.form)
    if not form.validate():
        return page("people/address.html", status=422, form=form)
    session["address"] = {"browser": new_token(), "email": form.email.data}
    address.ask_to_change(form.email.data, browser=session["address"]["browser"], zone=reader().zone.key)
    return redirect(url_for("people.address_code"), 303)


@people.get("/you/address/code")
@fresh
def address_code() -> Response:
    """Ask for the code."""
    return _code_page(CodeForm())


@people.post("/you/address/code")
@fresh
def prove_address() -> Response:
    """Take the new address."""
    form, asked = CodeForm(request.form), session.get("address")
    if asked is None or not form.validate():
        return _code_page(form, status=422)
    person, key = current_user._get_current_object(), settings().secret_key
    try:
        address.change(person, form.code.data, browser=asked["browser"], secret_key=key)
    except (WrongCode, NotAllowedNow) as refusal:
        form.code.errors = [str(refusal)]
        return _code_page(form, status=refusal.status)
    del session["address"]
    return see("people.you", "Your address is changed. All other browsers are signed out.")


def _code_page(form: CodeForm, status: int = 200) -> Response:
    asked = session.get("address")
    if asked is None:
        return redirect(url_for("people.address_page"), 303)
    return page("people/address_code.html", status=status, form=form, email=asked["email"])
