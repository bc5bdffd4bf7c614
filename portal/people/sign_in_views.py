"""Pages of signing in: by a code, by a one-time link, once more; and of where somebody is signed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from flask import request, session, url_for
from flask_login import current_user, login_required, login_user, logout_user
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from portal.clock import now
from portal.errors import TooMany
from portal.headers import forget_cache
from portal.pages import detour, own_path, page, see, settings
from portal.people import identities, passkeys, sign_ins, signing_in
from portal.people.code_views import ask_for_code, asked, code_form, prove, remember_browser
from portal.people.forms import CodeForm, EmailForm
from portal.people.invited import awaits_profile
from portal.people.models import Person
from portal.people.views import people


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
    try:
        ask_for_code(form.email.data)
    except TooMany as refusal:
        form.email.errors = [str(refusal)]
        return page("people/sign_in.html", status=refusal.status, form=form, next=target)
    return redirect(url_for("people.code", next=target), 303)


@people.get("/sign-in/code")
def code() -> Response:
    """Ask for the code."""
    return _code_page(own_path(request.args.get("next")))


@people.post("/sign-in/code")
def prove_code() -> Response:
    """Sign in with the code."""
    target = own_path(request.form.get("next"))
    form = code_form()
    person = prove(form)
    if person is None:
        return _code_page(target, form, status=422)
    return welcome(person, target, way="code")


def _code_page(target: str, form: CodeForm | None = None, status: int = 200) -> Response:
    code = asked()
    if code is None:
        return redirect(url_for("people.sign_in", next=target), 303)
    return page("people/code.html", status=status, form=form or code_form(), next=target, asked=code)


@people.get("/sign-in/link/<token>")
def link(token: str) -> Response:
    """A one-time link leads to a button: looking at it changes nothing."""
    return page("people/link.html", token=token, usable=signing_in.is_link_valid(token))


@people.post("/sign-in/link/<token>")
def use_link(token: str) -> Response:
    """Sign in by the link."""
    return welcome(signing_in.use_link(token), "/", way="link")


def welcome(person: Person, target: str, *, way: str, proved_at: datetime | None = None) -> Response:
    """Go on as this person, who has shown by this way who they are: just now, or at this time. It can be who is
    signed in already.
    """
    if target == "/" and awaits_profile(person.email):
        target = url_for("mentors.edit")
    if current_user.is_authenticated and current_user.id == person.id:
        session.pop("sign_in", None)
        prove_again(way, at=proved_at)
    else:
        enter(person, way=way, proved_at=proved_at)
    if not person.name:
        return redirect(url_for("people.you", next=target), 303)
    return redirect(target, 303)


def prove_again(way: str, *, at: datetime | None = None) -> None:
    """Whoever is signed in has shown by this way who they are: just now, or at this time. Their cookie gets a new
    token.
    """
    sign_ins.prove_again(current_user, way=way, at=at)
    session["_user_id"] = current_user.get_id()


def enter(person: Person, *, way: str, proved_at: datetime | None = None) -> None:
    """Sign `person` in, in a session that nobody could have prepared. `proved_at` is given where who this is was not
    shown just now.
    """
    held = session.get("holder")
    leave()
    if held:
        session["holder"] = held
    session.permanent = True
    remember_browser(person.email)
    login_user(sign_ins.begin(person, way=way, agent=request.user_agent.string, proved_at=proved_at))
    if way in ("code", "link") and settings().passkey_host and passkeys.is_offered_to(person):
        session["offer_passkey"] = True


def leave() -> None:
    """Sign out here, and forget everything this browser's cookie knew."""
    if current_user.is_authenticated:
        sign_ins.end(current_user.sign_in.id, person=current_user)
    logout_user()
    session.clear()


@people.post("/sign-out")
def sign_out() -> Response:
    """Forget everything this browser's cookie knew."""
    leave()
    return forget_cache(see("directory.find", "You are signed out."))


LONGEST = 254
"""Characters of an address."""


def fresh(view: Callable[..., Response]) -> Callable[..., Response]:
    """A view of what only its owner may touch: whoever has shown nothing for a while is asked to, and comes back."""

    @wraps(view)
    @login_required
    def for_the_owner(**values: object) -> Response:
        if current_user.is_fresh(now()):
            return view(**values)
        if "email" in request.form:
            session["typed"] = request.path, request.form["email"][:LONGEST]
        return detour("people.again")

    return for_the_owner


def typed_before() -> str:
    """The address that was typed on this page before it was asked who one is; once."""
    path, email = session.pop("typed", ("", ""))
    return str(email) if path == request.path else ""


@people.get("/sign-in/again")
@login_required
def again() -> Response:
    """Before something that matters: is it still the same person?"""
    return again_page(own_path(request.args.get("next")))


def again_page(target: str, status: int = 200, *, is_more_needed: bool = False, passkey_error: str = "") -> Response:
    """Ask for a code, a passkey or the provider, where there is one; not for a code where `is_more_needed`."""
    return page(
        "people/again.html",
        status=status,
        next=target,
        has_passkey=bool(settings().passkey_host) and passkeys.has_passkey(current_user),
        by_sso=can_prove_by_sso(),
        is_more_needed=is_more_needed,
        passkey_error=passkey_error,
    )


def can_prove_by_sso() -> bool:
    """Whether the provider can tell that it is still this person."""
    oidc = settings().oidc
    if oidc is None or settings().sso_only:
        return oidc is not None
    return bool(identities.identities_of(current_user, issuer=oidc.issuer))


@people.post("/sign-in/again")
@login_required
def send_code_again() -> Response:
    """Send a code to one's own address."""
    ask_for_code(current_user.email)
    return redirect(url_for("people.code", next=own_path(request.form.get("next"))), 303)


@people.get("/you/sign-ins")
@login_required
def where_signed_in() -> Response:
    """Where I am signed in."""
    return page("people/sign_ins.html", sign_ins=sign_ins.sign_ins_of(current_user))


@people.post("/you/sign-ins/<int(max=2147483647):key>/end")
@login_required
def end_sign_in(key: int) -> Response:
    """Sign out of one browser."""
    if key == current_user.sign_in.id:
        return sign_out()
    sign_ins.end(key, person=current_user)
    return see("people.where_signed_in", "You are signed out there.")


@people.post("/you/sign-ins/end")
@login_required
def end_other_sign_ins() -> Response:
    """Sign out of all browsers but this one."""
    sign_ins.end_others(current_user)
    return see("people.where_signed_in", "You are signed out everywhere else.")
