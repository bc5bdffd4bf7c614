"""Expertise: one topic, however people write it."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from portal.database import column, insert_many, tuples, write
from portal.errors import Stale
from portal.mentors.models import Alias, Edition, Expertise, Mentor, MentorExpertise
from portal.prepared import Prepared, once_for_each_engine

CURATED = Path(__file__).with_name("expertise.csv")
# Signs that carry meaning in names of topics, spelled out before all other signs become blanks.
_SPELLED = (("c++", "cplusplus"), ("c#", "csharp"), ("f#", "fsharp"), (".net", " dotnet"))


@cache
def key_of(text: str) -> str:
    """The normal key of a topic: "Front-End", "front end" and "FRONT END" are one; "C", "C++" and
    "C#" stay three.
    """
    folded = unicodedata.normalize("NFKD", text).casefold()
    folded = "".join(letter for letter in folded if not unicodedata.combining(letter))
    for sign, word in _SPELLED:
        folded = folded.replace(sign, word)
    return " ".join(re.findall(r"[^\W_]+", folded))


@write
def install_curated() -> None:
    """Put the shipped list into the database; what is there already stays as it is."""
    known = {alias.key for alias in Alias.select(Alias.key)}
    with CURATED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if key_of(row["name"]) not in known:
                _list(row["name"], row["kind"], row["aliases"].split(";"), known)
    _changed()


def edition() -> int:
    """Which edition of the list is current: a process that keeps it in memory reads it again when
    this has changed.
    """
    rows = _edition().rows()
    return int(rows[0][0]) if rows else 0


@once_for_each_engine
def _edition() -> Prepared:
    return Prepared(Edition.select(Edition.number).where(Edition.name == "expertise"))


def _changed() -> None:
    Edition.insert(name="expertise", number=1).on_conflict(
        conflict_target=[Edition.name], update={Edition.number: Edition.number + 1}
    ).execute()


def _list(name: str, kind: str, aliases: Sequence[str], known: set[str]) -> None:
    expertise = Expertise.create(name=name, kind=kind)
    texts = {key_of(text): text.strip() for text in [*reversed(aliases), name] if text.strip()}
    fresh = [(key, expertise.id, text) for key, text in texts.items() if key not in known]
    known.update(texts)
    insert_many(Alias, ("key", "expertise", "text"), fresh)


@write
def resolve(names: Iterable[str]) -> list[Expertise]:
    """The expertise behind each name, in order and without repeats. What no alias knows becomes
    a proposal.
    """
    wanted = {key_of(name): name for name in reversed(list(names)) if key_of(name)}
    known = {
        alias.key: alias.expertise
        for alias in Alias.select(Alias, Expertise).join(Expertise).where(Alias.key << list(wanted))
    }
    found = {}
    for key in reversed(wanted):
        expertise = known.get(key) or _propose(wanted[key], key)
        found[expertise.id] = expertise
    return list(found.values())


def canonical(names: Iterable[str]) -> tuple[str, ...]:
    """The names as the list has them, where an alias is known; the others as typed. No repeats."""
    wanted = {key_of(name): clean for name in names if (clean := " ".join(name.split())) and key_of(name)}
    known = Alias.select(Alias.key, Expertise.name).join(Expertise).where(Alias.key << list(wanted))
    wanted.update(dict(tuples(known)))
    return tuple(dict.fromkeys(wanted.values()))


def listed_names() -> list[str]:
    """The names to choose from."""
    query = Expertise.select(Expertise.name).where(Expertise.status == "listed").order_by(Expertise.name)
    return column(query)


def listed_expertise(name: str) -> Expertise | None:
    """The curated expertise that is written like this."""
    known = Expertise.select().join(Alias).where((Alias.key == key_of(name)) & (Expertise.status == "listed"))
    expertise: Expertise | None = known.first()
    return expertise


def _propose(name: str, key: str) -> Expertise:
    expertise: Expertise = Expertise.create(name=name.strip(), status="proposed")
    Alias.create(key=key, expertise=expertise, text=name.strip())
    _changed()
    return expertise


@write
def accept(expertise: Expertise, *, name: str, kind: str) -> None:
    """List a proposal, perhaps under a better name; the old one stays an alias. Raises Stale."""
    listed = (
        Expertise.update(name=name, kind=kind, status="listed")
        .where((Expertise.id == expertise.id) & (Expertise.status == "proposed"))
        .execute()
    )
    _check(listed)
    Alias.insert(key=key_of(name), expertise=expertise, text=name).on_conflict(
        action="nothing", conflict_target=[Alias.key]
    ).execute()
    _rename_on_cards([expertise.id])


@write
def merge(proposal: Expertise, into: Expertise) -> None:
    """Make a proposal another way to write a listed expertise. Raises Stale."""
    mentors = column(_chosen(proposal))
    both = MentorExpertise.select(MentorExpertise.mentor).where(MentorExpertise.expertise == into)
    MentorExpertise.delete().where((MentorExpertise.expertise == proposal) & (MentorExpertise.mentor << both)).execute()
    MentorExpertise.update(expertise=into).where(MentorExpertise.expertise == proposal).execute()
    Alias.update(expertise=into).where(Alias.expertise == proposal).execute()
    _check(Expertise.delete().where((Expertise.id == proposal.id) & (Expertise.status == "proposed")).execute())
    _rename_on_cards([into.id] if mentors else [])


@write
def retire(proposal: Expertise) -> None:
    """Do not list a proposal. Mentors keep it on their profile; it is no longer offered. Raises Stale."""
    waiting = (Expertise.id == proposal.id) & (Expertise.status == "proposed")
    _check(Expertise.update(status="retired").where(waiting).execute())
    _changed()


@write
def withdraw(which: Any) -> None:
    """Take back those of these that are proposed."""
    if Expertise.delete().where((Expertise.status == "proposed") & which).execute():
        _changed()


def usual_kind(mentor: Mentor) -> str:
    """The kind of what this mentor names first."""
    theirs = Expertise.select(Expertise.kind).join(MentorExpertise).where(MentorExpertise.mentor == mentor)
    return next(iter(column(theirs.order_by(MentorExpertise.position).limit(1))), "")


def _check(changed: int) -> None:
    if not changed:
        raise Stale("Somebody has decided on this expertise since you opened it. Nothing was done.")


def _chosen(expertise: Expertise) -> Any:
    return MentorExpertise.select(MentorExpertise.mentor).where(MentorExpertise.expertise == expertise)


def _rename_on_cards(expertise_ids: list[int]) -> None:
    _changed()
    touched = MentorExpertise.select(MentorExpertise.mentor).where(MentorExpertise.expertise << expertise_ids)
    names = defaultdict(list)
    chosen = (
        MentorExpertise.select(MentorExpertise.mentor, Expertise.name)
        .join(Expertise)
        .where(MentorExpertise.mentor << touched)
        .order_by(MentorExpertise.mentor, MentorExpertise.position)
    )
    for mentor_id, name in tuples(chosen):
        names[mentor_id].append(name)
    for mentor in Mentor.select().where(Mentor.person << list(names)):
        mentor.topic_names = "; ".join(names[mentor.person_id])
        mentor.version += 1
        mentor.save(only=[Mentor.topic_names, Mentor.version])
