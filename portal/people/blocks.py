"""Blocks: two people who are not offered each other's openings again. Only who blocked knows of it."""

from __future__ import annotations

from typing import Any

from peewee import fn

from portal.clock import now
from portal.database import column, lock, write
from portal.errors import NotAllowedNow
from portal.people.models import Block, Person
from portal.prepared import PreparedModels, once_for_each_engine, slot


@write
def block(other: Person, *, person: Person) -> None:
    """Keep `person` and `other` apart. Done twice, it is done."""
    if other.id == person.id:
        raise NotAllowedNow("You cannot block yourself.")
    lock(Person, [person.id, other.id])  # a booking between the two is done before, or sees the block
    Block.insert(person=person, blocked=other, at=now()).on_conflict(
        action="nothing", conflict_target=[Block.person, Block.blocked]
    ).execute()


@write
def unblock(other_id: int, *, person: Person) -> None:
    """Lift it again."""
    Block.delete().where((Block.person == person) & (Block.blocked == other_id)).execute()


def has_blocked(person_id: int, other_id: int) -> bool:
    """Whether `person_id` has blocked `other_id`."""
    return bool(Block.select().where(_by(person_id, other_id)).exists())


def blocks(one: Any, other: Any) -> Any:
    """Whether `one` has blocked `other`, in SQL. Ids, or columns of them."""
    return fn.EXISTS(Block.select(Block.at).where(_by(one, other)))


def are_apart(one: int, other: int) -> bool:
    """Whether either of them has blocked the other."""
    return bool(Block.select().where(between(one, other)).exists())


def between(one: Any, other: Any) -> Any:
    """The blocks of two people, whichever of them it was. Ids, or columns of them."""
    return _by(one, other) | _by(other, one)


def _by(one: Any, other: Any) -> Any:
    return (Block.person == one) & (Block.blocked == other)


def apart_from(person_id: int) -> frozenset[int]:
    """The ids of all whom this person has blocked, and of all who have blocked this person."""
    theirs = Block.select(Block.person).where(Block.blocked == person_id)
    return frozenset(column(Block.select(Block.blocked).where(Block.person == person_id).union_all(theirs)))


def blocked_by(person: Person) -> list[Person]:
    """Whom this person has blocked, the latest first."""
    return _blocked_by().models(person=person.id)


@once_for_each_engine
def _blocked_by() -> PreparedModels:
    blocked = Person.select().join(Block, on=Block.blocked == Person.id).where(Block.person == slot("person"))
    return PreparedModels(blocked.order_by(Block.at.desc()))
