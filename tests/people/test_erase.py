"""Erasing an account: what others see and are told, who may, and that nothing else changes."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest
from flask import Flask

from portal.availability.models import Claim, Hold, Openings
from portal.database import db
from portal.errors import NotAllowedNow, OpeningTaken
from portal.feedback.models import Rating
from portal.feedback.rating import Answer, let_through, rate
from portal.mail.outbox import Outbox
from portal.mentors.models import Expertise, Mentor
from portal.people import account, address, erasing, sign_ins, signing_in
from portal.people.account import describe
from portal.people.models import Person
from portal.people.signing_in import person_with
from portal.preparation.conversation import say
from portal.sessions import attendance, booking, holding, team
from portal.sessions.changes import cancel
from portal.sessions.models import Attendance, Session, Teammate
from portal.waiting.watching import Terms, wait_for_mentor
from tests.attack.test_at_once import at_once
from tests.cast import REQUEST, Visitor, make_mentor, make_person, make_session, opening
from tests.conftest import Time
from tests.letters import mail, text_of, told


def all_of(message: EmailMessage) -> str:
    """Headers and every part, as they are read."""
    parts = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
    return "\n".join([str(message.items()), *(part.decode() for part in parts if isinstance(part, bytes))])


def test_a_person_is_a_row_without_anything_personal(mentee: Person) -> None:
    email = mentee.email
    erasing.erase(mentee)
    left = {name: value for name, value in Person.get_by_id(mentee.id).__data__.items() if value}
    assert int(left.pop("created_at").timestamp()) == 0
    assert left == {
        "id": mentee.id,
        "email": f"left-{mentee.id}",
        "name": "Somebody who left",
        "time_zone": "Etc/UTC",
    }
    assert person_with(email).id != mentee.id
    assert told() == [("people/erased", email)]


def test_upcoming_sessions_are_cancelled_and_the_others_told(app: Flask, mentor: Mentor, mentee: Person) -> None:
    ahead = make_session(mentor, mentee)
    Outbox.delete().execute()
    erasing.erase(mentee)
    assert Session.get_by_id(ahead.id).is_cancelled
    assert Claim.select().where(Claim.session == ahead.id).count() == 0
    assert told() == [("sessions/cancelled", mentor.person.email), ("people/erased", mentee.email)]
    letter = mail(app, "sessions/cancelled")
    assert "Somebody cancelled the session with you." in text_of(letter)
    assert "They have erased their account." in text_of(letter)
    assert "Sam" not in all_of(letter)
    assert "METHOD:CANCEL" in all_of(letter)


def test_a_mentors_upcoming_sessions_are_cancelled_and_nothing_more_can_be_booked(
    app: Flask, mentor: Mentor, mentee: Person
) -> None:
    ahead, wanted = make_session(mentor, mentee), opening(mentor, 3)
    Outbox.delete().execute()
    erasing.erase(mentor.person)
    assert ("sessions/cancelled", mentee.email) in told()
    assert "Laila" not in all_of(mail(app, "sessions/cancelled"))
    assert (Openings.select().count(), Session.get_by_id(ahead.id).objective) == (0, REQUEST.objective)
    with pytest.raises(OpeningTaken):
        booking.book(wanted, REQUEST, mentee=mentee, holder="b", hold_ref="b")
    assert Visitor(app, mentee).get(f"/sessions/{ahead.ref}").status_code == 200


def test_letters_that_wait_are_told_anew_without_the_name(app: Flask, mentor: Mentor, mentee: Person) -> None:
    """The mail server was away: what takes an entry out of a calendar is told all the same."""
    off, ahead = make_session(mentor, mentee), make_session(mentor, mentee, number=4)
    cancel(off, person=mentee, reason="Sam is ill")
    Session.update(kind="project").execute()
    ahead = Session.get_by_id(ahead.id)
    team.invite(ahead, ["noor@example.org"], mentee=mentee)
    team.remove(ahead, Teammate.get().id, mentee=mentee)
    erasing.erase(mentee)
    for kind, to in (("sessions/cancelled", mentor.person.email), ("sessions/no_longer_part", "noor@example.org")):
        assert "Sam" not in all_of(mail(app, kind, to))
    assert sum(1 for kind, _ in told() if kind == "sessions/cancelled") == 2
    assert {kind for kind, _ in told()} == {"sessions/cancelled", "sessions/no_longer_part", "people/erased"}


def test_what_was_held_is_free_at_once(mentor: Mentor, mentee: Person) -> None:
    other = make_person("Ana Lima")
    wanted = opening(mentor)
    holding.hold(wanted, holder="sam", mentee=mentee, draft={})
    with pytest.raises(OpeningTaken):
        holding.hold(wanted, holder="ana", mentee=other, draft={})
    erasing.erase(mentee)
    assert Hold.select().count() == 0
    assert holding.hold(wanted, holder="ana", mentee=other, draft={})


def test_a_visitors_hold_goes_with_the_address_that_was_typed(mentor: Mentor, mentee: Person) -> None:
    draft = {"objective": "Mine", "email": mentee.email}
    holding.hold(opening(mentor), holder="a", mentee=None, draft=draft)
    holding.hold(opening(mentor, 3), holder="b", mentee=None, draft={"email": f"x{mentee.email}"})
    erasing.erase(mentee)
    assert [row.draft for row in Hold.select()] == [f'{{"email": "x{mentee.email}"}}']


def test_who_waits_for_a_mentor_who_left_waits_no_longer(mentor: Mentor, mentee: Person) -> None:
    wait_for_mentor(mentor, Terms(), person=mentee)
    erasing.erase(mentor.person)
    assert db.execute_sql("select count(*) from watch").fetchall()[0][0] == 0


def test_a_proposal_that_nobody_else_made_goes_along(world: Time) -> None:
    first = make_mentor("Laila Mansour", expertise=("Beekeeping", "Falconry"))
    make_mentor("Amir Haddad", expertise=("Falconry",))
    erasing.erase(first.person)
    assert {row.name for row in Expertise.select().where(Expertise.status == "proposed")} == {"Falconry"}


def test_words_go_and_stars_stay(world: Time, mentor: Mentor, mentee: Person) -> None:
    session = make_session(mentor, mentee)
    world.set(session.end + timedelta(hours=1))
    rate(session, Answer("yes", 5, "Write to them", "Very clear", "Thank you"), mentee=mentee)
    let_through(Rating.get())
    erasing.erase(mentee)
    said = Rating.get()
    assert (said.reached, said.stars, said.next_step, said.line, said.line_status, said.thank_you) == (
        *("yes", 5, "", "", "none", ""),
    )


def test_an_objection_still_counts_as_one(world: Time, mentor: Mentor, mentee: Person) -> None:
    session = make_session(mentor, mentee)
    world.set(session.start + timedelta(minutes=11))
    attendance.mark_absent(session, person=mentor.person)
    attendance.object_to(session, person=mentee, objection="I was there")
    erasing.erase(mentee)
    row = Attendance.get()
    assert (row.objection, row.is_absence, row.reviewed_at is not None) == ("Removed.", False, True)


def test_messages_of_the_other_stay(world: Time, mentor: Mentor, mentee: Person, app: Flask) -> None:
    session = make_session(mentor, mentee)
    say(session, "From Sam", person=mentee, key="a" * 22)
    say(session, "From Laila", person=mentor.person, key="b" * 22)
    erasing.erase(mentee)
    page = Visitor(app, mentor.person).get(f"/sessions/{session.ref}").text
    assert ("From Laila" in page, "From Sam" in page, "Somebody who left" in page, "Sam" in page) == (
        *(True, False, True, False),
    )


def test_the_only_coordinator_names_another_first(coordinator: Person, mentee: Person) -> None:
    with pytest.raises(NotAllowedNow, match="no other coordinator"):
        erasing.erase(coordinator)
    assert Person.get_by_id(coordinator.id).name == "Inga Holm"
    account.make_coordinator(mentee)
    erasing.erase(coordinator)
    with pytest.raises(NotAllowedNow, match="no other coordinator"):
        erasing.erase(Person.get_by_id(mentee.id))


def test_who_is_paused_may_leave(world: Time, mentee: Person) -> None:
    Person.update(paused_until=world.now + timedelta(days=9)).where(Person.id == mentee.id).execute()
    erasing.erase(Person.get_by_id(mentee.id))
    assert Person.get_by_id(mentee.id).email == f"left-{mentee.id}"


def test_erased_twice_is_told(mentee: Person) -> None:
    erasing.erase(mentee)
    with pytest.raises(NotAllowedNow, match="changed meanwhile"):
        erasing.erase(mentee)


def test_an_earlier_address_goes_as_well(mentee: Person, world: Time) -> None:
    old = mentee.email
    describe(mentee, name="Sam", headline="", time_zone="Etc/UTC")
    signing_in.request_code(old, browser="b", zone="Etc/UTC")
    Outbox.update(state="sent").execute()
    address._change(sign_ins.begin(mentee, way="code", agent=""), "sam@new.example.org")
    assert {row.recipient for row in Outbox.select()} == {old, "sam@new.example.org"}
    erasing.erase(Person.get_by_id(mentee.id))
    assert told() == [("people/erased", "sam@new.example.org")]


def test_nobody_writes_to_somebody_who_left(mentor: Mentor, mentee: Person, world: Time) -> None:
    """The session runs, so it stays; what the other does there tells nobody."""
    session = make_session(mentor, mentee)
    world.set(session.start + timedelta(minutes=11))
    erasing.erase(mentee)
    before = told()
    attendance.mark_absent(session, person=mentor.person)
    assert told() == before


def test_the_directory_forgets_a_mentor_at_once(app: Flask, mentor: Mentor) -> None:
    """Though it had just answered."""
    visitor = Visitor(app)
    find = "/?q=offer+negotiation"
    assert "Laila Mansour" in visitor.get(find).text
    assert "Laila Mansour" in visitor.get(find).text
    erasing.erase(mentor.person)
    assert "Laila" not in visitor.get(find).text
    assert visitor.get(f"/mentors/{mentor.slug}").status_code == 404


@pytest.mark.parametrize("leaves", ["mentor", "mentee"])
def test_booking_at_the_same_moment(mentor: Mentor, world: Time, leaves: str) -> None:
    """Either it was booked before, and is cancelled, or it is not booked."""
    for number in range(4):
        laila, sam = make_mentor(f"Laila {number}"), make_person(f"Sam {number}")
        wanted, who = opening(laila), laila.person if leaves == "mentor" else sam
        at_once(
            lambda wanted=wanted, sam=sam, ref=str(number): booking.book(
                wanted, REQUEST, mentee=sam, holder="a", hold_ref=ref
            ),
            lambda who=who: erasing.erase(who),
        )
        assert Person.get_by_id(who.id).name == "Somebody who left"
        booked = list(Session.select().where(Session.mentee == sam))
        assert [session.is_cancelled for session in booked] == [True] * len(booked)
        assert Claim.select().where(Claim.person << [laila.person_id, sam.id]).count() == 0
