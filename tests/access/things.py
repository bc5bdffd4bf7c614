"""One thing of each kind that an address can name, by the words of the table."""

from __future__ import annotations

import json

from portal import clock
from portal.availability import hours
from portal.availability.hours import Plan
from portal.availability.mails import still_good
from portal.availability.models import Availability
from portal.feedback.certificates import issue
from portal.mail.outbox import Outbox
from portal.mail.tokens import token_of
from portal.mentors import photos, profile
from portal.mentors.models import Expertise, Mentor, Revision
from portal.moderation.models import Report
from portal.moderation.reportable import subject_at
from portal.moderation.reporting import report
from portal.oidc import Oidc
from portal.people import blocks, invitations, passkeys, sign_ins
from portal.people import mails as mails_about_people
from portal.people.invitations import Guest
from portal.people.models import Identity, Invitation
from portal.people.passkey_proof import Site
from portal.people.signing_in import issue_link, send_code
from portal.preparation.models import Message
from portal.sessions import feed
from portal.sessions.holding import hold
from portal.sessions.models import Session, Teammate
from portal.waiting.models import Offer, Watch
from portal.waiting.offering import offer_due
from portal.waiting.watching import Terms, wait_for_expertise, wait_for_mentor
from tests.access.world import World, as_mentor
from tests.cast import ALL_WEEK, make_mentor
from tests.people.device import Device
from tests.waiting.lines import NONE

PROVIDER = Oidc("https://login.example.edu", "portal", "Example University")
BROWSER = "the browser's"
"""What browsers are called that were asked for a passkey: all of them, so that each may answer."""
NEW_ADDRESS = "sam.rivera@new.example.org"


def make_things(world: World) -> None:
    """What addresses name, by the words of the table."""
    cast, secret = world.cast, world.settings.secret_key
    things = world.things
    things |= {name: {"ref": session.ref} for name, session in world.sessions.items()}
    things["ahead, the mentee"] = {**things["ahead"], "who": "mentee"}
    names = ("mentor", "hidden", "suspended")
    for name, role in (*zip(names, names, strict=True), ("new mentor", "unapproved mentor")):
        things[f"the {name}"] = {"slug": as_mentor(cast[role]).slug, "key": cast[role].id}
    things |= {f"the {name}": {"key": cast[name].id} for name in ("mentee", "paused")}
    things["who left"] = {"key": 10**9}
    things["hiding"] = {**things["the mentor"], "what": "hiding"}
    things["restoring"] = {**things["the hidden"], "what": "restoring"}
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
    things["Sam's code"] = things["Sam's address"] = {"email": cast["mentee"].email}
    things["file"] = {"filename": "portal.css"}
    _photos(world)
    _invitation(world)
    things["as mentee"] = {"role": "mentee"}


def _photos(world: World) -> None:
    """One that all see, one that its mentor has not sent yet, and one that a coordinator is to look at."""
    for name, role in (("a draft's photo", "mentor"), ("a sent photo", "unapproved mentor")):
        person = world.cast[role]
        revision = profile.open_revision(as_mentor(person))
        assert revision is not None
        world.things[name] = {"name": photos.keep(name.encode(), person=person)}
        content = json.loads(revision.content) | {"photo": world.things[name]["name"]}
        Revision.update(content=json.dumps(content)).where(Revision.id == revision.id).execute()
    world.things["a photo"] = {"name": photos.keep(b"public", person=world.cast["mentor"])}
    Mentor.update(photo=world.things["a photo"]["name"]).where(Mentor.person == world.mentor.person_id).execute()


def _invitation(world: World) -> None:
    """Of yesterday, so that there may be one more mail."""
    inga, to = world.cast["coordinator"], "guest@example.org"
    invitations.invite([Guest(to)], as_mentor=True, coordinator=inga)
    letter = Outbox.get(Outbox.recipient == to)
    Invitation.update(at=Invitation.at - 2 * 24 * 3600).execute()
    world.things["an invitation"] = {"key": Invitation.get().id, "token": token_of(letter, world.settings.secret_key)}


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
    submitted = profile.open_revision(as_mentor(world.cast["unapproved mentor"]))
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
