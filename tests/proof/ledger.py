"""The books, audited: every promise about stored bookings, read from the tables afresh."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from time import monotonic, sleep

from portal import database
from portal.availability.mentor_time import time_of
from portal.availability.models import Availability, Claim, Hold, Openings
from portal.availability.openings import from_bytes, quarter_of, startable
from portal.mail.outbox import Outbox
from portal.people.models import Person
from portal.sessions.mails import subject_of
from portal.sessions.models import Session, SessionEvent, Teammate
from tests.letters import name_of
from tests.proof.history import History, of_letters


def faults(acknowledged: Iterable[str] = (), gaps: Mapping[str, int] | None = None) -> list[str]:
    """What is wrong, each in a sentence; nothing if all is well.

    `acknowledged`: the refs of sessions that a client was told are booked. `gaps`: the minutes after a session
    or a hold, by its ref, where the mentor has set others since.
    """
    return [*book_faults(acknowledged, gaps), *_file()]


def book_faults(acknowledged: Iterable[str] = (), gaps: Mapping[str, int] | None = None) -> list[str]:
    """The same without a look at the file they are kept in."""
    sessions = list(Session.select())
    known = {session.ref for session in sessions}
    return [
        *(f"session {ref} was acknowledged and is lost" for ref in acknowledged if ref not in known),
        *time_faults(gaps),
        *_told(sessions),
    ]


def time_faults(gaps: Mapping[str, int] | None = None) -> list[str]:
    """Of these, what is wrong with people's time: sessions, claims, holds and openings."""
    gap = _Gaps(gaps or {})
    live = list(Session.select().where(Session.cancelled_at.is_null()))
    return [*_overlaps(live), *_claims(live, gap), *_holds(gap), *_openings()]


class _Gaps:
    """The gap after a session or a hold, in quarters."""

    def __init__(self, known: Mapping[str, int]) -> None:
        self.known = known
        self.set_now = {row.mentor_id: row.gap for row in Availability.select()}

    def after(self, what: Session | Hold) -> int:
        return self.known.get(what.ref, self.set_now[what.mentor_id]) // 15


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


def _claims(live: list[Session], gaps: _Gaps) -> Iterator[str]:
    """The claims are those of the sessions and of the holds that stand: not one less, not one more."""
    due: dict[int, set[tuple[int, int, bool]]] = defaultdict(set)
    for session in live:
        quarters = _quarters(session)
        ends = quarters.stop + gaps.after(session)
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
    """Each session has the letters and the events of what happened to it, once, and the team that is left."""
    emails = dict(Person.select(Person.id, Person.email).tuples())
    letters = of_letters(Outbox.select().where(Outbox.kind.startswith("sessions/")).order_by(Outbox.id))
    events: dict[int, list[SessionEvent]] = defaultdict(list)
    for event in SessionEvent.select().order_by(SessionEvent.id):
        events[event.session_id].append(event)
    teams: dict[int, set[str]] = defaultdict(set)
    for mate in Teammate.select().where(Teammate.left_at.is_null()):
        teams[mate.session_id].add(mate.email)
    for session in sessions:
        history = History(session, events.pop(session.id, []), letters.pop(subject_of(session.id), []), emails)
        yield from history.faults()
        if set(history.team) != teams[session.id]:
            yield f"session {session.id} was told to {set(history.team)} and has the team {teams[session.id]}"
    yield from (f"an event belongs to no session: {number}" for number in events)
    yield from (f"letter about nothing: {name_of(letter)}" for about in letters.values() for letter in about)


def _holds(gaps: _Gaps) -> Iterator[str]:
    """A hold that stands has its mentor's quarters, and one that was released has none."""
    of_mentors = Claim.select(Claim.hold, Claim.person).join(Hold, on=Claim.hold == Hold.id)
    claimed = Counter(database.tuples(of_mentors.where(Claim.person == Hold.mentor)))
    for hold in Hold.select():
        needs = 0 if hold.is_released else hold.length // 15 + gaps.after(hold)
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
