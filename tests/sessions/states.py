"""Sessions in every state of the table, each made as people make it: through the pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from flask import Flask
from werkzeug.test import TestResponse

from portal import clock
from portal.availability.hours import Plan
from portal.limits import limits
from portal.mentors.models import Mentor
from portal.people.blocks import has_blocked
from portal.people.codes import new_token
from portal.people.models import Person
from portal.people.signing_in import person_with
from portal.sessions import team
from portal.sessions.booking import Request, book
from portal.sessions.holding import Opening
from portal.sessions.models import Session, Teammate
from tests.cast import MONDAY, Visitor, make_mentor, make_person, starts_of, value_of
from tests.sessions.table import START, State, instant

LENGTH = 30
PLAN = Plan("Etc/UTC", tuple((day, 600, 720) for day in range(7)), lengths=(LENGTH,), notice=0, horizon=56)
"""Open for two hours a day, further ahead than the table looks."""
FAR = timedelta(days=50)


class Hand(Visitor):
    """A visitor who asks for the token once."""

    @cached_property
    def _token(self) -> str:
        return super().token()

    def token(self) -> str:
        return self._token


@dataclass
class Scene:
    """One session in one state, and everybody who may look at it."""

    app: Flask
    state: State
    mentor: Mentor
    spare: Mentor
    session: Session
    cast: dict[str, Person | None]
    hands: dict[str, Hand] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"/sessions/{self.session.ref}"

    def hand(self, actor: str) -> Hand:
        if actor not in self.hands:
            self.hands[actor] = Hand(self.app, self.cast[actor])
        return self.hands[actor]

    def get(self, actor: str, page: str = "") -> TestResponse:
        return self.hand(actor).get(self.path + page)

    def post(self, actor: str, action: str) -> TestResponse:
        """With everything filled in as it should be."""
        return self.hand(actor).post(f"{self.path}/{action}", INPUT[action](self, actor))

    def teammate(self) -> str:
        """The key of the teammate who can be chosen; of nobody where there is none."""
        person = self.cast.get("teammate")
        mate = (
            Teammate.get_or_none(Teammate.session == self.session, Teammate.email == person.email) if person else None
        )
        return str(mate.id if mate else 0)

    def opening(self, mentor: Mentor, *, back: bool = False) -> str:
        """The value of the next opening's button."""
        start = START if back else starts_of(mentor, LENGTH)[0]
        return value_of(Opening(mentor, start, LENGTH))


Typed = dict[str, str]
INPUT: dict[str, Callable[[Scene, str], Typed]] = {
    "questions": lambda _scene, _actor: {"questions": "What would you ask first?"},
    "preparation": lambda scene, _actor: {
        "read": str(int(scene.session.questions_at.timestamp())),
        "line": "Bring the letter.",
        "links": "https://example.org/letter",
    },
    "readiness": lambda _scene, _actor: {"ready": "yes"},
    "messages": lambda _scene, _actor: {"text": "See you there", "key": new_token()},
    "cancellation": lambda _scene, _actor: {"reason": "Ill today"},
    "move": lambda scene, _actor: {"opening": scene.opening(scene.mentor, back=_is_elsewhere(scene))},
    "move-request": lambda _scene, _actor: {"request": "A meeting came up"},
    "rebooking": lambda scene, _actor: {
        "opening": scene.opening(scene.spare if "apart" in scene.state.facts else scene.mentor),
        "hold": new_token(),
    },
    "late-notice": lambda _scene, _actor: {},
    "absence": lambda _scene, _actor: {},
    "objection": lambda _scene, _actor: {"objection": "I was there"},
    "teammates": lambda _scene, _actor: {"emails": "one.more@example.org"},
    "removal": lambda scene, _actor: {"teammate": scene.teammate()},
    "departure": lambda _scene, _actor: {},
    "team-question": lambda _scene, _actor: {"question": "What would you leave out?"},
    "handover": lambda scene, _actor: {"teammate": scene.teammate()},
    "rating": lambda scene, _actor: {
        "reached": "yes",
        "stars": "5",
        "next_step": "Send the letter" if "next step" in scene.state.facts else "",
        "again": "yes",
    },
    "wish": lambda _scene, _actor: {"again": "yes"},
    "next-step": lambda _scene, _actor: {"done": "yes"},
    "outcome": lambda _scene, _actor: {"helped": "partly"},
    "block": lambda scene, actor: {"who": _whom(scene, actor)},
}
"""What is typed and chosen for each action, so that nothing but the rules speaks against it."""


