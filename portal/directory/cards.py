"""Cards: what a found mentor looks like, cached by exactly what is shown."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask import render_template
from markupsafe import Markup

from portal.availability.openings import instant_of
from portal.directory.finding import Found
from portal.directory.search import MOST_REASONS
from portal.feedback.models import average
from portal.mentors.languages import language_names
from portal.when import Reader, day


class Choice(NamedTuple):
    """An opening on a card."""

    iso: str
    time: str
    day: str


def card(found: Found, reader: Reader) -> Markup:
    """The card of a found mentor, as this reader sees it."""
    return _card(found, reader.zone, reader.today)


@lru_cache(maxsize=20_000)
def _card(found: Found, zone: ZoneInfo, today: date) -> Markup:
    """Made once for all that look the same: the same row, openings and reason, in the same zone, on
    the same day.
    """
    row = found.row
    stars = average(row.ratings, row.stars)
    html = render_template(
        "directory/_card.html",
        card=row,
        reason=found.reason,
        languages=", ".join(language_names(tuple(row.languages.split())[:3])),
        rating="" if stars is None else f"{stars:.1f}",
        offers=row.topic_names.split("; ")[:MOST_REASONS],
        choices=[_choice(quarter, zone, today) for quarter in found.openings],
    )
    return Markup(html)  # noqa: S704  # nosec B704  # the template escapes


def _choice(quarter: int, zone: ZoneInfo, today: date) -> Choice:
    start: datetime = instant_of(quarter)
    local = start.astimezone(zone)
    return Choice(f"{start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", f"{local:%H:%M}", day(local.date(), today))
