"""Whether page, server and table say the same, and what they disagree on.

What is asked, at which moments: at each limit everything, by everybody who has a part in the session; a
second before and after it, the page, and the actions that begin or end there. What is refused because of who
asks does not depend on the time and is tried early and late.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask
from werkzeug.test import TestResponse

from portal import clock
from portal.database import Table, db, is_postgres
from portal.people.audit import What
from portal.people.models import Audit, SignIn
from portal.schema import TABLES
from tests.cast import make_mentor, make_person
from tests.proof.size import size
from tests.sessions.reading import offers, sentences
from tests.sessions.states import PLAN, Scene, make_scene
from tests.sessions.table import ALL_STATES, MOMENTS, NAMES, ROLES, answer, instant, is_beside, limited_at, offered

PAGES = {"move": "refused", "rating": "session"}
"""Actions that begin on a page of their own, and where that leads when it is not the time: to a sentence, or
back to the session, which has it.
"""
OF_NOBODY = ("missing", "sign in")
UNDER = "/sessions/<ref>/"


@dataclass
class World:
    """A session in each state, in one database."""

    app: Flask
    scenes: list[Scene]

    def at(self, moment: str) -> list[Scene]:
        """Go there, with people who were here lately; the sessions that can be in their state by then."""
        clock._stopped = instant(moment)
        SignIn.update(seen_at=clock.now()).execute()
        return [scene for scene in self.scenes if moment in scene.state.moments]


def make_world(app: Flask, *names: str) -> World:
    """With the states of these names, or all."""
    spare = make_mentor("Erin Spare", plan=PLAN)
    outsiders = {
        "coordinator": make_person("Inga Holm", coordinator=True),
        "stranger": make_person("Mallory Quinn"),
        "visitor": None,
    }
    states = [state for state in ALL_STATES if not names or state.name in names]
    return World(app, [make_scene(app, state, number, spare, outsiders) for number, state in enumerate(states)])


def tries_outsiders(moment: str) -> bool:
    """Whether this is one of the few moments at which those try who never may."""
    return moment == "start -1 d" or (moment == "end +1 d" and not is_postgres())


def page_faults(scene: Scene, moment: str) -> Iterator[str]:
    """Where the page of the session does not offer exactly what it should, or a page of its own is not where
    it should be.
    """
    for actor in scene.cast:
        if actor in ROLES or not is_beside(moment):
            page = scene.get(actor)
            due, found = offered(actor, scene.state, moment), offers(page.text, scene.path)
            yield from (_fault(scene, moment, actor, action, "is not offered") for action in sorted(due - found))
            yield from (_fault(scene, moment, actor, action, "is offered") for action in sorted(found - due))
        for action in PAGES:
            due_page = _page_due(scene, actor, action, moment)
            if due_page not in OF_NOBODY or tries_outsiders(moment):
                shown = _shown(scene, actor, action)
                if shown != due_page:
                    yield _fault(scene, moment, actor, action, f"has a page that is {shown}, not {due_page}")


def _page_due(scene: Scene, actor: str, action: str, moment: str) -> str:
    due = answer(action, actor, scene.state, moment)
    if due in OF_NOBODY:
        return due
    return "shown" if action in offered(actor, scene.state, moment) else PAGES[action]


def _shown(scene: Scene, actor: str, page: str) -> str:
    given = scene.get(actor, f"/{page}")
    if given.status_code == 303 and given.location == scene.path:
        return "session"
    return "shown" if given.status_code == 200 else said(given)


def among(scenes: list[Scene], moment: str) -> list[Scene]:
    """All of them a second beside a limit; else every other, as all are looked at twice in the tour of moments."""
    every = 1 if is_beside(moment) else size(1, usual=3)
    return scenes[MOMENTS.index(moment) % every :: every]


def outsider_faults(scene: Scene, moment: str) -> Iterator[str]:
    """Where a page below the session answers somebody who has no part in it."""
    for actor in scene.cast:
        due = "sign in" if actor == "visitor" else "missing"
        if actor not in ROLES:
            for page in sorted(below_a_session(scene.app, "GET")):
                if _shown(scene, actor, page) != due:
                    yield _fault(scene, moment, actor, page, f"has a page that is not {due}")


def refusal_faults(scenes: list[Scene], moment: str) -> Iterator[str]:
    """Where something is accepted that should be refused, or refused in another way; and what that changed."""
    before = digest()
    for scene in scenes:
        for actor, action, due in _tries(scene, moment):
            if due != "accepted" and (given := said(scene.post(actor, action))) != due:
                yield _fault(scene, moment, actor, action, f"is {given}, not {due}")
    after = digest()
    yield from (f"{moment}: a refusal changed {table}" for table in before if before[table] != after[table])


def acceptance_faults(scene: Scene, moment: str) -> Iterator[str]:
    """Where something is refused that should be accepted. Each is undone."""
    for actor, action, due in _tries(scene, moment):
        if due == "accepted":
            scene.hand(actor)  # signs in, which is not to be undone
            with db.atomic() as tried:
                given = said(scene.post(actor, action))
                tried.rollback()
            if given != due:
                yield _fault(scene, moment, actor, action, f"is {given}, not {due}")


def _tries(scene: Scene, moment: str) -> Iterator[tuple[str, str, str]]:
    """Actor, action, and the answer that is due."""
    for actor in scene.cast:
        for action in limited_at(moment) if is_beside(moment) else NAMES:
            due = answer(action, actor, scene.state, moment)
            if due not in OF_NOBODY or tries_outsiders(moment):
                yield actor, action, due


def said(given: TestResponse) -> str:
    """The answer of the server in a word of the table."""
    if given.status_code == 303:
        return "sign in" if given.location.startswith("/sign-in") else "accepted"
    if given.status_code == 409 and not sentences(given.text):
        return "refused without a sentence"
    return {404: "missing", 409: "refused"}.get(given.status_code, str(given.status_code))


def digest() -> dict[str, str]:
    """Everything that is stored, by table, but for who signs in where: a test signs its people in as it goes."""
    return {table._meta.table_name: _digest(table) for table in TABLES if table is not SignIn}


def _digest(table: type[Table]) -> str:
    kept = table.select().where(Audit.what != What.SIGNED_IN) if table is Audit else table.select()
    rows = sorted(repr(row) for row in kept.tuples())
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def below_a_session(app: Flask, method: str) -> set[str]:
    """The addresses below a session that take this method."""
    rules = (rule.rule for rule in app.url_map.iter_rules() if method in (rule.methods or ()))
    return {rule.removeprefix(UNDER) for rule in rules if rule.startswith(UNDER)}


def _fault(scene: Scene, moment: str, actor: str, action: str, what: str) -> str:
    return f"{scene.state.name}, {moment}: {action} of the {actor} {what}"
