"""The table is the life of a session: whatever it does not allow is refused, and nothing is changed."""

from __future__ import annotations

import pytest

from tests.proof.size import size
from tests.sessions.agreement import World, refusal_faults
from tests.sessions.table import MOMENTS, TOUR, is_beside


@pytest.mark.parametrize(("life", "moment"), TOUR, indirect=["life"], scope="module")
def test_server_refuses_the_rest_and_changes_nothing(life: World, moment: str) -> None:
    every = 1 if is_beside(moment) else size(1, usual=2)
    scenes = life.at(moment)[MOMENTS.index(moment) % every :: every]
    assert list(refusal_faults(scenes, moment)) == []
