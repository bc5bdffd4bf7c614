"""The one way to change data: all of it, or none; instants and words as columns; locks."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import peewee
import pytest

from portal import database
from portal.database import Table, UTCDateTime, Words, column, insert_many, lock, rows, tuples, write
from portal.mentors.models import Mentor
from portal.people.models import Person, SignInCode
from portal.people.signing_in import person_with
from tests.cast import MONDAY, make_mentor, make_person
from tests.conftest import Time


class Went(Exception):
    """Something went wrong after the change."""


@write
def add(*names: str, then: Exception | None = None) -> None:
    for name in names:
        person_with(f"{name}@example.org")
    if then is not None:
        raise then


def names() -> list[str]:
    return sorted(email.split("@")[0] for email in column(Person.select(Person.email)))


def test_write_keeps_all_when_it_returns(world: Time) -> None:
    add("ana", "bo")
    assert (database.db.in_transaction(), names()) == (False, ["ana", "bo"])
    database.disconnect()
    assert names() == ["ana", "bo"]


def test_write_keeps_nothing_when_it_raises(world: Time) -> None:
    with pytest.raises(Went):
        add("ana", "bo", then=Went())
    assert (names(), database.db.in_transaction()) == ([], False)
    add("cy")
    assert names() == ["cy"]


def test_write_inside_another_joins_it(world: Time) -> None:
    @write
    def both() -> None:
        add("ana")
        add("bo", then=Went())

    with pytest.raises(Went):
        both()
    assert names() == []


def test_write_inside_another_is_lost_with_the_outer_one(world: Time) -> None:
    @write
    def outer() -> None:
        add("ana")
        raise Went

    with pytest.raises(Went):
        outer()
    assert names() == []
    add("ana")
    with pytest.raises(Went):
        add("bo", then=Went())
    assert names() == ["ana"]


def test_write_hands_on_what_its_verb_returns_and_keeps_its_name(world: Time) -> None:
    @write
    def verb(one: int, *, two: int) -> tuple[int, int]:
        """What it does."""
        return one, two

    assert (verb(1, two=2), verb.__name__, verb.__doc__) == ((1, 2), "verb", "What it does.")


def test_write_does_not_try_a_broken_rule_for_ever(world: Time) -> None:
    tries = []

    @write
    def twice_the_same() -> None:
        tries.append(1)
        for _ in range(2):
            Person.create(email="same@example.org", created_at=MONDAY)

    with pytest.raises(peewee.IntegrityError):
        twice_the_same()
    assert (names(), len(tries)) == ([], database.TRIES if database.is_postgres() else 1)


@pytest.mark.parametrize(
    "instant",
    [
        MONDAY,
        MONDAY.astimezone(ZoneInfo("Asia/Kolkata")),
        MONDAY.astimezone(timezone(timedelta(hours=-11))),
        MONDAY + timedelta(microseconds=999_999),
    ],
)
def test_instant_comes_back_as_the_same_second_in_utc(world: Time, instant: datetime) -> None:
    Person.create(email="a@example.org", created_at=instant)
    kept = Person.get().created_at
    assert (kept, kept.tzinfo) == (MONDAY, UTC)
    assert Person.select().where(Person.created_at == instant).count() == 1
    assert Person.select().where(Person.created_at > MONDAY - timedelta(seconds=1)).count() == 1
    assert Person.select().where(Person.created_at > instant).count() == 0


def test_instant_beyond_2038_and_before_1970(world: Time) -> None:
    for year in (1900, 2400):
        instant = datetime(year, 1, 1, tzinfo=UTC)
        Person.create(email=f"{year}@example.org", created_at=instant)
        assert Person.get(Person.email == f"{year}@example.org").created_at == instant


def test_instant_without_a_zone_is_refused(world: Time) -> None:
    naive = MONDAY.replace(tzinfo=None)
    with pytest.raises(ValueError, match="a naive datetime is no instant"):
        Person.create(email="a@example.org", created_at=naive)
    with pytest.raises(ValueError, match="a naive datetime is no instant"):
        Person.select().where(Person.created_at > naive).count()
    assert Person.select().count() == 0
    assert (UTCDateTime().db_value(None), UTCDateTime().python_value(None)) == (None, None)


def test_words_are_found_whole(world: Time) -> None:
    laila = make_mentor(kinds=("career", "project"))
    for word, found in (("career", 1), ("project", 1), ("skill", 0), ("care", 0), ("roject", 0), ("", 0)):
        assert (word, Mentor.select().where(Mentor.kinds.has(word)).count()) == (word, found)
    assert Mentor.get_by_id(laila.person_id).kinds == ("career", "project")


def test_words_keep_their_order_and_stand_between_spaces() -> None:
    field = Words()
    assert [field.db_value(value) for value in (("b", "a"), (15, 30), (), None, " as is ")] == [
        " b a ",
        " 15 30 ",
        " ",
        None,
        " as is ",
    ]
    assert [field.python_value(value) for value in (" b a ", " ", None)] == [("b", "a"), (), ()]


def test_insert_many_rows_in_several_statements(world: Time) -> None:
    fields = ("email", "seed", "browser", "zone", "expires_at")
    insert_many(SignInCode, fields, ((f"{n}@example.org", f"seed {n}", "b", "Etc/UTC", MONDAY) for n in range(1201)))
    assert SignInCode.select().count() == 1201
    last = SignInCode.select(SignInCode.email, SignInCode.tries).where(SignInCode.seed == "seed 1200")
    assert (rows(last), tuples(last)) == ([{"email": "1200@example.org", "tries": 0}], [("1200@example.org", 0)])


def test_lock_lets_writers_of_the_same_row_wait(world: Time) -> None:
    ana, bo = person_with("ana@example.org"), person_with("bo@example.org")
    assert order_of_two_writers(ana, ana, patience=0.3) == ["first", "second"]
    if database.is_postgres():  # SQLite has one writer at a time, whatever the row
        assert order_of_two_writers(ana, bo, patience=30) == ["second", "first"]


def order_of_two_writers(one: Person, other: Person, *, patience: float) -> list[str]:
    """The first locks `one` and leaves the second, which wants `other`, this many seconds to be done before it."""
    done: list[str] = []

    @write
    def second() -> None:
        lock(Person, [other.id])
        done.append("second")

    def in_a_thread() -> None:
        database.connect()
        second()
        database.disconnect()

    thread = threading.Thread(target=in_a_thread)

    @write
    def first() -> None:
        lock(Person, [one.id])
        thread.start()
        thread.join(patience)
        done.append("first")

    first()
    thread.join()
    return done


def test_lock_of_nobody_is_fine(world: Time) -> None:
    @write
    def nobody() -> int:
        lock(Person, [])
        lock(Person, [10**6])
        return 1

    assert nobody() == 1


def test_reference_to_a_mentor_keeps_the_key_of_the_person(world: Time) -> None:
    laila = make_mentor()

    class Note(Table):
        mentor_id: int

        mentor = database.Reference(Mentor)

    assert (Note(mentor=laila).mentor_id, Note(mentor=laila.person_id).mentor_id) == (laila.person_id,) * 2


def test_version_differs_after_a_change_by_anyone_and_stands_without(world: object, database_url: str) -> None:
    before = database.version()
    assert database.version() == before
    make_person("Sam Rivera")
    after_own = database.version()
    subprocess.run([sys.executable, "-c", BY_ANOTHER, database_url], check=True, timeout=60)
    after_other = database.version()
    database.disconnect()
    database.connect()
    assert len({before, after_own, after_other, database.version()}) >= 3
    assert after_own not in (before, after_other)
    assert database.version() != before


BY_ANOTHER = """
import sys
from portal import database
database.open_database(sys.argv[1])
database.connect()
database.db.execute_sql("update person set name = 'Changed'")
database.disconnect()
"""
