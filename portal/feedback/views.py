"""The rating page, and the turns that follow: the mentor's wish, the next step, did it help."""

from __future__ import annotations

from flask import Blueprint, request
from flask_login import login_required
from werkzeug.wrappers import Response

from portal.errors import Missing
from portal.feedback import followups, rating, wishes
from portal.feedback.forms import OutcomeForm, RatingForm, TickForm, WishForm
from portal.pages import page, see
from portal.sessions.turns import check, seat_at
from portal.sessions.views import me, session_page

feedback = Blueprint("feedback", __name__)
"""Its other pages are in impact_views."""


@feedback.get("/sessions/<ref>/rating")
@login_required
def form(ref: str) -> Response:
    """Ask how it went; once said, or when it is not the time, the session says so."""
    seat = seat_at(ref, person=me())
    if not seat.is_mentee:
        raise Missing
    if not seat.can("rating"):
        return see("sessions.show", ref=ref)
    return page("feedback/rate.html", session=seat.session, seat=seat, form=RatingForm())


@feedback.post("/sessions/<ref>/rating")
@login_required
def rate(ref: str) -> Response:
    """Rate it."""
    seat, filled = seat_at(ref, person=me()), RatingForm(request.form)
    check("rating", seat)
    if not filled.validate():
        return page("feedback/rate.html", status=422, session=seat.session, seat=seat, form=filled)
    rating.rate(seat.session, filled.answer, mentee=me())
    return see("sessions.show", "Thank you. Your rating is kept.", ref=ref)


@feedback.post("/sessions/<ref>/wish")
@login_required
def wish(ref: str) -> Response:
    """The mentor's answer to "meet again?". The page after it is the same for yes and no."""
    seat, answer = seat_at(ref, person=me()), WishForm(request.form)
    check("wish", seat)
    if not answer.validate():
        return session_page(seat, 422, wish=answer)
    wishes.wish(seat.session, mentor=me(), again=answer.again.data == "yes")
    return see("sessions.show", "Your answer is kept.", ref=ref)


@feedback.post("/sessions/<ref>/next-step")
@login_required
def tick(ref: str) -> Response:
    """Tick the next step, or take the tick off."""
    seat, answer = seat_at(ref, person=me()), TickForm(request.form)
    check("next-step", seat)
    if not answer.validate():
        return session_page(seat, 422, next_step=answer)
    followups.tick(seat.session, mentee=me(), is_done=answer.done.data == "yes")
    return _back(ref)


@feedback.post("/sessions/<ref>/outcome")
@login_required
def outcome(ref: str) -> Response:
    """Did it help?"""
    seat, answer = seat_at(ref, person=me()), OutcomeForm(request.form)
    check("outcome", seat)
    if not answer.validate():
        return session_page(seat, 422, outcome=answer)
    followups.say_outcome(seat.session, answer.helped.data, mentee=me())
    return _back(ref, "Thank you. Your answer is kept.")


def _back(ref: str, said: str = "") -> Response:
    """To where it was tapped: the list of sessions, or the session."""
    if request.form.get("on") == "list":
        return see("sessions.index", said)
    return see("sessions.show", said, ref=ref)
