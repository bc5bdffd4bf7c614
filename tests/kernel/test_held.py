"""Every column of every table says whose it is, or why it is nobody's."""

from __future__ import annotations

from collections.abc import Iterator

import peewee
import pytest

from portal import database, schema
from portal.database import Table, db
from portal.held import DERIVED, HELD, Held, Part
from portal.mail.outbox import Outbox
from portal.people.models import Block, Person
from portal.sessions.models import Session
from tests.conftest import Engine, Time

BOOKKEEPING = {"schema_migration", "sqlite_sequence", "sqlite_stat1", "sqlite_stat4"}
"""Of the database and its migrations."""


def unspoken() -> Iterator[str]:
    """Columns of the database itself for which no table speaks, and what is spoken for and is not there."""
    tables = {model._meta.table_name: model for model in HELD}
    for table in sorted(set(db.get_tables()) - BOOKKEEPING):
        if table in tables:
            columns = {column.name for column in db.get_columns(table)}
            spoken = {tables[table]._meta.fields[name].column_name for name in HELD[tables[table]].fields}
            yield from (f"{table}.{column}" for column in columns ^ spoken)
        elif table not in DERIVED:
            yield table


def ambiguous() -> Iterator[str]:
    """Columns that are nobody's and somebody's as well, or shown and untold."""
    for model, held in HELD.items():
        shown = {name for part in held.parts for name in part.shows.split()}
        untold = {name for part in held.parts for name in part.untold}
        plain = set(held.plain) & set().union(*(part.fields for part in held.parts))
        yield from (f"{model.__name__}.{name}" for name in plain | (shown & untold))


def test_every_column_says_whose_it_is(world: Time) -> None:
    assert (list(unspoken()), list(ambiguous())) == ([], [])
    assert set(HELD) == set(schema.TABLES)


def test_every_reason_is_given() -> None:
    parts = [part for held in HELD.values() for part in held.parts]
    reasons = [why for held in HELD.values() for why in held.plain.values()]
    reasons += [why for part in parts for why in part.untold.values()]
    assert min(map(len, [*reasons, *DERIVED.values()])) >= 8


def test_a_planted_column_is_found(world: Time) -> None:
    db.execute_sql("alter table person add column shoe_size text")
    assert list(unspoken()) == ["person.shoe_size"]


def test_a_planted_table_is_found(world: Time) -> None:
    db.execute_sql("create table diary (person_id integer not null, text text not null)")
    assert list(unspoken()) == ["diary"]


@pytest.mark.parametrize("model", [Person, Block, Session, Outbox], ids=lambda model: model.__name__)
def test_a_column_nobody_speaks_for_is_found(world: Time, monkeypatch: pytest.MonkeyPatch, model: type[Table]) -> None:
    """Whichever it is."""
    for name in HELD[model].fields:
        parts = tuple(_silent_on(name, part) for part in HELD[model].parts)
        plain = {key: why for key, why in HELD[model].plain.items() if key != name}
        with monkeypatch.context() as patch:
            patch.setitem(HELD, model, Held(parts, plain, None))
            assert list(unspoken()) == [f"{model._meta.table_name}.{model._meta.fields[name].column_name}"]


def _silent_on(name: str, part: Part) -> Part:
    shows = " ".join(word for word in part.shows.split() if word != name)
    untold = {key: why for key, why in part.untold.items() if key != name}
    key = isinstance(part.of, peewee.Field) and part.of.name == name
    return Part(part.name, (lambda who: True) if key else part.of, shows, untold)


@pytest.mark.parametrize("name", ["decision", "session_event"])
def test_what_is_kept_lets_go_of_who_left(world: Time, engine: Engine, name: str) -> None:
    """And of nothing else."""
    person = "insert into person (email, name, headline, time_zone, is_coordinator, created_at)"
    true = "true" if database.is_postgres() else "1"
    db.execute_sql(f"{person} values ('a@example.org', '', '', 'Etc/UTC', {true}, 0)")
    if name == "decision":
        columns = "subject, subject_id, about, what, reason, coordinator_id, at"
        db.execute_sql(f"insert into decision ({columns}) select 'line', 1, 'About', 'shown', 'Why', id, 0 from person")
        fine = ["about = ''", "reason = ''", "about = '', reason = ''"]
        refused = ["what = ''", "about = 'b'", "reason = 'b'", "about = '', what = 'b'", "at = 1", "subject_id = 2"]
    else:
        _book()
        fine, refused = ["person_id = null"], ["person_id = 2", "what = ''", "person_id = null, at = 1", "at = 1"]
    for change in refused:
        with pytest.raises(peewee.PeeweeException, match="kept"):
            db.execute_sql(f"update {name} set {change}")
    for change in fine:
        db.execute_sql(f"update {name} set {change}")
    with pytest.raises(peewee.PeeweeException, match="kept"):
        db.execute_sql(f"delete from {name}")


def _book() -> None:
    """By somebody who has no part in it, so that the row alone can go."""
    db.execute_sql(
        "insert into person (email, name, headline, time_zone, is_coordinator, created_at)"
        " select 'b@example.org', '', '', 'Etc/UTC', is_coordinator, 0 from person"
    )
    texts = "headline, about, pronouns, kinds, languages, formats, video_link, phone, place, topic_names"
    blank = ", ".join(["''"] * 12)
    db.execute_sql(
        f"insert into mentor (person_id, slug, status, version, name, {texts}, headline_stems, about_stems)"
        f" select max(id), 'b', 'applying', 0, '', {blank} from person"
    )
    db.execute_sql(
        "insert into session (ref, hold_ref, mentor_id, mentee_id, start, length, kind, format, objective, questions,"
        " link, sequence, created_at, cancel_reason) select 'r', 'h', person_id, person_id, 0, 15, '', '', '', '', '',"
        " 0, 0, '' from mentor"
    )
    db.execute_sql(
        "insert into session_event (session_id, person_id, what, at)"
        " select session.id, person.id, 'looked', 0 from session, person where email = 'a@example.org'"
    )


def test_a_person_can_be_deleted_from_the_history_of_a_session(world: Time) -> None:
    true = "true" if database.is_postgres() else "1"
    db.execute_sql(
        "insert into person (email, name, headline, time_zone, is_coordinator, created_at)"
        f" values ('a@example.org', '', '', 'Etc/UTC', {true}, 0)"
    )
    _book()
    db.execute_sql("delete from person where email = 'a@example.org'")
    assert db.execute_sql("select person_id, what from session_event").fetchall() == [(None, "looked")]
