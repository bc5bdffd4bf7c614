"""The history of a session, replayed from its events: the letters that were due, and what calendars were told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from portal.mail.outbox import Outbox
from portal.sessions.models import Session, SessionEvent
from tests.letters import name_of

RAISING = {"moved", "cancelled", "called off", "handed over", "invited", "removed", "left"}
"""Events after which calendars get a later version."""
TO_THE_OTHER = {"late": "late", "did not come": "did_not_come", "objected": "objected"}
"""What one side says, and the letter that tells the other."""


@dataclass(frozen=True)
class Due:
    """A letter that must be there, and what its calendar entry says: it stands, it is cancelled, or there is none."""

    kind: str
    to: str
    version: int
    start: int
    entry: str = ""
    before: int | None = None

    def key(self, session: Session) -> str:
        return f"sessions/{self.kind} session {session.id} version {self.version} {self.to}"


@dataclass
class History:
    """One session: its events in order, its letters in order, and the addresses of all people."""

    session: Session
    events: list[SessionEvent]
    letters: list[Outbox]
    emails: dict[int, str]
    team: list[str] = field(default_factory=list)
    """The addresses of those who are invited now: at the end, what the table of teammates must say."""
    version: int = 0
    start: int = 0
    due: list[Due] = field(default_factory=list)
    mentees: list[int] = field(default_factory=list)
    """Whose it is, first to last: each gives it to the next."""

    def faults(self) -> Iterator[str]:
        yield from self._ends()
        self._replay()
        yield from self._end_state()
        yield from self._letters()
        yield from self._rising()

    def _ends(self) -> Iterator[str]:
        """Booked first, cancelled last if it is cancelled, moved as often as it says."""
        session, changes = self.session, [event.what for event in self.events if event.what in {"booked", *RAISING}]
        last = ["cancelled"] * session.is_cancelled
        if changes[:1] != ["booked"] or changes.count("booked") > 1 or changes[1:].count("cancelled") != len(last):
            yield f"session {session.id} lacks the events {['booked', *last]}"
        elif last and changes[-1:] != last:
            yield f"session {session.id} has events after it was cancelled: {changes}"
        if changes.count("moved") != session.moves:
            yield f"session {session.id} says that it was moved {session.moves} times: {changes}"

    def _replay(self) -> None:
        givers = [event.person_id for event in self.events if event.what == "handed over"]
        self.mentees = [*givers, self.session.mentee_id]
        self.start = self._told_of("booked_mentor", "booked_mentee")
        for kind, to in zip(("booked_mentor", "booked_mentee"), self._sides, strict=True):
            self._expect(kind, to, entry="stands")
        for event in self.events:
            if event.what != "booked":
                self.version += event.what in RAISING
                self._follow(event)

    @property
    def _sides(self) -> tuple[str, str]:
        return self.emails[self.session.mentor_id], self.emails[self.mentees[0]]

    @property
    def _everybody(self) -> list[str]:
        return [*self._sides, *self.team]

    def _follow(self, event: SessionEvent) -> None:
        match event.what:
            case "moved":
                before, self.start = self.start, self._told_of("moved")
                self._expect("moved", *self._everybody, entry="stands", before=before)
            case "cancelled" | "called off":
                self._expect("cancelled", *self._everybody, entry="cancelled")
            case "handed over":
                giver = self.emails[self.mentees.pop(0)]
                self.team = [email for email in self.team if email != self._sides[1]]
                self._expect("handed_over", *self._everybody, entry="stands")
                self._expect("handed_over", giver, entry="cancelled")
            case "asked to move":
                self._expect("move_asked", self._sides[1])
            case "invited":
                self.team += self._alone("invited", entry="stands")
            case "removed" | "left":
                gone = self._alone("no_longer_part", entry="cancelled")
                self.team = [email for email in self.team if email not in gone]
            case "rated" | "changed the questions":
                pass  # nobody is told
            case _:
                mentor, mentee = self._sides
                other = mentee if event.person_id == self.session.mentor_id else mentor
                self._expect(TO_THE_OTHER[event.what], other)

    def _expect(self, kind: str, *to: str, entry: str = "", before: int | None = None) -> None:
        self.due += [Due(kind, email, self.version, self.start, entry, before) for email in to]

    def _alone(self, kind: str, *, entry: str) -> list[str]:
        """One address had a letter of its own about this version. The event does not say which; the table does."""
        to = [letter.recipient for letter in self._about(kind)][:1]
        self._expect(kind, *(to or [f"somebody who was {kind}"]), entry=entry)
        return to

    def _about(self, *kinds: str) -> list[Outbox]:
        wanted = {f"sessions/{kind} session {self.session.id} version {self.version} " for kind in kinds}
        return [letter for letter in self.letters if name_of(letter).removesuffix(letter.recipient) in wanted]

    def _told_of(self, *kinds: str) -> int:
        """The start that the letters of this version tell: that of the session, once it is the last."""
        told = [int(letter.facts["start"]) for letter in self._about(*kinds) if letter.state == "waiting"]
        return told[0] if told else int(self.session.start.timestamp())

    def _end_state(self) -> Iterator[str]:
        session = self.session
        stored = (session.sequence, int(session.start.timestamp()))
        if stored != (self.version, self.start):
            yield f"session {session.id} has sequence and start {stored}, and its history {self.version, self.start}"

    def _letters(self) -> Iterator[str]:
        """Those that are due, once, each with the facts of its version, until it is sent: then they are gone."""
        found = {name_of(letter): letter for letter in self.letters}
        for due in self.due:
            letter = found.pop(due.key(self.session), None)
            if letter is None:
                yield f"letter missing: {due.key(self.session)}"
            elif letter.state == "waiting" and (told := _told(letter)) != (wanted := (due.to, self._facts(due))):
                yield f"letter {name_of(letter)} tells {told} instead of {wanted}"
        yield from (f"letter about nothing: {key}" for key in found)

    def _facts(self, due: Due) -> tuple[object, ...]:
        uid = f"session-{self.session.ref}@portal"
        entry = (uid, due.version, due.start, self.session.length, due.entry == "cancelled")
        return due.before, due.start, self.session.length, entry if due.entry else None

    def _rising(self) -> Iterator[str]:
        """A calendar takes a change only with a higher SEQUENCE than it has."""
        known: dict[str, int] = {}
        for letter in self.letters:
            entry = letter.facts["calendar"] if letter.state == "waiting" else None
            if entry is not None:
                if entry["sequence"] <= known.get(letter.recipient, -1):
                    yield f"letter {name_of(letter)} has a SEQUENCE that does not rise"
                known[letter.recipient] = entry["sequence"]


def _told(letter: Outbox) -> tuple[str, tuple[object, ...]]:
    facts = letter.facts
    entry = facts["calendar"]
    if entry is not None:
        entry = tuple(entry[name] for name in ("uid", "sequence", "start", "length", "is_cancelled"))
    return letter.recipient, (facts.get("before"), facts["start"], facts["length"], entry)


def of_letters(letters: Iterable[Outbox]) -> dict[str, list[Outbox]]:
    """Letters about sessions, by what they are about."""
    found: dict[str, list[Outbox]] = {}
    for letter in letters:
        found.setdefault(letter.subject, []).append(letter)
    return found
