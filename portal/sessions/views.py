"""Pages of sessions: hold an opening, book it, see it, cancel it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, current_app, request, url_for
from flask import session as cookie
from flask_login import current_user, login_required
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from portal.availability.choices import nearest_to
from portal.availability.derived import release_expired
from portal.availability.models import LENGTHS
from portal.clock import now
from portal.errors import OpeningTaken, Refusal
from portal.mentors.models import Mentor
from portal.pages import page, see
from portal.people.codes import new_token
from portal.people.models import Person
from portal.sessions import agenda, booking, changes, holding, ical
from portal.sessions.forms import EXAMPLES, BookingForm, QuestionsForm, ReasonForm, questions_of
from portal.sessions.holding import Opening
from portal.sessions.models import Session

sessions = Blueprint("sessions", __name__)
FAR = timedelta(days=366)
LONGEST_REF = 64
"""Characters kept of what a form says is its hold: ours have 22."""
DRAFTED = ("objective", "questions", "kind", "format", "link")


@sessions.post("/holds")
def hold() -> AnyResponse:
    """Hold the opening that was tapped, and go on to the form."""
    opening = _opening(request.form.get("opening", ""))
    draft = {name: request.form[name] for name in DRAFTED if request.form.get(name)}
    try:
        held = holding.hold(opening, holder=_holder(), mentee=_mentee(), draft=draft)
    except OpeningTaken as taken:
        return _taken(opening, taken, BookingForm(request.form))
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
    if held.is_released or held.expires_at <= now():
        release_expired([held.mentor_id])
        refusal = OpeningTaken("The 10 minutes are over. Take the time again if it is still free.")
        return _taken(opening, refusal, draft)
    return _form_page(opening, draft, ref, expires_at=held.expires_at)


@sessions.post("/sessions")
@login_required
def book() -> AnyResponse:
    """Book it. Sent twice, it is one session."""
    opening = _opening(request.form.get("opening", ""))
    filled = BookingForm(request.form).for_mentor(opening.mentor, strict=True)
    ref = request.form.get("hold", "")[:LONGEST_REF] or new_token()
    if not filled.validate():
        return _form_page(opening, filled, ref, status=422)
    try:
        booked = booking.book(opening, filled.request, mentee=_me(), holder=_holder(), hold_ref=ref)
    except OpeningTaken as taken:
        return _taken(opening, taken, filled)
    except Refusal as refusal:
        return _form_page(opening, filled, ref, status=refusal.status, refusal=str(refusal))
    return see("sessions.show", "Booked.", ref=booked.ref)


def _form_page(opening: Opening, form: BookingForm, ref: str, status: int = 200, **more: Any) -> Response:
    return page(
        "sessions/form.html",
        status=status,
        opening=opening,
        form=form.for_mentor(opening.mentor, strict=status != 200),
        hold=ref,
        examples=EXAMPLES,
        **more,
    )


def _taken(opening: Opening, taken: OpeningTaken, form: BookingForm) -> Response:
    mentee = _mentee()
    nearby = nearest_to(
        opening.mentor.person_id, opening.start, opening.length, mentee_id=mentee.id if mentee else None
    )
    typed = {name: form.data[name] for name in DRAFTED if form.data.get(name)}
    return page("sessions/taken.html", status=409, opening=opening, refusal=str(taken), nearby=nearby, typed=typed)


@sessions.get("/sessions")
@login_required
def index() -> Response:
    """My sessions: next first."""
    return page("sessions/index.html", agenda=agenda.agenda(current_user))


@sessions.get("/sessions/<ref>")
@login_required
def show(ref: str) -> Response:
    """One session, for its two sides."""
    booked = changes.find_session(ref, person=current_user)
    return _session_page(booked, QuestionsForm(data={"questions": booked.questions}), ReasonForm())


@sessions.post("/sessions/<ref>/questions")
@login_required
def questions(ref: str) -> AnyResponse:
    """Change the questions."""
    booked = changes.find_session(ref, person=current_user)
    asked = QuestionsForm(request.form)
    if not asked.validate():
        return _session_page(booked, asked, ReasonForm(), status=422)
    changes.change_questions(booked, questions_of(asked.questions.data), mentee=current_user)
    return see("sessions.show", "Your questions are changed.", ref=ref)


@sessions.post("/sessions/<ref>/cancellation")
@login_required
def cancellation(ref: str) -> AnyResponse:
    """Cancel."""
    booked = changes.find_session(ref, person=current_user)
    why = ReasonForm(request.form)
    if not why.validate():
        asked = QuestionsForm(data={"questions": booked.questions})
        return _session_page(booked, asked, why, status=422)
    changes.cancel(booked, person=_me(), reason=why.reason.data)
    return see("sessions.show", "The session is cancelled. The other side gets your sentence.", ref=ref)


@sessions.get("/sessions/<ref>/calendar.ics")
@login_required
def calendar(ref: str) -> Response:
    """The calendar entry."""
    booked = changes.find_session(ref, person=current_user)
    entry = ical.calendar_of(
        booked,
        person=current_user,
        url=current_app.config["SETTINGS"].portal_url + url_for("sessions.show", ref=ref),
        where=place_of(booked),
        stamp=now(),
    )
    disposition = {"Content-Disposition": f'attachment; filename="session-{booked.start:%Y-%m-%d}.ics"'}
    return Response(entry, mimetype="text/calendar", headers=disposition)


def place_of(booked: Session) -> str:
    """Where the two meet, by the format: a link, a number, a place."""
    mentor: Mentor = booked.mentor
    return {"video": mentor.video_link, "phone": mentor.phone, "in_person": mentor.place}.get(booked.format, "")


def _session_page(booked: Session, asked: QuestionsForm, why: ReasonForm, status: int = 200) -> Response:
    return page(
        "sessions/show.html",
        status=status,
        session=booked,
        mentored=booked.is_mentored_by(current_user),
        place=place_of(booked),
        form=asked,
        reason=why,
    )


def _me() -> Person:
    person: Person = current_user._get_current_object()
    return person


def _mentee() -> Person | None:
    return _me() if current_user.is_authenticated else None


def _holder() -> str:
    if "holder" not in cookie:
        cookie["holder"] = new_token()
    holder: str = cookie["holder"]
    return holder


def _opening(value: str) -> Opening:
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
