"""What all pages share that ask for a code: sent to an address, and typed in the browser that asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypedDict

from flask import Response, after_this_request, current_app, request, session

from portal import rates
from portal.askers import limit, source
from portal.errors import NotAllowedNow
from portal.pages import reader, settings
from portal.people import known_browsers, signing_in
from portal.people.codes import DIGITS, new_token
from portal.people.forms import CodeForm
from portal.people.known_browsers import KnownBrowser
from portal.people.models import Person, SignInCode
from portal.people.proving import Guessed, WrongCode
from portal.rates import CODES, WRONG_CODES, WRONG_CODES_ANYWHERE

ANYWHERE = "anybody"


class Asked(TypedDict):
    """What the cookie holds of a code on its way."""

    browser: str
    email: str
    digits: int


def ask_for_code(email: str) -> None:
    """Send a code to an address that signs one in. Raises TooMany, and NotAllowedNow where codes let nobody in."""
    oidc = settings().oidc
    if oidc is not None and settings().sso_only:
        raise NotAllowedNow(f"Here, people sign in with {oidc.name}. Open the page to sign in once more.")
    session["sign_in"] = ask(email, signing_in.request_code)


def ask(email: str, send: Callable[..., SignInCode]) -> Asked:
    """Send a code to an address, by this verb. It counts in this browser. Raises TooMany."""
    known = _known_as(email)
    limit(CODES, browser=known)
    name = new_token()
    code = send(email, browser=name, zone=reader().zone.key, known=known, is_suspect=_is_suspect(known))
    return {"browser": name, "email": email, "digits": code.digits}


def asked(what: str = "sign_in") -> Asked | None:
    """To which address this browser has sent a code; None where it has not, or where codes let nobody in."""
    kept: Asked | None = None if what == "sign_in" and settings().sso_only else session.get(what)
    return {**kept, "digits": kept.get("digits", DIGITS)} if kept else None  # before 0.4 it was not said


def code_form(what: str = "sign_in") -> CodeForm:
    """The form for the code that this browser has asked for, as it was sent where it was."""
    code = asked(what)
    return CodeForm.of(code["digits"] if code else DIGITS, request.form or None)


def prove(form: CodeForm) -> Person | None:
    """Who typed the code that this browser asked for; None where the form says what is wrong."""
    code = asked()
    if not form.validate() or code is None:
        return None
    try:
        with trying(code) as given:
            return signing_in.prove_code(form.code.data, **given)
    except WrongCode as refusal:
        form.code.errors = [str(refusal)]
        return None


@contextmanager
def trying(code: Asked) -> Iterator[dict[str, Any]]:
    """What a verb needs that tries a code. Where it is wrong, and not of a known browser, that is counted."""
    known = _known_as(code["email"])
    try:
        yield {
            "browser": code["browser"],
            "secret_key": settings().secret_key,
            "is_suspect": _is_suspect(known),
        }
    except Guessed:
        if not known:
            rates.count(WRONG_CODES, source())
            rates.count(WRONG_CODES_ANYWHERE, ANYWHERE)
        raise


def _is_suspect(known: str) -> bool:
    return not known and (rates.is_spent(WRONG_CODES, source()) or rates.is_spent(WRONG_CODES_ANYWHERE, ANYWHERE))


def remember_browser(email: str) -> None:
    """From now on this browser is known as one of whoever has this address."""
    key = settings().secret_key
    cookie = _this_browser().learn(email, key).cookie(key)

    @after_this_request
    def keep(response: Response) -> Response:
        secure, lax = current_app.config["SESSION_COOKIE_SECURE"], current_app.config["SESSION_COOKIE_SAMESITE"]
        response.set_cookie(
            _cookie_name(), cookie, max_age=known_browsers.LIFE, secure=secure, httponly=True, samesite=lax
        )
        return response


def _known_as(email: str) -> str:
    """The lasting name of this browser, where the owner of this address has signed in with it; else nothing."""
    browser = _this_browser()
    return browser.name if browser.knows(email, settings().secret_key) else ""


def _this_browser() -> KnownBrowser:
    return known_browsers.read(request.cookies.get(_cookie_name()), settings().secret_key)


def _cookie_name() -> str:
    return "__Host-known" if settings().is_secure else "known"
