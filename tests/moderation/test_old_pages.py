"""A coordinator's page that has grown old: it decides on nobody else, and what was typed on it is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from portal.mentors import profile
from portal.mentors.models import Mentor, Revision
from portal.mentors.profile import Profile
from portal.moderation import absences, suspending, triage
from portal.moderation.absences import Verdict, record_of
from portal.moderation.models import Decision, Report
from portal.moderation.private_part import looks_at, open_private_part
from portal.moderation.reportable import subject_at
from portal.people import erasing
from portal.people.invitations import Guest, invite, take_back
from portal.people.models import Invitation, Person
from portal.sessions import team
from portal.sessions.booking import book
from portal.sessions.changes import change_questions
from portal.sessions.models import Session, Teammate
from tests.cast import REQUEST, Visitor, make_session, opening
from tests.conftest import MONDAY
from tests.letters import mail, text_of
from tests.moderation.reported import place, reported


@pytest.fixture
def inga(app: Flask, coordinator: Person) -> Visitor:
    return Visitor(app, coordinator)


@pytest.fixture
def session(mentor: Mentor, mentee: Person) -> Session:
    return make_session(mentor, mentee)


def suspend(person: Person, coordinator: Person) -> None:
    version = record_of(person.id).version
    suspending.suspend(person, reason="Not so", version=version, coordinator=coordinator)


def test_a_report_that_is_gone_decides_on_nobody(
    inga: Visitor, coordinator: Person, session: Session, mentor: Mentor, mentee: Person, stranger: Person
) -> None:
    """Its number is not that of the next one, and what was decided on it stays with it."""
    gone = reported(place(make_session(mentor, stranger, number=8), "mentee"), mentor.person)
    open_private_part(gone, coordinator=coordinator)
    erasing.erase(stranger)
    there = reported(place(session, "mentor"), mentee)
    answer = inga.post(f"/moderation/reports/{gone.id}/decision", {"what": "suspend", "note": "n", "sentence": "s"})
    assert (answer.status_code, Person.get_by_id(mentor.person_id).is_suspended) == (404, False)
    assert (looks_at(there), Decision.select().count(), Report.get_by_id(there.id).is_open) == ([], 0, True)


def test_a_profile_that_is_gone_publishes_no_other(inga: Visitor, mentee: Person, stranger: Person) -> None:
    def submitted(person: Person) -> Revision:
        words = {"headline": "h", "about": "about", "expertise": ("Offer negotiation",)}
        choices = {"kinds": ("career",), "languages": ("en",), "formats": ("chat",)}
        revision = profile.save_draft(Profile(name=person.name, **words, **choices), person=person)
        profile.submit(revision, person=person)
        return Revision.get_by_id(revision.id)

    old = submitted(stranger)
    erasing.erase(stranger)
    submitted(mentee)
    sent = {"what": "approve", "version": old.version, "reason": ""}
    assert inga.post(f"/moderation/profiles/{old.id}/decision", sent).status_code == 404
    assert Mentor.get(Mentor.person == mentee).status == "applying"


def test_an_invitation_that_is_gone_takes_back_no_other(inga: Visitor, coordinator: Person) -> None:
    invite([Guest("a@example.org")], as_mentor=False, coordinator=coordinator)
    old = Invitation.get()
    take_back(old.id, coordinator=coordinator)
    invite([Guest("b@example.org")], as_mentor=False, coordinator=coordinator)
    assert inga.post(f"/coordinator/invitations/{old.id}/end").status_code == 404
    assert [invitation.email for invitation in Invitation.select()] == ["b@example.org"]


def test_pausing_who_is_suspended_meanwhile_is_answered(
    inga: Visitor, coordinator: Person, session: Session, mentor: Mentor, mentee: Person
) -> None:
    report = reported(place(session, "mentor"), mentee)
    suspend(mentor.person, coordinator)
    sent = {"what": "pause", "until": "2026-12-01", "sentence": "typed", "note": "also typed"}
    answer = inga.post(f"/moderation/reports/{report.id}/decision", sent)
    assert (answer.status_code, "also typed" in answer.text, Report.get_by_id(report.id).is_open) == (422, True, True)


@pytest.mark.parametrize(
    ("path", "sent", "sentence"),
    [
        ("pause", {"until": "", "reason": "words of mine", "what": "bookings"}, "nothing to pause"),
        ("pause", {"until": "2026-12-01", "reason": "words of mine", "what": "bookings"}, "nothing to pause"),
        ("suspension", {"why": "words of mine"}, "They are suspended already."),
        ("pause/end", {"sentence": "words of mine"}, "Nothing of theirs is paused."),
    ],
)
def test_what_was_typed_about_who_is_suspended_stays(
    inga: Visitor, coordinator: Person, mentee: Person, path: str, sent: dict[str, str], sentence: str
) -> None:
    suspend(mentee, coordinator)
    now_known = record_of(mentee.id).version
    for version, said in ((now_known, sentence), ("old", "since you opened the page")):
        answer = inga.post(f"/moderation/people/{mentee.id}/{path}", {**sent, "version": version})
        assert (answer.status_code, said in answer.text, "words of mine" in answer.text) == (409, True, True)
    assert record_of(mentee.id).version == now_known


def test_nobody_pauses_who_is_suspended(coordinator: Person, mentee: Person) -> None:
    suspend(mentee, coordinator)
    verdict = Verdict(MONDAY.date(), "Because", bookings=True)
    with pytest.raises(absences.NotAllowedNow, match="nothing to pause"):
        absences.pause(mentee, verdict, version=record_of(mentee.id).version, coordinator=coordinator)


def test_nothing_is_decided_on_who_has_left(
    app: Flask, inga: Visitor, coordinator: Person, session: Session, mentor: Mentor, mentee: Person
) -> None:
    """They can be neither reported nor blocked any more; what they wrote is gone."""
    erasing.erase(mentee)
    laila = Visitor(app, mentor.person)
    page = laila.get(f"/sessions/{session.ref}").text
    assert ("Report Somebody" in page, "Block Somebody" in page) == (False, False)
    with pytest.raises(triage.Missing):
        subject_at(place(session, "mentee"), person=mentor.person)
    report = reported(place(session, "cancellation"), mentor.person)
    assert set(triage.offered(triage.report_for(report.id, coordinator))) == {"nothing"}


def test_who_reported_somebody_that_leaves_is_told(
    app: Flask, session: Session, mentor: Mentor, mentee: Person
) -> None:
    reported(place(session, "mentee"), mentor.person)
    erasing.erase(mentee)
    letter = text_of(mail(app, "moderation/report_looked_at", to=mentor.person.email))
    assert ("the report is closed" in letter, "Sam" in letter) == (True, False)
    assert Report.select().count() == 0


def test_who_answers_for_a_brief_is_who_wrote_it(mentor: Mentor, mentee: Person, stranger: Person) -> None:
    wanted = replace(REQUEST, kind="project")
    session = book(opening(mentor), wanted, mentee=mentee, holder="a", hold_ref="a")
    team.invite(session, [stranger.email], mentee=mentee)
    team.hand_over(session, Teammate.get().id, mentee=mentee)

    def author() -> Person | None:
        return subject_at(place(session, "brief"), person=mentor.person).person

    assert author() == mentee
    change_questions(Session.get_by_id(session.id), ("Mine now?",), mentee=stranger)
    assert author() == stranger
