"""Pages of booked sessions: all of mine, one of them, its calendar entry."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response
from flask_login import current_user, login_required

from portal.mail.calendar import published
from portal.pages import page, reader, settings
from portal.people.models import Person
from portal.sessions import agenda, ical
from portal.sessions.forms import (
    MoveRequestForm,
    ObjectionForm,
    QuestionsForm,
    ReasonForm,
    TeammatesForm,
    TeamQuestionForm,
)
from portal.sessions.team import MOST_TEAMMATES
from portal.sessions.turns import Seat, seat_at

sessions = Blueprint("sessions", __name__)
"""Its other pages are in booking_views, turn_views and team_views."""


@sessions.get("/sessions")
@login_required
def index() -> Response:
    """My sessions: next first."""
    return page("sessions/index.html", agenda=agenda.agenda(me()))


@sessions.get("/sessions/<ref>")
@login_required
def show(ref: str) -> Response:
    """One session, for those who are part of it."""
    return session_page(seat_at(ref, person=me()))


@sessions.get("/sessions/<ref>/calendar.ics")
@login_required
def calendar(ref: str) -> Response:
    """The calendar entry."""
    seat = seat_at(ref, person=me())
    entry = ical.entry_of(seat.session, other=seat.other_name)
    file = published([entry], zone=reader().zone, portal_url=settings().portal_url)
    disposition = {"Content-Disposition": f'attachment; filename="session-{seat.session.start:%Y-%m-%d}.ics"'}
    return Response(file, mimetype="text/calendar", headers=disposition)


def session_page(seat: Seat, status: int = 200, **filled: Any) -> Response:
    """The page of a session. `filled` are forms, by turn, that were sent and are not complete: they keep what
    was typed and say what is wrong.
    """
    mate = seat.own_teammate
    forms = {
        "questions": QuestionsForm(data={"questions": seat.session.questions}),
        "cancellation": ReasonForm(),
        "move_request": MoveRequestForm(),
        "objection": ObjectionForm(),
        "teammates": TeammatesForm(),
        "team_question": TeamQuestionForm(data={"question": mate.question if mate else ""}),
        **filled,
    }
    return page(
        "sessions/show.html",
        status=status,
        seat=seat,
        session=seat.session,
        forms=forms,
        filled=filled,
        most_teammates=MOST_TEAMMATES,
    )


def me() -> Person:
    """Who is signed in."""
    person: Person = current_user._get_current_object()
    return person
