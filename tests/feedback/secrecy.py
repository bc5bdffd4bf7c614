"""Worlds that differ in nothing but one wish, and everything that anybody can see of each.

A world is the same each time down to its random numbers, so two of them are compared as they are: nothing is
left out and nothing is evened out.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from flask import Flask
from flask_wtf import csrf
from itsdangerous import TimestampSigner
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal import clock, create_app, database
from portal.directory import finding
from portal.feedback.certificates import issue
from portal.mail.composing import compose
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.server import tidy
from portal.sessions.booking import Request, book
from portal.sessions.models import Session
from portal.sessions.team import invite
from portal.settings import Settings
from tests.cast import Visitor, cookie_of, make_mentor, make_person, make_session, opening
from tests.conftest import Engine, Time
from tests.letters import name_of


class Wishes(NamedTuple):
    """What each side says, and who says it first. None does not answer."""

    mentee: bool | None
    mentor: bool | None
    first: str = "mentee"


SINGLE = [
    Wishes(mentee, mentor, first)
    for mentee in (None, False, True)
    for mentor in (None, False, True)
    for first in ("mentee", "mentor")
    if not (mentee and mentor) and (first == "mentee" or None not in (mentee, mentor))
]
"""All in which not both say yes."""

SEE_MOST = ["mentee", "mentor", "coordinator"]
Leak = Callable[[Flask, pytest.MonkeyPatch], None]


@dataclass
class Seen:
    """What was answered to whom: by moment, person, and request."""

    wishes: Wishes
    answers: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    letters: list[Any] = field(default_factory=list)


class Laboratory:
    """Makes worlds, one after the other."""

    def __init__(self, engine: Engine, settings: Settings, time: Time, patch: pytest.MonkeyPatch) -> None:
        self.engine, self.settings, self.time, self.patch = engine, settings, time, patch
        self.start = time.now

    def see(self, wishes: Wishes, leak: Leak | None = None) -> Seen:
        """All that can be seen in the world with these wishes; with a leak, a shorter look will do."""
        self.time.set(self.start)
        url = self.engine.make()
        try:
            with self.patch.context() as patch:
                _fix_chance(patch)
                # What others do to the same server must not decide what the directory remembers.
                patch.setattr(finding, "version", object)
                app = create_app(replace(self.settings, database_url=url))
                app.testing = True
                database.connect()
                if leak is not None:
                    leak(app, patch)
                return World(app, self.time, wishes).look(everywhere=leak is None)
        finally:
            database.disconnect()
            self.engine.drop(url)


def _fix_chance(patch: pytest.MonkeyPatch) -> None:
    _throw(0)
    patch.setattr(secrets, "token_bytes", random.randbytes)
    patch.setattr(secrets, "choice", random.choice)
    patch.setattr(csrf.os, "urandom", random.randbytes)
    patch.setattr(TimestampSigner, "get_timestamp", lambda _signer: int(clock.now().timestamp()))


def _throw(what: object) -> None:
    """Let chance be the same each time that this happens, whatever happened before."""
    random.seed(repr(what))


class World:
    """A session that is over, everybody who could want to know, and a look at everything."""

    def __init__(self, app: Flask, time: Time, wishes: Wishes) -> None:
        self.app, self.time, self.wishes, self.seen = app, time, wishes, Seen(wishes)
        mentor, mentee, ana = make_mentor(), make_person("Sam Rivera"), make_person("Ana Lima")
        project = Request("A plan", ("How?",), "project", "video")
        self.session = book(opening(mentor), project, mentee=mentee, holder="a", hold_ref="held")
        invite(self.session, [ana.email], mentee=mentee)
        make_session(mentor, ana, number=30)
        self.people: dict[str, Person | None] = {
            "mentee": mentee,
            "mentor": mentor.person,
            "teammate": ana,
            "coordinator": make_person("Inga Holm", coordinator=True),
            "stranger": make_person("Mallory Quinn"),
            "visitor": None,
        }
        self.cookies = {name: cookie_of(person) for name, person in self.people.items() if person is not None}
        time.set(self.session.end)
        self.code = issue(mentor).code
        self.addresses = addresses(app, self.session, self.code)

    def look(self, *, everywhere: bool) -> Seen:
        """Say the wishes, and look at all pages at once, and again when two weeks have passed. Not `everywhere`:
        as those who see most, at once.
        """
        for side in dict.fromkeys((self.wishes.first, "mentee", "mentor")):
            getattr(self, f"_{side}_says")()
        self._everything("at once", list(self.people) if everywhere else SEE_MOST)
        self.time.set(self.session.end + timedelta(days=14))
        tidy()
        if everywhere:
            self._everything("two weeks later", SEE_MOST)
        self.seen.letters = [self._letter(letter) for letter in Outbox.select().order_by(Outbox.id)]
        return self.seen

    def _mentee_says(self) -> None:
        again = {None: {}, True: {"again": "yes"}, False: {"again": "no"}}[self.wishes.mentee]
        rating = {"reached": "yes", "stars": "5", "next_step": "Send it", "thank_you": "Thanks", **again}
        self._ask("mentee", f"/sessions/{self.session.ref}/rating", rating)

    def _mentor_says(self) -> None:
        if self.wishes.mentor is not None:
            again = "yes" if self.wishes.mentor else "no"
            self._ask("mentor", f"/sessions/{self.session.ref}/wish", {"again": again})

    def _everything(self, moment: str, names: list[str]) -> None:
        for name in names:
            for address in self.addresses:
                self._ask(name, address, moment=moment)
            if name in ("mentee", "mentor"):
                for address in self.addresses:
                    if address.startswith(f"/sessions/{self.session.ref}"):
                        self._ask(name, address, moment=moment, part=True)

    def _ask(
        self, name: str, address: str, data: dict[str, str] | None = None, *, moment: str = "", part: bool = False
    ) -> None:
        _throw((moment, name, address, part))
        visitor = Visitor(self.app, self.people[name], kept=self.cookies.get(name))
        headers = {"HX-Request": "true"} if part else {}
        if data is None:
            with statements() as run:
                answer = visitor.get(address, headers=headers)
        else:
            data = {"csrf_token": visitor.token(), **data}
            with statements() as run:
                answer = visitor.client.post(address, data=data)
        self.seen.answers[moment, name, f"{address}{' part' * part}"] = _all_of(answer, run)

    def _letter(self, letter: Outbox) -> Any:
        _throw(name_of(letter))
        with self.app.app_context():
            mail = bytes(compose(letter, self.app.config["SETTINGS"]))
        return {**letter.__data__, "mail": mail}


def _all_of(answer: TestResponse, run: list[str]) -> dict[str, Any]:
    return {
        "status": answer.status_code,
        "headers": list(answer.headers),
        "body": answer.data,
        "size": len(answer.data),
        "statements": tuple(run),
    }


@contextmanager
def statements() -> Iterator[list[str]]:
    """Records what is sent to the database, without the values."""
    run: list[str] = []
    ask = database.db.obj.execute_sql

    def record(sql: str, *values: Any, **more: Any) -> Any:
        run.append(sql)
        return ask(sql, *values, **more)

    database.db.obj.execute_sql = record
    try:
        yield run
    finally:
        del database.db.obj.execute_sql


def addresses(app: Flask, session: Session, code: str) -> list[str]:
    """Every page there is, for this session. An address with a part that is not known here fails the test:
    say below what to put there.
    """
    adapter = app.url_map.bind("")
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and rule.endpoint != "static"]
    parts = [{name: _part(rule, name, session, code) for name in rule.arguments} for rule in rules]
    pages = [adapter.build(rule.endpoint, values) for rule, values in zip(rules, parts, strict=True)]
    return [*pages, f"/certificates?code={code}", "/?q=a+plan&kind=project"]


def _part(rule: Rule, name: str, session: Session, code: str) -> object:
    if name == "ref":
        return session.hold_ref if rule.rule.startswith("/holds/") else session.ref
    known = {"slug": Mentor.get().slug, "code": code, "key": session.mentor_id, "token": "none"}
    known |= {"at": f"sessions/{session.ref}/mentee", "name": "0" * 32}
    assert name in known, f"{rule.rule}: say in tests/feedback/secrecy.py what “{name}” is, so that it is looked at"
    return known[name]


def differences(worlds: list[Seen]) -> list[str]:
    """What tells one of these worlds from another to somebody who may not know.

    A mentor knows whether they have answered, so their own pages may differ by that, and by nothing else. What
    storing a wish runs may differ from storing none.
    """
    found: list[str] = []
    first: dict[object, tuple[Seen, Any]] = {}
    for world in worlds:
        for key, value in _facts(world):
            known, told = first.setdefault(key, (world, value))
            if told != value:
                found.append(f"{key}: {known.wishes} and {world.wishes}")
    return found


def _facts(world: Seen) -> Iterator[tuple[object, Any]]:
    yield "letters", world.letters
    has_answered = {"mentor": world.wishes.mentor is not None, "mentee": world.wishes.mentee is not None}
    for (moment, name, request), answer in world.answers.items():
        own = has_answered["mentor"] if name == "mentor" else None
        for what, value in answer.items():
            stores = (moment, what, name) == ("", "statements", "mentee")
            yield (moment, name, request, what, has_answered["mentee"] if stores else own), value
