"""Pages of a mentor's own profile: write, preview, submit."""

from __future__ import annotations

from flask import Blueprint, request
from flask import Response as FlaskResponse
from flask_login import current_user, login_required
from werkzeug.wrappers import Response

from portal.clock import zone
from portal.errors import Missing
from portal.mentors import photos, profile, topics
from portal.mentors.forms import ProfileForm
from portal.mentors.models import Mentor, Revision
from portal.mentors.pictures import MOST_BYTES
from portal.mentors.profile import Profile
from portal.pages import is_coordinator, page, reader, see, settings
from portal.people.models import Person
from portal.when import Reader

mentors = Blueprint("mentors", __name__)
YEAR = 365 * 24 * 3600
UPLOAD = 2 * MOST_BYTES
"""Bytes that the profile form may send: a picture that is too large is still told where it was chosen."""


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
    form = ProfileForm.read(request.form, request.files)
    is_fine = form.validate()
    form.kept_photo.data = _photo(form)
    if not is_fine:
        return _edit_page(form, status=422)
    profile.save_draft(form.profile, person=_me())
    return see("mentors.preview")


def _photo(form: ProfileForm) -> str:
    """The hash of the photo that the form asks for. A new one is kept at once: no browser sends a file again that was
    chosen for a form with something else to put right.
    """
    if form.new_photo:
        return photos.keep(form.new_photo, person=_me())
    if form.remove_photo.data:
        return ""
    shown = form.kept_photo.data or ""
    return shown if photos.has(current_user.id, shown) else _current(*_own()).photo


def _me() -> Person:
    person: Person = current_user._get_current_object()
    return person


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


@mentors.get("/photos/<name>.jpg")
def photo(name: str) -> Response:
    """A photo by the hash of its content, so that it can be kept for ever."""
    if settings().members_only and not current_user.is_authenticated:
        raise Missing
    reader_id = current_user.id if current_user.is_authenticated else None
    content, is_public = photos.visible_photo(name, reader_id=reader_id, is_coordinator=is_coordinator())
    response = FlaskResponse(content, mimetype="image/jpeg")
    response.set_etag(name)
    if is_public:
        # Kept for others on the way only where no cookie goes with it.
        response.cache_control.private = current_user.is_authenticated or None
        response.cache_control.public = not current_user.is_authenticated
        response.cache_control.max_age = YEAR
        response.cache_control.immutable = True
    return response.make_conditional(request)


def _own() -> tuple[Mentor | None, Revision | None]:
    mentor = profile.mentor_of(current_user)
    return mentor, profile.open_revision(mentor) if mentor else None


def _current(mentor: Mentor | None, revision: Revision | None) -> Profile:
    if revision is not None:
        return profile.content_of(revision)
    if mentor is not None and mentor.published_at is not None:
        return profile.published_content(mentor)
    return Profile(name=current_user.name, headline=current_user.headline, languages=("en",))
