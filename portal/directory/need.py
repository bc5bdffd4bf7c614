"""What a need asks for: its words, and the expertise they mean. Pure.

A need is split into terms. A term is either a known way to write an expertise ("job offer", "js"),
which stands for all ways to write it, or a plain word, compared by its stem.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from portal.mentors.wording import STOP_WORDS, stem, stems, words

LONGEST_NEED = 200
MOST_TERMS = 8
LONGEST_ALIAS = 6
SENTENCE = 3
"""Words that say something, from which on a known spelling is a sentence rather than a name."""

FULL, NARROW, LOOSE = 1.0, 0.8, 0.4
"""How well an expertise answers a term: it is what was said; it is wider than what was said; it
shares a word with it."""


@dataclass(frozen=True)
class Term:
    """One thing asked for. `ways` are its spellings, each a tuple of stems; `is_open` while the
    word may still be being typed.
    """

    said: str
    ways: tuple[tuple[str, ...], ...]
    is_open: bool = False


@dataclass(frozen=True)
class Need:
    """Terms, and for each expertise how well it answers which of them."""

    terms: tuple[Term, ...] = ()
    topics: Mapping[int, Mapping[int, float]] = field(default_factory=dict)
    corrected: str = ""
    """The need as it was read, where a word had to be guessed."""


class Vocabulary:
    """All ways to write all expertise, arranged for look-up."""

    def __init__(self, aliases: Iterable[tuple[str, int]], names: Mapping[int, str]) -> None:
        """From (normal key, expertise id) pairs, and the names by id."""
        self.names = {topic: set(stems(name)) for topic, name in names.items()}
        self.by_key: dict[str, int] = {}
        self.ways: dict[int, list[tuple[str, ...]]] = defaultdict(list)
        self._by_stem: dict[str, set[int]] = defaultdict(set)
        for key, topic in aliases:
            meant = [word for word in key.split() if word not in STOP_WORDS]
            # One word that is left of a phrase does not tell it: "get into tech" is not "tech".
            way = tuple(stem(word) for word in (meant if len(meant) > 1 else key.split()))
            self.by_key[key] = topic
            self.ways[topic].append(way)
            for part in way:
                self._by_stem[part].add(topic)

    @cache  # noqa: B019  # there is one vocabulary at a time, and it goes with its cache
    def spellings(self, topic: int) -> tuple[tuple[str, ...], ...]:
        """The ways that do not contain a shorter one: where those are found in a text, the longer
        ones are too.
        """
        ways = sorted(set(self.ways[topic]), key=len)
        kept: list[tuple[str, ...]] = []
        for way in ways:
            if not any(_is_in(shorter, way) for shorter in kept):
                kept.append(way)
        return tuple(kept)

    def with_stem(self, wanted: str, *, is_open: bool) -> set[int]:
        """The expertise that some spelling with this stem belongs to, or with one that begins so."""
        exact = self._by_stem.get(wanted, set())
        if not is_open or len(wanted) < 2:
            return set(exact)
        return exact.union(*(topics for part, topics in self._by_stem.items() if part.startswith(wanted)))

    def closest(self, wanted: str) -> str | None:
        """The known stem most like a mistyped one."""
        if len(wanted) < 4:
            return None
        found = difflib.get_close_matches(wanted, self._by_stem, n=1, cutoff=0.82)
        return found[0] if found else None


def _is_in(shorter: tuple[str, ...], longer: tuple[str, ...]) -> bool:
    return any(longer[at : at + len(shorter)] == shorter for at in range(len(longer) - len(shorter) + 1))


def understand(typed: str, vocabulary: Vocabulary, *, loosely: bool = False) -> Need:
    """Read a need. `loosely`: expertise that only shares a word with one that was named counts too."""
    said = words(typed[:LONGEST_NEED])
    terms = _terms(said, vocabulary, still_typing=bool(typed) and not typed.endswith(" "))[:MOST_TERMS]
    topics: dict[int, dict[int, float]] = defaultdict(dict)
    for topic, index, weight in [*_by_name(terms, vocabulary), *_by_words(terms, vocabulary, loosely)]:
        topics[topic][index] = max(weight, topics[topic].get(index, 0))
    return Need(tuple(terms), dict(topics))


def correct(need: Need, silent: Iterable[int], vocabulary: Vocabulary) -> str | None:
    """The need with the terms that found nothing (`silent`) replaced by the closest known words, as
    text to read again; None where nothing is close.
    """
    unknown = [index for index in silent if need.terms[index].said not in vocabulary.by_key]
    guesses = {index: vocabulary.closest(need.terms[index].ways[0][0]) for index in unknown}
    if not any(guesses.values()):
        return None
    return " ".join(guesses.get(index) or term.said for index, term in enumerate(need.terms)) + " "


def _terms(said: list[str], vocabulary: Vocabulary, *, still_typing: bool) -> list[Term]:
    terms: list[Term] = []
    at = 0
    while at < len(said):
        length = _alias_length(said, at, vocabulary)
        if length:
            key = " ".join(said[at : at + length])
            terms.append(Term(key, vocabulary.spellings(vocabulary.by_key[key])))
        elif said[at] not in STOP_WORDS:
            terms.append(Term(said[at], ((stem(said[at]),),), still_typing and at == len(said) - 1))
        at += length or 1
    return list(dict.fromkeys(terms))


def _alias_length(said: list[str], at: int, vocabulary: Vocabulary) -> int:
    for length in range(min(LONGEST_ALIAS, len(said) - at), 0, -1):
        if " ".join(said[at : at + length]) in vocabulary.by_key:
            return length if length > 1 or said[at] not in STOP_WORDS else 0
    return 0


def _by_name(terms: list[Term], vocabulary: Vocabulary) -> Iterable[tuple[int, int, float]]:
    """Expertise that was named."""
    for index, term in enumerate(terms):
        if term.said in vocabulary.by_key:
            yield vocabulary.by_key[term.said], index, FULL


def _by_words(terms: list[Term], vocabulary: Vocabulary, loosely: bool) -> Iterable[tuple[int, int, float]]:
    """Expertise that shares words with the need."""
    asked = [{stem(word) for word in term.said.split()} for term in terms]
    everything = set().union(*asked)
    for index, term in enumerate(terms):
        if term.said in vocabulary.by_key:
            yield from ((topic, index, LOOSE) for topic in _akin(asked[index], vocabulary, loosely))
            continue
        for topic in vocabulary.with_stem(term.ways[0][0], is_open=term.is_open):
            yield (topic, index, _weight(vocabulary.ways[topic], everything, asked[index]))
    for topic in _all_said(everything, vocabulary):
        for index, parts in enumerate(asked):
            if any(parts & set(way) for way in vocabulary.ways[topic] if set(way) <= everything):
                yield topic, index, FULL


def _akin(parts: set[str], vocabulary: Vocabulary, loosely: bool) -> set[int]:
    """Expertise whose name shares a word with a whole sentence. A short name ("front end") is meant
    as it is said.
    """
    content = {part for part in parts if part not in STOP_WORDS}
    if len(content) < SENTENCE and not loosely:
        return set()
    return {topic for topic, name in vocabulary.names.items() if name & content}


def _all_said(everything: set[str], vocabulary: Vocabulary) -> set[int]:
    """Expertise of which one spelling of two words or more was said, in whatever order."""
    near = set().union(*(vocabulary.with_stem(part, is_open=False) for part in everything))
    return {topic for topic in near if any(len(way) > 1 and set(way) <= everything for way in vocabulary.ways[topic])}


def _weight(ways: list[tuple[str, ...]], everything: set[str], parts: set[str]) -> float:
    if any(set(way) <= everything and set(way) & parts for way in ways):
        return FULL
    if any(everything <= set(way) for way in ways):
        return NARROW
    return LOOSE
