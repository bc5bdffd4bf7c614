"""Where the lives of the model are played: the cast, their database, made empty again in a moment, and the clock."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from portal import database
from portal.availability.derived import freshen
from portal.availability.hours import Plan
from portal.availability.models import Availability, Claim, DaysOff, ExtraHours, Hold, Openings, WeeklyHours
from portal.feedback.models import Rating, Standing
from portal.mail.outbox import Outbox
from portal.people.models import Block
from portal.sessions.models import Attendance, Session, SessionEvent, Teammate
from tests.cast import make_mentor, make_person
from tests.conftest import Time

MENTORS = {"ana": "Europe/Berlin", "ben": "America/New_York", "cleo": "Australia/Lord_Howe"}
"""With their zones. They are mentees as well."""
MENTEES = ("dan", "eva")
STRANGER = "mallory"
GUESTS = ("dan", "eva", "ana", "ben", "zoe", "yan", "xia", "wim", "vic")
"""Who is invited to teams; the last have no account."""
SEASONS = [
    datetime(2027, month, day, 8, tzinfo=UTC)
    for month, day in ((1, 18), (3, 10), (3, 24), (3, 31), (9, 30), (10, 27), (11, 3))
]
"""A calm week, and a few days before each change of a clock there."""
CHANGING = (
    *(Rating, Standing, Attendance, Teammate, SessionEvent, Session, Block, Outbox, Claim, Openings, Hold),
    *(WeeklyHours, DaysOff, ExtraHours, Availability),
)
"""The tables that a life writes, those that refer to others first."""


class Stage:
    """People with their profiles, of whom nothing is known after `clear`."""

    def __init__(self, time: Time) -> None:
        self.time = time
        self.seen: Counter[tuple[str, str]] = Counter()
        """How often each thing was tried, and what spoke against it."""
        self.mentors = {name: make_mentor(name.title(), zone=zone) for name, zone in MENTORS.items()}
        self.people = {name: mentor.person for name, mentor in self.mentors.items()}
        self.people |= {name: make_person(name.title()) for name in (*MENTEES, STRANGER)}
        self.names = {person.id: name for name, person in self.people.items()}
        if database.is_postgres():  # what happened is kept, but by this
            database.db.execute_sql("drop trigger session_event_emptied on session_event")
        else:
            database.db.execute_sql("drop trigger session_event_delete")
            database.db.execute_sql("pragma synchronous = off")  # no power cut is played here

    def clear(self) -> None:
        names = [f'"{table._meta.table_name}"' for table in CHANGING]
        if database.is_postgres():
            database.db.execute_sql(f"truncate {', '.join(names)} restart identity cascade")
        else:
            with database.db.atomic():
                for name in names:
                    database.db.execute_sql(f"delete from {name}")

    def set_time(self, instant: datetime) -> None:
        """Openings are brought up to the clock, as by any page."""
        self.time.set(instant)
        freshen()


def email(name: str) -> str:
    return f"{name}@example.org"


def _hours(starts: int, ends: int, days: range = range(7)) -> tuple[tuple[int, int, int], ...]:
    return tuple((day, starts * 60, ends * 60) for day in days)


PLANS = st.builds(
    Plan,
    time_zone=st.just(""),
    weekly=st.sampled_from([_hours(0, 24), _hours(0, 24), _hours(9, 17), _hours(0, 4), _hours(22, 24, range(5))]),
    lengths=st.sampled_from([(15, 30, 60), (15, 30, 60), (15, 30), (15,)]),
    notice=st.sampled_from([0, 0, 60, 240, 1440]),
    gap=st.sampled_from([0, 0, 15, 45]),
    horizon=st.sampled_from([14, 14, 3, 1]),
    weekly_cap=st.sampled_from([None, None, 1, 2]),
)
"""Their zone is that of the mentor."""
FAR = st.integers(0, 40).map(lambda number: 17 * number)
"""Of the openings, one that may be days ahead."""
LIMITS = ("notice", "horizon", "off the grid")
PLACES = st.one_of(
    *[st.tuples(st.just("offered"), st.integers(0, 5))] * 3,
    *[st.tuples(st.just("offered"), FAR)] * 3,
    *[st.tuples(st.just("beside"), st.integers(-4, 4))] * 2,
    st.tuples(st.just("at a limit"), st.sampled_from([(where, by) for where in LIMITS for by in (-1, 0, 1)])),
)
"""Which start: one of those offered, or one where a limit is."""
STEPS = [timedelta(minutes=1), timedelta(minutes=9), timedelta(minutes=50), timedelta(hours=5), timedelta(days=1)]
EDGES = {
    "soon": lambda session: session.start - timedelta(minutes=15),
    "start": lambda session: session.start,
    "ten minutes": lambda session: session.start + timedelta(minutes=10),
    "end": lambda session: session.end,
    "a day after": lambda session: session.end + timedelta(days=1),
    "two weeks after": lambda session: session.end + timedelta(days=14),
}
"""When something begins or ends to be possible with a session."""


def at(*edges: str) -> st.SearchStrategy[tuple[str, int] | None]:
    """Now, or at one of these edges, or a second before or after it."""
    return st.sampled_from([*[None] * 9, *[(edge, off) for edge in edges for off in (-1, 0, 1)]])
