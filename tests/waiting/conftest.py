"""Two who wait, in order."""

from __future__ import annotations

from typing import Any

import pytest

from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.waiting import mails
from tests.cast import make_person
from tests.conftest import Time
from tests.waiting.lines import full_mentor


@pytest.fixture
def laila(world: Time) -> Mentor:
    return full_mentor()


@pytest.fixture
def ana(world: Time) -> Person:
    return make_person("Ana Lima")


@pytest.fixture
def ben(world: Time) -> Person:
    return make_person("Ben Ode")


@pytest.fixture(autouse=True)
def mails_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is offered something hears of it at once."""
    offered = mails.offered

    def and_sent(*given: Any, **more: Any) -> None:
        offered(*given, **more)
        Outbox.update(state="sent").where(Outbox.kind == mails.OFFER.name).execute()

    monkeypatch.setattr(mails, "offered", and_sent)
