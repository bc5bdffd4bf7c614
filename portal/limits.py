"""The numbers that a programme may set for everybody. One set for each process, like its clock."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What one person may have at the most, and when people are reminded."""

    upcoming: int = 3
    """Upcoming sessions of a mentee."""
    moves: int = 3
    """Moves of one session."""
    remind_hours: tuple[int, ...] = (24, 1)
    """Hours before a session at which people are reminded, the longest first."""


_limits = Limits()


def limits() -> Limits:
    """The limits of this programme."""
    return _limits


def set_limits(wanted: Limits) -> None:
    """Make these the limits of this process."""
    global _limits  # noqa: PLW0603  # one programme a process
    _limits = wanted
