"""Pages of moderation, for coordinators only; to all others they do not exist."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.errors import Missing
from portal.feedback.models import Rating
from portal.mentors.models import Alias, Expertise, Mentor, Revision
from portal.mentors.topics import key_of
from portal.moderation import decisions
from portal.moderation.forms import ExpertiseForm, ProfileDecisionForm, VisibilityForm
from portal.moderation.queue import waiting
from portal.pages import error_page, only_coordinators, page, see

moderation = Blueprint("moderation", __name__)
moderation.before_request(only_coordinators)
KEY = "<int(max=2147483647):key>"


def _one(query: Any) -> Any:
    found = query.first()
    if found is None:
        raise Missing
    return found


@moderation.get(f"/moderation/profiles/{KEY}")
def profile(key: int) -> Response:
    """A submitted profile: new beside old, and what was decided before."""
    return _profile_page(_revision(key), ProfileDecisionForm())


@moderation.post(f"/moderation/profiles/{KEY}/decision")
def decide_on_profile(key: int) -> Response:
    """Approve, ask for changes, reject."""
    revision, form = _revision(key), ProfileDecisionForm(request.form)
    if not form.validate():
        return _profile_page(revision, form, status=422)
    decisions.decide_on_profile(
        revision,
        form.what.data,
        version=form.version.data,
        reason=form.reason.data,
        coordinator=current_user._get_current_object(),
    )
    said = {"approve": "Approved.", "ask": "The mentor is asked for changes.", "reject": "Rejected."}
    return see("programme.overview", said[form.what.data])


def _revision(key: int) -> Revision:
    revision: Revision = _one(
        Revision.select(Revision, Mentor).join(Mentor).where(Revision.id == key, Revision.status != "draft")
    )
    return revision


def _profile_page(revision: Revision, form: ProfileDecisionForm, status: int = 200) -> Response:
    return page(
        "moderation/profile.html",
        status=status,
        waiting=waiting(revision),
        form=form,
        past=decisions.decisions_on("profile", revision.mentor_id),
    )


@moderation.get("/moderation/mentors/<slug>")
def mentor(slug: str) -> Response:
    """A mentor's decisions, and hide or restore."""
    return _mentor_page(_mentor(slug), VisibilityForm())


@moderation.post("/moderation/mentors/<slug>/<any(hiding, restoring):what>")
def turn(slug: str, what: str) -> Response:
    """Hide a published profile or restore a hidden one."""
    subject, form = _mentor(slug), VisibilityForm(request.form)
    if not form.validate():
        return _mentor_page(subject, form, status=422)
    act = decisions.hide if what == "hiding" else decisions.restore
    act(subject, reason=form.reason.data, coordinator=current_user._get_current_object())
    return see("moderation.mentor", "Hidden." if what == "hiding" else "Restored.", slug=slug)


def _mentor(slug: str) -> Mentor:
    found: Mentor = _one(Mentor.select().where(Mentor.slug == slug, Mentor.status != "applying"))
    return found


def _mentor_page(subject: Mentor, form: VisibilityForm, status: int = 200) -> Response:
    past = decisions.decisions_on("profile", subject.person_id)
    return page("moderation/mentor.html", status=status, mentor=subject, form=form, past=past)


@moderation.post(f"/moderation/lines/{KEY}/<any(showing, refusing):what>")
def decide_on_line(key: int, what: str) -> Response:
    """Let a line through, or not."""
    about = _one(Rating.select().where(Rating.session == key, Rating.line_status != "none"))
    decisions.decide_on_line(about, is_fine=what == "showing", coordinator=current_user._get_current_object())
    return see("programme.overview", "The line is shown." if what == "showing" else "The line is not shown.")


@moderation.post(f"/moderation/expertise/{KEY}")
def decide_on_expertise(key: int) -> Response:
    """List a proposed expertise, merge it, or leave it off the list."""
    proposal, form = (_one(Expertise.select().where(Expertise.id == key)), ExpertiseForm(request.form))
    if not form.validate():
        return error_page(422, "Please complete it", form.first_error)
    coordinator = current_user._get_current_object()
    if form.what.data == "merge":
        into = _listed(form.name.data)
        if into is None or into.status != "listed":
            return error_page(
                422,
                "Please complete it",
                f"“{form.name.data}” is not on the list. Type the name of a listed expertise.",
            )
        decisions.merge_expertise(proposal, into, coordinator=coordinator)
    elif form.what.data == "list":
        other = _listed(form.name.data)
        if other is not None and other.id != proposal.id:
            return error_page(
                422, "Please complete it", f"“{form.name.data}” stands for {other.name} already. Merge it instead."
            )
        decisions.list_expertise(proposal, name=form.name.data, kind=form.kind.data, coordinator=coordinator)
    else:
        decisions.retire_expertise(proposal, coordinator=coordinator)
    return see("programme.overview", "Decided.")


def _listed(name: str) -> Expertise | None:
    alias = Alias.select(Alias, Expertise).join(Expertise).where(Alias.key == key_of(name)).first()
    return alias.expertise if alias else None
