"""Pages of one's data: download all of it, or erase the account."""

from __future__ import annotations

from flask import request
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.headers import forget_cache
from portal.pages import page, see, settings
from portal.people import download, erasing
from portal.people.forms import EraseForm
from portal.people.models import Person
from portal.people.sign_in_views import fresh, leave
from portal.people.views import people


@people.get("/you/data")
@fresh
def data() -> Response:
    """What can be done with it."""
    return page("people/data.html")


@people.post("/you/data.json")
@fresh
def everything() -> Response:
    """All of it, as a file."""
    file = download.file_of(_me(), portal_url=settings().portal_url)
    return Response(
        file, mimetype="application/json", headers={"Content-Disposition": 'attachment; filename="my-data.json"'}
    )


@people.get("/you/erase")
@fresh
def erase_page() -> Response:
    """What goes, and what stays."""
    return _erase_page(EraseForm())


@people.post("/you/erase")
@fresh
def erase() -> Response:
    """Erase the account."""
    form = EraseForm.of(current_user.email, request.form)
    if not form.validate():
        return _erase_page(form, status=422)
    erasing.erase(_me())
    leave()
    return forget_cache(see("directory.find", "Your account is erased. A last mail says so."))


def _erase_page(form: EraseForm, status: int = 200) -> Response:
    why_not, warnings = erasing.why_not(_me()), erasing.warnings(_me())
    return page("people/erase.html", status=status, form=form, why_not=why_not, warnings=warnings)


def _me() -> Person:
    person: Person = current_user._get_current_object()
    return person
