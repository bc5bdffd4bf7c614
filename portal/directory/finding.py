"""The directory itself: mentors in a sensible order, each with the next openings and the reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import peewee

from portal.availability.claims import busy
from portal.availability.models import Openings
from portal.availability.openings import blocked, from_bytes, instant_of, quarter_of, set_quarters, upcoming
from portal.database import rows
from portal.directory.filter import Filter, allowed_quarters
from portal.directory.search import CAP, Hit, Result, search
from portal.feedback.models import Standing
from portal.mentors.models import Alias, Mentor, MentorExpertise
from portal.when import Reader

PAGE = 24
SHOWN = 3
LONGEST_HORIZON = 57


@dataclass(frozen=True)
class Found:
    """One mentor in the result: the row of the card, its openings, and why."""

    row: dict[str, Any]
    openings: tuple[datetime, ...]
    hit: Hit | None


@dataclass(frozen=True)
class Findings:
    """A page of mentors, and how many there are in all (CAP + 1 means more than CAP)."""

    found: list[Found]
    total: int
    has_more: bool
    corrected: str = ""
    kind: str = ""
    """What a session about the need is mostly for."""


def find(wanted: Filter, *, reader: Reader, mentee_id: int | None) -> Findings:
    """Search, filter, order. Without a need, the soonest opening comes first; with one, the best
    answer, then the soonest. Among equals those come first who gave fewer sessions lately.
    """
    result = search(wanted.q) if wanted.q.strip() else None
    query = _filtered(wanted, None if result is None else list(result.hits))
    times = _Times(wanted.when, reader, mentee_id)
    skip, need = (wanted.page - 1) * PAGE, PAGE + 1
    if result is not None:
        chosen = _by_answer(query, result, times)
        total = len(chosen)
        page = chosen[skip : skip + need]
    elif wanted.when in ("evenings", "weekend"):
        chosen = [found for row in rows(_soonest(query).limit(CAP)) if (found := times.look(row, None))]
        total = len(chosen)
        page = chosen[skip : skip + need]
    else:
        if wanted.when:
            query = query.where(Openings.next <= times.last)
        total = query.select(peewee.Value(1)).limit(CAP + 1).count()
        page = [f for row in rows(_soonest(query).limit(need).offset(skip)) if (f := times.look(row, None))]
    said = {"corrected": result.need.corrected, "kind": result.kind} if result else {}
    return Findings(page[:PAGE], total, len(page) > PAGE, **said)


def _filtered(wanted: Filter, candidates: list[int] | None) -> Any:
    query = (
        Openings.select(
            Openings.length,
            Openings.base,
            Openings.starts,
            Openings.notice,
            Openings.horizon,
            Openings.next,
            Openings.load,
            Mentor.person,
            Mentor.slug,
            Mentor.name,
            Mentor.headline,
            Mentor.languages,
            Mentor.topic_names,
            Standing.ratings,
            Standing.stars,
        )
        .join(Mentor, on=Openings.mentor == Mentor.person)
        .join(Standing, peewee.JOIN.LEFT_OUTER, on=Standing.mentor == Mentor.person)
        .where(Mentor.status == "published")
    )
    query = query.where(Openings.length == wanted.length) if wanted.length else query.where(Openings.is_shortest)
    for field, word in (
        (Mentor.kinds, wanted.kind),
        (Mentor.formats, wanted.format),
        (Mentor.languages, wanted.language),
    ):
        if word:
            query = query.where(field.has(word))
    if wanted.expertise:
        topic = Alias.select(Alias.expertise).where(Alias.key == wanted.expertise.replace("-", " "))
        able = MentorExpertise.select(MentorExpertise.mentor).where(MentorExpertise.expertise << topic)
        query = query.where(Openings.mentor << able)
    if candidates is not None:
        query = query.where(Openings.mentor << candidates)
    return query


def _soonest(query: Any) -> Any:
    return query.order_by(Openings.next, Openings.load, Openings.mentor)


def _by_answer(query: Any, result: Result, times: _Times) -> list[Found]:
    found = [f for row in rows(query) if (f := times.look(row, result.hits[row["person"]]))]
    found.sort(key=lambda f: (not f.openings, -(f.hit.score if f.hit else 0), f.row["next"], f.row["load"]))
    return found


class _Times:
    """Looks up the openings of a row that the filter and the mentee's own time allow."""

    def __init__(self, when: str, reader: Reader, mentee_id: int | None) -> None:
        self.when, self.reader, self.mentee_id = when, reader, mentee_id
        self.base = quarter_of(reader.now)
        self.allowed = _allowed(when, reader.zone, self.base)
        self.busy = busy(mentee_id, self.base) if mentee_id is not None else 0
        self.last = instant_of(self.base + max(self.allowed.bit_length() - 1, 0))

    def look(self, row: dict[str, Any], hit: Hit | None) -> Found | None:
        """The card's openings; None where the filter asks for a time and there is none."""
        starts = upcoming(
            from_bytes(row["starts"]), row["base"], now=self.reader.now, notice=row["notice"], horizon=row["horizon"]
        )
        shift = self.base - row["base"]
        starts = (starts >> shift if shift >= 0 else starts << -shift) & self.allowed
        if self.busy:
            starts &= ~blocked(self.busy, length=row["length"])
        quarters = set_quarters(starts, self.base, SHOWN)
        if self.when and not quarters:
            return None
        return Found(row, tuple(instant_of(quarter) for quarter in quarters), hit)


@lru_cache(maxsize=256)
def _allowed(when: str, zone: ZoneInfo, base: int) -> int:
    """The same for all readers of a zone in the same quarter."""
    return allowed_quarters(when, Reader(zone, instant_of(base)), base, LONGEST_HORIZON)
