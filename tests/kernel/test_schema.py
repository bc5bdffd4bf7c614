"""Migrations lead to the schema that the models describe."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from portal import clock, database, schema
from portal.availability import hours
from portal.availability.choices import next_openings
from portal.availability.derived import freshen
from portal.availability.hours import Plan
from portal.availability.models import Availability, Hold
from portal.database import db
from portal.directory import text_postgres
from portal.mail.outbox import Outbox
from portal.mentors.models import Expertise, Mentor
from portal.people.models import Block, Person
from portal.sessions import holding
from portal.sessions.holding import Opening
from portal.sessions.models import Attendance, Session, Teammate
from tests.conftest import Engine
from tests.engines import Sqlite


def shape_of_tables() -> dict[str, object]:
    """Columns, keys, indexes and checks of every table, as the database itself tells them."""
    return {
        table: (
            sorted((c.name, c.data_type.upper(), c.null, c.primary_key) for c in db.get_columns(table)),
            sorted((tuple(index.columns), index.unique) for index in db.get_indexes(table)),
            sorted((key.column, key.dest_table, key.dest_column) for key in db.get_foreign_keys(table)),
            checks_of(table),
        )
        for table in sorted(model._meta.table_name for model in schema.TABLES)
    }


def checks_of(table: str) -> list[str]:
    if database.is_postgres():
        sql = "select pg_get_constraintdef(oid) from pg_constraint where contype = 'c' and conrelid = %s::regclass"
        return sorted(row[0] for row in db.execute_sql(sql, (table,)).fetchall())
    made = db.execute_sql("select sql from sqlite_master where name = ?", (table,)).fetchall()[0][0]
    flat = " ".join(made.lower().replace('"', "").split())
    return sorted(part.strip(" ()") for part in re.split(r"check", flat)[1:])


def test_migrating_from_empty_gives_what_the_models_say(engine: Engine, database_url: str) -> None:
    database.open_database(database_url)
    database.connect()
    migrated = shape_of_tables()
    if engine.name == "sqlite":
        db.execute_sql("drop table mentor_text")
        db.execute_sql("pragma foreign_keys = off")
    db.drop_tables(schema.TABLES, cascade=engine.name == "postgres")
    db.create_tables(schema.TABLES)
    for statement in text_postgres.CREATE if engine.name == "postgres" else ():
        db.execute_sql(statement)
    described = shape_of_tables()
    assert {name: shape for name, shape in described.items() if migrated[name] != shape} == {}
    assert len(described) == len(schema.TABLES)


def test_a_missing_check_would_be_seen(database_url: str) -> None:
    database.open_database(database_url)
    database.connect()
    before = shape_of_tables()
    db.execute_sql("drop table standing")
    db.execute_sql("create table standing (mentor_id integer primary key, ratings integer not null)")
    assert shape_of_tables() != before


def test_no_key_is_given_again(engine: Engine, database_url: str) -> None:
    """An old page would decide on somebody else."""
    database.open_database(database_url)
    database.connect()
    keyed = [model for model in schema.TABLES if isinstance(model._meta.primary_key, database.peewee.AutoField)]
    if engine.name == "sqlite":
        made = dict(db.execute_sql("select name, sql from sqlite_master where type = 'table'").fetchall())
        assert [each for each in keyed if "autoincrement" not in made[each._meta.table_name]] == []
    first = Expertise.create(name="One", kind="skill", status="proposed")
    first.delete_instance()
    assert Expertise.create(name="Two", kind="skill", status="proposed").id > first.id
    assert len(keyed) > 20


def test_migrating_twice_does_nothing(database_url: str) -> None:
    database.open_database(database_url)
    database.connect()
    assert (schema.migrate(), schema.pending()) == ([], [])


@pytest.mark.parametrize("table", ["decision", "session_event"])
def test_what_happened_can_only_be_added_to(database_url: str, table: str) -> None:
    database.open_database(database_url)
    database.connect()
    person = "insert into person (email, name, headline, time_zone, is_coordinator, created_at)"
    true = "true" if database.is_postgres() else "1"
    db.execute_sql(f"{person} values ('a@example.org', '', '', 'Etc/UTC', {true}, 0)")
    if table == "decision":
        db.execute_sql(
            "insert into decision (subject, subject_id, about, what, reason, coordinator_id, at)"
            " select 'line', 1, '', 'shown', '', id, 0 from person"
        )
        for change in ("update decision set what = 'refused'", "delete from decision"):
            with pytest.raises(database.peewee.PeeweeException, match="kept"):
                db.execute_sql(change)
    else:
        with pytest.raises(database.peewee.PeeweeException):
            db.execute_sql("insert into session_event (session_id, what, at) values (1, 'x', 0)")


# A database of the first version as it stood: this text never changes with the models.
FULL = (
    "insert into person (email, name, headline, time_zone, is_coordinator, created_at) values"
    " ('sam@example.org', 'Sam Rivera', 'Student', 'Europe/Berlin', false, 1700000000),"
    " ('laila@example.org', 'Laila Mansour', 'Product lead', 'Asia/Kolkata', false, 1700000001),"
    " ('inga@example.org', 'Inga Holm', '', 'Etc/UTC', true, 1700000002)",
    "insert into mentor (person_id, slug, status, version, name, headline, about, pronouns, kinds, languages, formats,"
    " video_link, phone, place, published_at, topic_names, headline_stems, about_stems) values"
    " (2, 'laila-mansour', 'published', 3, 'Laila Mansour', 'Product lead', 'Bring me one.', 'she', ' career ', ' en ',"
    " ' video chat ', 'https://meet.example.org/room', '', '', 1700000100, 'Offer negotiation', '', '')",
    "insert into availability (mentor_id, time_zone, lengths, notice, gap, horizon, weekly_cap, paused_until, base,"
    " hours, expand_at) values (2, 'Asia/Kolkata', ' 15 30 ', 240, 15, 14, 5, '2026-12-01', 1900000, '', 1700000200)",
    "insert into weekly_hours (mentor_id, weekday, starts, ends) values (2, 0, 540, 1020)",
    "insert into hold (ref, holder, mentor_id, start, length, draft, expires_at, is_released) values"
    " ('hold', 'browser', 2, 1796000400, 15, '{}', 1700000900, true)",
    "insert into session (ref, hold_ref, mentor_id, mentee_id, start, length, kind, format, objective, questions, link,"
    " sequence, created_at, cancelled_at, cancelled_by_id, cancel_reason) values"
    " ('ahead', 'a', 2, 1, 1796000400, 30, 'career', 'video', 'An offer', 'One?\nTwo?', 'https://a.example.org/x', 0,"
    " 1700000300, null, null, ''),"
    " ('held', 'b', 2, 1, 1700100000, 15, 'career', 'chat', 'A title', 'Which?', '', 0, 1700000301, null, null, ''),"
    " ('off', 'c', 2, 1, 1796086800, 15, 'career', 'chat', 'A plan', 'When?', '', 1, 1700000302, 1700000303, 2, 'Ill')",
    "insert into claim (person_id, quarter, hold_id, session, begins) values"
    " (2, 1995556, null, 1, true), (2, 1995557, null, 1, false), (2, 1995558, null, 1, false),"
    " (1, 1995556, null, 1, false), (1, 1995557, null, 1, false)",
    "insert into session_event (session_id, person_id, what, at) values"
    " (1, 1, 'booked', 1700000300), (3, 1, 'booked', 1700000302), (3, 2, 'cancelled', 1700000303)",
    "insert into rating (session_id, reached, stars, next_step, line, line_status, thank_you, created_at) values"
    " (2, 'partly', 4, 'Write to them', 'Very clear', 'shown', 'Thank you', 1700200000)",
    "insert into standing (mentor_id, ratings, stars, reached) values (2, 1, 4, 0)",
    "insert into decision (subject, subject_id, about, what, reason, coordinator_id, at) values"
    " ('line', 2, 'Very clear', 'shown', '', 3, 1700200001)",
    "insert into outbox (kind, key, recipient, zone, words, created_at, due_at, tries, error, sent_at) values"
    " ('sessions/booked_mentee', 'k', 'sam@example.org', 'Europe/Berlin', '{}', 1700000300, 1700000300, 1, null,"
    " 1700000301)",
)
FILLED = tuple(re.findall(r"into (\w+)", statement)[0] for statement in FULL)


@pytest.fixture
def older(engine: Engine, tmp_path: Path) -> Iterator[dict[str, list[str]]]:
    """A full database of the first version, and the columns its tables had."""
    is_file = isinstance(engine, Sqlite)
    url = f"sqlite:///{tmp_path}/older.db" if is_file else f"{engine.server}/{engine._create('template0')}"
    database.open_database(url)
    database.connect()
    assert schema._runner().up("0001_initial") == ["0001_initial"]
    for statement in FULL:
        db.execute_sql(statement)
    yield {table: [column.name for column in db.get_columns(table)] for table in FILLED}
    database.disconnect()
    engine.drop(url)


def contents(columns: dict[str, list[str]]) -> dict[str, list[tuple[object, ...]]]:
    """All rows, in these columns."""
    return {
        table: sorted(
            (tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in _read(table, names)), key=repr
        )
        for table, names in columns.items()
    }


def _read(table: str, names: list[str]) -> list[tuple[object, ...]]:
    return list(db.execute_sql(f"select {', '.join(names)} from {table}").fetchall())


def test_migrating_a_full_older_database_keeps_every_row(older: dict[str, list[str]]) -> None:
    before = contents(older)
    assert (len(before), min(map(len, before.values())), "moves" in older["session"]) == (12, 1, False)
    assert schema.migrate() == ["0002_life_of_a_session", "0003_mail_calendars_waiting", "0004_coming_in"]
    database.connect()
    older["outbox"].remove("key")  # made of what the letter is about now
    before["outbox"] = [row[:2] + row[3:] for row in before["outbox"]]
    assert contents(older) == before
    assert (schema.pending(), schema.migrate()) == ([], [])


def test_migrating_a_full_older_database_fills_what_is_new(older: dict[str, list[str]]) -> None:
    schema.migrate()
    database.connect()
    rows = list(Session.select().order_by(Session.id))
    assert [(row.ref, row.moves, row.move_request, row.context) for row in rows] == [
        (ref, 0, "", "") for ref in ("ahead", "held", "off")
    ]
    assert [row.questions_at for row in rows] == [row.created_at for row in rows]
    assert [int(row.questions_at.timestamp()) for row in rows] == [1700000300, 1700000301, 1700000302]
    assert [person.paused_until for person in Person.select()] == [None] * 3
    assert db.execute_sql("select closed_until, paused_until from availability").fetchall() == [("", "2026-12-01")]
    assert [table.select().count() for table in (Block, Attendance, Teammate)] == [0, 0, 0]


def test_migrating_a_full_older_database_goes_on_working(older: dict[str, list[str]]) -> None:
    """Openings are derived, held and booked, and a letter that waited is sent as one of today."""
    waiting = {"calendar": {"uid": "u"}, "ref": "ahead", "start": 1796000400, "length": 30}
    mark = "%s" if database.is_postgres() else "?"
    db.execute_sql(
        "insert into outbox (kind, key, recipient, zone, words, created_at, due_at, tries, error, sent_at) values"
        f" ('sessions/moved', 'm', 'sam@example.org', 'Etc/UTC', {mark}, 1700000300, 1700000300, 0, null, null)",
        (json.dumps(waiting),),
    )
    schema.migrate()
    database.connect()
    facts = Outbox.get(Outbox.state == "waiting").facts
    assert (facts["calendar"], facts["where"]) == ({"uid": "u", "revised": 1700000300}, "")
    availability = Availability.get()
    assert (bytes(availability.busy), availability.asked_at, availability.is_lapsed) == (b"", None, False)
    assert timedelta() <= clock.now() - availability.confirmed_at < timedelta(days=14)
    freshen()
    mentor, sam = Mentor.get(), Person.get_by_id(1)
    plan = Plan("Etc/UTC", tuple((day, 0, 1440) for day in range(7)), lengths=(15,), notice=0)
    hours.save(plan, mentor=mentor)
    start = next_openings(mentor.person_id, 15, mentee_id=sam.id)[0]
    held = holding.hold(Opening(mentor, start, 15), holder="a", mentee=sam, draft={})
    assert held.held_at < held.expires_at
    assert (Hold.get(Hold.ref == "hold").held_at.timestamp(), Hold.get(Hold.ref == "hold").is_released) == (
        1700000300,
        True,
    )


def test_migrating_takes_what_was_quoted_out_of_letters_that_wait(older: dict[str, list[str]]) -> None:
    schema._runner().up("0003_mail_calendars_waiting")
    letter = (
        "insert into outbox (kind, subject, version, recipient, zone, words, created_at, due_at, next_at, tries, state)"
        " values ('preparation/message', 'session 1', 'after 16', 'sam@example.org', 'Etc/UTC', MARK, 1, 1, 1, 0,"
        " 'waiting')"
    )
    words = {"ref": "ahead", "excerpt": "What I wrote", "who": "Laila"}
    mark = "%s" if database.is_postgres() else "?"
    db.execute_sql(letter.replace("MARK", mark), (json.dumps(words),))
    schema.migrate()
    database.connect()
    assert Outbox.get(Outbox.kind == "preparation/message").facts == {"ref": "ahead", "message": 17}


def test_migrating_an_older_database_where_a_row_refers_to_nothing_stays_as_it_is(
    older: dict[str, list[str]], engine: Engine
) -> None:
    """The control: what was made anew is looked at before it counts."""
    nowhere = "update session set mentee_id = 77"
    if engine.name == "postgres":  # it makes no table anew, and takes no such row
        with pytest.raises(database.peewee.IntegrityError):
            db.execute_sql(nowhere)
        return
    db.execute_sql("pragma foreign_keys = off")
    db.execute_sql(nowhere)
    with pytest.raises(RuntimeError, match="not there"):
        schema.migrate()
    assert "0004_coming_in" in schema.pending()


def test_migrating_an_older_database_with_very_many_people(older: dict[str, list[str]]) -> None:
    """A key times a number has to fit its type."""
    key = 2_000_000_000
    for table, other in (("person", {"id": key, "email": "'big'"}), ("mentor", {"person_id": key, "slug": "'big'"})):
        _copy(table, older[table], **other)
    _copy("availability", older["availability"], mentor_id=key)
    schema.migrate()
    database.connect()
    apart = clock.now() - Availability.get(Availability.mentor == key).confirmed_at
    assert timedelta() <= apart < timedelta(days=14)


def _copy(table: str, columns: list[str], **other: object) -> None:
    """The row of the mentor once more, but for these values."""
    values = ", ".join(str(other.get(name, name)) for name in columns)
    key = next(iter(other))
    db.execute_sql(f"insert into {table} ({', '.join(columns)}) select {values} from {table} where {key} = 2")


def test_migrating_a_full_older_database_leads_to_the_same_tables(older: dict[str, list[str]], engine: Engine) -> None:
    schema.migrate()
    database.connect()
    migrated = shape_of_tables()
    database.disconnect()
    fresh = engine.make()
    database.open_database(fresh)
    database.connect()
    assert shape_of_tables() == migrated
    database.disconnect()
    engine.drop(fresh)


def test_migrating_a_full_older_database_still_keeps_what_was_decided(older: dict[str, list[str]]) -> None:
    schema.migrate()
    database.connect()
    for change in ("update decision set what = 'refused'", "delete from session_event"):
        with pytest.raises(database.peewee.PeeweeException, match="kept"):
            db.execute_sql(change)


def test_migrating_a_full_older_database_goes_on_counting(older: dict[str, list[str]]) -> None:
    schema.migrate()
    database.connect()
    held = Session.get(Session.ref == "held")
    Attendance.create(session=held, person=1, absent_at=held.end)
    Teammate.create(session=held, email="noor@example.org", invited_at=held.created_at)
    assert Person.create(email="noor@example.org", created_at=held.created_at).id == 4
