"""A limit that many requests reach at the same moment still holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from flask import Flask

from portal.availability.hours import Plan
from portal.limits import Limits
from portal.mentors.models import Mentor
from portal.people.codes import new_token
from portal.sessions.holding import Opening
from portal.sessions.models import Session
from portal.settings import Settings
from tests.cast import ALL_WEEK, BOOKING, make_mentor, make_person, starts_of, value_of
from tests.proof import ledger
from tests.proof.server import Client, at_once, serving, signed_in

MANY = 10


def _book(wanted: Sequence[tuple[Client, Opening]]) -> dict[int, int]:
    """Each client books its opening, all at once. How often each status was answered."""
    forms = [{"opening": value_of(opening), "hold": new_token(), **BOOKING} for _, opening in wanted]
    clients = [client for client, _ in wanted]
    answers = at_once([partial(c.post, "/sessions", f) for c, f in zip(clients, forms, strict=True)])
    return dict(Counter(answer.status for answer in answers))


def _mentors(count: int = MANY) -> list[Mentor]:
    return [make_mentor(f"Mentor {number}") for number in range(count)]


def test_book_many_at_once_stops_at_the_most_upcoming(app: Flask, settings: Settings) -> None:
    """One mentee, ten mentors, ten times that do not meet."""
    mentors = _mentors()
    with serving(settings) as server:
        sam = signed_in(app, make_person("Sam Rivera"), server.port)
        wanted = [
            (sam, Opening(mentor, starts_of(mentor)[-2 * number], 15)) for number, mentor in enumerate(mentors, 1)
        ]
        assert _book(wanted) == {303: Limits.upcoming, 409: MANY - Limits.upcoming}
    assert Session.select().count() == Limits.upcoming
    assert ledger.faults() == []


def test_book_many_at_once_is_never_two_at_one_time(app: Flask, settings: Settings) -> None:
    """One mentee, ten mentors, one hour: whole, or one of its quarters."""
    mentors = _mentors()
    hour = starts_of(mentors[0], 60)[-1]
    with serving(settings) as server:
        sam = signed_in(app, make_person("Sam Rivera"), server.port)
        whole = [(sam, Opening(mentor, hour, 60)) for mentor in mentors]
        assert _book(whole) == {303: 1, 409: MANY - 1}
    assert Session.select().count() == 1
    assert ledger.faults() == []


def test_book_many_at_once_stops_at_the_weekly_cap(app: Flask, settings: Settings) -> None:
    """One mentor who gives two sessions a week, ten mentees, ten different times of one week."""
    plan = Plan("Etc/UTC", ALL_WEEK, lengths=(15,), notice=0, weekly_cap=2)
    mentor = make_mentor(plan=plan)
    day = starts_of(mentor)[-1].date() - timedelta(days=1)  # the last one may have begun to open only now
    times = [start for start in starts_of(mentor) if start.date() == day][-MANY:]
    with serving(settings) as server:
        mentees = [signed_in(app, make_person(f"Mentee {number}"), server.port) for number in range(MANY)]
        wanted = [(mentee, Opening(mentor, start, 15)) for mentee, start in zip(mentees, times, strict=True)]
        assert _book(wanted) == {303: 2, 409: MANY - 2}
    assert Session.select().count() == 2
    assert ledger.faults() == []


def test_book_many_at_once_without_claims_is_two_at_one_time(app: Flask, settings: Settings) -> None:
    """The control: on a server that looks at no claim, the same mentee gets as many as may be upcoming."""
    mentors = _mentors()
    hour = starts_of(mentors[0], 60)[-1]
    with serving(settings, module="tests.proof.unguarded") as server:
        sam = signed_in(app, make_person("Sam Rivera"), server.port)
        assert _book([(sam, Opening(mentor, hour, 60)) for mentor in mentors])[303] > 1
    sam_id = Session.get().mentee_id
    assert [line for line in ledger.faults() if line.startswith(f"person {sam_id} is in")] != []
