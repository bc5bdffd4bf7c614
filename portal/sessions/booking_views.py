"""Pages of booking: hold an opening, fill the form, book; book a cancelled session anew."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from flask import Response, abort, request, url_for
from flask import session as cookie
from flask_login import current_user, login_required
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from portal.askers import limit
from portal.availability.choices import nearest_to
from portal.availability.derived import release_expired
from portal.availability.models import LENGTHS, Hold
from portal.clock import now
from portal.errors import OpeningTaken, Paused, Refusal, TooMany, TooManyUpcoming
from portal.mentors.models import Mentor
from portal.pages import number, only_members, page, see, settings
from portal.people.code_views import ask_for_code
from portal.people.codes import new_token
from portal.people.forms import VisitorForm
from portal.people.models import Person
from portal.people.sso_views import set_out
from portal.rates import BOOKINGS, HOLDS
from portal.sessions import booking, fairness, hints, holding
from portal.sessions.forms import EXAMPLES, BookingForm
from portal.sessions.holding import Opening
from portal.sessions.turns import seat_at
from portal.sessions.views import me, sessions
from portal.text import clean_line

FAR = timedelta(days=366)
LONGEST_REF = 64
"""Characters kept of what a form says is its hold: ours have 22."""
DRAFTED = ("objective", "questions", "kind", "format", "link", "context", "name", "email")


@sessions.post("/holds")
def hold() -> AnyResponse:
    """Hold the opening that was tapped, and go on to the form."""
    asked_to_sign_in = only_members()
    if asked_to_sign_in is not None:
        return asked_to_sign_in
    opening = opening_of(request.form.get("opening", ""))
    draft = {name: request.form[name] for name in DRAFTED if request.form.get(name)}
    limit(HOLDS)
    try:
        held = holding.hold(opening, holder=holder(), mentee=_mentee(), draft=draft)
    except OpeningTaken as taken:
        return taken_page(opening, taken, draft)
    except (TooManyUpcoming, Paused) as refusal:
        return _stopped(opening, str(refusal), draft)
    return redirect(url_for("sessions.form", ref=held.ref), 303)


@sessions.get("/holds/<ref>")
def form(ref: str) -> AnyResponse:
    """The booking form of a held opening; once booked, the session."""
    mentee = _mentee()
    booked = booking.booked_before(ref, mentee) if mentee else None
    if booked is not None:
        return redirect(url_for("sessions.show", ref=booked.ref), 303)
    held = holding.find_hold(ref, holder=cookie.get("holder"))
    opening = held_opening(held)
    draft = json.loads(held.draft)
    if not holding.stands_for(held, mentee):
        return over_page(held)
    if mentee and not mentee.name:
        return ask_name(ref)
    stop = fairness.why_not_book(mentee) if mentee else ""
    if stop:
        return _stopped(opening, stop, draft, held=held)
    who = None if mentee else VisitorForm(data=draft)
    return form_page(opening, BookingForm(data=draft), ref, who=who, expires_at=held.expires_at)


def held_opening(held: Hold) -> Opening:
    """What is held."""
    return Opening(held.mentor, held.start, held.length)


def over_page(held: Hold) -> Response:
    """Nothing is held any more; what was typed is kept."""
    release_expired([held.mentor_id])
    refusal = OpeningTaken(f"{holding.how_long(held)} are over. Take the time again if it is still free.")
    return taken_page(held_opening(held), refusal, json.loads(held.draft))


@sessions.post("/sessions")
def book() -> AnyResponse:
    """Book it, or ask a visitor for the code first. Sent twice, it is one session."""
    opening = opening_of(request.form.get("opening", ""))
    filled = BookingForm(request.form).for_mentor(opening.mentor, strict=True)
    if not current_user.is_authenticated:
        return ask_visitor(opening, filled, hold_ref())
    if not me().name:
        return ask_name(hold_ref())
    return book_as_filled(opening, filled, hold_ref())


def book_as_filled(opening: Opening, filled: BookingForm, ref: str) -> AnyResponse:
    """Book it for who is signed in, or say what keeps it from being booked."""
    if not filled.validate():
        return form_page(opening, filled, ref, status=422, expires_at=held_until(opening, ref))
    try:
        limit(BOOKINGS)
        booked = booking.book(opening, filled.request, mentee=me(), holder=holder(), hold_ref=ref)
    except OpeningTaken as taken:
        return taken_page(opening, taken, filled.data)
    except Refusal as refusal:
        until = held_until(opening, ref)
        return form_page(opening, filled, ref, status=refusal.status, refusal=str(refusal), expires_at=until)
    return see("sessions.show", "Booked.", ref=booked.ref)


def ask_visitor(opening: Opening, filled: BookingForm, ref: str) -> AnyResponse:
    """Keep what a visitor typed, and send the code with which it is booked; or ask the provider of single sign-on who
    it is.
    """
    who, by_sso = VisitorForm(request.form), is_by_sso()
    if not all([filled.validate(), by_sso or who.validate()]):  # both, so that all that is wrong is said at once
        return form_page(opening, filled, ref, status=422, who=who, expires_at=held_until(opening, ref))
    held = holding.held_now(ref, holder(), opening)
    if held is None:
        refusal = OpeningTaken("This time is no longer held for you. Take it again if it is still free.")
        return taken_page(opening, refusal, {**filled.data, **who.data})
    holding.keep_draft(held, _typed({**filled.data, **who.data}))
    if by_sso:
        return set_out("book", target=url_for("sessions.form", ref=ref), about=ref)
    try:
        ask_for_code(who.email.data)
    except TooMany as refusal:
        who.email.errors = [str(refusal)]
        return form_page(opening, filled, ref, status=refusal.status, who=who, expires_at=held.expires_at)
    return redirect(url_for("sessions.code", ref=ref), 303)


def is_by_sso() -> bool:
    """Whether this visitor comes in by single sign-on, because that is the only way or the chosen one."""
    return settings().sso_only or (settings().oidc is not None and "sso" in request.form)


@sessions.post("/sessions/<ref>/rebooking")
@login_required
def rebooking(ref: str) -> AnyResponse:
    """Book another opening with all that was written for the cancelled session."""
    seat = seat_at(ref, person=me())
    opening = opening_of(request.form.get("opening", ""))
    try:
        booked = booking.rebook(seat.session, opening, mentee=me(), holder=holder(), hold_ref=hold_ref())
    except OpeningTaken as taken:
        typed = booking.request_of(seat.session, opening.mentor)
        return taken_page(opening, taken, {**vars(typed), "questions": seat.session.questions})
    return see("sessions.show", "Booked. Everything you wrote came along.", ref=booked.ref)


@sessions.get("/hint")
def hint() -> Response:
    """While somebody types: whether the objective is too big for the length."""
    length = number("length", lowest=min(LENGTHS), highest=max(LENGTHS), otherwise=min(LENGTHS))
    objective = clean_line(request.args.get("objective"))[:400]
    return page("sessions/_hint.html", too_big=hints.too_big(objective, length), length=length)


def ask_name(ref: str) -> AnyResponse:
    """A mentor learns who comes: the name first, then back to the form."""
    return redirect(url_for("people.you", next=url_for("sessions.form", ref=ref)), 303)


def form_page(opening: Opening, form: BookingForm, ref: str, status: int = 200, **more: Any) -> Response:
    """The booking form. `who` is the part of it that asks a visitor's name and address."""
    form.for_mentor(opening.mentor, strict=status != 200)
    return page(
        "sessions/form.html",
        status=status,
        opening=opening,
        form=form,
        hold=ref,
        examples=EXAMPLES,
        too_big=hints.too_big(form.objective.data or "", opening.length),
        **more,
    )


