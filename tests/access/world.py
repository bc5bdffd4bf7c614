"""The cast of the table of access, and one thing of each kind that an address can name, in one database."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask
from peewee import fn
from werkzeug.test import TestResponse

from portal import clock, create_app, database
from portal.availability import hours
from portal.availability.derived import freshen
from portal.availability.hours import Plan
from portal.availability.mails import still_good
from portal.availability.models import Availability
from portal.feedback.certificates import issue
from portal.feedback.rating import Answer, rate
from portal.mail.outbox import Outbox
from portal.mail.tokens import token_of
from portal.mentors import profile
from portal.mentors.models import Expertise, Mentor
from portal.mentors.profile import Profile, mentor_of
from portal.moderation import absences
from portal.moderation.absences import Verdict, record_of
from portal.moderation.decisions import hide
from portal.moderation.models import Report
from portal.moderation.reportable import subject_at
from portal.moderation.reporting import report
from portal.oidc import Oidc
from portal.people import blocks, passkeys, sign_ins
from portal.people import mails as mails_about_people
from portal.people.models import Identity, Person, SignIn
from portal.people.passkey_proof import Site
from portal.people.signing_in import issue_link, send_code
from portal.preparation.conversation import say
from portal.preparation.models import Message
from portal.rates import open_rates
from portal.sessions import attendance, feed, team
from portal.sessions.booking import Request, book
from portal.sessions.changes import cancel
from portal.sessions.holding import Opening, hold
from portal.sessions.models import Session, Teammate
from portal.settings import Settings
from portal.waiting.models import Offer, Watch
from portal.waiting.offering import offer_due
from portal.waiting.watching import Terms, wait_for_expertise, wait_for_mentor
from tests.access.roles import ROLES
from tests.cast import ALL_WEEK, MONDAY, Visitor, cookie_of, make_mentor, make_person, starts_of
from tests.people.device import Device
from tests.waiting.lines import NONE

ALWAYS = Plan("Etc/UTC", tuple((day, 0, 1440) for day in range(7)), lengths=(15, 30, 60), notice=0)
PROJECT = Request("A plan for the first month", ("Who decides?",), "project", "video", "https://example.org/plan")
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
IN_A_DEMO = ("demo", "as mentee")
NOT_FRESH, BY_A_CODE = "not fresh", "by a code"
SIGNED_IN = (NOT_FRESH, BY_A_CODE)
"""How somebody has, other than just now and, if a coordinator, by a passkey."""
PROVIDER = Oidc("https://login.example.edu", "portal", "Example University")
BROWSER = "the browser's"
"""What browsers are called that were asked for a passkey: all of them, so that each may answer."""
NEW_ADDRESS = "sam.rivera@new.example.org"


@dataclass(frozen=True)
class Hand:
    """A browser: what its cookie holds, and the token of its pages."""

    cookie: str
    token: str


@dataclass
class World:
    """Everybody, and by the words of the table every thing: what its address is made of."""

    settings: Settings
    cast: dict[str, Person]
    things: dict[str, dict[str, Any]]
    sessions: dict[str, Session]
    apps: dict[str, Flask]
    hands: dict[tuple[str, str], Hand] = field(default_factory=dict)
    device: Device = field(default_factory=Device)
    known: dict[str, list[Any]] = field(default_factory=dict)
    file: bytes = b""

    def hand(self, role: str, thing: str = "") -> Hand:
        """The same for all that this role does: one sign-in, made before anything is compared. Some things are how
        somebody has signed in.
        """
        return self.hands[role, next((how for how in SIGNED_IN if thing.endswith(how)), "")]

    def made_of(self, thing: str) -> dict[str, Any]:
        """What the address of a thing is made of; "a passkey, not fresh" is about a passkey."""
        return self.things.get(re.sub(", (not|by|with) .*", "", thing), {})

    def app_for(self, thing: str) -> Flask:
        """The portal as it has to be set for a thing to be there."""
        if thing in IN_A_DEMO:
            return self.apps["demo"]
        return self.apps["provider" if thing.endswith("with a provider") else ""]

    def ask(self, app: Flask, method: str, path: str, role: str, data: Any = None, **more: Any) -> TestResponse:
        """As somebody of this role who has the page open: with its token."""
        hand = self.hand(role, more.pop("thing", ""))
        client = app.test_client()
        client.set_cookie(app.config["SESSION_COOKIE_NAME"], hand.cookie)
        typed = None if method == "GET" else {"csrf_token": hand.token, **(data or {})}
        return client.open(path, method=method, data=typed, **more)

    def remember(self) -> None:
        """This is how it is to be."""
        self.known = stored(database.db.get_tables())
        if not database.is_postgres():
            database.db.execute_sql("pragma wal_checkpoint(truncate)")
            self.file = self._path.read_bytes()

    @property
    def _path(self) -> Path:
        return Path(self.settings.database_url.removeprefix("sqlite:///"))

    def restore(self) -> None:
        """Put everything back: as a file, because verbs end their own transactions."""
        self.turn_back()
        database.disconnect()
        for suffix in ("-wal", "-shm"):
            Path(f"{self._path}{suffix}").unlink(missing_ok=True)
        self._path.write_bytes(self.file)
        database.connect()

    def turn_back(self) -> None:
        """It is the time that it was, also for a demo, and nobody has done anything too often."""
        open_rates()
        (self.settings.data / "demo-clock").unlink(missing_ok=True)
        clock.set_ahead(timedelta())

    def changed(self) -> list[str]:
        """The tables in which something is not as it was."""
        now = stored(self.known)
        return [table for table in now if now[table] != self.known[table]]

    @cached_property
    def mentor(self) -> Mentor:
        mentor = mentor_of(self.cast["mentor"])
        assert mentor is not None
        return mentor

    def opening(self, number: int = 40, *, length: int = 15) -> Opening:
        """One that nobody holds."""
        return Opening(self.mentor, starts_of(self.mentor, length)[number], length)


def stored(tables: Iterable[str]) -> dict[str, list[Any]]:
    """All rows of these tables."""
    return {table: database.db.execute_sql(f'select * from "{table}"').fetchall() for table in tables}


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
    _things(world)
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
    cast["suspended"] = make_mentor("Petra Lund").person
    draft = profile.save_draft(profile.published_content(_mentor(cast["mentor"])), person=cast["mentor"])
    assert draft.status == "draft"
    return cast


def _mentor(person: Person) -> Mentor:
    mentor = mentor_of(person)
    assert mentor is not None
    return mentor


def _meet(world: World) -> None:
    """The sessions, the earliest first."""
    cast, mentor = world.cast, _mentor(world.cast["mentor"])
    rated = world.sessions["rated"] = _book(world, MONDAY - 21 * DAY)
    clock._stopped = rated.end
    rate(rated, Answer("yes", 5, "Write to them", "A line", "Thank you", again=None), mentee=cast["mentee"])
    for who, day in (("suspended", 5), ("suspended", 4), ("mentee", 3), ("mentee", 2)):
        missed = world.sessions["missed"] = _book(world, MONDAY - day * DAY, cast[who])
        clock._stopped = missed.end
        attendance.mark_absent(missed, person=mentor.person)
    verdict, inga = Verdict(date(2026, 12, 7), "Please cancel when you cannot come."), cast["coordinator"]
    absences.pause(cast["suspended"], verdict, version=record_of(cast["suspended"].id).version, coordinator=inga)
    hide(_mentor(cast["suspended"]), reason="Not now", coordinator=inga)
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
    opening = Opening(_mentor(world.cast["mentor"]), start, 30)
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


def _signed_in(person: Person, thing: str) -> dict[str, Any]:
    if thing == BY_A_CODE:
        return {"_user_id": sign_ins.begin(person, way="code", agent="").get_id(), "_fresh": True}
    kept = cookie_of(person)
    if thing == NOT_FRESH:
        latest = SignIn.select(fn.MAX(SignIn.id)).scalar()
        SignIn.update(proved_at=clock.now() - HOUR).where(SignIn.id == latest).execute()
    return kept


def hand_with(app: Flask, kept: dict[str, Any]) -> Hand:
    """A browser whose cookie holds this, once it has seen a form."""
    browser = Visitor(app, kept=kept)
    token = browser.token()
    cookie = browser.client.get_cookie("portal")
    assert cookie is not None
    return Hand(cookie.value, token)


def _things(world: World) -> None:
    """What addresses name, by the words of the table."""
    cast, secret = world.cast, world.settings.secret_key
    things = world.things
    things |= {name: {"ref": session.ref} for name, session in world.sessions.items()}
    things["ahead, the mentee"] = {**things["ahead"], "who": "mentee"}
    for name, role in (("mentor", "mentor"), ("new mentor", "unapproved mentor"), ("suspended", "suspended")):
        things[f"the {name}"] = {"slug": _mentor(cast[role]).slug, "key": cast[role].id}
    things["the mentee"] = {"key": cast["mentee"].id}
    things["hiding"] = {**things["the mentor"], "what": "hiding"}
    things["restoring"] = {**things["the suspended"], "what": "restoring"}
    _passkeys(world)
    _reports(world)
    _letters(world)
    _holds_and_offers(world)
    _moderated(world)
    blocks.block(cast["suspended"], person=cast["mentee"])
    things["a block"] = {"key": cast["suspended"].id}
    things["other browser"] = {"key": sign_ins.begin(cast["mentee"], way="link", agent="").sign_in.id}  # type: ignore[union-attr]
    things["feed"] = {"token": feed.token_of(feed.make(cast["mentee"]), secret)}
    things["certificate"] = {"code": issue(world.mentor).code}
    things["link"] = {"token": issue_link(cast["mentee"].email)}
    send_code(mails_about_people.CODE, "new@example.org", browser="visitor's", zone="Etc/UTC")
    send_code(mails_about_people.CODE, NEW_ADDRESS, browser="Sam's", zone="Etc/UTC")
    send_code(mails_about_people.CODE, cast["mentee"].email, browser="Sam's again", zone="Etc/UTC")
    things["Sam's code"] = {"email": cast["mentee"].email}
    things["file"] = {"filename": "portal.css"}
    things["as mentee"] = {"role": "mentee"}


def _passkeys(world: World) -> None:
    """Sam's, and two challenges: one to use it, one to make another."""
    sam, asked = world.cast["mentee"], {"browser": BROWSER, "site": Site("localhost", "http://localhost")}
    world.device = Device()
    made = world.device.make(passkeys.ask_to_make(sam, **asked))
    passkey = passkeys.make(made, person=sam, agent="", **asked)
    world.things["a passkey"] = {"key": passkey.id, "options": passkeys.ask_to_use(**asked)}
    world.things["a new passkey"] = {"options": passkeys.ask_to_make(sam, **asked)}


