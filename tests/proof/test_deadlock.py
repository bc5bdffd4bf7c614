"""Two changes that wait for each other on PostgreSQL: both are done in the end, and nobody hears of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial

import peewee
import pytest

from portal import database
from portal.database import lock, write
from portal.people.models import Person
from tests.cast import make_person
from tests.conftest import Engine
from tests.proof import ledger
from tests.proof.server import PATIENCE, at_once

Change = Callable[[Person, Person], None]


@pytest.fixture
def engine(engines: dict[str, Engine]) -> Engine:
    """SQLite has one writer, who waits for nobody."""
    return engines["postgres"]


@pytest.fixture
def pair(world: None) -> Iterator[tuple[Person, Person]]:
    yield make_person("Ana Lima"), make_person("Ben Ode")
    database.disconnect()


class Cross:
    """Locks one person, waits until the other side has locked the other one, then wants that one too."""

    def __init__(self) -> None:
        self.both_hold_one = threading.Barrier(2)
        self.tries: list[int] = []

    def change(self, first: Person, second: Person) -> None:
        self.tries.append(first.id)
        lock(Person, [first.id])
        if len(self.tries) <= 2:
            self.both_hold_one.wait(PATIENCE)
        lock(Person, [second.id])
        Person.update(headline=Person.headline + ".").where(Person.id << [first.id, second.id]).execute()


def _both_ways(change: Change, ana: Person, ben: Person) -> list[str]:
    return at_once([partial(_outcome, change, *people) for people in ((ana, ben), (ben, ana))])


def _outcome(change: Change, first: Person, second: Person) -> str:
    try:
        change(first, second)
        return "done"
    except peewee.OperationalError as error:
        return str(error).split("\n", 1)[0]
    finally:
        database.disconnect()  # this thread's own


def test_write_tries_again_after_a_deadlock(pair: tuple[Person, Person]) -> None:
    cross = Cross()
    assert _both_ways(write(cross.change), *pair) == ["done", "done"]
    assert [person.headline[-2:] for person in Person.select()] == ["..", ".."]
    assert len(cross.tries) == 2 + ledger.deadlocks() > 2


def test_write_without_a_second_try_would_show_the_deadlock(pair: tuple[Person, Person]) -> None:
    """The control: the same two changes, each in a plain transaction."""
    answers = _both_ways(database.db.atomic()(Cross().change), *pair)
    assert sorted(answers) == ["deadlock detected", "done"]
    assert ledger.deadlocks() == 1
