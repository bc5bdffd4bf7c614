"""What is filled in at each address that changes something, so that nothing but who asks speaks against it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.availability.models import Hold
from portal.moderation.absences import record_of
from portal.people.codes import code_for
from portal.people.models import SignInCode
from portal.sessions.holding import Opening
from tests.access.things import NEW_ADDRESS, teammate_of
from tests.access.world import World
from tests.availability.hours_form import TYPED, sent
from tests.cast import BOOKING, value_of

Typed = dict[str, Any]
Thing = dict[str, Any]
PROFILE = {
    "name": "New Name",
    "headline": "Engineer",
    "expertise": "R",
    "kinds": ["skill"],
    "languages": "English",
    "formats": ["chat"],
    "about": "",
}
WHO = {"name": "Nina New", "email": "new@example.org"}


def _code(world: World, email: str) -> Typed:
    seed = SignInCode.get(SignInCode.email == email).seed
    return {"code": code_for(seed, world.settings.secret_key)}


def _held(world: World, thing: Thing) -> Typed:
    held = Hold.get(Hold.ref == thing["ref"])
    return {**BOOKING, **WHO, "hold": held.ref, "opening": value_of(Opening(held.mentor, held.start, held.length))}


def _pause(world: World, thing: Thing) -> Typed:
    version = record_of(thing["key"]).version
    return {"version": version, "what": "bookings", "until": "2026-12-10", "reason": "Come, or cancel.", "sentence": ""}


def _new_passkey(world: World) -> str:
    return world.device.but(id=b"another of Sam's").make(world.things["a new passkey"]["options"])


FORMS: dict[str, Callable[[World, Thing], Typed]] = {
    "availability.save": lambda _world, _thing: sent(TYPED),
    "availability.connect": lambda _world, _thing: {"url": "https://calendar.example.org/mine.ics"},
    "demo.pass_time": lambda _world, _thing: {"to": "hour"},
    "directory.asked": lambda _world, _thing: {"q": "bread baking"},
    "feedback.outcome": lambda _world, _thing: {"helped": "partly"},
    "feedback.rate": lambda _world, _thing: {"reached": "yes", "stars": "5", "next_step": "", "again": "yes"},
    "feedback.tick": lambda _world, _thing: {"done": "yes"},
    "feedback.wish": lambda _world, _thing: {"again": "yes"},
    "mentors.save": lambda _world, _thing: PROFILE,
    "moderation.decide_on_expertise": lambda _world, _thing: {"what": "list", "name": "Baking", "kind": "skill"},
    "moderation.decide_on_profile": lambda _world, _thing: {"what": "approve", "version": "1", "reason": ""},
    "moderation.decide_on_report": lambda _world, _thing: {"what": "nothing", "note": "All is well", "sentence": ""},
    "moderation.end_pause": _pause,
    "moderation.leave": _pause,
    "moderation.lift_suspension": _pause,
    "moderation.pause": _pause,
    "moderation.suspend": lambda world, thing: {**_pause(world, thing), "why": "Not like this"},
    "moderation.turn": lambda _world, _thing: {"reason": "Not as we know them"},
    "people.choose_mails": lambda _world, _thing: {"wanted": []},
    "people.make_passkey": lambda world, _thing: {"credential": _new_passkey(world)},
    "people.rename_passkey": lambda _world, _thing: {"name": "My phone"},
    "people.use_passkey": lambda world, thing: {"credential": world.device.use(thing["options"])},
    "people.describe": lambda _world, _thing: {"name": "New Name", "headline": "", "time_zone": "Etc/UTC"},
    "people.erase": lambda world, thing: {"email": thing.get("email", "")},
    "people.give_address": lambda _world, _thing: {"email": "another@example.org"},
    "people.prove_address": lambda world, _thing: _code(world, NEW_ADDRESS),
    "people.prove_code": lambda world, thing: _code(world, thing.get("email", "new@example.org")),
    "people.send_code": lambda _world, _thing: {"email": "somebody@example.org"},
    "programme.invite": lambda _world, _thing: {"addresses": "nora@example.org", "role": "member"},
    "preparation.prepare": lambda world, _thing: {"read": "", "line": "Bring the letter.", "links": ""},
    "preparation.readiness": lambda _world, _thing: {"ready": "yes"},
    "preparation.say": lambda _world, _thing: {"text": "See you there", "key": "a key"},
    "reports.send": lambda _world, _thing: {"reason": "unwelcome", "words": "", "block": ""},
    "sessions.ask": lambda _world, _thing: {"question": "What would you leave out?"},
    "sessions.block": lambda _world, thing: {"who": thing.get("who", "mentor")},
    "sessions.book": _held,
    "sessions.cancellation": lambda _world, _thing: {"reason": "Ill today"},
    "sessions.hand_over": lambda world, _thing: {"teammate": teammate_of(world.sessions["ahead"])},
    "sessions.hold": lambda world, _thing: {"opening": value_of(world.opening())},
    "sessions.invite": lambda _world, _thing: {"emails": "one.more@example.org"},
    "sessions.move": lambda world, _thing: {"opening": value_of(world.opening(length=30))},
    "sessions.move_request": lambda _world, _thing: {"request": "A meeting came up"},
    "sessions.objection": lambda _world, _thing: {"objection": "I was there"},
    "sessions.prove_and_book": lambda world, _thing: _code(world, "new@example.org"),
    "sessions.questions": lambda _world, _thing: {"questions": "What would you ask first?"},
    "sessions.rebooking": lambda world, _thing: {"opening": value_of(world.opening(length=30)), "hold": "another"},
    "sessions.remove": lambda world, _thing: {"teammate": teammate_of(world.sessions["ahead"])},
    "waiting.wait": lambda world, _thing: {"mentor": world.mentor.slug, "length": "0", "part": ""},
}
"""By the endpoint. What is not here takes no more than the token."""