def _reports(world: World) -> None:
    """Sam's of the mentor in a session and of what she wrote, and one by a coordinator."""
    sam, path = world.cast["mentee"], f"sessions/{world.sessions['ahead'].ref}"
    places = {"the mentor's page": "mentors/laila-mansour", "the mentor in it": f"{path}/mentor"}
    world.things |= {name: {"at": at} for name, at in places.items()}
    world.things["a message"] = {"at": f"{path}/message-{Message.get().id}"}
    report(subject_at(f"{path}/message-{Message.get().id}", person=sam), person=sam, reason="unwelcome", words="")
    inga = world.cast["coordinator"]
    report(subject_at("mentors/laila-mansour", person=inga), person=inga, reason="selling", words="")
    mine, hers = Report.select().order_by(Report.id)
    world.things |= {"a report": {"key": mine.id}, "Inga's report": {"key": hers.id}}
    known = Identity.create(person=sam, issuer=PROVIDER.issuer, subject="sam", at=clock.now(), used_at=clock.now())
    world.things["an identity"] = {"key": known.id}


def _letters(world: World) -> None:
    secret, to = world.settings.secret_key, world.cast["mentor"].email
    needed = Outbox.get(Outbox.kind == "sessions/booked_mentor", Outbox.recipient == to)
    still_good(Availability.get(Availability.mentor == world.mentor))
    optional = Outbox.get(Outbox.kind == "availability/still_good")
    world.things["a letter"] = {"token": token_of(optional, secret)}
    world.things["a needed one"] = {"token": token_of(needed, secret)}
    Outbox.update(state="dead").where(Outbox.id == 1).execute()
    world.things["dead letter"] = {"key": 1}


