"""Both sides at the same moment: handing over while the other cancels or moves."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from portal import database
from portal.availability.models import Claim
from portal.errors import Refusal
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.sessions import changes, team
from portal.sessions.booking import book
from portal.sessions.models import Session, Teammate
from tests.attack.conftest import PROJECT
from tests.cast import make_person, opening

ROUNDS = 6


@pytest.mark.parametrize("against", ["cancel", "move", "hand over again"])
def test_handover_at_the_same_moment(mentor: Mentor, mentee: Person, against: str) -> None:
    mates = [make_person(name) for name in ("Toni Berg", "Nils Holm")]
    for number in range(ROUNDS):
        session = book(opening(mentor, 20), PROJECT, mentee=mentee, holder="a", hold_ref=f"{number}")
        team.invite(session, [mate.email for mate in mates], mentee=mentee)
        first, second = (row.id for row in Teammate.select().where(Teammate.session == session))
        elsewhere = opening(mentor, 4).start
        others: dict[str, Callable[[], object]] = {
            "cancel": lambda s=session: changes.cancel(s, person=mentor.person, reason="Ill"),
            "move": lambda s=session, start=elsewhere: changes.move(s, start, mentee=mentee),
            "hand over again": lambda s=session, mate=second: team.hand_over(s, mate, mentee=mentee),
        }
        done = at_once(lambda s=session, mate=first: team.hand_over(s, mate, mentee=mentee), others[against])
        now = Session.get_by_id(session.id)
        taken = {row.person_id for row in Claim.select().where(Claim.session == session)}
        assert taken == (set() if now.is_cancelled else {mentor.person_id, now.mentee_id})
        assert (sum(done) >= 1, now.is_cancelled) == (True, against == "cancel" and done[1])
        assert against == "move" or sum(done) == 1 or now.is_cancelled
        for person in (mentor.person,) if not now.is_cancelled else ():
            changes.cancel(now, person=person, reason="Next round")


def at_once(*verbs: Callable[[], object]) -> list[bool]:
    """Which of them were not refused."""
    begin = Barrier(len(verbs))

    def run(verb: Callable[[], object]) -> bool:
        database.connect()
        begin.wait()
        try:
            verb()
        except Refusal:
            return False
        finally:
            database.disconnect()
        return True

    with ThreadPoolExecutor(len(verbs)) as threads:
        return list(threads.map(run, verbs))
