"""The rating page."""

from __future__ import annotations

from flask import Blueprint, request
from flask_login import login_required
from werkzeug.wrappers import Response

from portal.errors import Missing
from portal.feedback import rating
from portal.feedback.forms import RatingForm
from portal.pages import page, see
from portal.sessions.turns import check, seat_at
from portal.sessions.views import me

feedback = Blueprint("feedback", __name__)


@feedback.get("/sessions/<ref>/rating")
@login_required
def form(ref: str) -> Response:
    """Ask how it went; once said, or when it is not the time, the session says so."""
    seat = seat_at(ref, person=me())
    if not seat.is_mentee:
        raise Missing
    if not seat.can("rating"):
        return see("sessions.show", ref=ref)
    return page("feedback/rate.html", session=seat.session, form=RatingForm())


@feedback.post("/sessions/<ref>/rating")
@login_required
def rate(ref: str) -> Response:
    """Rate it."""
    seat, filled = seat_at(ref, person=me()), RatingForm(request.form)
    check("rating", seat)
    if not filled.validate():
        return page("feedback/rate.html", status=422, session=seat.session, form=filled)
    rating.rate(seat.session, filled.answer, mentee=me())
    return see("sessions.show", "Thank you. Your rating is kept.", ref=ref)
