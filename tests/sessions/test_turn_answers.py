"""The table is the life of a session: the server accepts what it says, and refuses the rest unchanged."""

from __future__ import annotations

import pytest

from tests.sessions.agreement import World, acceptance_faults, refusal_faults
from tests.sessions.table import TOUR


@pytest.mark.parametrize(("life", "moment"), TOUR, indirect=["life"])
def test_server_accepts_what_the_table_says(life: World, moment: str) -> None:
    assert [fault for scene in life.at(moment) for fault in acceptance_faults(scene, moment)] == []


@pytest.mark.parametrize(("life", "moment"), TOUR, indirect=["life"])
def test_server_refuses_the_rest_and_changes_nothing(life: World, moment: str) -> None:
    assert list(refusal_faults(life.at(moment), moment)) == []
