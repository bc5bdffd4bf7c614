"""Pages of passkeys: signing in with one, and making, naming and removing one's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import flash, request, session, url_for
from flask_login import current_user, login_required
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from portal.errors import NotAllowedNow
from portal.origin import origin_of
from portal.pages import detour, own_path, page, see, settings
from portal.people import passkeys
from portal.people.codes import new_token
from portal.people.forms import EmailForm, PasskeyForm
from portal.people.models import Person
from portal.people.passkey_models import Passkey
from portal.people.passkey_proof import Site, WrongPasskey
from portal.people.sign_in_views import again_page, can_prove_by_sso, fresh, prove_again, welcome
from portal.people.views import people

KEY = "<int(max=2147483647):key>"


def _asked() -> dict[str, Any]:
    """Who asks and where, for a challenge: it counts in this browser alone. Raises NotAllowedNow where no browser
    makes passkeys.
    """
    host = settings().passkey_host
    if not host:
        raise NotAllowedNow("Passkeys work only where the portal is reached over https, by a name.")
    site = Site(host, origin_of(settings().portal_url))
    return {"browser": session.setdefault("passkeys", new_token()), "site": site}


def _answer() -> str:
    return request.form.get("credential", "")


def _me() -> Person:
    person: Person = current_user._get_current_object()
    return person


def _json(text: str) -> Response:
    return Response(text, mimetype="application/json")


@people.post("/sign-in/passkey/options")
def ask_for_passkey() -> Response:
    """What the browser is to be asked for."""
    return _json(passkeys.ask_to_use(**_asked()))


@people.post("/sign-in/passkey")
def use_passkey() -> Response:
    """Sign in with a passkey, or show with it that it is still the same person."""
    target = own_path(request.form.get("next"))
    try:
        person = passkeys.use(_answer(), **_asked())
    except WrongPasskey as refusal:
        return _refused(target, refusal)
    return welcome(person, target, way="passkey")


def _refused(target: str, refusal: WrongPasskey) -> Response:
    """The page on which it was tried."""
    if current_user.is_authenticated:
        is_needed = current_user.lacks_proof
        return again_page(target, status=refusal.status, is_more_needed=is_needed, passkey_error=str(refusal))
    form = EmailForm()
    return page("people/sign_in.html", status=refusal.status, form=form, next=target, passkey_error=str(refusal))


@people.get("/sign-in/proof")
@login_required
def proof() -> Response:
    """Before a coordinator's pages: a passkey, or the provider, beside the code. Who has neither makes a passkey."""
    target = own_path(request.args.get("next"))
    if not current_user.lacks_proof:
        return redirect(target, 303)
    if _can_show_more():
        return again_page(target, is_more_needed=True)
    return redirect(url_for("people.new_passkey", next=target), 303)


def proved(view: Callable[..., Response]) -> Callable[..., Response]:
    """A view that changes what is more than a code: it asks for a fresh proof, and of a coordinator who has a passkey,
    or an account at the provider, for that one. A code would be too little: whoever reads their mail could add another.
    """

    @fresh
    @wraps(view)
    def for_the_owner(**values: object) -> Response:
        is_too_little = current_user.lacks_proof and _can_show_more()
        return detour("people.proof") if is_too_little else view(**values)

    return for_the_owner


def _can_show_more() -> bool:
    return passkeys.has_passkey(current_user) or can_prove_by_sso()


@people.get("/you/passkeys")
@login_required
def my_passkeys() -> Response:
    """All there are."""
    return page("people/passkeys.html", passkeys=passkeys.passkeys_of(current_user), most=passkeys.MOST)


@people.get("/you/passkeys/new")
@proved
def new_passkey() -> Response:
    """Make one."""
    return _new_page(own_path(request.args.get("next", url_for("people.my_passkeys"))))


@people.post("/you/passkeys/options")
@proved
def ask_for_new_passkey() -> Response:
    """What the browser is to be asked for."""
    return _json(passkeys.ask_to_make(_me(), **_asked()))


@people.post("/you/passkeys")
@proved
def make_passkey() -> Response:
    """Keep what the browser made."""
    target = own_path(request.form.get("next"))
    try:
        made = passkeys.make(_answer(), person=_me(), agent=request.user_agent.string, **_asked())
    except WrongPasskey as refusal:
        return _new_page(target, status=refusal.status, error=str(refusal))
    prove_again("passkey")
    session.pop("offer_passkey", None)
    flash(f"Your passkey is made: {made.name}.")
    return redirect(target, 303)


def _new_page(target: str, status: int = 200, error: str = "") -> Response:
    return page("people/new_passkey.html", status=status, next=target, passkey_error=error)


@people.get(f"/you/passkeys/{KEY}")
@login_required
def passkey(key: int) -> Response:
    """One of them."""
    found = passkeys.passkey_of(_me(), key)
    return _passkey_page(found, PasskeyForm(obj=found))


@people.post(f"/you/passkeys/{KEY}")
@login_required
def rename_passkey(key: int) -> Response:
    """Call it otherwise."""
    found, form = passkeys.passkey_of(_me(), key), PasskeyForm(request.form)
    if not form.validate():
        return _passkey_page(found, form, status=422)
    passkeys.rename(found, form.name.data)
    return see("people.my_passkeys", "Saved.")


@people.post(f"/you/passkeys/{KEY}/removal")
@proved
def remove_passkey(key: int) -> Response:
    """Let it sign nobody in any more."""
    passkeys.remove(passkeys.passkey_of(_me(), key), person=_me())
    return see("people.my_passkeys", "That passkey is removed. Remove it from your device as well.")


def _passkey_page(found: Passkey, form: PasskeyForm, status: int = 200) -> Response:
    why_not = passkeys.why_not_remove(current_user, left=len(passkeys.passkeys_of(current_user)))
    return page("people/passkey.html", status=status, passkey=found, form=form, why_not=why_not)


@people.app_template_global()
def offers_passkey() -> bool:
    """Whether this page, the first after somebody signed in by a code, offers one. Not on the way there, where they
    say who they are or are at their passkeys already.
    """
    return request.blueprint != people.name and bool(session.pop("offer_passkey", False))


@people.post("/you/passkeys/not-now")
@login_required
def decline_passkey() -> Response:
    """Not now, and not again."""
    passkeys.decline(_me())
    return redirect(own_path(request.form.get("next")), 303)
