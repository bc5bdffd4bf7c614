"""The double tap: whatever is sent twice happens once, and the second answer is a page or a sentence."""

from __future__ import annotations

import pytest

from portal.database import db
from tests.attack.arms import fault
from tests.attack.conftest import Place
from tests.attack.test_input import FORMS
from tests.letters import told
from tests.sessions.agreement import digest

FILLED = {
    "questions": {"questions": "Another one?"},
    "preparation": {"line": "Bring it", "links": "https://example.org"},
    "readiness": {"ready": "yes"},
    "messages": {"text": "Hello", "key": "k"},
    "cancellation": {"reason": "Ill"},
    "move-request": {"request": "A clash"},
    "late-notice": {},
    "absence": {},
    "objection": {"objection": "I was there"},
    "teammates": {"emails": "new@example.org"},
    "departure": {},
    "team-question": {"question": "And then?"},
    "rating": {"reached": "yes", "stars": "5", "again": "yes"},
    "wish": {"again": "yes"},
    "next-step": {"done": "yes"},
    "block": {"who": "mentor"},
}


@pytest.mark.parametrize("turn", FILLED)
def test_a_double_tap_is_one(place: Place, turn: str) -> None:
    who, session, *_ = FORMS[turn]
    path = f"{place.path(session)}/{turn}"
    with db.atomic() as tried:
        first = place.post(who, path, FILLED[turn])
        assert (turn, first.status_code) == (turn, 303), first.text
        after, letters = digest(), told()
        second = place.post(who, path, FILLED[turn])
        happened = (digest() == after, told() == letters, fault(second))
        tried.rollback()
    assert happened == (True, True, "")
    # Who has left is nobody here; what is said once is refused; the rest is as it was.
    assert second.status_code in ((404,) if turn == "departure" else (303, 409))
