"""People, as coordinators see them: what is known, pausing them, and shutting them out."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.moderation import absences, suspending
from portal.moderation.absences import Record, record_of
from portal.moderation.forms import EndPauseForm, PauseForm, RecordForm, SuspendForm
from portal.moderation.views import KEY, moderation
from portal.pages import page, see
from portal.people.models import Person
from portal.people.pauses import USUAL


@moderation.get(f"/moderation/people/{KEY}")
def person(key: int) -> Response:
    """When they did not come, what they say to that, and what was decided."""
    return _person_page(record_of(key))


@moderation.post(f"/moderation/people/{KEY}/pause")
def pause(key: int) -> Response:
    """Pause their bookings, their hours, or both, until a date."""
    record = record_of(key)
    form = PauseForm(request.form).for_record(record)
    if not form.validate():
        return _person_page(record, status=422, pause=form)
    absences.pause(record.person, form.verdict, version=form.version.data, coordinator=_coordinator())
    return see("moderation.person", "Paused. They get a mail.", key=key)


@moderation.post(f"/moderation/people/{KEY}/pause/end")
def end_pause(key: int) -> Response:
    """Let them book, and their hours be open, again."""
    record, form = record_of(key), EndPauseForm(request.form)
    if not form.validate():
        return _person_page(record, status=422, end=form)
    version = form.version.data
    absences.end_pause(record.person, reason=form.sentence.data, version=version, coordinator=_coordinator())
    return see("moderation.person", "The pause is over. They get a mail.", key=key)


@moderation.post(f"/moderation/people/{KEY}/review")
def leave(key: int) -> Response:
    """Leave it at that."""
    version = RecordForm(request.form).version.data
    absences.leave(record_of(key).person, version=version, coordinator=_coordinator())
    return see("programme.overview", "Left as it is.")


@moderation.post(f"/moderation/people/{KEY}/suspension")
def suspend(key: int) -> Response:
    """Shut them out."""
    record, form = record_of(key), SuspendForm(request.form)
    if not form.validate():
        return _person_page(record, status=422, suspend=form)
    version = form.version.data
    suspending.suspend(record.person, reason=form.why.data, version=version, coordinator=_coordinator())
    return see("moderation.person", "Suspended. They get a mail.", key=key)


@moderation.post(f"/moderation/people/{KEY}/suspension/end")
def lift_suspension(key: int) -> Response:
    """Let them in again."""
    record, form = record_of(key), EndPauseForm(request.form)
    if not form.validate():
        return _person_page(record, status=422, end=form)
    version = form.version.data
    suspending.lift(record.person, reason=form.sentence.data, version=version, coordinator=_coordinator())
    return see("moderation.person", "They can come in again. They get a mail.", key=key)


def _person_page(record: Record, status: int = 200, **filled: Any) -> Response:
    empty = PauseForm().for_record(record)
    empty.what.data = list(empty.what.choices)
    empty.until.data = (empty.first + USUAL).isoformat()
    forms = {"pause": empty, "end": EndPauseForm(), "suspend": SuspendForm(), **filled}
    cannot = suspending.why_not(record.person, coordinator=_coordinator())
    return page("moderation/person.html", status=status, record=record, forms=forms, cannot_suspend=cannot)


def _coordinator() -> Person:
    coordinator: Person = current_user._get_current_object()
    return coordinator
