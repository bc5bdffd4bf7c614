"""The page of a mentor's own calendar. The address is a secret: only its host is shown, and only to them."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request
from werkzeug.wrappers import Response

from portal.availability import busy
from portal.availability.busy_forms import CalendarForm
from portal.availability.views import as_mentor, availability
from portal.mentors.models import Mentor
from portal.pages import page, see


@availability.get("/hours/calendar")
@as_mentor
def calendar(mentor: Mentor) -> Response:
    """What is connected, and how it goes."""
    return _calendar_page(mentor, CalendarForm())


@availability.post("/hours/calendar")
@as_mentor
def connect(mentor: Mentor) -> Response:
    """Connect it, in place of another."""
    form = CalendarForm(request.form)
    if not form.validate():
        return _calendar_page(mentor, form, status=422)
    busy.connect(mentor, form.address)
    return see("availability.calendar", "Your calendar is connected.")


@availability.post("/hours/calendar/end")
@as_mentor
def disconnect(mentor: Mentor) -> Response:
    """Forget it."""
    busy.disconnect(mentor)
    return see("availability.calendar", "Your calendar is removed. Its busy times count no more.")


def _calendar_page(mentor: Mentor, form: CalendarForm, status: int = 200) -> Response:
    connected = busy.calendar_of(mentor)
    return page(
        "availability/calendar.html",
        block="state",
        status=status,
        form=form,
        connected=connected,
        host=urlsplit(connected.url).hostname if connected else "",
        busy_minutes=busy.busy_minutes(mentor),
        until=busy.counts_until(connected) if connected else None,
    )
