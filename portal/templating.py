"""What templates can call."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

from flask import Flask, render_template
from markupsafe import Markup

from portal import assets
from portal.availability.choices import next_openings
from portal.directory.others import others_who_fit
from portal.feedback.followups import follow_up_of, steps
from portal.feedback.impact import has_given, hours
from portal.feedback.met import people_met
from portal.feedback.rating import mark_of, rating_of
from portal.feedback.unrated import to_rate
from portal.feedback.wishes import both_wish
from portal.limits import limits
from portal.mail.composing import said
from portal.mentors.languages import language_names
from portal.mentors.models import FORMATS, KINDS
from portal.people.codes import new_token
from portal.people.models import first_name
from portal.preparation.conversation import shown_to, why_not_write
from portal.preparation.forms import MessageForm, preparation_form
from portal.preparation.markup import html_of
from portal.preparation.preparing import prepared
from portal.preparation.presence import is_chat, is_present, now_key
from portal.sessions.apart import blockable, others_in
from portal.sessions.booking import offers
from portal.sessions.changes import other_openings
from portal.sessions.fairness import why_not_book
from portal.waiting.models import PARTS
from portal.when import date_in_full, wall

HUES = 12
CALLED: tuple[Callable[..., object], ...] = (
    rating_of,
    mark_of,
    to_rate,
    follow_up_of,
    steps,
    people_met,
    both_wish,
    has_given,
    prepared,
    preparation_form,
    shown_to,
    why_not_write,
    is_chat,
    is_present,
    now_key,
    MessageForm,
    blockable,
    others_in,
    why_not_book,
    next_openings,
    other_openings,
    offers,
    others_who_fit,
    new_token,
    limits,
)
"""What pages ask the features for, under its own name."""


def install_templating(app: Flask) -> None:
    """Filters and globals, and the form macros: a block rendered alone sees no imports of its page."""
    environment = app.jinja_env
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters.update(
        initials=initials,
        hue=hue,
        first_name=first_name,
        language_names=language_names,
        iso=iso,
        message=message,
        said=said,
        wall=wall,
        date_in_full=date_in_full,
        hours=hours,
    )
    environment.globals.update(
        tabs=tabs,
        asset=assets.address,
        KINDS=KINDS,
        FORMATS=FORMATS,
        PARTS=PARTS,
        **{function.__name__: function for function in CALLED},
    )
    macros = environment.get_template("_macros.html").module
    environment.globals["ui"] = macros


@cache
def tabs(here: str, is_coordinator: object = None) -> Markup:
    """The tabs, with the one of the feature `here` marked."""
    html = render_template("_tabs.html", here=here, is_coordinator=is_coordinator is True)
    return Markup(html)  # noqa: S704  # the template escapes


@cache
def initials(name: str) -> str:
    """ "Laila Mansour" is "LM"."""
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@cache
def hue(name: str) -> int:
    """A colour for a name: one of twelve, always the same."""
    return hashlib.sha256(name.encode()).digest()[0] % HUES


def iso(instant: datetime) -> str:
    """ "2026-11-24T11:00:00Z" """
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def message(text: str) -> Markup:
    """A message with its links and code blocks."""
    return Markup(html_of(text))  # noqa: S704  # the renderer escapes
