"""What templates can call."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import cache

from flask import Flask, render_template
from markupsafe import Markup

from portal import assets
from portal.availability.choices import next_openings
from portal.directory.others import others_who_fit
from portal.feedback.rating import rating_of, to_rate
from portal.mentors.languages import language_names
from portal.mentors.models import FORMATS, KINDS
from portal.people.codes import new_token
from portal.people.models import first_name
from portal.sessions.apart import blockable
from portal.sessions.fairness import why_not_book
from portal.when import wall

HUES = 12


def install_templating(app: Flask) -> None:
    """Filters and globals, and the form macros: a block rendered alone sees no imports of its page."""
    environment = app.jinja_env
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters.update(
        initials=initials, hue=hue, first_name=first_name, language_names=language_names, wall=wall, iso=iso
    )
    environment.globals.update(
        tabs=tabs,
        asset=assets.address,
        KINDS=KINDS,
        FORMATS=FORMATS,
        rating_of=rating_of,
        to_rate=to_rate,
        blockable=blockable,
        why_not_book=why_not_book,
        next_openings=next_openings,
        others_who_fit=others_who_fit,
        new_token=new_token,
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
