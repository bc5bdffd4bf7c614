"""The table is the life of a session: whatever it does not allow is refused, and nothing is changed."""

from __future__ import annotations

import pytest

from tests.sessions.agreement import World, among, refusal_faults
from tests.sessions.table import TOUR


@pytest.mark.parametrize(("life", "moment"), TOUR, indirect=["life"], scope="module")
def test_server_refuses_the_rest_and_changes_nothing(life: World, moment: str) -> None:
    assert list(refusal_faults(among(life.at(moment), moment), moment)) == []
