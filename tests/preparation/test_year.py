"""A simulated year: each reminder is sent once or marked late, none after the start."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from portal import rounds
from portal.database import is_postgres
from portal.mail.outbox import Outbox
from portal.preparation import reminders
from portal.preparation.models import Reminder
from portal.settings import Settings
from tests.conftest import Time
from tests.preparation import year as years
from tests.preparation.year import Year, faults
from tests.proof.size import size


def test_a_year_of_reminders(app: Flask, settings: Settings, world: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL twenty weeks of it, one change of clocks among them."""
    if is_postgres():
        monkeypatch.setattr(years, "WEEKS", min(years.WEEKS, 20))
    year = Year(app, settings, world)
    year.live()
    late = Reminder.select().where(Reminder.is_late).count()
    skipped = Outbox.select().where(Outbox.state == "skipped").count()
    print(
        f"\n{len(year.stands)} times, {Reminder.select().count()} reminders, {late} late, {len(year.sent)} mails,"
        f" {skipped} skipped, killed {year.kills} times"
    )
    assert faults(year) == []
    assert min(len(year.stands), len(year.sent), late, skipped, year.kills) > 5


def _tells_whatever_the_hour(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reminders, "_is_next_due", lambda *_: False)


def _reminds_of_what_was_past(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reminders, "_set_at", lambda sessions: dict.fromkeys((s.id for s in sessions), years.BEGIN))


def _looks_at_one_second(patch: pytest.MonkeyPatch) -> None:
    go = rounds._go

    def only_now(name: str, work: Callable[[rounds.Span], int]) -> int:
        return go(name, lambda span: work((span[1] - years.HOUR / 3600, span[1])))

    patch.setattr(rounds, "_go", only_now)


@pytest.mark.parametrize(
    "fault", [_tells_whatever_the_hour, _reminds_of_what_was_past, _looks_at_one_second], ids=lambda f: f.__name__
)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_year_finds_a_fault(
    app: Flask,
    settings: Settings,
    world: Time,
    monkeypatch: pytest.MonkeyPatch,
    fault: Callable[[pytest.MonkeyPatch], None],
) -> None:
    fault(monkeypatch)
    monkeypatch.setattr(years, "WEEKS", size(16, usual=5))
    year = Year(app, settings, world)
    year.live()
    assert len(faults(year)) > 0
