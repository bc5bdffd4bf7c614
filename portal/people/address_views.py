"""Pages of another e-mail address: say it, then type the code that went there."""

from __future__ import annotations

from flask import request, session, url_for
from flask_login import current_user
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from portal.errors import NotAllowedNow, TooMany
from portal.pages import page, see
from portal.people import address
from portal.people.code_views import ask, asked, code_form, remember_browser, trying
from portal.people.forms import AddressForm, CodeForm
from portal.people.proving import WrongCode
from portal.people.sign_in_views import fresh, typed_before
from portal.people.views import people


@people.get("/you/address")
@fresh
def address_page() -> Response:
    """Ask for the new address."""
    return page("people/address.html", form=AddressForm(email=typed_before()))


@people.post("/you/address")
@fresh
def give_address() -> Response:
    """Send a code there. Known or not, the answer is the same."""
    form = AddressForm(request.form)
    if not form.validate():
        return page("people/address.html", status=422, form=form)
    try:
        session["address"] = ask(form.email.data, address.ask_to_change)
    except TooMany as refusal:
        form.email.errors = [str(refusal)]
        return page("people/address.html", status=refusal.status, form=form)
    return redirect(url_for("people.address_code"), 303)


@people.get("/you/address/code")
@fresh
def address_code() -> Response:
    """Ask for the code."""
    return _code_page(code_form("address"))


@people.post("/you/address/code")
@fresh
def prove_address() -> Response:
    """Take the new address."""
    form, code = code_form("address"), asked("address")
    if code is None or not form.validate():
        return _code_page(form, status=422)
    try:
        with trying(code) as given:
            address.change(current_user._get_current_object(), form.code.data, **given)
    except (WrongCode, NotAllowedNow) as refusal:
        form.code.errors = [str(refusal)]
        return _code_page(form, status=refusal.status)
    del session["address"]
    remember_browser(code["email"])
    return see("people.you", "Your address is changed. All other browsers are signed out.")


def _code_page(form: CodeForm, status: int = 200) -> Response:
    code = asked("address")
    if code is None:
        return redirect(url_for("people.address_page"), 303)
    return page("people/address_code.html", status=status, form=form, asked=code)
