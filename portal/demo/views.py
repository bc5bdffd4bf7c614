"""Controls that only a demo has: continue as somebody, move the clock on."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, abort, request
from flask_login import current_user
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from portal import clock
from portal.demo.clock import follow, move_on
from portal.demo.people import NAMES, ROLES
from portal.pages import own_path, settings
from portal.people.account import introduce
from portal.people.sign_in_views import enter
from portal.people.signing_in import person_with
from portal.sessions.models import Session

demo = Blueprint("demo", __name__)


@demo.before_app_request
def follow_the_clock() -> None:
    """All processes of the demo agree on the time."""
    follow(settings())


@demo.app_context_processor
def roles() -> dict[str, object]:
    """Who one may continue as."""
    return {"demo_roles": NAMES}


@demo.post("/demo/continue/<role>")
def continue_as(role: str) -> Response:
    """Sign in as one of the three."""
    if role not in ROLES:
        abort(404)
    person = person_with(ROLES[role])  # made anew for somebody who erased the account
    introduce(person, name=NAMES[role])
    enter(person, way="demo")
    return redirect(own_path(request.form.get("next")), 303)


@demo.post("/demo/clock")
def pass_time() -> Response:
    """Move the clock on: an hour, a day, a week, or to the next session's start or end."""
    steps = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}
    to = request.form.get("to", "")
    if to not in (*steps, "start", "end"):
        abort(400, "Time moves on by an hour, a day, a week, or to a session's start or end.")
    by = steps[to] if to in steps else _until_session(to)
    move_on(settings(), by)
    return redirect(own_path(request.form.get("next")), 303)


def _until_session(to: str) -> timedelta:
    """From now to the start (less five minutes) or the end of one's next session."""
    instant = clock.now()
    moments = [_moment(session, to) for session in _mine() if _moment(session, to) > instant]
    return min(moments) - instant if moments else timedelta(hours=1)


def _moment(session: Session, to: str) -> datetime:
    return session.end if to == "end" else session.start - timedelta(minutes=5)


def _mine() -> list[Session]:
    if not current_user.is_authenticated:
        return []
    mine = (Session.mentee == current_user.id) | (Session.mentor == current_user.id)
    return list(Session.select().where(mine & Session.cancelled_at.is_null()))
