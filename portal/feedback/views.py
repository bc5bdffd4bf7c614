"""The rating page."""

from __future__ import annotations

from flask import Blueprint, request
from flask_login import current_user, login_required
from werkzeug.wrappers import Response

from portal.clock import now
from portal.errors import Missing
from portal.feedback import rating
from portal.feedback.forms import RatingForm
from portal.pages import page, see
from portal.sessions.changes import find_session
from portal.sessions.models import Session

feedback = Blueprint("feedback", __name__)


@feedback.get("/sessions/<ref>/rating")
@login_required
def form(ref: str) -> Response:
    """Ask how it went; once said, or when it is not the time, the session says so."""
    session = _own(ref)
    if rating.rating_of(session) is not None or not rating.is_ratable(session, now()):
        return see("sessions.show", ref=ref)
    return page("feedback/rate.html", session=session, form=RatingForm())


@feedback.post("/sessions/<ref>/rating")
@login_required
def rate(ref: str) -> Response:
    """Rate it."""
    session = _own(ref)
    filled = RatingForm(request.form)
    if not filled.validate():
        return page("feedback/rate.html", status=422, session=session, form=filled)
    rating.rate(session, filled.answer, mentee=current_user)
    return see("sessions.show", "Thank you. Your rating is kept.", ref=ref)


def _own(ref: str) -> Session:
    session = find_session(ref, person=current_user)
    if session.mentee_id != current_user.id:
        raise Missing
    return session
