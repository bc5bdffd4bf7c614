"""A year of a programme on a clock that jumps: sessions that are booked, moved and called off, a worker that is away
now and then, a mail server that is, and what should have come of it, worked out from the list of what happened alone.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

from flask import Flask

from portal import clock
from portal.availability.confirming import confirm
from portal.availability.derived import freshen
from portal.availability.hours import Plan
from portal.errors import Refusal
from portal.mail import delivery
from portal.mail.outbox import Outbox, lease
from portal.mentors.models import Mentor
from portal.people.codes import new_token
from portal.people.models import Person
from portal.preparation import mails
from portal.preparation.models import Reminder
from portal.preparation.preparing import set_ready
from portal.preparation.reminders import remind_due
from portal.sessions.booking import book
from portal.sessions.changes import cancel, move
from portal.sessions.holding import Opening
from portal.sessions.models import Session
from portal.settings import Settings
from tests.cast import ALL_WEEK, REQUEST, make_mentor, make_person, starts_of
from tests.conftest import Time
from tests.proof.size import size

BEGIN = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)
WEEKS = size(52, usual=18)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca")
HOUR = timedelta(hours=1)
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
HOURS = (24, 1)
OUTAGES = 20
LENGTHS = (20, 4000, 90, 1500, 300, 3000)
"""Minutes, of each kind of outage in turn."""
CLOSE = 0.4
"""Of the bookings: the time of a reminder is about now."""
KILLED = 0.3
"""Of the looks of the worker in which there is something to tell: it dies in the middle of them."""


class Killed(Exception):
    """The worker died."""


@dataclass
class Stand:
    """A session has this start from one instant on, until it is moved, called off, or for good."""

    session: int
    start: datetime
    since: datetime
    until: datetime = NEVER


@dataclass
class Year:
    """What happened, and what came of it."""

    app: Flask
    settings: Settings
    time: Time
    chance: random.Random = field(default_factory=lambda: random.Random(2027))
    stands: list[Stand] = field(default_factory=list)
    looks: list[datetime] = field(default_factory=list)
    """When the worker looked and was not killed."""
    sendings: list[datetime] = field(default_factory=list)
    """When it looked and the mail server was there."""
    sent: list[tuple[datetime, str, str, str]] = field(default_factory=list)
    """When, kind and start, to whom, and the subject."""
    outages: list[tuple[datetime, datetime, bool]] = field(default_factory=list)
    """From, to, and whether it is the worker; else it is the mail server."""
    kills: int = 0

    def live(self) -> None:
        self.time.set(BEGIN)
        self._settle()
        self.look()
        for week in range(WEEKS):
            outages = range(week * OUTAGES // WEEKS, (week + 1) * OUTAGES // WEEKS)
            self._week(BEGIN + timedelta(weeks=week), outages)
        self._to(self.time.now + timedelta(weeks=1))
        self.look()

    def _settle(self) -> None:
        self.mentors = [
            make_mentor(f"Mentor {z}", zone=z, plan=Plan(z, ALL_WEEK, lengths=(15,), notice=0)) for z in ZONES
        ]
        self.mentees = [make_person(f"Mentee {z}", zone=z) for z in reversed(ZONES)]

    def _break(self, number: int) -> None:
        """An outage, of the worker or of the mail server, that ends around the start of a session."""
        around = self.chance.choice([stand.start for stand in self.stands if stand.start > self.time.now])
        end = around + timedelta(minutes=self.chance.randrange(-59, 59))
        length = timedelta(minutes=LENGTHS[number // 2 % len(LENGTHS)])
        self.outages.append((max(self.time.now, end - length), end, number % 2 == 0))

    def is_away(self, *, worker: bool) -> bool:
        return any(start <= self.time.now < end for start, end, is_worker in self.outages if is_worker is worker)

    def _week(self, monday: datetime, outages: range) -> None:
        """People act on Monday and Wednesday; the worker looks whenever something is due, and a little later."""
        self._to(monday)
        for mentor in self.mentors:
            confirm(mentor)
        for mentor, mentee in zip(self.mentors, self.mentees, strict=True):
            self._book(mentor, mentee)
            self._book(mentor, mentee)
        for number in outages:
            self._break(number)
        self._to(monday + timedelta(days=2, minutes=7))
        self._change()

    def _to(self, instant: datetime) -> None:
        """Let time pass, with looks at every moment that matters."""
        for moment in sorted(set(self._moments(instant))):
            self.time.set(moment)
            self.look()
        self.time.set(instant)
        freshen()

    def _moments(self, until: datetime) -> Iterator[datetime]:
        since = self.time.now
        quiet = [since + 7 * HOUR * step for step in range(1, 1 + (until - since) // (7 * HOUR))]
        ends = [end + timedelta(seconds=1) for _, end, _ in self.outages]
        due = [stand.start - hours * HOUR for stand in self.stands[-40:] for hours in HOURS]
        late = [moment + timedelta(minutes=self.chance.randrange(1, 40)) for moment in due]
        yield from (moment for moment in (*quiet, *ends, *due, *late) if since < moment < until)

    def look(self) -> None:
        """What the worker does once a second; it may be killed in the middle."""
        if self.is_away(worker=True):
            return
        try:
            with self._dying():
                remind_due()
        except Killed:
            self.kills += 1
            remind_due()  # the next one looks at once
        self.looks.append(self.time.now)
        if not self.is_away(worker=False):
            self.sendings.append(self.time.now)
            self._deliver()

    def _dying(self) -> _Dying:
        return _Dying(self.chance.random() < KILLED)

    def _deliver(self) -> None:
        Outbox.update(state="sent").where(Outbox.kind.startswith("sessions/")).execute()
        with self.app.app_context():
            while (letter := lease(clock.now())) is not None:
                words = letter.facts

                def send(message: EmailMessage, letter: Outbox = letter, start: int = words["start"]) -> None:
                    key = f"{letter.kind} {letter.subject} {start}"
                    self.sent.append((self.time.now, key, letter.recipient, str(message["Subject"])))

                delivery._deliver(letter, send, self.settings)

    def _book(self, mentor: Mentor, mentee: Person) -> None:
        starts = [start for start in starts_of(mentor) if start < self.time.now + timedelta(days=5)]
        if self.chance.random() < CLOSE:
            starts = [s for s in starts if abs(s - self.time.now - self.chance.choice(HOURS) * HOUR) < HOUR] or starts
        wanted = Opening(mentor, self.chance.choice(starts), 15)
        try:
            session = book(wanted, REQUEST, mentee=mentee, holder=new_token(), hold_ref=new_token())
        except Refusal:
            return  # three upcoming, or busy then
        self.stands.append(Stand(session.id, session.start, self.time.now))
        if self.chance.random() < 0.3:
            set_ready(session, mentee=mentee, is_ready=True)

    def _change(self) -> None:
        for stand in [s for s in self.stands if s.start > self.time.now and s.until == NEVER]:
            session = Session.get_by_id(stand.session)
            fate = self.chance.random()
            if fate < 0.15:
                cancel(session, person=session.mentee, reason="Ill")
                stand.until = self.time.now
            elif fate < 0.4:
                self._move(session, stand)

    def _move(self, session: Session, stand: Stand) -> None:
        start = self.chance.choice(starts_of(session.mentor)[:200])
        try:
            move(session, start, mentee=session.mentee)
        except Refusal:
            return
        stand.until = self.time.now
        self.stands.append(Stand(session.id, start, self.time.now))


class _Dying:
    """While it lasts, the worker dies when it tells the second of those who come."""

    def __init__(self, is_dying: bool) -> None:
        self.is_dying = is_dying
        self.remind = mails._remind

    def __enter__(self) -> None:
        if self.is_dying:
            told = []

            def dies(*given: object, **more: object) -> None:
                told.append(given)
                if len(told) > 1:
                    raise Killed
                self.remind(*given, **more)  # type: ignore[arg-type]

            mails._remind = dies  # type: ignore[assignment]

    def __exit__(self, *_: object) -> None:
        mails._remind = self.remind


def expected(year: Year) -> dict[tuple[int, datetime, int], tuple[datetime, bool, bool]]:
    """For each reminder that should have come up: when the worker found it, whether that was late, and whether anybody
    was still told. No mentor here reads a brief, so there is always somebody to tell.
    """
    found = {}
    for stand in year.stands:
        for hours in HOURS:
            due = stand.start - hours * HOUR
            seen = next((look for look in year.looks if look >= due), None)
            if seen is not None and stand.since < due and seen < stand.until:
                too_late = seen >= stand.start or (hours == 24 and seen >= stand.start - HOUR)
                late = too_late or seen - due > timedelta(minutes=15)
                found[stand.session, stand.start, hours] = (seen, late, not too_late)
    return found


def faults(year: Year) -> list[str]:
    """Where what came differs from what should have."""
    wanted = expected(year)
    marked = {(row.session_id, row.start, row.hours): (row.at, row.is_late, row.is_told) for row in Reminder.select()}
    found = [
        f"should be {wanted.get(key)} and is {marked.get(key)}: {key}"
        for key in wanted.keys() | marked.keys()
        if wanted.get(key) != marked.get(key)
    ]
    return [*found, *_mail_faults(year)]


def _mail_faults(year: Year) -> Iterator[str]:
    """Of each letter: sent once, before the start, at a time the mail server was there; or skipped as too late."""
    came: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for at, key, to, subject in year.sent:
        came[key, to].append(at)
        start = datetime.fromtimestamp(int(key.rsplit(" ", 1)[1]), UTC)
        local = start.astimezone(clock.zone(Person.get(Person.email == to).time_zone))
        if f"{local:%A} {local.day} {local:%B} {local.year}, {local:%H:%M}–" not in subject:
            yield f"wrong time: {subject}"
        if at >= start:
            yield f"after the start: {key}"
    for letter in Outbox.select().where(Outbox.kind.startswith("preparation/")):
        key = f"{letter.kind} {letter.subject} {letter.version.split()[0]}"
        times = len(came[key, letter.recipient])
        if (times, letter.state) not in ((1, "sent"), (0, "skipped")):
            yield f"came {times} times and is {letter.state}: {key}"
