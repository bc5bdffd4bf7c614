"""Everybody with their cookies, in a programme where every page has something to show."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from flask import Flask

from portal import clock, create_app, database
from portal.availability import busy
from portal.mail.composing import compose
from portal.mail.outbox import Outbox
from portal.mentors import photos, profile
from portal.mentors.profile import Profile
from portal.moderation import decisions
from portal.people import invitations
from portal.people.blocks import block
from portal.people.invitations import Guest
from portal.people.models import Invitation, Person
from portal.people.passkey_models import Passkey
from portal.people.signing_in import issue_link
from portal.preparation import conversation, preparing
from portal.sessions import feed, team
from portal.sessions.models import Session
from portal.settings import Settings
from portal.waiting.offering import offer_due
from portal.waiting.watching import Terms, wait_for_mentor
from tests.attack.conftest import Place, make_place
from tests.attack.pages_found import EACH, Seen, look_round
from tests.cast import MONDAY, Visitor, make_mentor, make_person, opening
from tests.conftest import Engine
from tests.waiting.lines import NONE, TUESDAY, open_at

ROLES = ("visitor", "mentee", "mate", "mentor", "coordinator")
Plant = Callable[[Flask], object]
LINK = re.compile(r'href="([^"]+)"')


@dataclass
class Arena:
    """By role: who it is, what their browser sends with each request, and what they have found."""

    place: Place
    hands: dict[str, Visitor]
    tokens: dict[str, str]
    each: int = EACH
    unlinked: tuple[str, ...] = ()
    """Addresses that only a redirect or somebody's program leads to."""
    seen: dict[str, Seen] = field(default_factory=dict)

    @property
    def app(self) -> Flask:
        return self.place.app

    def cookie(self, role: str) -> str:
        kept = self.hands[role].client.get_cookie(self.app.config["SESSION_COOKIE_NAME"], "localhost")
        return kept.value if kept else ""

    def look_round(self) -> None:
        begin = (*links_in_mails(self.app), *self.unlinked)
        self.seen = {role: look_round(self.app, hand, begin, each=self.each) for role, hand in self.hands.items()}


def links_in_mails(app: Flask) -> Iterator[str]:
    """Of each kind of mail those in the latest."""
    latest = {letter.kind: letter for letter in Outbox.select().order_by(Outbox.id)}
    for letter in latest.values():
        with app.app_context():
            mail = compose(letter, app.config["SETTINGS"])
        for part in mail.walk():
            if part.get_content_type() == "text/html":
                yield from (link.replace("&amp;", "&") for link in LINK.findall(part.get_content()))


@contextmanager
def standing(engine: Engine, data: Path, *, each: int = EACH, plant: Plant = lambda _: None) -> Iterator[Arena]:
    """An arena in a database of its own. Tokens are asked for, and one proxy is trusted. `plant` changes the app."""
    url = engine.make()
    settings = Settings(
        "k" * 32, "http://portal.example.org", "console:", data=data, database_url=url, trusted_proxies=1
    )
    app = create_app(settings)
    app.testing = True
    plant(app)
    database.connect()
    with clock.stopped_at(MONDAY):
        place = make_place(app)
        hands = {role: Visitor(app, place.cast.get(role)) for role in ROLES}
        unlinked = _more(place, hands)
        arena = Arena(place, hands, {role: hand.token() for role, hand in hands.items()}, each, unlinked)
        arena.look_round()
        yield arena
    database.disconnect()
    engine.drop(url)


def _more(place: Place, hands: dict[str, Visitor]) -> tuple[str, ...]:
    """What is on its way: holds, codes, an offer, a feed, a calendar, an application."""
    cast, mentor = place.cast, place.mentor
    brief = {"objective": "A plan", "questions": "Who?", "kind": "project", "format": "video"}
    mine = hands["mentee"].hold(opening(mentor, 32), **brief)
    theirs = hands["visitor"].hold(opening(mentor, 36), **brief)
    hands["visitor"].post("/sign-in", {"email": "new@example.org"})
    hands["mentee"].post("/you/address", {"email": "sam.other@example.org"})
    fed = feed.token_of(feed.make(cast["mentee"]), place.app.config["SETTINGS"].secret_key)
    link = issue_link(cast["mate"].email)
    full = make_mentor("Otto Full", plan=NONE)
    wait_for_mentor(full, Terms(), person=cast["mentee"])
    open_at(full, TUESDAY)
    offer_due()
    wait_for_mentor(
        make_mentor("Ida Full", plan=replace(NONE, off=((TUESDAY.date(), TUESDAY.date(), "A fair"),))),
        Terms(),
        person=cast["mentee"],
    )
    block(cast["left"], person=cast["mentee"])
    busy.connect(mentor, "https://calendar.example.org/mine.ics")
    Outbox.update(state="dead", error="550 no such user").where(Outbox.id << [1, 2]).execute()
    ahead = Session.get_by_id(place.sessions["ahead"].id)
    conversation.say(ahead, "See https://example.org/plan", person=cast["mate"], key="first")
    preparing.prepare(ahead, mentor=mentor.person, read="", line="Read it", links=("https://example.org/plan",))
    team.ask(ahead, "And who pays?", person=cast["mate"])
    _give_passkey(cast["mentee"])
    _decide(make_person("Uma Asked"), cast["coordinator"])
    hands["visitor"].post("/asked", {"q": "Weaving of baskets"})
    new = make_person("Nadia Karim")
    content = Profile("Nadia Karim", "Postdoc", "Bring a table.", expertise=("Thesis statistics", "Weaving"))
    profile.submit(profile.save_draft(content, person=new), person=new)
    invitations.invite([Guest("guest@example.org", "Gil Guest")], as_mentor=True, coordinator=cast["coordinator"])
    Invitation.update(at=clock.now() - timedelta(days=2)).execute()
    photos.keep(b"a photo", person=mentor.person)
    make_mentor("Vera Knit", expertise=("Knitting",))
    profile.save_draft(
        Profile("Laila Mansour", "Chief", "Changed.", expertise=("Offer negotiation",)), person=mentor.person
    )
    return (mine.location, theirs.location, f"{theirs.location}/code", f"/calendar/{fed}.ics", f"/sign-in/link/{link}")


def _give_passkey(person: Person) -> None:
    """One that no device has: its page is all that is asked of it here."""
    made = {"credential_id": "a", "public_key": "a", "sign_count": 0, "transports": ("internal",), "name": "My phone"}
    Passkey.create(person=person, made_at=clock.now(), **made)


def _decide(mentor: Person, coordinator: Person) -> None:
    revision = profile.save_draft(Profile(mentor.name, "Nurse", "Bring a plan."), person=mentor)
    profile.submit(revision, person=mentor)
    decisions.decide_on_profile(revision, "ask", version=revision.version, reason="Say more.", coordinator=coordinator)
