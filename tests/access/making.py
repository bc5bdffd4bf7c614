"""Making the world: who there is, what they did before, and how they are signed in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from peewee import fn

from portal import clock, create_app, database
from portal.availability.derived import freshen
from portal.availability.hours import Plan
from portal.feedback.rating import Answer, rate
from portal.mentors import profile
from portal.mentors.profile import Profile
from portal.moderation import absences
from portal.moderation.absences import Verdict, record_of
from portal.moderation.decisions import hide
from portal.moderation.suspending import suspend
from portal.people import sign_ins
from portal.people.models import Person, SignIn
from portal.preparation.conversation import say
from portal.sessions import attendance, team
from portal.sessions.booking import Request, book
from portal.sessions.changes import cancel
from portal.sessions.holding import Opening
from portal.sessions.models import Session
from portal.settings import Settings
from tests.access.roles import ROLES
from tests.access.things import BROWSER, NEW_ADDRESS, PROVIDER, make_things
from tests.access.world import BY_A_CODE, NOT_FRESH, SIGNED_IN, World, as_mentor, hand_with
from tests.cast import MONDAY, cookie_of, make_mentor, make_person

ALWAYS = Plan("Etc/UTC", tuple((day, 0, 1440) for day in range(7)), lengths=(15, 30, 60), notice=0)
PROJECT = Request("A plan for the first month", ("Who decides?",), "project", "video", "https://example.org/plan")
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def make_world(settings: Settings) -> World:
    """It is Monday, 08:00. A session begins now, one ended an hour ago, others are ahead or long over."""
    apps = {
        "": create_app(settings),
        "demo": create_app(replace(settings, demo=True)),
        "members": create_app(replace(settings, members_only=True)),
        "provider": create_app(replace(settings, oidc=PROVIDER)),
    }
    database.connect()
    clock._stopped = MONDAY - 22 * DAY
    cast = _people()
    world = World(settings, cast, {}, {}, apps)
    _meet(world)
    clock._stopped = MONDAY
    freshen()
    _sign_in(world)
    _suspend(world)
    make_things(world)
    return world


def _people() -> dict[str, Person]:
    cast = {
        "mentor": make_mentor(plan=ALWAYS).person,
        "other mentor": make_mentor("Omar Aziz", expertise=("Bread baking",)).person,
    }
    cast["mentee"], cast["other mentee"] = make_person("Sam Rivera"), make_person("Mallory Quinn")
    cast["teammate"] = make_person("Toni Berg")
    cast["coordinator"] = make_person("Inga Holm", coordinator=True)
    cast["unapproved mentor"] = make_person("Uma Novak")
    content = Profile(
        "Uma Novak", "Engineer", about="", expertise=("Bread baking",), kinds=("skill",), languages=("en",),
        formats=("chat",),
    )  # fmt: skip
    profile.submit(profile.save_draft(content, person=cast["unapproved mentor"]), person=cast["unapproved mentor"])
    cast["suspended"], cast["paused"] = make_mentor("Petra Lund").person, make_person("Pia Paused")
    cast["hidden"] = make_mentor("Hana Hidden").person
    draft = profile.save_draft(profile.published_content(as_mentor(cast["mentor"])), person=cast["mentor"])
    assert draft.status == "draft"
    return cast


def _meet(world: World) -> None:
    """The sessions, the earliest first."""
    cast, mentor = world.cast, as_mentor(world.cast["mentor"])
    rated = world.sessions["rated"] = _book(world, MONDAY - 21 * DAY)
    clock._stopped = rated.end
    rate(rated, Answer("yes", 5, "Write to them", "A line", "Thank you", again=None), mentee=cast["mentee"])
    for who, day in (("paused", 5), ("paused", 4), ("mentee", 3), ("mentee", 2)):
        missed = world.sessions["missed"] = _book(world, MONDAY - day * DAY, cast[who])
        clock._stopped = missed.end
        attendance.mark_absent(missed, person=mentor.person)
    verdict, inga = Verdict(date(2026, 12, 7), "Please cancel when you cannot come."), cast["coordinator"]
    absences.pause(cast["paused"], verdict, version=record_of(cast["paused"].id).version, coordinator=inga)
    hide(as_mentor(cast["hidden"]), reason="Not now", coordinator=inga)
    world.sessions |= {
        "over": _book(world, MONDAY - 2 * HOUR),
        "running": _book(world, MONDAY),
        "cancelled": _book(world, MONDAY + 3 * DAY),
    }
    cancel(world.sessions["cancelled"], person=mentor.person, reason="Ill")
    world.sessions["ahead"] = _book(world, MONDAY + DAY)
    say(world.sessions["ahead"], "Hello", person=mentor.person, key="hello")


def _book(world: World, start: datetime, mentee: Person | None = None) -> Session:
    """For Sam with a team of one, shortly before it begins."""
    clock._stopped = max(clock.now(), start - 3 * DAY)
    freshen()
    opening = Opening(as_mentor(world.cast["mentor"]), start, 30)
    name = f"hold {Session.select().count()}"
    session = book(opening, PROJECT, mentee=mentee or world.cast["mentee"], holder=name, hold_ref=name)
    team.invite(session, [world.cast["teammate"].email], mentee=mentee or world.cast["mentee"])
    return session


def _sign_in(world: World) -> None:
    cookies: dict[str, dict[str, Any]] = {
        "visitor": {"holder": "visitor's", "sign_in": {"browser": "visitor's", "email": "new@example.org"}},
        "mentee": {
            "holder": "Sam's",
            "address": {"browser": "Sam's", "email": NEW_ADDRESS},
            "sign_in": {"browser": "Sam's again", "email": world.cast["mentee"].email},
        },
    }
    for role in ROLES:
        for thing in ("", *SIGNED_IN):
            person, kept = world.cast.get(role), {"passkeys": BROWSER, **cookies.get(role, {})}
            if person is not None:
                kept |= _signed_in(person, thing)
            world.hands[role, thing] = hand_with(world.apps[""], kept)


def _suspend(world: World) -> None:
    """What she had open stays open in her browser."""
    petra = world.cast["suspended"]
    version = record_of(petra.id).version
    suspend(petra, reason="Not like this", version=version, coordinator=world.cast["coordinator"])


def _signed_in(person: Person, thing: str) -> dict[str, Any]:
    if thing == BY_A_CODE:
        return {"_user_id": sign_ins.begin(person, way="code", agent="").get_id(), "_fresh": True}
    kept = cookie_of(person)
    if thing == NOT_FRESH:
        latest = SignIn.select(fn.MAX(SignIn.id)).scalar()
        SignIn.update(proved_at=clock.now() - HOUR).where(SignIn.id == latest).execute()
    return kept