def _holds_and_offers(world: World) -> None:
    sam = world.cast["mentee"]
    full = make_mentor("Wanda Full", plan=NONE)
    wait_for_mentor(full, Terms(length=15), person=sam)
    world.things["a line"] = {"key": Watch.get().id}
    wait_for_expertise(Expertise.get(Expertise.status == "listed"), Terms(length=60), person=sam)
    hours.save(Plan("Etc/UTC", ALL_WEEK, lengths=(15,), notice=0), mentor=full)
    assert offer_due() == 1
    world.things["an offer"] = {"ref": Offer.get().ref}
    typed = {"name": "Nina New", "email": "new@example.org", "objective": "A plan", "questions": "Which?"}
    typed |= {"kind": "career", "format": "video"}
    mine = hold(world.opening(8), holder="Sam's", mentee=sam, draft={})
    theirs = hold(world.opening(16), holder="visitor's", mentee=None, draft=typed)
    world.things |= {"a hold": {"ref": mine.ref}, "visitor's hold": {"ref": theirs.ref}}


def _moderated(world: World) -> None:
    submitted = profile.open_revision(_mentor(world.cast["unapproved mentor"]))
    draft = profile.open_revision(world.mentor)
    assert submitted is not None
    assert draft is not None
    proposed = Expertise.get(Expertise.status == "proposed")
    world.things |= {
        "a submission": {"key": submitted.id},
        "a draft": {"key": draft.id},
        "a proposal": {"key": proposed.id},
        "showing": {"key": world.sessions["rated"].id, "what": "showing"},
        "refusing": {"key": world.sessions["rated"].id, "what": "refusing"},
    }


def teammate_of(session: Session) -> int:
    return int(Teammate.get(Teammate.session == session).id)
