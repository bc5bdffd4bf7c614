"""The books, audited: every promise about stored bookings, read from the tables afresh."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from time import monotonic, sleep

from portal import database
from portal.availability.derived import time_of
from portal.availability.models import Availability, Claim, Hold, Openings
from portal.availability.openings import from_bytes, quarter_of, startable
from portal.mail.outbox import Outbox
from portal.people.models import Person
from portal.sessions.models import Session, SessionEvent


def faults(acknowledged: Iterable[str] = ()) -> list[str]:
    """What is wrong, each in a sentence; nothing if all is well.

    `acknowledged`: the refs of sessions that a client was told are booked.
    """
    sessions = list(Session.select())
    live = [session for session in sessions if session.cancelled_at is None]
    known = {session.ref for session in sessions}
    return [
        *(f"session {ref} was acknowledged and is lost" for ref in acknowledged if ref not in known),
        *_overlaps(live),
        *_claims(live),
        *_told(sessions),
        *_holds(),
        *_openings(),
        *_file(),
    ]


def _quarters(session: Session) -> range:
    first = quarter_of(session.start)
    return range(first, first + session.length // 15)


def _overlaps(live: list[Session]) -> Iterator[str]:
    """From the sessions alone, so that it also holds where claims were never written."""
    taken = Counter(
        (person, quarter)
        for session in live
        for person in (session.mentor_id, session.mentee_id)
        for quarter in _quarters(session)
    )
    for (person, quarter), count in taken.items():
        if count > 1:
            yield f"person {person} is in {count} sessions in quarter {quarter}"


def _claims(live: list[Session]) -> Iterator[str]:
    """The claims are those of the sessions and of the holds that stand: not one less, not one more."""
    gaps = {row.mentor_id: row.gap // 15 for row in Availability.select()}
    due: dict[int, set[tuple[int, int, bool]]] = defaultdict(set)
    for session in live:
        quarters = _quarters(session)
        ends = quarters.stop + gaps[session.mentor_id]
        due[session.id] |= {(session.mentor_id, q, q == quarters.start) for q in range(quarters.start, ends)}
        due[session.id] |= {(session.mentee_id, q, False) for q in quarters}
    found: dict[int | None, set[tuple[int, int, bool]]] = defaultdict(set)
    for person, quarter, begins, session_id in (
        Claim.select(Claim.person, Claim.quarter, Claim.begins, Claim.session).where(Claim.hold.is_null()).tuples()
    ):
        found[session_id].add((person, quarter, begins))
    for number in due.keys() | found.keys():
        if due.get(number) != found.get(number):
            yield f"session {number} needs the claims {due.get(number)} and has {found.get(number)}"


def _told(sessions: list[Session]) -> Iterator[str]:
    """Each session has the letters and the events of what happened to it, once."""
    emails = dict(Person.select(Person.id, Person.email).tuples())
    letters = Counter(database.column(Outbox.select(Outbox.key)))
    events: dict[int, list[str]] = defaultdict(list)
    for number, what in SessionEvent.select(SessionEvent.session, SessionEvent.what).order_by(SessionEvent.id).tuples():
        events[number].append(what)
    due: Counter[str] = Counter()
    for session in sessions:
        mentor, mentee = emails[session.mentor_id], emails[session.mentee_id]
        due[f"sessions/booked_mentor session {session.id} version 0 {mentor}"] = 1
        due[f"sessions/booked_mentee session {session.id} version 0 {mentee}"] = 1
        if session.cancelled_at is not None:
            due.update(f"sessions/cancelled session {session.id} version 1 {email}" for email in (mentor, mentee))
        happened = ["booked"] if session.cancelled_at is None else ["booked", "cancelled"]
        if events.pop(session.id, []) != happened:
            yield f"session {session.id} lacks the events {happened}"
    yield from (f"an event belongs to no session: {number}" for number in events)
    yield from (f"letter missing: {key}" for key in due - letters)
    yield from (f"letter about nothing: {key}" for key in letters - due)


def _holds() -> Iterator[str]:
    """A hold that stands has its mentor's quarters, and one that was released has none."""
    of_mentors = Claim.select(Claim.hold, Claim.person).join(Hold, on=Claim.hold == Hold.id)
    claimed = Counter(database.tuples(of_mentors.where(Claim.person == Hold.mentor)))
    gaps = {row.mentor_id: row.gap for row in Availability.select()}
    for hold in Hold.select():
        needs = 0 if hold.is_released else (hold.length + gaps[hold.mentor_id]) // 15
        if claimed[hold.id, hold.mentor_id] != needs:
            yield f"hold {hold.id} needs {needs} claims of its mentor and has {claimed[hold.id, hold.mentor_id]}"


def _openings() -> Iterator[str]:
    """What pages offer is what hours and claims leave."""
    stored = {(row.mentor_id, row.length): from_bytes(row.starts) for row in Openings.select()}
    for availability in Availability.select():
        time = time_of(availability)
        for length in map(int, availability.lengths):
            right = startable(time.hours, time.taken, length=length, gap=availability.gap)
            if stored.pop((availability.mentor_id, length), None) != right:
                yield f"mentor {availability.mentor_id} shows openings of {length} minutes that are not true"
    yield from (f"openings of nobody: {key}" for key in stored)


def _file() -> Iterator[str]:
    if not database.is_postgres():
        for check, right in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
            answer = list(database.db.execute_sql(f"pragma {check}"))
            if answer != right:
                yield f"{check}: {answer}"


def deadlocks() -> int:
    """How many PostgreSQL has resolved in this database, by its own count, which is complete once all other
    connections are gone. SQLite has one writer at a time, so it has none.
    """
    if not database.is_postgres():
        return 0
    others = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    deadline = monotonic() + 60
    while database.db.execute_sql(others).fetchone()[0]:
        assert monotonic() < deadline, "a connection was left open"
        sleep(0.02)
    counted = "select deadlocks from pg_stat_database where datname = current_database()"
    return int(database.db.execute_sql(counted).fetchone()[0])
