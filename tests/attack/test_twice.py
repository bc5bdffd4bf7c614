"""The double tap: whatever is sent twice happens once, and the second answer is a page or a sentence."""

from __future__ import annotations

import pytest

from portal.database import db
from tests.attack.arms import fault
from tests.attack.conftest import Place
from tests.letters import told
from tests.sessions.agreement import digest

FILLED = {
    "questions": ("mentee", "ahead", {"questions": "Another one?"}),
    "preparation": ("mentor", "ahead", {"line": "Bring it", "links": "https://example.org"}),
    "readiness": ("mentee", "ahead", {"ready": "yes"}),
    "messages": ("mate", "ahead", {"text": "Hello", "key": "k"}),
    "cancellation": ("mentee", "ahead", {"reason": "Ill"}),
    "move-request": ("mentor", "ahead", {"request": "A clash"}),
    "late-notice": ("mentee", "now", {}),
    "absence": ("mentee", "done", {}),
    "objection": ("mentee", "away", {"objection": "I was there"}),
    "teammates": ("mentee", "ahead", {"emails": "new@example.org"}),
    "departure": ("mate", "ahead", {}),
    "team-question": ("mate", "ahead", {"question": "And then?"}),
    "rating": ("mentee", "done", {"reached": "yes", "stars": "5", "again": "yes"}),
    "wish": ("mentor", "over", {"again": "yes"}),
    "next-step": ("mentee", "over", {"done": "yes"}),
    "block": ("mentee", "ahead", {"who": "mentor"}),
}
"""By turn: who takes it, in which session, and what they fill in."""


@pytest.mark.parametrize("turn", FILLED)
def test_a_double_tap_is_one(place: Place, turn: str) -> None:
    who, session, filled = FILLED[turn]
    path = f"{place.path(session)}/{turn}"
    with db.atomic() as tried:
        first = place.post(who, path, filled)
        assert (turn, first.status_code) == (turn, 303), first.text
        after, letters = digest(), told()
        second = place.post(who, path, filled)
        happened = (digest() == after, told() == letters, fault(second))
        tried.rollback()
    assert happened == (True, True, "")
    # Who has left is nobody here; what is said once is refused; the rest is as it was.
    assert second.status_code in ((404,) if turn == "departure" else (303, 409))
