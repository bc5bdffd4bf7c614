"""Pages of booking first and signing in after: a code from a mail, or single sign-on, tells who it is, and it is
booked.
"""

from __future__ import annotations

import json

from flask import session as cookie
from flask import url_for
from flask_login import current_user
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from portal.availability.models import Hold
from portal.clock import now
from portal.pages import page
from portal.people import account
from portal.people.code_views import ask_for_code, asked, code_form, prove
from portal.people.forms import CodeForm
from portal.people.models import Person
from portal.people.provider import Said
from portal.people.sign_in_views import enter
from portal.people.sso_views import Trip, arriving, enter_by
from portal.sessions import booking, holding
from portal.sessions.booking_views import ask_name, book_as_filled, held_opening, over_page
from portal.sessions.forms import BookingForm
from portal.sessions.views import sessions


@sessions.get("/holds/<ref>/code")
def code(ref: str) -> Response:
    """Ask for the code."""
    return _code_page(_held(ref), code_form())


@sessions.post("/holds/<ref>/code")
def prove_and_book(ref: str) -> Response:
    """Sign in with the code, and book what was typed before."""
    if current_user.is_authenticated:  # sent twice
        return redirect(url_for("sessions.form", ref=ref), 303)
    held, form = _held(ref), code_form()
    person = prove(form)
    if person is None:
        return _code_page(held, form, status=422)
    account.introduce(person, name=json.loads(held.draft).get("name", ""))
    enter(person, way="code")
    return _book_as_typed(held, person)


@arriving("book")
def book_by_sso(said: Said, trip: Trip) -> Response:
    """Sign in whoever the provider says it is, and book what was typed before."""
    return _book_as_typed(_held(trip["about"]), enter_by(said))


def _book_as_typed(held: Hold, person: Person) -> Response:
    ref = held.ref
    if not person.name:
        return ask_name(ref)
    if booking.booked_before(ref, person):  # the answer to the first time never arrived
        return redirect(url_for("sessions.form", ref=ref), 303)
    if not holding.stands_for(held, person):
        return over_page(held)
    opening = held_opening(held)
    typed = BookingForm(data=json.loads(held.draft)).for_mentor(opening.mentor, strict=True)
    return book_as_filled(opening, typed, ref)


@sessions.post("/holds/<ref>/code/again")
def send_new_code(ref: str) -> Response:
    """Send a new code to the same address."""
    held, code = _held(ref), asked()
    if code is not None:
        ask_for_code(code["email"])
    return redirect(url_for("sessions.code", ref=held.ref), 303)


def _held(ref: str) -> Hold:
    return holding.find_hold(ref, holder=cookie.get("holder"))


def _code_page(held: Hold, form: CodeForm, status: int = 200) -> Response:
    code = asked()
    if code is None:  # signed in meanwhile, or nothing was asked for
        return redirect(url_for("sessions.form", ref=held.ref), 303)
    until = held.expires_at if held.stands(now()) else None
    return page(
        "sessions/code.html", status=status, form=form, opening=held_opening(held), held=held, until=until, asked=code
    )
