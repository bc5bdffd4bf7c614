"""Cards: what a found mentor looks like, cached by exactly what is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from flask import render_template
from markupsafe import Markup

from portal.directory.finding import Found
from portal.directory.need import FULL
from portal.feedback.models import average
from portal.mentors.languages import language_names
from portal.when import Reader

MOST_REASONS = 3


@dataclass(frozen=True)
class Choice:
    """An opening on a card."""

    iso: str
    time: str
    day: str


@dataclass(frozen=True)
class Card:
    """Everything a card shows. Two equal cards look the same, so the HTML is made once."""

    slug: str
    name: str
    headline: str
    languages: str
    rating: str
    ratings: int
    exact: tuple[str, ...]
    related: tuple[str, ...]
    words: tuple[str, ...]
    offers: tuple[str, ...]
    length: int
    choices: tuple[Choice, ...]


def card_of(found: Found, reader: Reader) -> Card:
    """The card of a found mentor, as this reader sees it."""
    row, hit = found.row, found.hit
    answered = sorted(hit.expertise, key=lambda name: -hit.expertise[name]) if hit else []
    exact = tuple(name for name in answered if hit and hit.expertise[name] == FULL)
    related = tuple(name for name in answered if name not in exact)[: max(MOST_REASONS - len(exact), 0)]
    stars = average(row["ratings"], row["stars"])
    return Card(
        slug=row["slug"],
        name=row["name"],
        headline=row["headline"],
        languages=", ".join(language_names(row["languages"][:3])),
        rating="" if stars is None else f"{stars:.1f}",
        ratings=row["ratings"] or 0,
        exact=exact[:MOST_REASONS],
        related=related,
        words=tuple(hit.words[:MOST_REASONS]) if hit else (),
        offers=tuple(row["topic_names"].split("; ")[:MOST_REASONS]) if not hit else (),
        length=row["length"],
        choices=tuple(choice_of(start, reader) for start in found.openings),
    )


def choice_of(start: datetime, reader: Reader) -> Choice:
    """An opening in the reader's words."""
    return Choice(f"{start:%Y-%m-%dT%H:%M:%SZ}", reader.time(start), reader.day(start))


@lru_cache(maxsize=20_000)
def card_html(card: Card) -> Markup:
    """The HTML of a card."""
    return Markup(render_template("directory/_card.html", card=card))  # noqa: S704  # the template escapes
