"""Words in headlines and profiles, found through tsvector and GIN indexes."""

from __future__ import annotations

from portal.directory.need import Term

CREATE = (
    "create index if not exists mentor_headline_words on mentor using gin (to_tsvector('simple', headline_stems))",
    "create index if not exists mentor_about_words on mentor using gin (to_tsvector('simple', about_stems))",
)

SELECT = (
    "(select {index}, {column}, person_id from mentor"
    " where to_tsvector('simple', {name}) @@ to_tsquery('simple', %s) limit {most})"
)


def condition(_column: str, term: Term) -> str:
    """A tsquery. Stems hold letters and digits only, so nothing typed reaches its grammar."""
    ways = ["(" + " <-> ".join(f"'{part}'" for part in way) + ")" for way in term.ways]
    return " | ".join(way[:-1] + ":*)" if term.is_open else way for way in ways)
