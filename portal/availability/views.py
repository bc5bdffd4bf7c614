"""The hours page: set them, and see what mentees will see before saving."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from flask import Blueprint, request
from flask_login import current_user, login_required
from werkzeug.wrappers import Response

from portal.availability import busy, confirming, hours
from portal.availability.forms import HoursForm
from portal.availability.hours import Plan, Preview
from portal.availability.mails import STILL_GOOD
from portal.availability.models import Availability
from portal.availability.openings import instant_of
from portal.clock import zone
from portal.errors import Missing
from portal.mail.tokens import letter_of
from portal.mentors.models import Mentor
from portal.mentors.profile import mentor_of
from portal.pages import page, reader, see, settings
from portal.when import DAYS, Reader

availability = Blueprint("availability", __name__)


def as_mentor(view: Callable[[Mentor], Response]) -> Callable[[], Response]:
    """A view of the mentor who is signed in. Who is not one yet is told how to become one."""

    @wraps(view)
    @login_required
    def for_the_mentor() -> Response:
        mentor = mentor_of(current_user)
        if mentor is None:
            return page("availability/not_yet.html", status=200 if request.method == "GET" else 409)
        return view(mentor)

    return for_the_mentor


@availability.get("/hours")
@as_mentor
def show(mentor: Mentor) -> Response:
    """My hours."""
    plan = hours.plan_of(mentor) or Plan(time_zone=current_user.time_zone)
    return _hours_page(mentor, HoursForm.of(plan), plan)


@availability.post("/hours")
@as_mentor
def save(mentor: Mentor) -> Response:
    """Save them, or only look: the button says which."""
    form = HoursForm.read(request.form)
    plan = form.validate()
    if plan is None:
        return _hours_page(mentor, form, None, status=422)
    if request.form.get("only") == "preview":
        return _hours_page(mentor, form, plan)
    hours.save(plan, mentor=mentor)
    return see("availability.show", f"Your hours are saved.{_stays(hours.booked_outside(plan, mentor))}")


def _stays(outside: list[datetime]) -> str:
    """What is booked and lies outside, for the mentor to look after."""
    if not outside:
        return ""
    who, count = reader(), len(outside)
    which = "A booked session does" if count == 1 else f"{count} booked sessions do"
    first = f"{'' if count == 1 else 'the first '}{who.day(outside[0])} {who.time(outside[0])}"
    return f" {which} not lie inside of them, {first}. Ask for another time, or cancel, under Sessions."


@availability.post("/hours/confirmation")
@as_mentor
def confirm(mentor: Mentor) -> Response:
    """These hours are still good."""
    confirming.confirm(mentor)
    return see("availability.show", "Thank you. Your openings stay in search.")


@availability.get("/hours/still-good/<token>")
def still_good(token: str) -> Response:
    """The link in the mail leads to a button: looking at it changes nothing."""
    mentor = _asked(token)
    plan = hours.plan_of(mentor) or Plan(time_zone=mentor.person.time_zone)
    their = Reader(zone(plan.time_zone), reader().now)
    return page("availability/still_good.html", token=token, plan=plan, days=DAYS, their=their, **_freshness(mentor))


@availability.post("/hours/still-good/<token>")
def confirm_by_mail(token: str) -> Response:
    """They are, said by the one who got the mail, signed in or not."""
    confirming.confirm(_asked(token))
    return see("availability.still_good", token=token)


def _asked(token: str) -> Mentor:
    letter = letter_of(token, settings().secret_key)
    if letter.kind != STILL_GOOD.name:
        raise Missing
    mentor: Mentor | None = Mentor.get_or_none(Mentor.person == letter.facts["mentor"])
    if mentor is None or mentor.person.is_suspended:
        raise Missing
    return mentor


def _hours_page(mentor: Mentor, form: HoursForm, plan: Plan | None, status: int = 200) -> Response:
    preview = hours.preview(plan, mentor=mentor) if plan else None
    their = Reader(zone(plan.time_zone), reader().now) if plan else reader()
    return page(
        "availability/hours.html",
        block="preview",
        status=status,
        mentor=mentor,
        form=form,
        weekdays=list(enumerate(DAYS)),
        preview=preview,
        by_day=_by_day(preview, their) if preview else {},
        their=their,
        closed_until=hours.closed_until(mentor),
        connected=busy.calendar_of(mentor),
        **_freshness(mentor),
    )


def _freshness(mentor: Mentor) -> dict[str, Any]:
    """Whether the mentor is asked if the hours are still good, and what follows if nobody says so."""
    known = Availability.get_or_none(Availability.mentor == mentor)
    if known is None or not confirming.is_asked(known):
        return {"is_asked": False}
    return {"is_asked": True, "is_lapsed": known.is_lapsed, "lapses_on": confirming.lapses_on(known)}


def _by_day(preview: Preview, their: Reader) -> dict[str, list[datetime]]:
    days: dict[str, list[datetime]] = defaultdict(list)
    for quarter in preview.starts:
        start = instant_of(quarter)
        days[their.day(start)].append(start)
    return dict(days)
