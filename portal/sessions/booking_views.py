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

from portal.availability.choices import nearest_to
from portal.availability.derived import release_expired
from portal.availability.models import LENGTHS, Hold
from portal.clock import now
from portal.errors import OpeningTaken, Paused, Refusal, TooManyUpcoming
from portal.mentors.models import Mentor
from portal.pages import number, page, see
from portal.people.codes import new_token
from portal.people.models import Person
from portal.sessions import booking, fairness, hints, holding
from portal.sessions.forms import EXAMPLES, BookingForm
from portal.sessions.holding import Opening
from portal.sessions.models import Session
from portal.sessions.turns import seat_at
from portal.sessions.views import me, sessions
from portal.text import clean_line

FAR = timedelta(days=366)
LONGEST_REF = 64
"""Characters kept of what a form says is its hold: ours have 22."""
DRAFTED = ("objective", "questions", "kind", "format", "link", "context")


@sessions.post("/holds")
def hold() -> AnyResponse:
    """Hold the opening that was tapped, and go on to the form."""
    opening = opening_of(request.form.get("opening", ""))
    draft = {name: request.form[name] for name in DRAFTED if request.form.get(name)}
    try:
        held = holding.hold(opening, holder=holder(), mentee=_mentee(), draft=draft)
    except OpeningTaken as taken:
        return _taken(opening, taken, BookingForm(request.form))
    except (TooManyUpcoming, Paused) as refusal:
        return _stopped(opening, str(refusal), BookingForm(request.form))
    return redirect(url_for("sessions.form", ref=held.ref), 303)


@sessions.get("/holds/<ref>")
@login_required
def form(ref: str) -> AnyResponse:
    """The booking form of a held opening; once booked, the session."""
    booked = Session.get_or_none((Session.hold_ref == ref) & (Session.mentee == current_user.id))
    if booked is not None:
        return redirect(url_for("sessions.show", ref=booked.ref), 303)
    held = holding.find_hold(ref, holder=cookie.get("holder"))
    opening = Opening(held.mentor, held.start, held.length)
    draft = BookingForm(data=json.loads(held.draft))
    if not holding.stands_for(held, me()):
        release_expired([held.mentor_id])
        refusal = OpeningTaken(f"{holding.how_long(held)} are over. Take the time again if it is still free.")
        return _taken(opening, refusal, draft)
    if not me().name:
        return _ask_name(ref)
    stop = fairness.why_not_book(me())
    if stop:
        return _stopped(opening, stop, draft, held=held)
    return _form_page(opening, draft, ref, expires_at=held.expires_at)


@sessions.post("/sessions")
@login_required
def book() -> AnyResponse:
    """Book it. Sent twice, it is one session."""
    opening = opening_of(request.form.get("opening", ""))
    filled = BookingForm(request.form).for_mentor(opening.mentor, strict=True)
    ref = hold_ref()
    if not me().name:
        return _ask_name(ref)
    if not filled.validate():
        return _form_page(opening, filled, ref, status=422, expires_at=_held_until(opening, ref))
    try:
        booked = booking.book(opening, filled.request, mentee=me(), holder=holder(), hold_ref=ref)
    except OpeningTaken as taken:
        return _taken(opening, taken, filled)
    except Refusal as refusal:
        until = _held_until(opening, ref)
        return _form_page(opening, filled, ref, status=refusal.status, refusal=str(refusal), expires_at=until)
    return see("sessions.show", "Booked.", ref=booked.ref)


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
        draft = BookingForm(data={**vars(typed), "questions": seat.session.questions})
        return _taken(opening, taken, draft)
    return see("sessions.show", "Booked. Everything you wrote came along.", ref=booked.ref)


@sessions.get("/hint")
def hint() -> Response:
    """While somebody types: whether the objective is too big for the length."""
    length = number("length", lowest=min(LENGTHS), highest=max(LENGTHS), otherwise=min(LENGTHS))
    objective = clean_line(request.args.get("objective"))[:400]
    return page("sessions/_hint.html", too_big=hints.too_big(objective, length), length=length)


def _ask_name(ref: str) -> AnyResponse:
    """A mentor learns who comes: the name first, then back to the form."""
    return redirect(url_for("people.you", next=url_for("sessions.form", ref=ref)), 303)


def _form_page(opening: Opening, form: BookingForm, ref: str, status: int = 200, **more: Any) -> Response:
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


def _held_until(opening: Opening, ref: str) -> datetime | None:
    held = holding.held_now(ref, holder(), opening)
    return held.expires_at if held else None


def _taken(opening: Opening, taken: OpeningTaken, form: BookingForm) -> Response:
    mentee = _mentee()
    nearby = nearest_to(
        opening.mentor.person_id, opening.start, opening.length, mentee_id=mentee.id if mentee else None
    )
    typed = _typed(form)
    return page("sessions/taken.html", status=409, opening=opening, refusal=str(taken), nearby=nearby, typed=typed)


def _stopped(opening: Opening, refusal: str, form: BookingForm, held: Hold | None = None) -> Response:
    """Nothing can be booked now; what was typed is there for when it can."""
    typed = _typed(form)
    return page("sessions/stopped.html", status=409, opening=opening, refusal=refusal, typed=typed, held=held)


def _typed(form: BookingForm) -> dict[str, str]:
    return {name: form.data[name] for name in DRAFTED if form.data.get(name)}


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
