"""The turns of a session: cancel, move, other questions, late, not there, block."""

from __future__ import annotations

from datetime import datetime

from flask import Response, abort, request
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from portal.availability.days import by_day, closest
from portal.errors import OpeningTaken
from portal.limits import limits
from portal.pages import page, reader, see
from portal.sessions import apart, attendance, changes
from portal.sessions.booking_views import opening_of
from portal.sessions.forms import MoveRequestForm, ObjectionForm, QuestionsForm, ReasonForm, questions_of
from portal.sessions.turns import Seat, check, seat_at
from portal.sessions.views import me, session_page, sessions


@sessions.post("/sessions/<ref>/questions")
@login_required
def questions(ref: str) -> AnyResponse:
    """Change the questions."""
    seat, asked = seat_at(ref, person=me()), QuestionsForm(request.form)
    check("questions", seat)
    if not asked.validate():
        return session_page(seat, 422, questions=asked)
    changes.change_questions(seat.session, questions_of(asked.questions.data), mentee=me())
    return see("sessions.show", "Your questions are changed.", ref=ref)


@sessions.post("/sessions/<ref>/cancellation")
@login_required
def cancellation(ref: str) -> AnyResponse:
    """Cancel."""
    seat, why = seat_at(ref, person=me()), ReasonForm(request.form)
    check("cancellation", seat)
    if not why.validate():
        return session_page(seat, 422, cancellation=why)
    changes.cancel(seat.session, person=me(), reason=why.reason.data)
    return see("sessions.show", "The session is cancelled. The other side gets your sentence.", ref=ref)


@sessions.get("/sessions/<ref>/move")
@login_required
def choose_move(ref: str) -> AnyResponse:
    """The mentor's other openings of this length."""
    seat = seat_at(ref, person=me())
    check("move", seat)
    return _move_page(seat)


@sessions.post("/sessions/<ref>/move")
@login_required
def move(ref: str) -> AnyResponse:
    """Move it to the opening that was tapped."""
    seat = seat_at(ref, person=me())
    opening = opening_of(request.form.get("opening", ""))
    if (opening.mentor.person_id, opening.length) != (seat.session.mentor_id, seat.session.length):
        abort(400, "A session moves to another opening of the same mentor, of the same length.")
    try:
        changes.move(seat.session, opening.start, mentee=me())
    except OpeningTaken as taken:
        return _move_page(seat, status=409, refusal=str(taken), wanted=opening.start)
    return see("sessions.show", "The session is moved. The other side gets a mail.", ref=ref)


def _move_page(seat: Seat, status: int = 200, refusal: str = "", wanted: datetime | None = None) -> Response:
    starts = changes.other_openings(seat.session)
    return page(
        "sessions/move.html",
        block="times",
        status=status,
        refusal=refusal,
        nearby=closest(starts, wanted) if wanted else [],
        session=seat.session,
        days=by_day(starts, request.args.get("day", ""), reader()),
        max_moves=limits().moves,
    )


@sessions.post("/sessions/<ref>/move-request")
@login_required
def move_request(ref: str) -> AnyResponse:
    """The mentor asks for another time."""
    seat, why = seat_at(ref, person=me()), MoveRequestForm(request.form)
    check("move-request", seat)
    if not why.validate():
        return session_page(seat, 422, move_request=why)
    changes.ask_to_move(seat.session, mentor=me(), reason=why.request.data)
    return see("sessions.show", f"{seat.other_first_name} is asked to pick another time.", ref=ref)


@sessions.post("/sessions/<ref>/late-notice")
@login_required
def late_notice(ref: str) -> AnyResponse:
    """I'm 5 minutes late."""
    seat = seat_at(ref, person=me())
    attendance.say_late(seat.session, person=me())
    return see("sessions.show", f"{seat.other_first_name} is told that you are 5 minutes late.", ref=ref)


@sessions.post("/sessions/<ref>/absence")
@login_required
def absence(ref: str) -> AnyResponse:
    """They did not come."""
    seat = seat_at(ref, person=me())
    attendance.mark_absent(seat.session, person=me())
    return see("sessions.show", f"It is noted that {seat.other_first_name} did not come.", ref=ref)


@sessions.post("/sessions/<ref>/objection")
@login_required
def objection(ref: str) -> AnyResponse:
    """I did come, or why I could not."""
    seat, answer = seat_at(ref, person=me()), ObjectionForm(request.form)
    check("objection", seat)
    if not answer.validate():
        return session_page(seat, 422, objection=answer)
    attendance.object_to(seat.session, person=me(), objection=answer.objection.data)
    return see("sessions.show", "Your answer is kept next to it.", ref=ref)


@sessions.post("/sessions/<ref>/block")
@login_required
def block(ref: str) -> AnyResponse:
    """Block somebody else of this session."""
    seat = seat_at(ref, person=me())
    blocked = apart.block(seat.session, request.form.get("who", ""), person=me())
    return see("sessions.show", f"You and {blocked.first_name} are not offered each other's openings again.", ref=ref)
