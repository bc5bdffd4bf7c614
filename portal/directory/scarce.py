"""What somebody looks for and cannot have soon: they can wait for it."""

from __future__ import annotations

from datetime import timedelta

from portal.availability.openings import quarter_of
from portal.directory.filter import Filter
from portal.directory.finding import Findings
from portal.directory.need import FULL, understand
from portal.directory.search import vocabulary
from portal.mentors.models import Expertise
from portal.when import Reader

SOON = timedelta(days=7)
PARTS = ("evenings", "weekend")
"""Times of the filter that one can wait for as well."""


def to_wait_for(wanted: Filter, findings: Findings, reader: Reader) -> dict[str, str | int]:
    """The curated expertise that was asked for, with the length and the part of the day, where none of those who
    were found has an opening within a week. Empty where there is one, or where no expertise was named.
    """
    if wanted.page > 1 or findings.soonest <= quarter_of(reader.now + SOON):
        return {}
    named = _named(wanted, findings)
    listed = (Expertise.id == named) & (Expertise.status == "listed")
    expertise = Expertise.get_or_none(listed) if named is not None else None
    if expertise is None:
        return {}
    part = wanted.when if wanted.when in PARTS else ""
    terms: dict[str, str | int] = {"expertise": expertise.name, "length": wanted.length, "part": part}
    return {name: value for name, value in terms.items() if value}


def _named(wanted: Filter, findings: Findings) -> int | None:
    """The expertise of the filter, or else the one of the need that was named by most of its words."""
    known, _ = vocabulary()
    if wanted.expertise:
        return known.by_key.get(wanted.expertise.replace("-", " "))
    topics = understand(findings.corrected or wanted.q, known).topics
    named = {topic: sum(terms.values()) for topic, terms in topics.items() if FULL in terms.values()}
    return max(named, key=lambda topic: named[topic], default=None)
