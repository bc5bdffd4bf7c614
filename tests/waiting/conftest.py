"""Two who wait, in order."""

from __future__ import annotations

import pytest

from portal.mentors.models import Mentor
from portal.people.models import Person
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
