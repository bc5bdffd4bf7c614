"""A query whose statement is put together once gives what the query itself gives."""

from __future__ import annotations

import pytest
from peewee import JOIN

from portal import prepared
from portal.database import column, tuples
from portal.people.models import Invitation, Person
from portal.people.signing_in import person_with
from portal.prepared import Prepared, PreparedModels, among, keys, once_for_each_engine, slot
from tests.cast import MONDAY
from tests.conftest import Time


@pytest.fixture
def people(world: Time) -> list[int]:
    return [person_with(f"{name}@example.org").id for name in ("ana", "bo", "cy", "di")]


def test_prepared_runs_with_the_values_of_each_time(people: list[int]) -> None:
    by_email = Prepared(Person.select(Person.id, Person.email).where(Person.email == slot("email")))
    for key, name in zip(people, ("ana", "bo", "cy", "di"), strict=True):
        email = f"{name}@example.org"
        asked = tuples(Person.select(Person.id, Person.email).where(Person.email == email))
        assert by_email.rows(email=email) == asked == [(key, email)]
    assert by_email.rows(email="x' or '1'='1") == []


def test_prepared_keeps_the_values_that_are_fixed(people: list[int]) -> None:
    query = Person.select(Person.id).where((Person.id > slot("after")) & (Person.time_zone == "Etc/UTC"))
    after = Prepared(query.order_by(Person.id).limit(slot("most")))
    assert after.rows(after=people[0], most=2) == [(people[1],), (people[2],)]
    Person.update(time_zone="Asia/Tokyo").where(Person.id == people[1]).execute()
    assert after.rows(after=people[0], most=2) == [(people[2],), (people[3],)]
    assert after.rows(after=people[3], most=2) == []


@pytest.mark.parametrize("chosen", [[], [0], [3, 1], [0, 1, 2, 3], [1, 1]])
def test_among_takes_a_list_of_any_length_in_one_slot(people: list[int], chosen: list[int]) -> None:
    listed = Prepared(Person.select(Person.id).where(among(Person.id, "ids")).order_by(Person.id))
    wanted = [people[number] for number in chosen]
    expected = column(Person.select(Person.id).where(Person.id << wanted).order_by(Person.id)) if wanted else []
    assert [key for (key,) in listed.rows(ids=keys(wanted))] == expected == sorted(set(wanted))


def test_among_may_stand_beside_other_conditions(people: list[int]) -> None:
    query = Person.select(Person.id).where(~(Person.id == slot("but")) & among(Person.id, "ids") & (Person.name == ""))
    assert Prepared(query).rows(but=people[0], ids=keys(people[:2])) == [(people[1],)]


def test_prepared_without_a_value_for_a_slot_is_an_error(people: list[int]) -> None:
    with pytest.raises(KeyError, match="email"):
        Prepared(Person.select(Person.id).where(Person.email == slot("email"))).rows()


def test_prepared_models_are_read_anew_each_time(people: list[int]) -> None:
    by_email = PreparedModels(Person.select().where(Person.email == slot("email")))
    assert [person.id for person in by_email.models(email="ana@example.org")] == [people[0]]
    assert [person.id for person in by_email.models(email="bo@example.org")] == [people[1]]
    Person.update(name="Bo").where(Person.id == people[1]).execute()
    assert [person.name for person in by_email.models(email="bo@example.org")] == ["Bo"]


def test_prepared_models_bring_what_is_joined_and_nothing_of_the_last_time(people: list[int]) -> None:
    inviter = Person.alias()
    query = Invitation.select(Invitation, inviter).join(inviter, JOIN.LEFT_OUTER, on=Invitation.by == inviter.id)
    by_mailbox = PreparedModels(query.where(Invitation.mailbox == slot("mailbox")))
    assert by_mailbox.models(mailbox="x@example.org") == []
    for name, by in (("x", people[0]), ("y", None), ("z", people[1])):
        Invitation.create(mailbox=f"{name}@example.org", email=name, name=name, at=MONDAY, by=by)
    for _ in range(2):
        found = [by_mailbox.models(mailbox=f"{name}@example.org")[0] for name in "xyz"]
        assert [(row.name, row.by_id, row.came_at) for row in found] == [
            ("x", people[0], None),
            ("y", None, None),
            ("z", people[1], None),
        ]
        assert (found[0].by.email, found[1].by, found[2].by.email) == ("ana@example.org", None, "bo@example.org")


def test_prepared_is_made_once_for_the_same_arguments(people: list[int]) -> None:
    made: list[str] = []

    @once_for_each_engine
    def by(field: str) -> Prepared:
        made.append(field)
        return Prepared(Person.select(Person.id).where(getattr(Person, field) == slot("value")))

    assert by("id").rows(value=people[0]) == by("id").rows(value=people[0]) == [(people[0],)]
    assert by("email").rows(value="bo@example.org") == [(people[1],)]
    assert made == ["id", "email"]


def test_prepared_is_made_anew_for_another_engine(world: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[bool] = []

    @once_for_each_engine
    def everybody() -> Prepared:
        made.append(prepared.is_postgres())
        return Prepared(Person.select(Person.id))

    for engine in (True, False, True):
        monkeypatch.setattr(prepared, "is_postgres", lambda engine=engine: engine)
        everybody()
    assert made == [True, False]
