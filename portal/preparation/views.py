"""Both prepare, and talk."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from portal.askers import limit
from portal.errors import Missing, TooMany
from portal.pages import page, see, wants_part
from portal.people.codes import new_token
from portal.preparation import conversation, preparing
from portal.preparation.conversation import Talk
from portal.preparation.forms import MessageForm, PreparationForm
from portal.preparation.presence import now_key
from portal.rates import MESSAGES
from portal.sessions.turns import Seat, check, seat_at
from portal.sessions.views import me, session_page

preparation = Blueprint("preparation", __name__)


@preparation.post("/sessions/<ref>/preparation")
@login_required
def prepare(ref: str) -> AnyResponse:
    """The mentor has read it, and writes back."""
    seat, filled = seat_at(ref, person=me()), PreparationForm(request.form)
    check("preparation", seat)
    if not filled.validate():
        return session_page(seat, 422, preparation=filled)
    line, links, read = filled.line.data, filled.link_list, filled.read.data or ""
    counts = preparing.prepare(seat.session, mentor=me(), read=read, line=line, links=links)
    said = "Saved." if counts else "Saved. The questions changed meanwhile: read them again."
    return see("sessions.show", said, ref=ref)


@preparation.post("/sessions/<ref>/readiness")
@login_required
def readiness(ref: str) -> AnyResponse:
    """The mentee is ready, or not after all."""
    seat = seat_at(ref, person=me())
    check("readiness", seat)
    if request.form.get("ready") not in ("yes", "no"):
        abort(400, "Say “yes” or “no”.")
    preparing.set_ready(seat.session, mentee=me(), is_ready=request.form["ready"] == "yes")
    return see("sessions.show", ref=ref)


@preparation.post("/sessions/<ref>/messages")
@login_required
def say(ref: str) -> AnyResponse:
    """Write a message."""
    seat, written = seat_at(ref, person=me()), MessageForm(request.form)
    if wants_part():
        return _said(seat, written)
    check("messages", seat)
    status = _why_not_sent(written)
    if status:
        return session_page(seat, status, messages=written)
    conversation.say(seat.session, written.text.data, person=me(), key=_key())
    return see("sessions.show", ref=ref, _anchor="conversation")


def _said(seat: Seat, written: MessageForm) -> Response:
    """The same beside a conversation that stays open: what is new in it, the message written among it."""
    if not seat.can("messages"):
        return _news(seat, _talk(seat), status=409)
    status = _why_not_sent(written)
    if status:
        return _news(seat, _talk(seat), status=status, error=written.first_error)
    conversation.say(seat.session, written.text.data, person=me(), key=_key())
    return _news(seat, _talk(seat), error="", key=new_token())


def _why_not_sent(written: MessageForm) -> int:
    """The status where the form says why it is not sent; 0 where it can be."""
    if not written.validate():
        return 422
    try:
        limit(MESSAGES)
    except TooMany as refusal:
        written.text.errors = [str(refusal)]
        return refusal.status
    return 0


@preparation.get("/sessions/<ref>/messages")
@login_required
def poll(ref: str) -> AnyResponse:
    """What is new in an open conversation; nothing (204) where nothing is."""
    try:
        seat = seat_at(ref, person=me())
    except Missing:
        if wants_part():  # no longer theirs: the page they look at is loaded anew, and says so
            return Response(headers={"HX-Refresh": "true"})
        raise
    if not wants_part():
        return see("sessions.show", ref=ref, _anchor="conversation")
    talk = _talk(seat)
    if talk.messages or _top_changed(seat) or not seat.can("messages"):
        return _news(seat, talk)
    return Response(status=204)


def _news(seat: Seat, talk: Talk, *, status: int = 200, error: str | None = None, key: str = "") -> Response:
    """What is new; an `error` or its end, and a new `key`, are for the form, so a poll leaves both alone."""
    news: dict[str, Any] = {"talk": talk, "error": error, "key": key, "top_changed": _top_changed(seat)}
    return page("preparation/_news.html", status=status, seat=seat, session=seat.session, **news)


def _talk(seat: Seat) -> Talk:
    after = request.values.get("after") or "0"
    if not after.isascii() or not after.isdigit() or len(after) > 9:
        abort(400, "“after” must be the number of a message.")
    return conversation.new_to(seat, int(after))


def _top_changed(seat: Seat) -> bool:
    return request.values.get("now") != now_key(seat)


def _key() -> str:
    return request.form.get("key") or new_token()
