"""The audit: who did what to whom, and when."""

from __future__ import annotations

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from portal.pages import number, page, reader
from portal.people.audit import PAGE
from portal.programme.audit_export import export
from portal.programme.audit_lines import lines
from portal.programme.forms import AuditForm
from portal.programme.views import programme
from portal.sessions.views import me


@programme.get("/audit")
def audit() -> Response:
    """The newest lines, of those that are asked for; `before` is the number of the last line of the page before."""
    before = number("before", lowest=1, highest=999_999_999, otherwise=0)
    form = AuditForm(request.args)
    if not form.validate():
        return page("programme/audit.html", status=422, form=form, lines=[], next_page=None)
    found = lines(form.wanted(reader()), before=before or None, most=PAGE + 1)
    next_page = {**form.data, "before": found[PAGE - 1]["id"]} if len(found) > PAGE else None
    return page("programme/audit.html", form=form, lines=found[:PAGE], next_page=next_page)


@programme.post("/audit/export")
def export_audit() -> AnyResponse:
    """The same as a sheet. That is recorded, so this is no link."""
    form = AuditForm(request.form)
    if not form.validate():
        return page("programme/audit.html", status=422, form=form, lines=[], next_page=None)
    sheet = export(form.wanted(reader()), coordinator=me())
    headers = {"Content-Disposition": f'attachment; filename="audit-{reader().today}.csv"'}
    return Response(sheet, mimetype="text/csv", headers=headers)
