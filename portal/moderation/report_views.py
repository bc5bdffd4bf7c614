"""Reporting something, for everybody who is signed in; and for coordinators, deciding on it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response

from portal.moderation import private_part, triage
from portal.moderation.decisions import decisions_on
from portal.moderation.models import Report
from portal.moderation.report_forms import OutcomeForm, ReportForm
from portal.moderation.reportable import Subject, subject_at
from portal.moderation.reporting import has_reported, may_block, report
from portal.moderation.views import KEY, moderation
from portal.pages import page, see
from portal.people.pauses import USUAL
from portal.sessions.views import me

reports = Blueprint("reports", __name__)
ONCE_MORE = "You have reported this already. A coordinator looks at it."


@reports.get("/report/<path:at>")
@login_required
def form(at: str) -> Response:
    """What is wrong with it?"""
    return _form_page(at, subject_at(at, person=me()), ReportForm())


@reports.post("/report/<path:at>")
@login_required
def send(at: str) -> Response:
    """Report it."""
    subject, filled = subject_at(at, person=me()), ReportForm(request.form)
    if has_reported(subject, person=me()):
        return _back_to(subject, ONCE_MORE)
    if not filled.validate():
        return _form_page(at, subject, filled, status=422)
    reason, words, block = filled.reason.data, filled.words.data, filled.block.data
    is_new = report(subject, person=me(), reason=reason, words=words, block=block)
    return _back_to(subject, "Thank you. A coordinator looks at it." if is_new else ONCE_MORE)


def _back_to(subject: Subject, said: str) -> Response:
    where, values = _place_of(subject)
    return see(where, said, **values)


def _place_of(subject: Subject) -> tuple[str, dict[str, Any]]:
    if subject.session is not None:
        return "sessions.show", {"ref": subject.session.ref}
    return "directory.mentor", {"slug": subject.mentor.slug if subject.mentor else ""}


def _form_page(at: str, subject: Subject, filled: ReportForm, status: int = 200) -> Response:
    where, values = _place_of(subject)
    return page(
        "moderation/report_form.html",
        status=status,
        at=at,
        subject=subject,
        form=filled,
        back=url_for(where, **values),
        is_waiting=has_reported(subject, person=me()),
        can_block=may_block(subject, person=me()),
    )


@moderation.get(f"/moderation/reports/{KEY}")
def show_report(key: int) -> Response:
    """What was reported, and what can be done."""
    return _report_page(triage.report_for(key, me()))


@moderation.post(f"/moderation/reports/{KEY}/decision")
def decide_on_report(key: int) -> Response:
    """Decide on it."""
    found = triage.report_for(key, me())
    triage.check_open(found)
    filled = OutcomeForm(request.form).for_report(found)
    if not filled.validate():
        return _report_page(found, 422, form=filled)
    triage.decide(found, filled.outcome, coordinator=me())
    return see("programme.overview", "Decided. Who reported it is told that you have looked.")


@moderation.post(f"/moderation/reports/{KEY}/private-part")
def open_private_part(key: int) -> Response:
    """Read what was written in the session of a report. Each look is recorded, so this is no link."""
    found = triage.report_for(key, me())
    return _report_page(found, opened=private_part.open_private_part(found, coordinator=me()))


def _report_page(found: Report, status: int = 200, **more: Any) -> Response:
    empty = OutcomeForm().for_report(found)
    if "pause" in empty.what.choices:
        empty.until.data = (empty.first + USUAL).isoformat()
    return page(
        "moderation/report.html",
        status=status,
        report=found,
        looks=private_part.looks_at(found),
        closed=private_part.why_not_open(found),
        past=decisions_on("report", found.id),
        **{"form": empty, "opened": None, **more},
    )
