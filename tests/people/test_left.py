"""What is under way while somebody leaves: nobody comes in as somebody who left, and nothing that waited names them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from portal.errors import NotAllowedNow, ShutOut
from portal.mail.outbox import Outbox, mark_sent
from portal.mail.preferences import why_not
from portal.mentors.models import Mentor
from portal.people import account, address, erasing, identities, sign_ins
from portal.people.audit import What, record
from portal.people.codes import new_token
from portal.people.invitations import Guest, invite
from portal.people.models import Audit, Identity, Person, SignIn
from portal.people.provider import Said
from portal.preparation.conversation import say
from portal.sessions import team
from portal.sessions.booking import book
from portal.sessions.models import Session, Teammate
from tests.cast import REQUEST, Visitor, make_person, opening
from tests.letters import mail, text_of, told

SAID = Said("https://id.example.org", "1", "Example University", "", "", is_coordinator=True, proved_at=None)


@pytest.fixture
def project(mentor: Mentor, mentee: Person, stranger: Person) -> Session:
    """Sam's, with the stranger in the team, and no letter that waits."""
    wanted = replace(REQUEST, kind="project", objective="My own objective", questions=("My own question?",))
    session = book(opening(mentor), wanted, mentee=mentee, holder=new_token(), hold_ref=new_token())
    team.invite(session, [stranger.email], mentee=mentee)
    Outbox.delete().execute()
    return session


def given_away(project: Session, mentee: Person) -> Session:
    team.hand_over(project, Teammate.get().id, mentee=mentee)
    session: Session = Session.get_by_id(project.id)
    return session


@pytest.mark.parametrize(
    "deed",
    [
        lambda person: sign_ins.begin(person, way="code", agent=""),
        lambda person: account.follow_claim(person, is_coordinator=True),
        lambda person: identities.connect(SAID, person=person),
        lambda person: address._change(person, "new@example.org"),
    ],
)
def test_nobody_comes_in_as_somebody_who_left(mentee: Person, deed: Callable[[Person], object]) -> None:
    erasing.erase(mentee)
    with pytest.raises(ShutOut, match="erased a moment ago"):
        deed(mentee)
    left = Person.get_by_id(mentee.id)
    assert (left.name, left.email, left.is_coordinator) == ("Somebody who left", f"left-{mentee.id}", False)
    assert (SignIn.select().count(), Identity.select().count()) == (0, 0)


def test_nobody_makes_a_coordinator_of_somebody_who_left(mentee: Person) -> None:
    erasing.erase(mentee)
    with pytest.raises(NotAllowedNow):
        account.make_coordinator(mentee)


def test_a_mail_says_nothing_of_a_message_whose_writer_left(
    app: Flask, project: Session, mentor: Mentor, stranger: Person
) -> None:
    say(project, "the words of a stranger", person=stranger, key="a")
    say(project, "the words of a mentor", person=mentor.person, key="b")
    assert "words of" not in "".join(letter.words for letter in Outbox.select())
    erasing.erase(stranger)
    assert "the words of a mentor" in text_of(mail(app, "preparation/message", to="sam"))
    to_mentor = (Outbox.kind == "preparation/message") & (Outbox.recipient == mentor.person.email)
    assert why_not(Outbox.get(to_mentor)) == "what was written is gone"


def test_a_mail_about_what_was_handed_over_does_not_name_who_left(
    app: Flask, project: Session, mentee: Person, mentor: Mentor
) -> None:
    say(project, "before it was handed over", person=mentee, key="a")
    given_away(project, mentee)
    erasing.erase(mentee)
    letter = text_of(mail(app, "sessions/handed_over", to="laila"))
    assert ("Somebody who left hands the session with you over" in letter, "Sam" in letter) == (True, False)
    assert not [letter for letter in Outbox.select() if "Sam" in letter.words]
    assert (mentor.person.email, "preparation/message") not in {(to, kind) for kind, to in told()}


def test_what_was_written_goes_with_who_wrote_it_though_it_was_handed_over(
    project: Session, mentee: Person, stranger: Person
) -> None:
    session = given_away(project, mentee)
    assert (session.mentee_id, session.objective) == (stranger.id, "My own objective")
    erasing.erase(mentee)
    session = Session.get_by_id(project.id)
    assert (session.objective, session.questions, session.is_cancelled) == ("", "", False)


def test_an_invitation_that_waits_does_not_name_a_coordinator_who_left(app: Flask, coordinator: Person) -> None:
    make_person("Olu Ade", coordinator=True)
    invite([Guest("zed@example.org")], as_mentor=False, coordinator=coordinator)
    assert coordinator.name in text_of(mail(app, "people/invitation"))
    erasing.erase(coordinator)
    letter = text_of(mail(app, "people/invitation"))
    assert (coordinator.name in letter, "a coordinator typed your address" in letter) == (False, True)


def test_former_addresses_are_forgotten(mentee: Person) -> None:
    old = mentee.email
    address._change(mentee, "new@example.org")
    for letter in Outbox.select():
        mark_sent(letter)
    assert old in [letter.recipient for letter in Outbox.select()]
    erasing.erase(Person.get_by_id(mentee.id))
    assert old not in [letter.recipient for letter in Outbox.select()]


def test_the_audit_lets_go_of_who_left(app: Flask, mentee: Person, coordinator: Person) -> None:
    record(What.DECIDED, by=coordinator, about=mentee)
    record(What.SIGNED_OUT, by=mentee)
    erasing.erase(mentee)
    left = [(row.what, row.by_person, row.person_id, row.about_id) for row in Audit.select().order_by(Audit.id)]
    assert left[-3:] == [
        ("decided", True, coordinator.id, None),
        ("signed out", True, None, None),
        ("account erased", True, None, None),
    ]
    inga = Visitor(app, coordinator)
    assert inga.get(f"/audit?who=left-{mentee.id}").text.count("Signed out") == inga.get("/audit?who=zzz").text.count(
        "Signed out"
    )
    assert "somebody who left" in inga.get("/audit").text
