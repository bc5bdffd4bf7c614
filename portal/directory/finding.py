"""The directory itself: mentors in a sensible order, each with the next openings and the reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import peewee

from portal.availability.claims import busy
from portal.availability.models import NEVER, Openings
from portal.availability.openings import SECONDS, blocked, from_bytes, instant_of, quarter_of, set_quarters, upcoming
from portal.database import version
from portal.directory.filter import LAST_PAGE, Filter, allowed_quarters
from portal.directory.search import CAP, Reason, Result, search
from portal.feedback.models import Standing
from portal.mentors.models import Alias, Mentor, MentorExpertise
from portal.people.blocks import apart_from
from portal.prepared import Prepared, among, keys, once_for_each_engine, slot
from portal.when import Reader

PAGE = 24
SHOWN = 3
LONGEST_HORIZON = 57
SCATTERED = ("evenings", "weekend")
"""Times that the next opening alone says nothing about: here the openings themselves are looked at."""


class Row(NamedTuple):
    """What a card is made of, as the database has it."""

    slug: str
    name: str
    headline: str
    languages: str
    topic_names: str
    ratings: int | None
    stars: int | None
    length: int


class Found(NamedTuple):
    """One mentor in the result: the row of the card, the quarters of its openings, and why."""

    row: Row
    openings: tuple[int, ...]
    reason: Reason | None


@dataclass(frozen=True)
class Findings:
    """A page of mentors, and how many there are in all, as far as they were looked at."""

    found: list[Found]
    total: int
    is_total: bool
    """Whether there are no more than `total`."""
    has_more: bool
    soonest: int
    """The quarter of the soonest opening that any of them has."""
    corrected: str = ""
    kind: str = ""
    """What a session about the need is mostly for."""


class _Asker(NamedTuple):
    """All that matters of who looks: the zone, the quarters that are taken, and those not to be shown."""

    zone: ZoneInfo
    taken: int
    without: frozenset[int]


def find(wanted: Filter, *, reader: Reader, mentee_id: int | None, only_last_page: bool = False) -> Findings:
    """Search, filter, order. Without a need, the soonest opening comes first; with one, the best
    answer, then the soonest. Among equals those come first who gave fewer sessions lately. Those from
    whom a block keeps the mentee apart are not there.

    The pages up to the wanted one, or, for More, only that one.
    """
    taken = busy(mentee_id, quarter_of(reader.now)) if mentee_id is not None else 0
    asker = _Asker(reader.zone, taken, apart_from(mentee_id) if mentee_id is not None else frozenset())
    return _find(wanted, asker, _moment(reader.now), only_last_page, version())


def _moment(now: datetime) -> datetime:
    """One instant for all of a quarter: openings, notices and horizons are whole quarters."""
    begun = instant_of(quarter_of(now))
    return begun if begun == now else begun + timedelta(seconds=1)


@lru_cache(maxsize=256)
def _find(wanted: Filter, asker: _Asker, now: datetime, only_last_page: bool, _version: object) -> Findings:
    """Looked up once for all who ask the same in the same quarter, until the database changes."""
    result = search(wanted.q) if wanted.q.strip() else None
    times = _Times(wanted.when, asker.zone, now, asker.taken)
    end = wanted.page * PAGE
    looked_at = len(result.hits) + 1 if result else end + CAP + 1
    candidates = keys(result.hits) if result else None
    most = looked_at + len(asker.without)
    rows = _statement(wanted, has_need=result is not None).rows(last=times.last, among=candidates, most=most)
    # As many as there would be if those who are left out did not exist: counts tell nobody of a block.
    rows = [row for row in rows if row[0] not in asker.without][:looked_at]
    found_all = len(rows) < looked_at
    firsts = [times.first(*row[3:]) if wanted.when in SCATTERED else row[1] // SECONDS for row in rows]
    rows = [row for row, first in zip(rows, firsts, strict=True) if first is not None]
    if result is not None:
        score = {mentor: hit.score for mentor, hit in result.hits.items()}
        rows.sort(key=lambda row: (row[1] >= NEVER, -score[row[0]], row[1], row[2], row[0]))
    chosen = [row[0] for row in rows[end - PAGE if only_last_page else 0 : end]]
    return Findings(
        found=_looked_at(chosen, wanted, result, times),
        total=min(len(rows), looked_at - 1),
        is_total=result.is_all if result else found_all,
        has_more=len(rows) > end and wanted.page < LAST_PAGE,
        soonest=min((first for first in firsts if first is not None), default=NEVER),
        corrected=result.need.corrected if result else "",
        kind=result.kind if result else "",
    )


def _statement(wanted: Filter, *, has_need: bool) -> Prepared:
    """Once for all filters that differ only in the words and the page."""
    return _prepared(replace(wanted, q="", page=1), has_need)


@once_for_each_engine
def _prepared(wanted: Filter, has_need: bool) -> Prepared:
    """Mentors by this filter, the soonest first: key, next opening, load, and where the openings are
    scattered, the openings.
    """
    columns = [Openings.mentor, Openings.next, Openings.load]
    if wanted.when in SCATTERED:
        columns += [Openings.length, Openings.base, Openings.starts, Openings.notice, Openings.horizon]
    query = Openings.select(*columns).join(Mentor, on=Openings.mentor == Mentor.person)
    query = query.where((Mentor.status == "published") & _of_length(wanted.length))
    words = ((Mentor.kinds, wanted.kind), (Mentor.formats, wanted.format), (Mentor.languages, wanted.language))
    for field, word in words:
        if word:
            query = query.where(field.has(word))
    if wanted.expertise:
        topic = Alias.select(Alias.expertise).where(Alias.key == wanted.expertise.replace("-", " "))
        able = MentorExpertise.select(MentorExpertise.mentor).where(MentorExpertise.expertise << topic)
        query = query.where(Openings.mentor << able)
    if wanted.when:
        query = query.where(Openings.next <= slot("last"))
    if has_need:
        query = query.where(among(Openings.mentor, "among"))
    return Prepared(query.order_by(Openings.next, Openings.load, Openings.mentor).limit(slot("most")))


def _of_length(length: int) -> Any:
    """An equality, also for "any length": only for one is the index walked in order."""
    return Openings.length == length if length else Openings.is_shortest == peewee.Value(True)


@once_for_each_engine
def _card_statement(length: int) -> Prepared:
    columns = (Mentor.slug, Mentor.name, Mentor.headline, Mentor.languages, Mentor.topic_names)
    bits = (Openings.length, Openings.base, Openings.starts, Openings.notice, Openings.horizon)
    return Prepared(
        Openings.select(Openings.mentor, *columns, Standing.ratings, Standing.stars, *bits)
        .join(Mentor, on=Openings.mentor == Mentor.person)
        .join(Standing, peewee.JOIN.LEFT_OUTER, on=Standing.mentor == Mentor.person)
        .where(_of_length(length) & among(Openings.mentor, "among"))
    )


def _looked_at(mentors: list[int], wanted: Filter, result: Result | None, times: _Times) -> list[Found]:
    """Everything the cards show, for the few on the page."""
    rows = _card_statement(wanted.length).rows(among=keys(mentors))
    by_mentor = {row[0]: row[1:] for row in rows}
    found = []
    for mentor in mentors:
        if mentor not in by_mentor:
            continue  # the mentor's hours have changed since the first statement
        row = by_mentor[mentor]
        openings = tuple(set_quarters(times.starts(*row[7:]), times.base, SHOWN))
        if openings or not wanted.when:
            reason = result.hits[mentor].reason if result else None
            found.append(Found(Row(*row[:8]), openings, reason))
    return found


class _Times:
    """The starts that the filter and the mentee's own time allow, as bitmaps from `base` on."""

    def __init__(self, when: str, zone: ZoneInfo, now: datetime, taken: int) -> None:
        self.now, self.busy = now, taken
        self.base = quarter_of(now)
        self.allowed = _allowed(when, zone, self.base)
        self.last = (self.base + max(self.allowed.bit_length() - 1, 0)) * SECONDS

    def starts(self, length: int, base: int, stored: bytes, notice: int, horizon: int) -> int:
        """Those of one mentor at one length."""
        starts = upcoming(from_bytes(stored), base, now=self.now, notice=notice, horizon=horizon)
        shift = self.base - base
        starts = (starts >> shift if shift >= 0 else starts << -shift) & self.allowed
        return starts & ~blocked(self.busy, length=length) if self.busy else starts

    def first(self, *openings: Any) -> int | None:
        """The quarter of the first of them; None where there is none."""
        return next(iter(set_quarters(self.starts(*openings), self.base, 1)), None)


@lru_cache(maxsize=256)
def _allowed(when: str, zone: ZoneInfo, base: int) -> int:
    """The same for all readers of a zone in the same quarter."""
    return allowed_quarters(when, Reader(zone, instant_of(base)), base, LONGEST_HORIZON)
