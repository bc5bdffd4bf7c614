"""Pages of accounts: sign in, sign out, say who you are."""

from __future__ import annotations

from flask import Blueprint, request, session, url_for
from flask_login import current_user, login_required, login_user, logout_user
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from portal.clock import zone, zone_names
from portal.pages import ZONE_COOKIE, own_path, page, reader, see, settings
from portal.people import account, blocks, signing_in
from portal.people.codes import new_token
from portal.people.forms import CodeForm, EmailForm, PersonForm
from portal.people.models import Person
from portal.people.signing_in import WrongCode

people = Blueprint("people", __name__)


@people.get("/sign-in")
def sign_in() -> Response:
    """Ask for an e-mail address."""
    return page("people/sign_in.html", form=EmailForm(), next=own_path(request.args.get("next")))


@people.post("/sign-in")
def send_code() -> Response:
    """Send a code. The answer is the same for known and unknown addresses."""
    form = EmailForm(request.form)
    target = own_path(request.form.get("next"))
    if not form.validate():
        return page("people/sign_in.html", status=422, form=form, next=target)
    session["sign_in"] = {"browser": new_token(), "email": form.email.data}
    signing_in.request_code(form.email.data, browser=session["sign_in"]["browser"], zone=reader().zone.key)
    return redirect(url_for("people.code", next=target), 303)


@people.get("/sign-in/code")
def code() -> Response:
    """Ask for the code."""
    return _code_page(CodeForm(), own_path(request.args.get("next")))


@people.post("/sign-in/code")
def prove_code() -> Response:
    """Sign in with the code."""
    form = CodeForm(request.form)
    target = own_path(request.form.get("next"))
    asked = session.get("sign_in")
    if not form.validate() or asked is None:
        return _code_page(form, target, status=422)
    try:
        person = signing_in.prove_code(form.code.data, browser=asked["browser"], secret_key=settings().secret_key)
    except WrongCode as refusal:
        form.code.errors = [str(refusal)]
        return _code_page(form, target, status=422)
    return _welcome(person, target)


def _code_page(form: CodeForm, target: str, status: int = 200) -> Response:
    asked = session.get("sign_in")
    if asked is None:
        return redirect(url_for("people.sign_in", next=target), 303)
    return page("people/code.html", status=status, form=form, next=target, email=asked["email"])


@people.get("/sign-in/link/<token>")
def link(token: str) -> Response:
    """A one-time link leads to a button: looking at it changes nothing."""
    return page("people/link.html", token=token, usable=signing_in.is_link_valid(token))


@people.post("/sign-in/link/<token>")
def use_link(token: str) -> Response:
    """Sign in by the link."""
    return _welcome(signing_in.use_link(token), "/")


def _welcome(person: Person, target: str) -> Response:
    enter(person)
    if not person.name:
        return redirect(url_for("people.you", next=target), 303)
    return redirect(target, 303)


def enter(person: Person) -> None:
    """Sign `person` in, in a session that nobody could have prepared."""
    held = session.get("holder")
    session.clear()
    if held:
        session["holder"] = held
    session.permanent = True
    login_user(person)


@people.post("/sign-out")
def sign_out() -> Response:
    """Forget everything this browser's cookie knew."""
    logout_user()
    session.clear()
    return see("directory.find", "You are signed out.")


@people.get("/you")
@login_required
def you() -> Response:
    """What the portal knows of you, and where your own pages are."""
    form = PersonForm(obj=current_user)
    if not current_user.name:
        form.time_zone.data = zone(request.cookies.get(ZONE_COOKIE) or current_user.time_zone).key
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
