"""A coordinator shuts somebody out: at once, in every way, until it is lifted."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from flask import Flask

from portal import clock
from portal.availability.mails import still_good
from portal.availability.models import Availability, Claim
from portal.errors import NotAllowedNow, Paused, ShutOut, Stale
from portal.feedback.mails import rate
from portal.mail import preferences
from portal.mail.delivery import deliver_due
from portal.mail.outbox import Outbox
from portal.mail.tokens import token_of
from portal.mentors import profile
from portal.mentors.models import Mentor
from portal.moderation import decisions, suspending
from portal.moderation.absences import record_of
from portal.moderation.models import Decision
from portal.moderation.queue import queue
from portal.moderation.triage import offered
from portal.people import identities
from portal.people.account import make_coordinator
from portal.people.models import Audit, Identity, Person, SignIn
from portal.people.provider import Said
from portal.people.signing_in import issue_link, request_code
from portal.programme.imports import import_mentors
from portal.sessions import feed, team
from portal.sessions.booking import book
from portal.sessions.holding import hold
from portal.sessions.models import Session, Teammate
from portal.settings import Settings
from portal.waiting.models import Watch
from portal.waiting.watching import Terms, wait_for_mentor
from tests.cast import BOOKING, REQUEST, Visitor, make_mentor, make_person, make_session, opening, starts_of, value_of
from tests.conftest import Time
from tests.letters import mail, text_of, told
from tests.moderation.reported import reported
from tests.people.signing import SAM, ask, read_code, type_code, who
from tests.waiting.lines import TUESDAY, full_mentor, open_at, work
from tests.waiting.lines import offered as offers

SENTENCE = "Your account is suspended."
WHY = "Not like this."


def path_of(person: Person, rest: str = "") -> str:
    return f"/moderation/people/{person.id}{rest}"


def suspend(person: Person, coordinator: Person) -> None:
    suspending.suspend(person, reason=WHY, version=record_of(person.id).version, coordinator=coordinator)


def lift(person: Person, coordinator: Person) -> None:
    suspending.lift(person, reason="", version=record_of(person.id).version, coordinator=coordinator)


def test_from_the_page_of_a_person(app: Flask, mentor: Mentor, mentee: Person, coordinator: Person) -> None:
    inga, sam = Visitor(app, coordinator), Visitor(app, mentee)
    sent = {"version": record_of(mentee.id).version, "why": ""}
    lacking = inga.post(path_of(mentee, "/suspension"), sent)
    assert (lacking.status_code, "Write why. They get it." in lacking.text, who(sam)) == (422, True, SAM)
    late = inga.post(path_of(mentee, "/suspension"), {**sent, "version": "x", "why": WHY})
    assert (late.status_code, who(sam), Decision.select().count()) == (409, SAM, 0)
    done = inga.post(path_of(mentee, "/suspension"), {**sent, "why": WHY})
    assert (done.status_code, done.location, who(sam)) == (303, path_of(mentee), None)
    page = inga.get(path_of(mentee)).text
    assert ("Suspended since 23 November 2026" in page, "Lift the suspension" in page) == (True, True)
    assert ("Suspended by Inga Holm" in page, f'action="{path_of(mentee, "/suspension")}"' in page) == (True, False)
    assert f'href="{path_of(mentee)}"' in inga.get("/coordinator").text
    assert told() == [("moderation/suspended", SAM)]
    assert f"“{WHY}”" in text_of(mail(app, "moderation/suspended"))
    assert "Decided</b>: <a" in inga.get("/audit?who=sam").text


def test_every_browser_is_signed_out_for_pages_and_parts(
    app: Flask, mentor: Mentor, mentee: Person, coordinator: Person
) -> None:
    phone, laptop, held_open = Visitor(app, mentee), Visitor(app, mentee), make_session(mentor, mentee)
    suspend(mentee, coordinator)
    assert (SignIn.select().where(SignIn.person == mentee).count(), who(phone), who(laptop)) == (0, None, None)
    part = phone.part(f"/sessions/{held_open.ref}/messages")
    assert (part.status_code, part.headers["HX-Redirect"].startswith("/sign-in?")) == (200, True)


def test_no_way_in_is_left(app: Flask, mentee: Person, coordinator: Person) -> None:
    browser = Visitor(app)
    ask(browser)
    suspend(mentee, coordinator)
    answers = [type_code(browser, read_code(app)), browser.post(f"/sign-in/link/{issue_link(SAM)}")]
    assert [(answer.status_code, SENTENCE in answer.text) for answer in answers] == [(403, True)] * 2
    assert (SignIn.select().where(SignIn.person == mentee).count(), who(browser)) == (0, None)
    assert [ask(browser, email).location for email in (SAM, "nobody@example.org")] == ["/sign-in/code?next=/"] * 2
    lift(mentee, coordinator)
    assert (type_code(browser, read_code(app)).status_code, who(browser)) == (303, "nobody@example.org")


def test_a_sign_in_that_was_under_way_is_worth_nothing(app: Flask, mentee: Person, coordinator: Person) -> None:
    """Between the look whether they may come in and the end of the sign-in."""
    suspend(mentee, coordinator)
    Person.update(suspended_at=None).where(Person.id == mentee.id).execute()
    sam = Visitor(app, mentee)
    assert who(sam) == SAM
    Person.update(suspended_at=clock.now()).where(Person.id == mentee.id).execute()
    assert who(sam) is None


def test_who_books_first_and_is_suspended_books_nothing(
    app: Flask, mentor: Mentor, mentee: Person, coordinator: Person
) -> None:
    suspend(mentee, coordinator)
    browser = Visitor(app)
    wanted = opening(mentor)
    ref = browser.hold(wanted).location.rpartition("/")[2]
    typed = {**BOOKING, "hold": ref, "opening": value_of(wanted), "name": "Sam", "email": SAM}
    assert browser.post("/sessions", typed).location == f"/holds/{ref}/code"
    answer = browser.post(f"/holds/{ref}/code", {"code": read_code(app)})
    assert (answer.status_code, SENTENCE in answer.text, Session.select().count()) == (403, True, 0)


def test_what_was_sent_before_and_comes_after_is_refused(
    mentor: Mentor, mentee: Person, stranger: Person, coordinator: Person
) -> None:
    """By requests that began while they were signed in, and by others who hand something on."""
    theirs = book(opening(mentor), replace(REQUEST, kind="project"), mentee=stranger, holder="a", hold_ref="a")
    suspend(mentee, coordinator)
    with pytest.raises(ShutOut):
        book(opening(mentor, 4), REQUEST, mentee=mentee, holder="b", hold_ref="b")
    team.invite(theirs, [SAM], mentee=stranger)
    with pytest.raises(Paused):
        team.hand_over(theirs, Teammate.get().id, mentee=stranger)
    with pytest.raises(NotAllowedNow):
        make_coordinator(Person.get_by_id(mentee.id))


def test_sessions_ahead_are_called_off_for_both_roles_and_their_time_is_free(
    app: Flask, mentor: Mentor, mentee: Person, coordinator: Person, world: Time
) -> None:
    over = make_session(mentor, mentee)
    world.set(over.end)
    omar, noor = make_mentor("Omar Aziz"), make_person("Noor Haddad")
    as_mentee, as_mentor = make_session(omar, mentor.person, number=4), make_session(mentor, mentee, number=9)
    mate = book(opening(omar, 12), replace(REQUEST, kind="project"), mentee=noor, holder="a", hold_ref="a")
    team.invite(mate, [mentor.person.email], mentee=noor)
    Outbox.delete().execute()
    suspend(mentor.person, coordinator)
    assert [Session.get_by_id(session.id).is_cancelled for session in (over, as_mentee, as_mentor, mate)] == [
        *(False, True, True, False)
    ]
    assert Teammate.get().left_at is not None
    assert Claim.select().where(Claim.session << [as_mentee, as_mentor]).count() == 0
    assert as_mentee.start in starts_of(omar)
    laila = mentor.person.email
    assert sorted(told()) == sorted(
        [
            *(("sessions/cancelled", email) for email in (laila, laila, omar.person.email, mentee.email)),
            ("sessions/no_longer_part", laila),
            ("moderation/suspended", laila),
        ]
    )
    other, own = mail(app, "sessions/cancelled", to="sam"), mail(app, "sessions/cancelled", to="laila")
    assert "one of those who were to meet no longer takes part." in text_of(other)
    assert ("suspend" in text_of(other), "Book again" in text_of(other)) == (False, True)
    assert ("called off, since your account is suspended." in text_of(own), "/sessions/" in text_of(own)) == (
        True,
        False,
    )
    assert [part.get_content_type() for part in own.walk()].count("text/calendar") == 1
    assert "METHOD:CANCEL" in next(p for p in own.walk() if p.get_content_type() == "text/calendar").get_content()


def test_nobody_invites_them_by_mail_and_no_mail_confirms_their_hours(
    app: Flask, mentor: Mentor, mentee: Person, stranger: Person, coordinator: Person
) -> None:
    wanted = replace(REQUEST, kind="project")
    session = book(opening(mentor), wanted, mentee=mentee, holder="a", hold_ref="a")
    suspend(stranger, coordinator)
    team.invite(session, [stranger.email, "zed@example.org"], mentee=mentee)
    letters = {
        letter.recipient: preferences.why_not(letter)
        for letter in Outbox.select().where(Outbox.kind == "sessions/invited")
    }
    assert letters == {stranger.email: "they are suspended", "zed@example.org": ""}
    still_good(Availability.get(Availability.mentor == mentor))
    token = token_of(Outbox.get(Outbox.kind == "availability/still_good"), app.config["SETTINGS"].secret_key)
    page = f"/hours/still-good/{token}"
    assert Visitor(app).get(page).status_code == 200
    suspend(mentor.person, coordinator)
    assert (Visitor(app).get(page).status_code, Visitor(app).post(page).status_code) == (404, 404)


def test_what_they_hold_and_wait_for_goes_to_others(
    app: Flask, mentee: Person, stranger: Person, coordinator: Person
) -> None:
    laila, omar = full_mentor(), make_mentor("Omar Aziz")
    for person in (mentee, stranger):
        wait_for_mentor(laila, Terms(), person=person)
    open_at(laila, TUESDAY)
    assert (work(), [name for name, _ in offers()]) == (1, ["Sam"])
    held = hold(opening(omar), holder="a", mentee=mentee, draft={})
    suspend(mentee, coordinator)
    assert Watch.select().where(Watch.person == mentee).count() == 0
    assert held.start in starts_of(omar)
    assert (work(), [name for name, _ in offers()]) == (1, [stranger.first_name])


def test_profile_is_hidden_and_stays_so(
    app: Flask, mentor: Mentor, coordinator: Person, visitor: Visitor, world: Time
) -> None:
    row = "name,email,headline,expertise,languages,time_zone,formats\n"
    row += f"Laila,{mentor.person.email},Engineer,golang,en,Europe/Lisbon,video\n"
    suspend(mentor.person, coordinator)
    mentor = Mentor.get()
    assert (mentor.is_hidden, visitor.get("/mentors/laila-mansour").status_code) == (True, 404)
    assert "Laila" not in visitor.get("/?q=negotiation").text
    with pytest.raises(NotAllowedNow):
        decisions.restore(mentor, reason="Back", coordinator=coordinator)
    revision = profile.save_draft(profile.published_content(mentor), person=mentor.person)
    profile.submit(revision, person=mentor.person)
    approving = {"version": revision.version, "reason": "", "coordinator": coordinator}
    with pytest.raises(NotAllowedNow):
        decisions.decide_on_profile(revision, "approve", **approving)
    assert [problem.column for problem in import_mentors(io.StringIO(row), publish=True).problems] == ["email"]
    assert (Mentor.get().is_hidden, Mentor.get().headline) == (True, "Product lead")
    lift(mentor.person, coordinator)
    assert (Mentor.get().is_hidden, "still hidden" in text_of(mail(app, "moderation/suspension_lifted"))) == (
        True,
        True,
    )
    decisions.restore(Mentor.get(), reason="Back", coordinator=coordinator)
    decisions.decide_on_profile(revision, "approve", **approving)
    assert visitor.get("/mentors/laila-mansour").status_code == 200


def test_who_was_hidden_before_is_suspended_as_well(mentor: Mentor, coordinator: Person) -> None:
    decisions.hide(mentor, reason="Adverts", coordinator=coordinator)
    suspend(mentor.person, coordinator)
    assert Person.get_by_id(mentor.person_id).is_suspended


def test_feed_is_gone_until_it_is_lifted(
    app: Flask, mentee: Person, coordinator: Person, settings: Settings, visitor: Visitor
) -> None:
    path = f"/calendar/{feed.token_of(feed.make(mentee), settings.secret_key)}.ics"
    assert visitor.get(path).status_code == 200
    suspend(mentee, coordinator)
    assert visitor.get(path).status_code == 404
    lift(mentee, coordinator)
    assert visitor.get(path).status_code == 200


def test_only_needed_mails_go_to_them(
    app: Flask, mentor: Mentor, mentee: Person, coordinator: Person, settings: Settings, world: Time
) -> None:
    preferences.stop("feedback/did_it_help", recipient=SAM)
    session = make_session(mentor, mentee)
    world.set(session.end)
    rate(session)
    suspend(mentee, coordinator)
    request_code(SAM, browser="a", zone="Etc/UTC")
    deliver_due(app, settings)
    states = {letter.kind: letter.state for letter in Outbox.select().where(Outbox.recipient == SAM)}
    got = ["feedback/rate", "moderation/suspended", "people/code"]
    assert [states[kind] for kind in got] == ["skipped", "sent", "sent"]
    lift(mentee, coordinator)
    assert preferences.unwanted_by(SAM) == {"feedback/did_it_help"}


def test_coordinators_are_so_no_longer_and_one_always_stays(app: Flask, coordinator: Person) -> None:
    olu = make_person("Olu Ade", coordinator=True)
    inga = Visitor(app, coordinator)
    assert "/suspension" not in inga.get(path_of(coordinator)).text
    own = inga.post(path_of(coordinator, "/suspension"), {"version": record_of(coordinator.id).version, "why": "Me"})
    assert (own.status_code, "You cannot suspend yourself." in own.text) == (409, True)
    suspend(olu, coordinator)
    assert not Person.get_by_id(olu.id).is_coordinator
    with pytest.raises(NotAllowedNow):
        suspend(coordinator, olu)
    with pytest.raises(NotAllowedNow):
        suspend(olu, coordinator)
    lift(olu, coordinator)
    assert not Person.get_by_id(olu.id).is_coordinator
    assert Audit.select().where(Audit.what == "no longer a coordinator", Audit.about == olu).count() == 1


def test_lift_is_kept_and_told_once(app: Flask, mentee: Person, coordinator: Person, world: Time) -> None:
    inga, sam = Visitor(app, coordinator), Visitor(app)
    suspend(mentee, coordinator)
    world.pass_(days=1)
    sent = {"version": record_of(mentee.id).version, "sentence": "We talked."}
    assert inga.post(path_of(mentee, "/suspension/end"), sent).location == path_of(mentee)
    again = inga.post(path_of(mentee, "/suspension/end"), sent)
    anew = inga.post(path_of(mentee, "/suspension/end"), {**sent, "version": record_of(mentee.id).version})
    assert (again.status_code, anew.status_code, "They are not suspended." in anew.text) == (409, 409, True)
    assert [row.what for row in record_of(mentee.id).decisions] == ["suspension lifted", "suspended"]
    assert "“We talked.”" in text_of(mail(app, "moderation/suspension_lifted"))
    ask(sam)
    assert (type_code(sam, read_code(app)).status_code, who(sam)) == (303, SAM)


def test_second_of_two_coordinators_is_told(mentee: Person, coordinator: Person) -> None:
    olu, seen = make_person("Olu Ade", coordinator=True), record_of(mentee.id).version
    suspend(mentee, coordinator)
    with pytest.raises(Stale):
        suspending.suspend(mentee, reason="Me too", version=seen, coordinator=olu)
    assert Decision.select().count() == 1


def test_as_the_outcome_of_a_report(
    app: Flask, mentor: Mentor, mentee: Person, stranger: Person, coordinator: Person
) -> None:
    first, second = reported("mentors/laila-mansour", mentee), reported("mentors/laila-mansour", stranger)
    inga, path = Visitor(app, coordinator), f"/moderation/reports/{first.id}/decision"
    lacking = inga.post(path, {"what": "suspend", "note": "Twice"})
    assert (lacking.status_code, "They get it by mail" in lacking.text) == (422, True)
    assert inga.post(path, {"what": "suspend", "note": "Twice", "sentence": WHY}).status_code == 303
    laila = Person.get_by_id(mentor.person_id)
    assert (laila.is_suspended, queue(coordinator).suspended) == (True, [laila])
    letter = text_of(mail(app, "moderation/suspended", to=laila.email))
    assert (WHY in letter, "Twice" in letter, "report" in letter) == (True, False, False)
    assert {row.subject for row in Decision.select()} == {"person", "report"}
    assert list(offered(second)) == ["nothing"]


def test_who_is_suspended_may_be_named_by_a_provider_and_stays_out(mentee: Person, coordinator: Person) -> None:
    said = Said(
        by="Example University", issuer="https://login.example.edu", subject="sam", email=SAM, name="Sam",
        is_coordinator=True, proved_at=None,
    )  # fmt: skip
    suspend(mentee, coordinator)
    with pytest.raises(ShutOut):
        identities.enter(said, zone="Etc/UTC", otherwise="Sign in")
    assert (Identity.select().count(), Person.get_by_id(mentee.id).is_coordinator) == (0, False)
