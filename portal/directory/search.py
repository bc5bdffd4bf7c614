"""From a need to the mentors who answer it, and why. Broad needs are capped, never ranked in full."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

from portal.database import db, is_postgres, tuples
from portal.directory import text_postgres, text_sqlite
from portal.directory.need import Need, Vocabulary, correct, understand
from portal.mentors import topics
from portal.mentors.models import Alias, Expertise, MentorExpertise

CAP = 1000
"""Mentors looked at for one need. More answer only a need that says too little."""
COLUMNS = (("headline_stems", 0.7), ("about_stems", 0.4))
KEEP = 0.4
"""A mentor stays in the result from this share of the best score on."""


@dataclass
class Hit:
    """Why one mentor is in the result: how well each term is answered, by which expertise or words."""

    terms: dict[int, float] = field(default_factory=dict)
    expertise: dict[str, float] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)

    @property
    def score(self) -> float:
        """How much of the need is answered."""
        return round(sum(self.terms.values()), 3)


@dataclass(frozen=True)
class Result:
    """Hits by mentor id, and the need as it was read."""

    hits: dict[int, Hit]
    need: Need
    kind: str = ""
    """What a session about it is mostly for."""


_vocabulary: tuple[int, Vocabulary, dict[int, Expertise]] | None = None


def vocabulary() -> tuple[Vocabulary, dict[int, Expertise]]:
    """All ways to write all expertise, and the expertise by id; kept until the list changes."""
    global _vocabulary  # noqa: PLW0603  # kept by the process, like any cache
    edition = topics.edition()
    if _vocabulary is None or _vocabulary[0] != edition:
        aliases = tuples(Alias.select(Alias.key, Alias.expertise))
        topics_by_id = {topic.id: topic for topic in Expertise.select()}
        names = {key: topic.name for key, topic in topics_by_id.items()}
        _vocabulary = (edition, Vocabulary(aliases, names), topics_by_id)
    return _vocabulary[1], _vocabulary[2]


def search(typed: str) -> Result:
    """The mentors who answer a need. A word that finds nothing is read as the closest known one."""
    known, listed = vocabulary()
    need = understand(typed, known)
    hits = _hits(need, listed)
    silent = [i for i in range(len(need.terms)) if not any(i in hit.terms for hit in hits.values())]
    guess = correct(need, silent, known) if silent else None
    if guess:
        need = replace(understand(guess, known), corrected=guess.strip())
        hits = _hits(need, listed)
    best = max((hit.score for hit in hits.values()), default=0)
    fullest = max(need.topics, key=lambda topic: sum(need.topics[topic].values()), default=None)
    kept = {mentor: hit for mentor, hit in hits.items() if hit.score >= best * KEEP}
    return Result(kept, need, listed[fullest].kind if fullest is not None else "")


def _hits(need: Need, listed: dict[int, Expertise]) -> dict[int, Hit]:
    hits: dict[int, Hit] = defaultdict(Hit)
    for mentor, topic in _with_topics(need.topics):
        hit = hits[mentor]
        for term, weight in need.topics[topic].items():
            hit.terms[term] = max(weight, hit.terms.get(term, 0))
            name = listed[topic].name
            hit.expertise[name] = max(weight, hit.expertise.get(name, 0))
    for term, column, mentor in _with_words(need):
        weight, hit = COLUMNS[column][1], hits[mentor]
        if weight > hit.terms.get(term, 0):
            hit.terms[term] = weight
            if need.terms[term].said not in hit.words:
                hit.words.append(need.terms[term].said)
    return hits


def _with_topics(wanted: Iterable[int]) -> list[tuple[Any, ...]]:
    """(mentor, expertise) pairs, of the soonest mentors where there are too many."""
    ids = list(wanted)
    if not ids:
        return []
    few = (
        MentorExpertise.select(MentorExpertise.mentor, MentorExpertise.expertise)
        .where(MentorExpertise.expertise << ids)
        .limit(CAP + 1)
    )
    pairs = tuples(few)
    return pairs if len(pairs) <= CAP else _soonest_with_topics(ids)


def _soonest_with_topics(ids: list[int]) -> list[tuple[Any, ...]]:
    # Nothing of the statement comes from a request; the ids are bound.
    mark = "%s" if is_postgres() else "?"
    cross = "join" if is_postgres() else "cross join"  # SQLite keeps the order of a cross join
    marks = ", ".join(mark for _ in ids)
    sql = (
        f"select me.mentor_id, me.expertise_id from openings o {cross} mentor_expertise me"  # noqa: S608
        f" on me.mentor_id = o.mentor_id where o.is_shortest and me.expertise_id in ({marks})"
        f" order by o.next, o.load limit {CAP}"
    )
    return list(db.execute_sql(sql, ids).fetchall())


def _with_words(need: Need) -> list[tuple[Any, ...]]:
    """(term, column, mentor) for the terms found in headlines and profiles, in one statement."""
    engine: ModuleType = text_postgres if is_postgres() else text_sqlite
    parts, values = [], []
    for index, term in enumerate(need.terms):
        for column, (name, _) in enumerate(COLUMNS):
            parts.append(engine.SELECT.format(index=index, column=column, name=name, most=CAP))
            values.append(engine.condition(name, term))
    if not parts:
        return []
    return list(db.execute_sql(" union all ".join(parts), values).fetchall())
