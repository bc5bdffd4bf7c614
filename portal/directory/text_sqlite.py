"""Words in headlines and profiles, found through FTS5."""

from __future__ import annotations

from portal.directory.need import Term

CREATE = (
    "create virtual table if not exists mentor_text using fts5(headline_stems, about_stems,"
    " content='mentor', content_rowid='person_id', tokenize='unicode61', prefix='2 3 4')",
    "create trigger if not exists mentor_text_insert after insert on mentor begin"
    " insert into mentor_text(rowid, headline_stems, about_stems)"
    " values (new.person_id, new.headline_stems, new.about_stems); end",
    "create trigger if not exists mentor_text_delete after delete on mentor begin"
    " insert into mentor_text(mentor_text, rowid, headline_stems, about_stems)"
    " values ('delete', old.person_id, old.headline_stems, old.about_stems); end",
    "create trigger if not exists mentor_text_update after update of headline_stems, about_stems on mentor begin"
    " insert into mentor_text(mentor_text, rowid, headline_stems, about_stems)"
    " values ('delete', old.person_id, old.headline_stems, old.about_stems);"
    " insert into mentor_text(rowid, headline_stems, about_stems)"
    " values (new.person_id, new.headline_stems, new.about_stems); end",
)

SELECT = "select {index}, {column}, rowid from (select rowid from mentor_text where mentor_text match ? limit {most})"


def condition(column: str, term: Term) -> str:
    """An FTS5 expression. Stems hold letters and digits only, so nothing typed reaches its grammar."""
    ways = [f'"{" ".join(way)}"{" *" * term.is_open}' for way in term.ways]
    return f"{column} : ({' OR '.join(ways)})"
