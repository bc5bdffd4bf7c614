"""What a mentor has given: the page, the certificate to print, and checking one."""

from __future__ import annotations

from flask import request
from flask_login import login_required
from werkzeug.wrappers import Response

from portal.clock import zone
from portal.errors import Missing
from portal.feedback import certificates
from portal.feedback.impact import impact_of, thank_yous
from portal.feedback.models import Certificate
from portal.feedback.views import feedback
from portal.mentors.models import Mentor
from portal.pages import is_coordinator, only_coordinators, page, see
from portal.sessions.views import me
from portal.when import Reader


@feedback.get("/impact")
@login_required
def impact() -> Response:
    """What came of the time that this mentor gave."""
    mentor_id = _mentor().person_id
    return page("feedback/impact.html", impact=impact_of(mentor_id), thanks=thank_yous(mentor_id))


@feedback.post("/impact/certificates")
@login_required
def issue() -> Response:
    """Make a certificate."""
    return see("feedback.certificate", code=certificates.issue(_mentor()).code)


@feedback.get("/certificates/<code>")
@login_required
def certificate(code: str) -> Response:
    """One sheet to print."""
    found = certificates.certificate_for(code, person=me(), is_coordinator=is_coordinator())
    return page("feedback/certificate.html", certificate=found, their=_reader_of(found))


@feedback.get("/certificates")
@login_required
def verify() -> Response:
    """A coordinator types the code of a sheet, and reads whose it is."""
    only_coordinators()
    typed = request.args.get("code", "")[:100]
    found = certificates.find(typed)
    return page("feedback/verify.html", typed=typed, found=found, their=_reader_of(found) if found else None)


def _reader_of(certificate: Certificate) -> Reader:
    """Its dates are those of the mentor, so that the sheet and the check say the same to everybody."""
    return Reader(zone(certificate.mentor.person.time_zone), certificate.issued_at)


def _mentor() -> Mentor:
    """The reader as a mentor. Raises Missing for those who are none."""
    found: Mentor | None = Mentor.get_or_none(Mentor.person == me())
    if found is None:
        raise Missing
    return found
