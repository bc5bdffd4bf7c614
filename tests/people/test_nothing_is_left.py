"""A hundred people with something in every column erase their accounts: nothing of them is found anywhere."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import peewee
import pytest
from flask import Flask

from portal import database, wiping
from portal.database import db
from portal.feedback.impact import impact_of
from portal.feedback.models import FollowUp, Rating, Standing
from portal.held import HELD, Part, Who, everything
from portal.logs import Discreet
from portal.mail.delivery import deliver_due
from portal.mail.outbox import Outbox
from portal.people import download, erasing
from portal.people.models import Person
from portal.preparation.models import Message
from portal.programme.report import figures
from portal.settings import Settings
from tests.conftest import MONDAY, Engine, Time
from tests.kernel.smtp import mail_server, mailing_to
from tests.people.filled import NOT_WORDS, Filler
from tests.proof.size import size

PEOPLE = {"sqlite": 100, "postgres": size(100, usual=20)}
FEW = 4


@pytest.fixture
def filler(world: Time) -> Filler:
    return Filler()


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """What our own processes print."""
    lines = StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(Discreet("%(name)s %(message)s"))
    handler.addFilter(lambda record: record.name != "mail.log")  # that of the mail server of the test
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield lines
    root.removeHandler(handler)
    root.setLevel(level)


def stored(url: str) -> bytes:
    """All that is in the database: on SQLite the bytes of its file and what lies beside it, on PostgreSQL all rows."""
    if not database.is_postgres():
        path = url.removeprefix("sqlite:///")
        return b"".join(
            Path(path + end).read_bytes() for end in ("", "-wal", "-shm", "-journal") if _is_there(path + end)
        )
    tables = list(db.get_tables())
    rows = [db.execute_sql(f'select t::text from "{table}" t').fetchall() for table in tables]
    return repr(rows).encode()


def _is_there(path: str) -> bool:
    return Path(path).exists()


def counts(keeper: Person) -> dict[str, Any]:
    """What is counted, of the programme and of a mentor who stays."""
    sums = Standing.select(peewee.fn.SUM(Standing.ratings), peewee.fn.SUM(Standing.stars)).tuples()[0]
    return {
        "month": figures(MONDAY - timedelta(days=90), MONDAY),
        "impact": impact_of(keeper.id),
        "ratings": (Rating.select().count(), sums),
        "reached": Rating.select().where(Rating.reached == "yes").count(),
        "helped": FollowUp.select().where(FollowUp.helped == "yes").count(),
        "people": Person.select().count(),
    }


def erase_all(leaving: list[Person]) -> None:
    for person in leaving:
        erasing.erase(person)


def test_nothing_is_left_of_a_hundred_people(
    app: Flask, filler: Filler, settings: Settings, engine: Engine, logged: StringIO
) -> None:
    leaving, staying = filler.fill(PEOPLE[engine.name]), filler.fill(2)
    gone, stays = {person.id for person in leaving}, {filler.keeper.id, *(person.id for person in staying)}
    before, found_before = counts(filler.keeper), filler.markers.found_in(stored(settings.database_url))
    assert {owner for owner, _ in found_before} >= gone | stays
    theirs = {person.id: everything(Who(person.id, person.email)) for person in staying}
    erase_all(leaving)
    with mail_server() as mailbox:
        mailbox.refused = {person.email for person in leaving[:3]}
        while deliver_due(app, mailing_to(mailbox.port, settings)):
            pass
        assert leaving[-1].email in mailbox.recipients
    left = filler.markers.found_in(stored(settings.database_url))
    waits = {(person.id, "person.email") for person in leaving[:3]}  # their last mail is tried again
    assert {(owner, where) for owner, where in left if owner in gone} == waits
    assert {found for found in found_before if found[0] not in gone} <= left
    Outbox.update(tries=8, next_at=MONDAY).where(Outbox.kind == "people/erased").execute()
    deliver_due(app, settings)
    assert not Outbox.select().where(Outbox.kind == "people/erased").exists()
    wiping.wipe()
    assert {owner for owner, _ in filler.markers.found_in(stored(settings.database_url))} & gone == set()
    assert counts(filler.keeper) == before
    assert {person.id: everything(Who(person.id, person.email)) for person in staying} == theirs
    said = logged.getvalue()
    assert (said.count("not delivered"), "wiped later" in said) == (3, False)
    assert filler.markers.found_in(said.encode()) == set()


def _without(model: type[database.Table]) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: patch.delitem(HELD, model)


def _without_overwriting(_patch: pytest.MonkeyPatch) -> None:
    db.execute_sql("pragma secure_delete = 0")


def _without_overwriting_words(_patch: pytest.MonkeyPatch) -> None:
    db.execute_sql("insert into mentor_text(mentor_text, rank) values ('secure-delete', 0)")


def _without_emptying_the_log(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(erasing, "wipe_log", lambda: None)


ONLY_SQLITE = (_without_overwriting, _without_overwriting_words, _without_emptying_the_log)


@pytest.mark.parametrize(
    ("break_it", "tables"),
    [
        (_without(Message), {"message"}),
        (_without(Outbox), {"outbox", "person"}),
        (_without_overwriting, {"message"}),
        (_without_overwriting_words, {"mentor"}),
        (_without_emptying_the_log, {"person", "session"}),
    ],
)
def test_what_is_left_by_a_fault_is_found(
    filler: Filler,
    settings: Settings,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    break_it: Callable[[pytest.MonkeyPatch], None],
    tables: set[str],
) -> None:
    if engine.name == "postgres" and break_it in ONLY_SQLITE:
        pytest.skip("the file of SQLite is looked into, the rows of PostgreSQL")
    leaving = filler.fill(FEW)
    wiping.wipe_log()
    break_it(monkeypatch)
    erase_all(leaving)
    gone = {person.id for person in leaving}
    left = {
        where.split(".")[0] for owner, where in filler.markers.found_in(stored(settings.database_url)) if owner in gone
    }
    assert left >= tables


def _texts(part: Part, model: type[database.Table]) -> list[str]:
    table = model._meta.table_name
    names = [name for name in [*part.shows.split(), *part.untold] if not {name, f"{table}.{name}"} & NOT_WORDS]
    return [name for name in names if isinstance(model._meta.fields[name], peewee.TextField)]


def test_the_people_have_something_in_every_column(filler: Filler) -> None:
    """Or the proof above would prove less."""
    person = filler.fill(1)[0]
    who, empty = Who(person.id, person.email), []
    for model, spoken in HELD.items():
        for part in spoken.parts:
            rows = list(model.select().where(part.rows(who)).dicts())
            empty += [f"{model.__name__} {part.name}"] * (not rows)
            texts = _texts(part, model)
            empty += [
                f"{model.__name__}.{name}" for name in texts if not any("qzxj" in (row[name] or "") for row in rows)
            ]
    assert empty == []


def test_a_download_has_every_column(filler: Filler) -> None:
    person = filler.fill(1)[0]
    file = download.file_of(person, portal_url="")
    told = {where for owner, where in filler.markers.found_in(file.encode()) if owner == person.id}
    names = {model._meta.table_name: spoken for model, spoken in HELD.items()}
    shown = {
        f"{table}.{name}"
        for table, spoken in names.items()
        for part in spoken.parts
        for name in part.shows.split()
        if f"{table}.{name}" not in NOT_WORDS
        and name not in NOT_WORDS
        and isinstance(_field(table, name), peewee.TextField)
    }
    untold = {f"{table}.{name}" for table, spoken in names.items() for part in spoken.parts for name in part.untold}
    # Of these the markers are those of both sides, of the person, and nobody's.
    assert shown - told == {"session.ref", "teammate.email", "invitation.email", "audit.thing", "audit.detail"}
    assert filler.stranger.email in file
    assert told & untold == set()


def _field(table: str, name: str) -> peewee.Field:
    return next(model for model in HELD if model._meta.table_name == table)._meta.fields[name]