def _whom(scene: Scene, actor: str) -> str:
    """The other side; for a teammate the mentor, then the mentee."""
    mine, mentor = scene.cast[actor], scene.cast["mentor"]
    if actor == "mentor" or (actor == "teammate" and mine and mentor and has_blocked(mine.id, mentor.id)):
        return "mentee"
    return "mentor"


def _is_elsewhere(scene: Scene) -> bool:
    """The session is to be back at its time when all has been done."""
    return bool(Session.get_by_id(scene.session.id).start != START)


def make_scene(app: Flask, state: State, number: int, spare: Mentor, outsiders: dict[str, Person | None]) -> Scene:
    """A new session, and what the state says was done with it."""
    clock._stopped = MONDAY
    mentor = make_mentor(f"Laila {number}", plan=PLAN)
    mentee = make_person(f"Sam {number}")
    start = START + timedelta(days="moved enough" in state.facts)
    request = Request("A first step", ("Is it normal?",), "project" if "project" in state.facts else "career", "video")
    session = book(Opening(mentor, start, LENGTH), request, mentee=mentee, holder="", hold_ref=new_token())
    cast = {"mentee": mentee, "mentor": mentor.person, **outsiders}
    scene = Scene(app, state, mentor, spare, session, cast)
    if "project" in state.facts:
        _gather(scene, number)
    for actor, action, moment in state.steps:
        clock._stopped = instant(moment) if moment else MONDAY
        answer = scene.post(actor, action)
        assert (state.name, actor, action, answer.status_code) == (state.name, actor, action, 303), answer.text
    if "booked up" in state.facts:
        _book_up(scene, mentee)
    if "paused" in state.facts:
        Person.update(paused_until=START + FAR).where(Person.id == mentee.id).execute()
    return scene


def _gather(scene: Scene, number: int) -> None:
    """Invite the team: one who leaves, and as the state says one who stays, one who is handed over to, more."""
    session, mentee, facts = scene.session, scene.cast["mentee"], scene.state.facts
    assert mentee is not None
    left = scene.cast["former teammate"] = make_person(f"Lee {number}")
    invited = [left.email]
    if "team" in facts:
        mate = make_person(f"Toni {number}") if "named" in facts else person_with(f"toni.{number}@example.org")
        scene.cast["teammate"] = mate
        invited.append(mate.email)
    if "handed over" in facts:
        successor = make_person(f"Nils {number}")
        invited.append(successor.email)
    team.invite(session, invited, mentee=mentee)
    team.leave(session, person=left)
    if "full" in facts:
        team.invite(session, [f"more.{more}@example.org" for more in range(team.MOST_TEAMMATES - 1)], mentee=mentee)
    if "handed over" in facts:
        team.hand_over(session, Teammate.get(Teammate.email == successor.email).id, mentee=mentee)
        scene.cast |= {"mentee": successor, "former mentee": mentee}


def _book_up(scene: Scene, mentee: Person) -> None:
    """As many sessions ahead, with somebody else, as one person can have."""
    ahead = [start for start in starts_of(scene.spare, LENGTH) if start > START + FAR]
    for start in ahead[:: LENGTH // 15][: limits().upcoming]:
        request = Request("Another thing", ("Which?",), "career", "video")
        book(Opening(scene.spare, start, LENGTH), request, mentee=mentee, holder="", hold_ref=new_token())
