"""People, as coordinators see them: what is known, pausing them, and shutting them out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.errors import NotAllowedNow, Refusal
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

    def deed() -> None:
        absences.pause(record.person, form.verdict, version=form.version.data, coordinator=_coordinator())

    sent = Sent("pause", form, form.reason.data, absences.why_not_pause(record), deed)
    return _decided(record, sent, "Paused. They get a mail.")


@moderation.post(f"/moderation/people/{KEY}/pause/end")
def end_pause(key: int) -> Response:
    """Let them book, and their hours be open, again."""
    return _ended(key, absences.why_not_end_pause, absences.end_pause, "The pause is over. They get a mail.")


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
    why = form.why.data

    def deed() -> None:
        suspending.suspend(record.person, reason=why, version=form.version.data, coordinator=_coordinator())

    cannot = suspending.why_not(record.person, coordinator=_coordinator())
    return _decided(record, Sent("suspend", form, why, cannot, deed), "Suspended. They get a mail.")


@moderation.post(f"/moderation/people/{KEY}/suspension/end")
def lift_suspension(key: int) -> Response:
    """Let them in again."""
    return _ended(key, suspending.why_not_lift, suspending.lift, "They can come in again. They get a mail.")


@dataclass(frozen=True)
class Sent:
    """What a coordinator sent."""

    name: str
    form: RecordForm
    typed: str
    cannot: str
    """Why this cannot be decided now; empty where it can."""
    deed: Callable[[], None]


def _ended(key: int, why_not: Callable[[Record], str], end: Callable[..., None], said: str) -> Response:
    record, form = record_of(key), EndPauseForm(request.form)
    sentence = form.sentence.data

    def deed() -> None:
        end(record.person, reason=sentence, version=form.version.data, coordinator=_coordinator())

    return _decided(record, Sent("end", form, sentence, why_not(record), deed), said)


def _decided(record: Record, sent: Sent, said: str) -> Response:
    """Done; or the page as it is now, with what is wrong and all that was typed."""
    key, filled = record.person.id, {sent.name: sent.form}
    try:
        absences.check_is_current(record, sent.form.version.data)
        if sent.cannot:
            raise NotAllowedNow(sent.cannot)
        if not sent.form.validate():
            return _person_page(record, 422, **filled)
        sent.deed()
    except Refusal as refusal:
        return _person_page(record_of(key), refusal.status, str(refusal), sent.typed, **filled)
    return see("moderation.person", said, key=key)


def _person_page(record: Record, status: int = 200, refused: str = "", typed: str = "", **filled: Any) -> Response:
    empty = PauseForm().for_record(record)
    empty.what.data = list(empty.what.choices)
    empty.until.data = (empty.first + USUAL).isoformat()
    return page(
        "moderation/person.html",
        status=status,
        record=record,
        forms={"pause": empty, "end": EndPauseForm(), "suspend": SuspendForm(), **filled},
        cannot_suspend=suspending.why_not(record.person, coordinator=_coordinator()),
        refused=refused,
        typed=typed,
    )


def _coordinator() -> Person:
    coordinator: Person = current_user._get_current_object()
    return coordinator
