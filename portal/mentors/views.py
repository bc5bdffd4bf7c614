"""Pages of a mentor's own profile: write, preview, submit."""

from __future__ import annotations

from flask import Blueprint, request
from flask_login import current_user, login_required
from werkzeug.wrappers import Response

from portal.clock import zone
from portal.errors import Missing
from portal.mentors import profile, topics
from portal.mentors.forms import ProfileForm
from portal.mentors.models import Mentor, Revision
from portal.mentors.profile import Profile
from portal.pages import page, reader, see
from portal.when import Reader

mentors = Blueprint("mentors", __name__)


@mentors.get("/profile")
@login_required
def edit() -> Response:
    """Write or change the profile."""
    mentor, revision = _own()
    return _edit_page(ProfileForm.of(_current(mentor, revision)))


@mentors.post("/profile")
@login_required
def save() -> Response:
    """Keep it as a draft, and look at it."""
    form = ProfileForm(request.form)
    if not form.validate():
        return _edit_page(form, status=422)
    profile.save_draft(form.profile, person=current_user._get_current_object())
    return see("mentors.preview")


def _edit_page(form: ProfileForm, status: int = 200) -> Response:
    mentor, revision = _own()
    return page(
        "mentors/edit.html", status=status, form=form, mentor=mentor, revision=revision, listed=topics.listed_names()
    )


@mentors.get("/profile/preview")
@login_required
def preview() -> Response:
    """The profile as a mentee will see it."""
    mentor, revision = _own()
    if mentor is None or revision is None:
        return see("mentors.edit")
    shown = profile.content_of(revision)
    their = Reader(zone(current_user.time_zone), reader().now)
    return page("mentors/preview.html", profile=shown, revision=revision, mentor=mentor, their=their)


@mentors.post("/profile/submission")
@login_required
def submit() -> Response:
    """Ask a coordinator to look at it."""
    _, revision = _own()
    if revision is None:
        raise Missing
    profile.submit(revision, person=current_user)
    return see("mentors.edit", "Sent to a coordinator. You get a mail when it is decided.")


def _own() -> tuple[Mentor | None, Revision | None]:
    mentor = profile.mentor_of(current_user)
    return mentor, profile.open_revision(mentor) if mentor else None


def _current(mentor: Mentor | None, revision: Revision | None) -> Profile:
    if revision is not None:
        return profile.content_of(revision)
    if mentor is not None and mentor.published_at is not None:
        return profile.published_content(mentor)
    return Profile(name=current_user.name, headline=current_user.headline, languages=("en",))
