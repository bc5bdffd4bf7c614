"""What a person would write down of sessions and holds, on paper."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

QUARTER = timedelta(minutes=15)
HOLD = timedelta(minutes=10)


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


@dataclass(frozen=True)
class Wanted:
    """A time with a mentor."""

    mentor: str
    start: datetime
    length: int

    @property
    def end(self) -> datetime:
        return self.start + minutes(self.length)


@dataclass
class Held:
    """An opening that a browser has, for somebody or for nobody yet."""

    ref: str
    wanted: Wanted
    gap: int
    at: datetime
    browser: str
    mentee: str
    is_released: bool = False

    def stands(self, now: datetime) -> bool:
        return not self.is_released and now < self.at + HOLD


@dataclass
class Booked:
    """A session. `gap` is what the mentor wanted after it when it was booked or moved."""

    ref: str
    mentee: str
    wanted: Wanted
    gap: int
    kind: str
    moves: int = 0
    is_cancelled: bool = False
    is_asked_to_move: bool = False
    team: list[str] = field(default_factory=list)
    late: set[str] = field(default_factory=set)
    absent: set[str] = field(default_factory=set)
    objected: set[str] = field(default_factory=set)
    is_rated: bool = False

    @property
    def mentor(self) -> str:
        return self.wanted.mentor

    @property
    def start(self) -> datetime:
        return self.wanted.start

    @property
    def end(self) -> datetime:
        return self.wanted.end

    def role(self, who: str) -> str:
        if who == self.mentor:
            return "mentor"
        if who == self.mentee:
            return "mentee"
        return "teammate" if who in self.team else "stranger"

    @property
    def facts(self) -> tuple[object, ...]:
        """What the portal must have stored of it."""
        wanted = self.wanted
        state = self.is_cancelled, self.moves, self.is_asked_to_move
        return self.ref, wanted.mentor, self.mentee, wanted.start, wanted.length, *state

    @property
    def said(self) -> set[tuple[object, ...]]:
        """And of their coming: late, not there, objected."""
        return {(self.ref, who, who in self.late, who in self.absent, who in self.objected) for who in self.spoken_of}

    @property
    def spoken_of(self) -> set[str]:
        return self.late | self.absent

    def other(self, who: str) -> str:
        return self.mentee if who == self.mentor else self.mentor


def quarters(start: datetime, end: datetime) -> set[datetime]:
    count = -(-(end - start) // QUARTER)
    return {start + step * QUARTER for step in range(count)}


def week_of(instant: datetime, zone: ZoneInfo) -> tuple[int, int]:
    return instant.astimezone(zone).isocalendar()[:2]
