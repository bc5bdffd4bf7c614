"""Pages of single sign-on: the way to the provider, and back with what it says.

A GET signs somebody in here, at `/sign-in/sso/return`, and nowhere else. It is as good as a form with its token: the
`state` in the address has to be the one in the cookie of this very browser, which a page of ours put there in answer to
a form, and counts once; the code in it is of use only with the verifier from the same cookie. What scans links has no
such cookie. The way out begins with a form too, and goes through a page: a browser takes `form-action 'self'` to mean
all that a form leads to, and the provider may lead on to hosts that nobody here knows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, fields
from datetime import timedelta
from functools import cache
from typing import Any

from flask import flash, request, session, url_for
from flask_login import current_user, login_required
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from portal.clock import now
from portal.errors import Missing, NotAllowedNow, Refusal
from portal.oidc import Oidc
from portal.pages import own_path, page, reader, see, settings
from portal.people import identities
from portal.people.codes import same
from portal.people.models import NEVER, Person
from portal.people.passkey_views import proved
from portal.people.provider import Provider, Question, Said, new_question
from portal.people.sign_in_views import enter, prove_again, welcome
from portal.people.views import people

LONGEST_TRIP = timedelta(minutes=15)
LONGEST_TARGET = 1000
"""Characters of the page to come back to: a cookie holds 4,096 bytes in all."""
Trip = dict[str, Any]
"""A question, why it is asked, the page to come back to, and what it is about: what the cookie keeps meanwhile."""
Arrival = Callable[[Said, Trip], Response]
_arrivals: dict[str, Arrival] = {}
log = logging.getLogger(__name__)


def arriving(why: str) -> Callable[[Arrival], Arrival]:
    """Let this be done with what the provider says, for who set out for this reason."""

    def known(arrival: Arrival) -> Arrival:
        _arrivals[why] = arrival
        return arrival

    return known


def set_out(why: str, *, target: str, about: object = "", again: bool = False) -> Response:
    """To the provider, and from there on to `target`. Until then the last one who set out in this browser counts."""
    _oidc()
    target = target if len(target) <= LONGEST_TARGET else "/"
    session["sso"] = {**asdict(new_question(again=again)), "why": why, "next": target, "about": about}
    return redirect(url_for("people.sso"), 303)


@people.post("/sign-in/sso")
def sign_in_by_sso() -> Response:
    """Sign in, or sign up."""
    return set_out("sign-in", target=own_path(request.form.get("next")))


@people.post("/sign-in/again/sso")
@login_required
def prove_by_sso() -> Response:
    """Show once more who it is, even where the provider knows."""
    return set_out("again", target=own_path(request.form.get("next")), about=current_user.id, again=True)


@people.get("/you/sso")
@login_required
def my_sso() -> Response:
    """The accounts by which I sign in."""
    return page("people/identities.html", identities=identities.identities_of(current_user, issuer=_oidc().issuer))


@people.post("/you/sso")
@proved
def connect() -> Response:
    """Sign in by another one as well."""
    return set_out("connect", target=url_for("people.my_sso"), about=current_user.id)


@people.post("/you/sso/<int(max=2147483647):key>/end")
@proved
def disconnect(key: int) -> Response:
    """No longer by this one."""
    only_way = _oidc().issuer if settings().sso_only else None
    try:
        identities.disconnect(key, person=current_user._get_current_object(), only_way=only_way)
    except NotAllowedNow as refusal:
        return see("people.my_sso", str(refusal))
    return see("people.my_sso", f"You no longer sign in by that account at {_oidc().name}.")


@people.get("/sign-in/sso")
def sso() -> Response:
    """A page that leads on to the provider by itself."""
    trip = session.get("sso")
    if trip is None:
        return redirect(url_for("people.sign_in"), 303)
    try:
        way = _provider().way_to(_question(trip))
    except Refusal as refusal:
        return _turn_back(trip, str(refusal))
    leading_on = page("people/sso.html", way=way)
    leading_on.headers["Refresh"] = f"0; url={way}"
    return leading_on


@people.get("/sign-in/sso/return")
def sso_return() -> Response:
    """Back from the provider, with an answer to the question that this browser was sent out with."""
    trip = session.get("sso")
    if trip is None or not same(trip["state"], request.args.get("state", "")):
        why = f"This way back from {_oidc().name} has been used, or was not begun in this browser. Please start again."
        return see("people.you" if current_user.is_authenticated else "people.sign_in", why)
    try:
        said = _answer(_question(trip))
        del session["sso"]
        return _arrivals[trip["why"]](said, trip)
    except Refusal as refusal:
        return _turn_back(trip, str(refusal))


def _answer(question: Question) -> Said:
    if now().timestamp() > question.at + LONGEST_TRIP.total_seconds():
        raise NotAllowedNow(f"That took more than {LONGEST_TRIP.seconds // 60} minutes. Please start again.")
    _provider().check_sender(request.args.get("iss"))
    error, code = request.args.get("error"), request.args.get("code")
    if error == "access_denied":
        raise NotAllowedNow(f"You did not let {_oidc().name} tell us who you are. Nothing was changed.")
    if error or not code:
        log.warning("single sign-on at %s: it answers %r", _oidc().issuer, error)
        raise NotAllowedNow(f"{_oidc().name} could not sign you in. Nothing was changed. Please try again.")
    return _provider().answer(question, code)


@arriving("sign-in")
def _go_in(said: Said, trip: Trip) -> Response:
    return welcome(person_of(said), trip["next"], way="sso", proved_at=said.proved_at or NEVER)


def enter_by(said: Said) -> Person:
    """Sign in whoever the provider says it is. Raises NotAllowedNow."""
    person = person_of(said)
    enter(person, way="sso", proved_at=said.proved_at or NEVER)
    return person


def person_of(said: Said) -> Person:
    """Whoever the provider says it is. Raises NotAllowedNow."""
    is_only = settings().sso_only
    otherwise = "Ask whoever runs this portal for a link to sign in by" if is_only else "Sign in by code"
    return identities.enter(said, zone=reader().zone.key, otherwise=otherwise)


@arriving("again")
def _prove(said: Said, trip: Trip) -> Response:
    identities.check_is_of(_who_set_out(trip), said)
    prove_again("sso", at=said.proved_at)
    return redirect(trip["next"], 303)


@arriving("connect")
def _connect(said: Said, trip: Trip) -> Response:
    identities.connect(said, person=_who_set_out(trip))
    return see("people.my_sso", f"Connected. You can sign in by {said.by} from now on.")


def _who_set_out(trip: Trip) -> Person:
    if not current_user.is_authenticated or current_user.id != trip["about"]:
        raise NotAllowedNow("You are no longer signed in as who you were. Please start again.")
    person: Person = current_user._get_current_object()
    return person


def _turn_back(trip: Trip, said: str) -> Response:
    session.pop("sso", None)
    flash(said)
    asking = {"sign-in": "people.sign_in", "again": "people.again"}.get(trip["why"])
    return redirect(url_for(asking, next=trip["next"]) if asking else trip["next"], 303)


def _question(trip: Trip) -> Question:
    return Question(**{field.name: trip[field.name] for field in fields(Question)})


def _oidc() -> Oidc:
    """The provider that is set. Raises Missing where there is none: then these pages do not exist."""
    oidc = settings().oidc
    if oidc is None:
        raise Missing
    return oidc


def _provider() -> Provider:
    return provider_of(_oidc(), f"{settings().portal_url}{url_for('people.sso_return')}")


@cache
def provider_of(oidc: Oidc, returns_to: str) -> Provider:
    """One for each process, which keeps what it has read."""
    return Provider(oidc, returns_to=returns_to)
