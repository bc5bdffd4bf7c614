"""Words as search compares them: the same on every database. Pure.

"Negotiating" and "negotiation" share the stem "negoti"; English stems (Snowball), other languages
mostly pass through unchanged.
"""

from __future__ import annotations

from functools import lru_cache

import snowballstemmer

from portal.mentors.topics import key_of

_stemmer = snowballstemmer.stemmer("english")
_WORDS_THAT_SAY_NOTHING = """
a about all am an and any are as at be been but by can could do does for from get had has have help how i if in into is
it its like make me mentor mentoring my need of on or our out please session should so some someone that the their them
then there these this those to up us want was we were what when where which who why will with would you your
"""
STOP_WORDS = frozenset(_WORDS_THAT_SAY_NOTHING.split())


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem of one word of a normal key."""
    stemmed: str = _stemmer.stemWord(word)
    return stemmed


def words(text: str) -> list[str]:
    """The words of a text, in normal form, in order."""
    return key_of(text).split()


def stems(text: str) -> list[str]:
    """The stems of a text, without the words that say nothing."""
    return [stem(word) for word in words(text) if word not in STOP_WORDS]
