"""The turns of a team: invite, take out, leave, ask, hand over."""

from __future__ import annotations

from flask import request
from flask_login import login_required
from werkzeug.wrappers import Response

from portal.errors import NotAllowedNow, Refusal
from portal.pages import see
from portal.sessions import team
from portal.sessions.forms import TeammatesForm, TeamQuestionForm
from portal.sessions.turns import check, seat_at
from portal.sessions.views import me, session_page, sessions


@sessions.post("/sessions/<ref>/teammates")
@login_required
def invite(ref: str) -> Response:
    """Invite teammates."""
    seat, wanted = seat_at(ref, person=me()), TeammatesForm(request.form)
    check("teammates", seat)
    if not wanted.validate():
        return session_page(seat, 422, teammates=wanted)
    try:
        team.invite(seat.session, wanted.addresses, mentee=me())
    except NotAllowedNow as refusal:
        wanted.emails.errors = [str(refusal)]
        return session_page(seat, refusal.status, teammates=wanted)
    return see("sessions.show", "They get a mail with the calendar entry.", ref=ref)


@sessions.post("/sessions/<ref>/removal")
@login_required
def remove(ref: str) -> Response:
    """Take a teammate out."""
    team.remove(seat_at(ref, person=me()).session, _teammate(), mentee=me())
    return see("sessions.show", "They are no longer invited.", ref=ref)


@sessions.post("/sessions/<ref>/departure")
@login_required
def leave(ref: str) -> Response:
    """Leave the team."""
    team.leave(seat_at(ref, person=me()).session, person=me())
    return see("sessions.index", "You have left the session. It takes place without you.")


@sessions.post("/sessions/<ref>/team-question")
@login_required
def ask(ref: str) -> Response:
    """Add one's own question."""
    seat, asked = seat_at(ref, person=me()), TeamQuestionForm(request.form)
    check("team-question", seat)
    if not asked.validate():
        return session_page(seat, 422, team_question=asked)
    team.ask(seat.session, asked.question.data, person=me())
    return see("sessions.show", "Your question is added.", ref=ref)


@sessions.post("/sessions/<ref>/handover")
@login_required
def hand_over(ref: str) -> Response:
    """Let a teammate have the session."""
    seat = seat_at(ref, person=me())
    check("handover", seat)
    try:
        team.hand_over(seat.session, _teammate(), mentee=me())
    except Refusal as refusal:
        return session_page(seat_at(ref, person=me()), refusal.status, handover=str(refusal))
    return see("sessions.index", "The session is handed over. All of them get a mail.")


def _teammate() -> int:
    given = request.form.get("teammate", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
