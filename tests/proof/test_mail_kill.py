"""Mail through a server that refuses every third letter, by workers that are killed: none lost, all in order."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from portal import database
from portal.mail import undelivered
from portal.mail.outbox import Outbox
from portal.people.models import Person
from portal.preparation.conversation import say
from portal.preparation.preparing import prepare
from portal.sessions.changes import cancel, move
from portal.sessions.models import Session
from portal.settings import Settings
from tests.cast import make_mentor, make_person, make_session, starts_of
from tests.engines import free_port
from tests.kernel.smtp import Mailbox, mail_server
from tests.proof.server import PATIENCE, ROOT
from tests.proof.size import size

MENTORS = 12
KILLS = size(50, usual=12)
SESSIONS = size(220, usual=48)
MAILS = size(1000, usual=200)
"""So many different ones come, at least."""
CALLED_OFF = 2
"""Sessions that are cancelled after each kill, while no worker runs."""
REFUSED = 0.3


@dataclass
class Refusing(Mailbox):
    """A mail server that refuses some letters for now, at random, before or after it has read them."""

    chance: random.Random = field(default_factory=lambda: random.Random(4))

    async def handle_RCPT(self, *given: Any) -> str:
        if self.chance.random() < REFUSED / 2:
            return "450 try again later"
        return await super().handle_RCPT(*given)

    async def handle_DATA(self, *given: Any) -> str:
        self.answer = "451 try again later" if self.chance.random() < REFUSED / 2 else "250 OK"
        return await super().handle_DATA(*given)

    @property
    def letters(self) -> list[int]:
        """The ids of the letters it took, in order."""
        return [
            int(str(message["Message-ID"]).split("@")[0].removeprefix("<letter-").split(".")[0])
            for _, message in self.taken
        ]


class Workers:
    """One worker at a time."""

    def __init__(self, settings: Settings, mailbox: Mailbox, *faults: str) -> None:
        mail_url = f"smtp://127.0.0.1:{mailbox.port}"
        command = [sys.executable, "-m", "tests.proof.mail_worker", settings.database_url, mail_url, str(time.time())]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen([*command, *faults], cwd=ROOT, stderr=subprocess.DEVNULL, **pipes)  # type: ignore[call-overload]
        self.mailbox = mailbox
        self.pid = 0

    def begin(self) -> None:
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        self.pid = int(self.process.stdout.readline())

    def kill(self) -> None:
        """And wait until it is gone: what is cancelled then, no worker looks at meanwhile."""
        os.kill(self.pid, signal.SIGKILL)
        while _is_alive(self.pid):
            time.sleep(0.001)

    def kill_after(self, letters: int, chance: random.Random) -> None:
        """Once it has offered so many letters more, at any moment of what it does then."""
        wanted = len(self.mailbox.offered) + letters
        _wait_for(lambda: len(self.mailbox.offered) >= wanted or not _waiting())
        time.sleep(chance.uniform(0, 0.02))
        self.kill()

    def stop(self) -> None:
        if self.pid and _is_alive(self.pid):
            self.kill()
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        self.process.stdout.close()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _waiting() -> bool:
    return bool(Outbox.select().where(Outbox.state == "waiting").exists())


def _wait_for(is_done: Any) -> None:
    end = time.monotonic() + 2 * PATIENCE
    while not is_done():
        assert time.monotonic() < end, "the mails do not come"
        time.sleep(0.02)


@contextmanager
def working(settings: Settings, *faults: str) -> Iterator[tuple[Workers, Refusing]]:
    with mail_server(free_port(), kind=Refusing) as mailbox:
        workers = Workers(settings, mailbox, *faults)
        try:
            yield workers, mailbox
        finally:
            workers.stop()


def booked(sessions: int) -> list[Session]:
    """So many sessions, each moved once: four letters each with a calendar entry, of which an old one is skipped, and
    between them one to each side that is sent also after a newer one, so that one out of order shows.
    """
    mentors = [make_mentor(f"Mentor {number}") for number in range(MENTORS)]
    found = []
    for number in range(sessions):
        mentor, mentee = mentors[number % MENTORS], make_person(f"Mentee {number}")
        session = make_session(mentor, mentee, number=number % 7)
        say(session, "Shall I bring the contract?", person=mentee, key="a")
        prepare(session, mentor=mentor.person, read="", line="Read page two", links=())
        move(session, starts_of(mentor)[-1 - number % 5], mentee=mentee)
        found.append(Session.get_by_id(session.id))
    return found


def call_off(sessions: list[Session]) -> None:
    for session in sessions:
        cancel(session, person=Person.get_by_id(session.mentee_id), reason="Ill")


def faults(mailbox: Refusing, known: dict[int, int], given_up: frozenset[int] = frozenset()) -> list[str]:
    """What is wrong with what came, once nothing waits. `known` has, for each cancelled session, how many letters had
    come by then. What was `given_up`, and sent again, comes late, or is old news by then and is skipped.
    """
    letters = {letter.id: letter for letter in Outbox.select()}
    came = mailbox.letters
    counts = Counter(came)
    found = [f"missing: {key}" for key, row in letters.items() if not counts[key] and row.state != "skipped"]
    skipped = {row.subject for key, row in letters.items() if row.state == "skipped" and key not in given_up}
    found += [f"skipped for nothing: {subject}" for subject in skipped - {f"session {key}" for key in known}]
    for place, key in enumerate(came):
        row = letters[key]
        cancelled_at = known.get(int(row.subject.split(" ")[1]), len(came))
        if place >= cancelled_at and row.kind != "sessions/cancelled":
            found.append(f"of a cancelled session: {key}")
    return found + out_of_order([key for key in came if key not in given_up], letters)


def out_of_order(came: list[int], letters: dict[int, Outbox]) -> list[str]:
    last: dict[tuple[str, str], int] = defaultdict(int)
    found = []
    for key in came:
        line = (letters[key].subject, letters[key].recipient)
        if key < last[line]:
            found.append(f"out of order: {key}")
        last[line] = key
    return found


def run(settings: Settings, *faulty: str, sessions: int, kills: int) -> tuple[Refusing, dict[int, int], frozenset[int]]:
    """Deliver all of it, with kills and cancellations between. Returns what came, was cancelled, and was given up."""
    chance, live, known = random.Random(7), booked(sessions), {}
    with working(settings, *faulty) as (workers, mailbox):
        for _ in range(kills):
            workers.begin()
            workers.kill_after(chance.randint(2, sessions * 8 // kills), chance)
            for session in live[:CALLED_OFF]:
                known[session.id] = len(mailbox.taken)
                call_off([session])
            del live[:CALLED_OFF]
        workers.begin()
        given_up: set[int] = set()
        _wait_for(lambda: not _waiting() and not _sent_again(given_up))
    return mailbox, known, frozenset(given_up)


def _sent_again(given_up: set[int]) -> bool:
    """Who is refused eight times in a row, which happens, is sent again by a coordinator."""
    dead = undelivered.undelivered()
    for letter in dead:
        undelivered.send_again(letter.id)
        given_up.add(letter.id)
    return bool(dead)


def test_kill_loses_no_mail_and_sends_nothing_false(world: None, settings: Settings) -> None:
    mailbox, known, given_up = run(settings, sessions=SESSIONS, kills=KILLS)
    counts = Counter(mailbox.letters)
    twice = sum(counts.values()) - len(counts)
    skipped = Outbox.select().where(Outbox.state == "skipped").count()
    refused = len(mailbox.offered) - len(mailbox.taken)
    print(f"\n{len(counts)} mails came, {twice} of them twice, {skipped} were skipped, {refused} refused after reading")
    assert faults(mailbox, known, given_up) == []
    assert (len(counts) >= MAILS, twice <= KILLS, skipped > 0) == (True, True, True)
    assert len(known) == CALLED_OFF * KILLS
    database.disconnect()


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("sent before it is", {"missing"}),
        ("in any order", {"out of order", "skipped for nothing"}),
        ("whatever happened", {"of a cancelled session"}),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_worker_with_a_fault_is_found_out(world: None, settings: Settings, fault: str, found: set[str]) -> None:
    mailbox, known, given_up = run(settings, fault, sessions=30, kills=6)
    assert {line.split(":")[0] for line in faults(mailbox, known, given_up)} == found
    database.disconnect()
