"""Nobody learns from an answer who has an account: known and unknown addresses are answered alike, by the same work."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

import pytest
from werkzeug.test import TestResponse

from portal.database import db
from portal.limits import Limits, set_limits
from portal.mail.kinds import Kind
from portal.people import mails
from portal.people.account import describe, make_coordinator
from portal.people.models import Person
from portal.people.signing_in import person_with
from tests.access.forms import FORMS
from tests.access.world import Hand, World, hand_with
from tests.cast import cookie_of

PAIRS = 100
Work = list[str]
Seen = list[object]


def known(number: int) -> str:
    """Of somebody who is here: a mentee, or a coordinator, with a name or without."""
    person = person_with(f"known.{number:03}@example.org")
    if number % 3:
        describe(person, name=f"Known {number}", headline="", time_zone="Etc/UTC")
    if number % 5 == 0:
        make_coordinator(person)
    return person.email


def unknown(number: int) -> str:
    """As long as the other, so that no length need be masked."""
    return f"never.{number:03}@example.org"


@contextmanager
def working() -> Iterator[Work]:
    """The statements that are made meanwhile."""
    made: Work = []

    def note(_cursor: object, statement: str, _bindings: object) -> bool:
        made.append(statement)
        return True

    db.connection().exec_trace = note
    try:
        yield made
    finally:
        db.connection().exec_trace = None


def seen(answer: TestResponse, email: str) -> Seen:
    """All that somebody learns from an answer, but for what is drawn at random, and the address itself."""
    text = re.sub(r'(csrf_token" value="|X-CSRFToken": "|X-CSRFToken&#34;: &#34;)[\w.-]+', r"\1", answer.text)
    headers = [(name, re.sub(r"=[\w.-]+", "=", value, count=1)) for name, value in answer.headers]
    return [answer.status_code, headers, text.replace(email, "ADDRESS")]


class SignIn:
    """Somebody asks for a code, looks at the page for it, and guesses."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.hand = hand_with(world.apps[""], {})

    def __call__(self, email: str) -> tuple[Seen, Work]:
        self.world.turn_back()
        client = self.world.apps[""].test_client()
        client.set_cookie("portal", self.hand.cookie)
        token = {"csrf_token": self.hand.token}
        with working() as made:
            asked = client.post("/sign-in", data={"email": email, "next": "/sessions", **token})
            page = client.get(asked.location)
            guessed = client.post("/sign-in/code", data={"code": "000000", **token})
        return [part for answer in (asked, page, guessed) for part in seen(answer, email)], made


class Booking:
    """A visitor books, and gives this address."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __call__(self, email: str) -> tuple[Seen, Work]:
        self.world.turn_back()
        thing = self.world.things["visitor's hold"]
        typed = {**FORMS["sessions.book"](self.world, thing), "email": email}
        with working() as made:
            answer = self.world.ask(self.world.apps[""], "POST", "/sessions", "visitor", typed)
        return seen(answer, email), made


class NewAddress:
    """Somebody who is signed in wants to have this address from now on."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.hand: Hand = hand_with(world.apps[""], cookie_of(world.cast["other mentee"]))

    def __call__(self, email: str) -> tuple[Seen, Work]:
        self.world.turn_back()
        client = self.world.apps[""].test_client()
        client.set_cookie("portal", self.hand.cookie)
        with working() as made:
            asked = client.post("/you/address", data={"email": email, "csrf_token": self.hand.token})
            page = client.get(asked.location)
        return [part for answer in (asked, page) for part in seen(answer, email)], made


WAYS: dict[str, Any] = {"sign in": SignIn, "book": Booking, "change the address": NewAddress}


def differences(try_: Any, pairs: int) -> list[int]:
    """The pairs of a known and an unknown address that are answered in different ways, or by different work."""
    first, work = try_(known(999))
    assert (first[0], len(work) > 5) == (303, True)
    alike = (first, work)
    return [number for number in range(pairs) if not try_(known(number)) == try_(unknown(number)) == alike]


@pytest.mark.parametrize("way", WAYS)
def test_known_and_unknown_addresses_are_answered_alike(world: World, way: str) -> None:
    assert differences(WAYS[way](world), PAIRS if way == "sign in" else 10) == []


def test_alike_as_well_where_only_some_domains_may_sign_up(world: World) -> None:
    set_limits(Limits(domains=("example.edu",)))
    assert differences(SignIn(world), 20) == []


def test_an_answer_that_tells_them_apart_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: no mail is written to who is unknown, so the page is the same, and the work is not."""
    write = mails.code

    def write_if_known(kind: Kind, email: str, **more: Any) -> None:
        if Person.select().where(Person.email == email).exists():
            write(kind, email, **more)

    monkeypatch.setattr(mails, "code", write_if_known)
    assert len(differences(SignIn(world), 3)) == 3


def medians(try_: Any, pairs: int) -> tuple[float, float]:
    """Of the time that known and unknown addresses take, one after the other: of this process alone, so that whoever
    else is at work here counts for little.
    """
    addresses = [(known(number), unknown(number)) for number in range(pairs)]
    took: tuple[list[float], list[float]] = ([], [])
    for pair in [addresses[0], *addresses]:
        for times, email in zip(took, pair, strict=True):
            begun = time.process_time()
            try_(email)
            times.append(time.process_time() - begun)
    return median(took[0][1:]), median(took[1][1:])


def test_known_and_unknown_addresses_take_as_long(world: World) -> None:
    of_known, of_unknown = medians(SignIn(world), PAIRS)
    assert 0.8 < of_known / of_unknown < 1.25


def test_a_secret_that_is_hashed_for_those_alone_who_are_known_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: 2 ms are enough."""
    write = mails.code

    def and_hash_if_known(kind: Kind, email: str, **more: Any) -> None:
        if email.startswith("known"):
            last = time.process_time() + 0.002
            while time.process_time() < last:
                pass
        write(kind, email, **more)

    monkeypatch.setattr(mails, "code", and_hash_if_known)
    of_known, of_unknown = medians(SignIn(world), 20)
    assert of_known / of_unknown > 1.25