def held_until(opening: Opening, ref: str) -> datetime | None:
    """When this browser's hold of it ends; None where it has none."""
    held = holding.held_now(ref, holder(), opening)
    return held.expires_at if held else None


def taken_page(opening: Opening, taken: OpeningTaken, draft: dict[str, Any]) -> Response:
    """The time is gone: the nearest ones, and what was typed goes along."""
    mentee = _mentee()
    nearby = nearest_to(
        opening.mentor.person_id, opening.start, opening.length, mentee_id=mentee.id if mentee else None
    )
    typed = _typed(draft)
    return page("sessions/taken.html", status=409, opening=opening, refusal=str(taken), nearby=nearby, typed=typed)


def _stopped(opening: Opening, refusal: str, draft: dict[str, Any], held: Hold | None = None) -> Response:
    """Nothing can be booked now; what was typed is there for when it can."""
    typed = _typed(draft)
    return page("sessions/stopped.html", status=409, opening=opening, refusal=refusal, typed=typed, held=held)


def _typed(draft: dict[str, Any]) -> dict[str, str]:
    return {name: draft[name] for name in DRAFTED if draft.get(name)}


def _mentee() -> Person | None:
    return me() if current_user.is_authenticated else None


def holder() -> str:
    """The name of this browser for its holds."""
    if "holder" not in cookie:
        cookie["holder"] = new_token()
    known: str = cookie["holder"]
    return known


def hold_ref() -> str:
    """What makes this form's session one session, however often it is sent."""
    return request.form.get("hold", "")[:LONGEST_REF] or new_token()


def opening_of(value: str) -> Opening:
    """The opening that a button stands for; 400 where it is none."""
    slug, _, rest = value.partition(" ")
    start, _, length = rest.partition(" ")
    try:
        instant = datetime.fromisoformat(start)
        minutes = int(length)
    except ValueError:
        abort(400, "This is not an opening. Go back and tap one.")
    if instant.tzinfo is None or minutes not in LENGTHS or abs(instant - now()) > FAR:
        abort(400, "This is not an opening. Go back and tap one.")
    mentor = Mentor.get_or_none(Mentor.slug == slug)
    if mentor is None or mentor.status == "applying":
        abort(404)
    return Opening(mentor, instant, minutes)
