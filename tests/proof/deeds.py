"""Who may be drawn for what, and the deeds that make up a life."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.proof.model import Model
from tests.proof.stage import FAR, GUESTS, MENTORS

WHO = st.sampled_from(["dan", "dan", "eva", "eva", *MENTORS])
MENTOR = st.sampled_from(sorted(MENTORS))
LENGTH = st.sampled_from([0, 1, 2, 0, 1, 2, 60])
"""Which of those that the mentor offers, or minutes."""
MOSTLY = st.sampled_from([True, True, True, False])
KIND = st.sampled_from(["project", "project", "career"])
WHICH = st.integers(0, 30)
FIRST = st.lists(st.tuples(WHO, MENTOR, LENGTH, KIND, FAR), min_size=3, max_size=6)
MENTEE_MOSTLY = st.sampled_from(["mentee"] * 5 + ["mentor", "teammate", "stranger", "dan"])
MENTOR_MOSTLY = st.sampled_from(["mentor"] * 5 + ["mentee", "teammate", "stranger", "dan"])
EITHER = st.sampled_from(["mentee"] * 3 + ["mentor"] * 3 + ["teammate", "stranger", "dan"])
TEAMMATE_MOSTLY = st.sampled_from(["teammate"] * 5 + ["mentee", "mentor", "stranger", "dan"])
GUEST = st.lists(st.sampled_from(GUESTS), min_size=1, max_size=4, unique=True)

Need = Callable[[Model], object]
DEEDS: list[tuple[Need, str, dict[str, st.SearchStrategy[Any]]]] = []


def deed(needs: Need, **drawn: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Something that may happen in a life, and what there must be before. All are as likely: as rules of their own,
    most lives would leave most of them out.
    """

    def register(method: Callable[..., None]) -> Callable[..., None]:
        DEEDS.append((needs, method.__name__, drawn))
        return method

    return register


def nothing(_model: Model) -> bool:
    return True


def a_session(model: Model) -> object:
    return model.sessions


def a_hold(model: Model) -> object:
    return model.holds


def a_team(model: Model) -> object:
    return any(session.team for session in model.sessions)


def a_cancellation(model: Model) -> object:
    return any(session.is_cancelled for session in model.sessions)


def an_absence(model: Model) -> object:
    return any(session.absent for session in model.sessions)
