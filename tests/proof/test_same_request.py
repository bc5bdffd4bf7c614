"""The same thing asked for many times at once, and two things that exclude each other: one effect, no 5xx."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from functools import partial

import pytest
from flask import Flask

from portal.mentors.models import Mentor
from portal.people.codes import new_token
from portal.people.models import Person
from portal.sessions.holding import Opening
from portal.sessions.models import Session
from portal.settings import Settings
from tests.cast import BOOKING, make_mentor, make_person, starts_of, value_of
from tests.proof import ledger
from tests.proof.server import Answer, Client, at_once, serving, signed_in
from tests.proof.size import size

SAME = 20
ROUNDS = size(30, usual=10)


def form(mentor: Mentor, start: datetime, ref: str) -> dict[str, str]:
    return {"opening": value_of(Opening(mentor, start, 15)), "hold": ref, **BOOKING}


def statuses(answers: list[Answer]) -> dict[int, int]:
    return dict(Counter(answer.status for answer in answers))


@pytest.mark.parametrize("is_held", [True, False])
def test_book_sent_twenty_times_at_once_is_one_session(
    app: Flask, mentor: Mentor, settings: Settings, is_held: bool
) -> None:
    """As by a double tap, a retry of the browser, and Back: the same form from the same page. The third time it is
    the last session the mentee may have, so a repeat that looked again would hear that there are three already.
    """
    with serving(settings) as server:
        sam = signed_in(app, make_person("Sam Rivera"), server.port)
        for start in starts_of(mentor)[-3:]:
            ref = new_token()
            if is_held:
                held = sam.post("/holds", {"opening": value_of(Opening(mentor, start, 15))})
                ref = held.location.removeprefix("/holds/")
            answers = at_once([partial(sam.post, "/sessions", form(mentor, start, ref))] * SAME)
            booked = Session.get(Session.start == start)
            assert statuses(answers) == {303: SAME}
            assert {answer.location for answer in answers} == {f"/sessions/{booked.ref}"}
    assert Session.select().count() == 3
    assert ledger.faults() == []


def test_book_with_one_name_by_two_people_at_once_is_one_session(
    app: Flask, settings: Settings, mentee: Person, stranger: Person
) -> None:
    """A form's hidden name is no secret to keep: two people who send the same one, for two mentors."""
    mentors = [make_mentor("Laila Mansour"), make_mentor("Tobias Okafor")]
    with serving(settings) as server:
        clients = [signed_in(app, person, server.port) for person in (mentee, stranger)]
        for number in range(ROUNDS // 10):
            start, ref = starts_of(mentors[0])[-1], new_token()
            answers = at_once(
                [
                    partial(client.post, "/sessions", form(mentor, start, ref))
                    for client, mentor in zip(clients, mentors, strict=True)
                ]
            )
            assert statuses(answers) == {303: 1, 404: 1}
            assert Session.select().count() == number + 1
            won = next(number for number in (0, 1) if answers[number].status == 303)
            clients[won].post(answers[won].location + "/cancellation", {"reason": "Again"})
    assert ledger.faults() == []


@pytest.mark.parametrize("apart", [0, 4])
def test_book_each_other_at_once(app: Flask, settings: Settings, apart: int) -> None:
    """A books B while B books A: for the same quarter one of them wins, an hour apart both do. Then both
    cancel at once, which happens once.
    """
    laila, tobias = make_mentor("Laila Mansour"), make_mentor("Tobias Okafor")
    with serving(settings) as server:
        clients = [signed_in(app, mentor.person, server.port) for mentor in (laila, tobias)]
        for _ in range(ROUNDS):
            first, second = starts_of(laila)[-9], starts_of(tobias)[-9 + apart]
            _tap(clients, [(tobias, second), (laila, first)])
            forms = [form(tobias, second, new_token()), form(laila, first, new_token())]
            answers = at_once([partial(c.post, "/sessions", f) for c, f in zip(clients, forms, strict=True)])
            assert statuses(answers) == ({303: 2} if apart else {303: 1, 409: 1})
            assert [line for line in ledger.faults() if line.startswith("person")] == []
            for answer in answers:
                if answer.status == 303:
                    _cancel_by_both(clients, answer.location)
            assert ledger.faults() == []
    assert Session.select().where(Session.cancelled_at.is_null()).count() == 0
    assert ledger.deadlocks() == 0


def _tap(clients: list[Client], wanted: list[tuple[Mentor, datetime]]) -> None:
    """Both hold first, so that booking also gives back what each has of the other's time."""
    openings = [{"opening": value_of(Opening(mentor, start, 15))} for mentor, start in wanted]
    held = at_once([partial(c.post, "/holds", o) for c, o in zip(clients, openings, strict=True)])
    assert set(statuses(held)) <= {303, 409}


def _cancel_by_both(clients: list[Client], path: str) -> None:
    answers = at_once([partial(c.post, path + "/cancellation", {"reason": "Something came up"}) for c in clients])
    assert statuses(answers) == {303: 1, 409: 1}
