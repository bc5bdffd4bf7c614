"""Pages of the directory: find, and the mentor's public page."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask import session as cookie
from flask_login import current_user, login_required
from markupsafe import Markup
from werkzeug.wrappers import Response

from portal.askers import limit
from portal.availability.derived import freshen
from portal.availability.models import LENGTHS
from portal.directory import demand
from portal.directory.cards import card
from portal.directory.filter import WHENS, Filter, parse
from portal.directory.finding import find as find_mentors
from portal.directory.mentor_page import mentor_page, visible_mentor
from portal.directory.scarce import to_wait_for
from portal.errors import TooMany
from portal.mentors import saving
from portal.mentors.languages import LANGUAGES
from portal.mentors.models import FORMATS, KINDS, Mentor
from portal.pages import is_coordinator, number, only_members, page, reader, see, settings, wants_part
from portal.people import blocks
from portal.people.blocks import has_blocked
from portal.people.codes import new_token
from portal.rates import SEARCHES
from portal.sessions.fairness import why_not_book
from portal.text import clean_line
from portal.waiting.offers import open_offer
from portal.waiting.watching import lines_of

directory = Blueprint("directory", __name__)
directory.before_request(only_members)


@directory.get("/")
def find() -> Response:
    """The directory. The URL holds the whole filter."""
    try:
        wanted = parse(request.args.to_dict())
    except ValueError as error:
        abort(400, str(error))
    form = partial(filter_form, replace(wanted, page=1))  # a part does without it
    try:
        limit(SEARCHES)
    except TooMany as refusal:
        said = {"filter": wanted, "refusal": str(refusal), "filter_form": form}
        return page("directory/too_many.html", block="results", status=refusal.status, **said)
    freshen(most=20)
    who = reader()
    findings = find_mentors(wanted, reader=who, mentee_id=_reader_id(), only_last_page=wants_part())
    response = page(
        "directory/find.html",
        block="results",
        filter=wanted,
        cards=[card(found, who) for found in findings.found],
        findings=findings,
        stop=_why_not_book(),
        to_wait_for=to_wait_for(wanted, findings, who),
        filter_form=form,
    )
    if request.headers.get("HX-Request") == "true":
        response.headers["HX-Replace-Url"] = wanted.url(page=wanted.page)
    return response


@directory.post("/asked")
def asked() -> Response:
    """Somebody rested on what they typed: keep the need, without the person."""
    asker = f"person {current_user.id}" if current_user.is_authenticated else cookie.get("holder")
    if asker is None:
        asker = cookie["holder"] = new_token()
    demand.note(clean_line(request.form.get("q")), asker=asker, secret_key=settings().secret_key, reader=reader())
    return Response(status=204)


@lru_cache(maxsize=2_000)
def filter_form(wanted: Filter) -> Markup:
    """The form that says this filter: the same for everybody."""
    html = render_template(
        "directory/_filter.html",
        filter=wanted,
        kinds=KINDS,
        lengths=LENGTHS,
        formats=FORMATS,
        languages=LANGUAGES,
        whens=WHENS,
    )
    return Markup(html)  # noqa: S704  # the template escapes


@directory.get("/mentors/<slug>")
def mentor(slug: str) -> Response:
    """The mentor's public page: who it is, and choosing length, day and time."""
    freshen(most=5)
    shown = visible_mentor(slug, person_id=_reader_id(), is_coordinator=is_coordinator())
    length = number("length", lowest=15, highest=60, otherwise=0)
    context = mentor_page(
        shown, length=length, day=request.args.get("day", ""), reader=reader(), mentee_id=_reader_id()
    )
    is_own = shown.person_id == _reader_id()
    return page(
        "directory/mentor.html",
        block="times",
        stop="" if is_own else _why_not_book(),
        is_own=is_own,
        **_between_us(shown),
        **context,
    )


def _between_us(mentor: Mentor) -> dict[str, Any]:
    """What the one who looks has to do with this mentor: saved, blocked, waited for."""
    if not current_user.is_authenticated:
        return {}
    offer = open_offer(current_user.id)
    return {
        "is_saved": saving.has_saved(current_user.id, mentor.person_id),
        "is_blocked": has_blocked(current_user.id, mentor.person_id),
        "line": next((line for line in lines_of(current_user) if line.mentor_id == mentor.person_id), None),
        "offer": offer if offer is not None and offer.mentor_id == mentor.person_id else None,
    }


@directory.post("/mentors/<slug>/saving")
@login_required
def save(slug: str) -> Response:
    """Save this mentor, to find them again."""
    shown = visible_mentor(slug, person_id=current_user.id, is_coordinator=is_coordinator())
    saving.save_mentor(shown, person=current_user._get_current_object())
    return see("directory.mentor", f"{shown.first_name} is saved. You find all you saved under Waiting.", slug=slug)


@directory.post("/mentors/<slug>/saving/end")
@login_required
def forget(slug: str) -> Response:
    """Save them no longer. Of one who is not saved, it says the same."""
    saving.forget_mentor(slug, person=current_user._get_current_object())
    if request.form.get("on") == "list":
        return see("waiting.index", "Removed from what you saved.")
    return see("directory.mentor", "Removed from what you saved.", slug=slug)


@directory.post("/mentors/<slug>/block")
@login_required
def block(slug: str) -> Response:
    """Block this mentor. They are not told, and this page stays as it would be without an opening."""
    shown = visible_mentor(slug, person_id=current_user.id, is_coordinator=is_coordinator())
    blocks.block(shown.person, person=current_user._get_current_object())
    said = f"You and {shown.first_name} are not offered each other's openings again."
    return see("directory.mentor", said, slug=shown.slug)


def _why_not_book() -> str:
    return why_not_book(current_user) if current_user.is_authenticated else ""


def _reader_id() -> int | None:
    return current_user.id if current_user.is_authenticated else None
