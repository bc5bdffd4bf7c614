"""From a need to the mentors who answer it, and why. Broad needs are capped, never ranked in full."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any, NamedTuple

import peewee

from portal.availability.models import Openings
from portal.database import db, is_postgres, tuples
from portal.directory import text_postgres, text_sqlite
from portal.directory.need import FULL, Need, Vocabulary, correct, understand
from portal.mentors import topics
from portal.mentors.models import Alias, Expertise, MentorExpertise
from portal.prepared import Prepared, among, keys, once_for_each_engine, slot

BROAD = 400
"""Of expertise that more mentors have than this, not all are looked at."""
CAP = 120
"""How many of those are: the soonest. Also the most that one word in profiles brings."""
ENOUGH = 24
"""Mentors who list an expertise, from which on nobody is looked for who only mentions it."""
MOST_REASONS = 3
COLUMNS = (("headline_stems", 0.7), ("about_stems", 0.4))
KEEP = 0.4
"""A mentor stays in the result from this share of the best score on."""


class Reason(NamedTuple):
    """Why a mentor fits, as a card says it: expertise that is what was asked for, expertise near it,
    and words of the need found in the profile.
    """

    exact: tuple[str, ...]
    related: tuple[str, ...]
    words: tuple[str, ...]


@dataclass
class Hit:
    """How well one mentor answers each term, and by which expertise or words."""

    terms: dict[int, float] = field(default_factory=dict)
    expertise: dict[str, float] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)

    @property
    def score(self) -> float:
        """How much of the need is answered."""
        return sum(self.terms.values())

    @property
    def reason(self) -> Reason:
        """The best three of it."""
        exact = [name for name, weight in self.expertise.items() if weight == FULL][:MOST_REASONS]
        near = sorted((name for name in self.expertise if name not in exact), key=lambda name: -self.expertise[name])
        return Reason(tuple(exact), tuple(near[: MOST_REASONS - len(exact)]), tuple(self.words[:MOST_REASONS]))


@dataclass(frozen=True)
class Result:
    """Hits by mentor id, and the need as it was read."""

    hits: dict[int, Hit]
    need: Need
    kind: str = ""
    """What a session about it is mostly for."""
    is_all: bool = True
    """Whether every mentor who answers it is among the hits."""


class Listed(NamedTuple):
    """An expertise as search knows it; `mentors` is how many had it when the list was read."""

    name: str
    kind: str
    mentors: int


_vocabulary: tuple[object, Vocabulary, dict[int, Listed]] | None = None


def vocabulary() -> tuple[Vocabulary, dict[int, Listed]]:
    """All ways to write all expertise, and the expertise by id; kept until the list changes."""
    global _vocabulary  # noqa: PLW0603  # kept by the process, like any cache
    edition = (db.obj, topics.edition())
    if _vocabulary is None or _vocabulary[0] != edition:
        aliases = tuples(Alias.select(Alias.key, Alias.expertise))
        mentors = peewee.fn.COUNT(MentorExpertise.mentor)
        counted = (
            Expertise.select(Expertise.id, Expertise.name, Expertise.kind, mentors)
            .join(MentorExpertise, peewee.JOIN.LEFT_OUTER)
            .group_by(Expertise.id, Expertise.name, Expertise.kind)
        )
        listed = {key: Listed(*rest) for key, *rest in tuples(counted)}
        names = {key: topic.name for key, topic in listed.items()}
        _vocabulary = (edition, Vocabulary(aliases, names), listed)
    return _vocabulary[1], _vocabulary[2]


def search(typed: str) -> Result:
    """The mentors who answer a need. Where a word finds nobody, expertise near it counts, and then the
    closest known word.
    """
    known, listed = vocabulary()
    need, hits = _answer(understand(typed, known), listed)
    if _silent(need, hits):
        need, hits = _answer(understand(typed, known, loosely=True), listed)
    guess = correct(need, _silent(need, hits), known)
    if guess:
        need, hits = _answer(replace(understand(guess, known), corrected=guess.strip()), listed)
    best = max((hit.score for hit in hits.values()), default=0)
    fullest = max(need.topics, key=lambda topic: sum(need.topics[topic].values()), default=None)
    kept = {mentor: hit for mentor, hit in hits.items() if hit.score >= best * KEEP}
    is_all = all(listed[topic].mentors <= BROAD for topic in need.topics)
    return Result(kept, need, listed[fullest].kind if fullest is not None else "", is_all)


def _answer(need: Need, listed: dict[int, Listed]) -> tuple[Need, dict[int, Hit]]:
    return need, _hits(need, listed)


def _silent(need: Need, hits: dict[int, Hit]) -> list[int]:
    """Terms that found nobody."""
    return [i for i in range(len(need.terms)) if not any(i in hit.terms for hit in hits.values())]


def _hits(need: Need, listed: dict[int, Listed]) -> dict[int, Hit]:
    hits: dict[int, Hit] = defaultdict(Hit)
    for mentor, topic in _with_topics(need.topics, listed):
        hit = hits[mentor]
        for term, weight in need.topics[topic].items():
            hit.terms[term] = max(weight, hit.terms.get(term, 0))
            name = listed[topic].name
            hit.expertise[name] = max(weight, hit.expertise.get(name, 0))
    for term, column, mentor in _with_words(need, _answered(need, listed)):
        weight, hit = COLUMNS[column][1], hits[mentor]
        if weight > hit.terms.get(term, 0):
            hit.terms[term] = weight
            if need.terms[term].said not in hit.words:
                hit.words.append(need.terms[term].said)
    return hits


def _with_topics(wanted: Iterable[int], listed: dict[int, Listed]) -> list[tuple[Any, ...]]:
    """(mentor, expertise) pairs. Of expertise that more than CAP mentors have only the soonest, and
    those who are in the result for something else.
    """
    narrow = [topic for topic in wanted if listed[topic].mentors <= BROAD]
    broad = [topic for topic in wanted if listed[topic].mentors > BROAD]
    pairs = _having().rows(topics=keys(narrow), most=2 * BROAD * len(narrow)) if narrow else []
    if broad:
        others = {mentor for mentor, _ in pairs}
        pairs += _soonest_having().rows(topics=keys(broad), most=CAP)
        if others:
            pairs += _also_having().rows(topics=keys(broad), mentors=keys(others))
    return pairs


@once_for_each_engine
def _having() -> Prepared:
    pairs = MentorExpertise.select(MentorExpertise.mentor, MentorExpertise.expertise)
    return Prepared(pairs.where(among(MentorExpertise.expertise, "topics")).limit(slot("most")))


@once_for_each_engine
def _also_having() -> Prepared:
    pairs = MentorExpertise.select(MentorExpertise.mentor, MentorExpertise.expertise)
    both = among(MentorExpertise.expertise, "topics") & among(MentorExpertise.mentor, "mentors")
    return Prepared(pairs.where(both))


@once_for_each_engine
def _soonest_having() -> Prepared:
    # SQLite keeps the order of a cross join: the index of the soonest openings is walked, and each
    # mentor on it looked up, until there are enough.
    how = peewee.JOIN.INNER if is_postgres() else peewee.JOIN.CROSS
    pairs = Openings.select(Openings.mentor, MentorExpertise.expertise)
    same = MentorExpertise.mentor == Openings.mentor
    pairs = pairs.join(MentorExpertise, how, on=same if is_postgres() else None)
    wanted = (Openings.is_shortest == peewee.Value(True)) & same & among(MentorExpertise.expertise, "topics")
    return Prepared(pairs.where(wanted).order_by(Openings.next, Openings.load).limit(slot("most")))


def _answered(need: Need, listed: dict[int, Listed]) -> set[int]:
    """Terms for which enough mentors list just that expertise: their word counts more than a mention."""
    common = [topic for topic in need.topics if listed[topic].mentors >= ENOUGH]
    return {term for topic in common for term, weight in need.topics[topic].items() if weight == FULL}


def _with_words(need: Need, answered: set[int]) -> list[tuple[Any, ...]]:
    """(term, column, mentor) for the other terms, found in headlines and profiles, in one statement."""
    engine: ModuleType = text_postgres if is_postgres() else text_sqlite
    parts, values = [], []
    for index, term in enumerate(need.terms):
        for column, (name, _) in enumerate(COLUMNS if index not in answered else ()):
            parts.append(engine.SELECT.format(index=index, column=column, name=name, most=CAP))
            values.append(engine.condition(name, term))
    if not parts:
        return []
    return list(db.execute_sql(" union all ".join(parts), values).fetchall())
