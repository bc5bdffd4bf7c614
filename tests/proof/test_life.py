"""Two hundred lives of forty steps: the portal does what the model allows, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from portal.availability import mentor_time
from portal.availability.models import Availability
from portal.feedback import rating
from portal.limits import limits
from portal.sessions import changes, fairness
from tests.conftest import Engine, Time
from tests.proof.life import Life
from tests.proof.size import size
from tests.proof.stage import Stage

RUNS = {"sqlite": size(200, usual=50), "postgres": size(25, usual=8)}
LONGEST_SEARCH = 200
"""Lives in which a bug is found: most are in the first few."""
STEPS = 40
TRIED = {
    *("hold", "book", "book again", "book what is held", "rebook", "move", "ask to move", "cancel", "questions"),
    *("invite", "remove", "leave", "ask", "hand over", "late", "absence", "objection", "rate", "block"),
}


def live(stage: Stage, runs: int, phases: Iterable[Phase] = (Phase.generate, Phase.shrink)) -> None:
    asked = settings(
        max_examples=runs,
        stateful_step_count=STEPS,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        phases=phases,
    )
    run_state_machine_as_test(lambda: Life(stage), settings=asked)


@pytest.fixture
def stage(time: Time, world: None) -> Stage:
    return Stage(time)


def test_life_is_what_the_model_says(stage: Stage, engine: Engine) -> None:
    live(stage, RUNS[engine.name])
    done, refused = Counter[str](), Counter[str]()
    for (what, why_not), count in sorted(stage.seen.items()):
        (refused if why_not else done)[what] += count
    print(f"\n{engine.name}: {RUNS[engine.name]} lives of {STEPS} steps; done {dict(done)}; refused {dict(refused)}")
    # A rule that is never tried both ways says little. A few lives leave out a few.
    if engine.name == "sqlite":
        assert set(done) | set(refused) <= TRIED
        assert len(TRIED - set(done) | TRIED - set(refused)) <= size(0, usual=2)


# The controls: bugs that people write, each found by the same machine.


def _forget_to_release(patch: pytest.MonkeyPatch) -> None:
    """The time of a session that is cancelled, or moved away, stays taken."""
    patch.setattr(changes, "release_session", lambda _session: None)


def _one_more_a_week(patch: pytest.MonkeyPatch) -> None:
    """A weekly cap of two lets three through."""
    right = mentor_time.weeks_at_cap

    def wrong(availability: Availability, begun: list[int]) -> list[tuple[int, int]]:
        cap = availability.weekly_cap
        return right(Availability(time_zone=availability.time_zone, weekly_cap=cap and cap + 1), begun)

    patch.setattr(mentor_time, "weeks_at_cap", wrong)


def _one_more_upcoming(patch: pytest.MonkeyPatch) -> None:
    """More than three, instead of three or more."""
    patch.setattr(fairness, "_has_enough", lambda mentee: fairness.upcoming_count(mentee) > limits().upcoming)


def _rate_for_ever(patch: pytest.MonkeyPatch) -> None:
    """The two weeks are not looked at."""
    patch.setattr(rating, "WINDOW", timedelta(days=999))


def _no_second_look(patch: pytest.MonkeyPatch) -> None:
    """A cancelled session can be cancelled again."""
    patch.setattr(changes, "not_started", lambda seat, _what: "" if seat.now < seat.session.start else "Too late.")


BUGS = (_forget_to_release, _one_more_a_week, _rate_for_ever, _no_second_look, _one_more_upcoming)


@pytest.mark.parametrize("bug", BUGS[: size(5, usual=4)])  # the last takes as long to find as all others
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_life_finds_a_planted_bug(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, bug: Callable[[pytest.MonkeyPatch], None]
) -> None:
    bug(monkeypatch)
    with pytest.raises(AssertionError):
        live(stage, LONGEST_SEARCH, [Phase.generate])  # to make it short takes longer than to find it
