"""Coordinators decide on reports, once each; who has a part in one does not even learn of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask

from portal.availability import hours
from portal.errors import Missing, NotAllowedNow, Stale
from portal.feedback.models import Rating
from portal.feedback.rating import let_through, mark_of
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.moderation import triage
from portal.moderation.models import Decision, Report
from portal.moderation.queue import queue
from portal.moderation.triage import Outcome, decide, how_many_for, offered, report_for, reports_for
from portal.people.account import make_coordinator
from portal.people.models import Person
from portal.programme.summary import send_summaries
from portal.sessions.booking import book
from portal.sessions.fairness import why_not_book
from portal.sessions.models import Session, Teammate
from portal.sessions.team import hand_over, invite
from tests.cast import MONDAY, REQUEST, Visitor, make_mentor, make_person, opening
from tests.conftest import Time
from tests.letters import mail, text_of, told
from tests.moderation.reported import full_session, message_place, place, reported

PROFILE = "mentors/laila-mansour"
PAUSE = {"what": "pause", "until": "2026-12-07", "sentence": "Not like this.", "note": "Twice"}


def path_of(report: Report, rest: str = "") -> str:
    return f"/moderation/reports/{report.id}{rest}"


def test_open_reports_wait_oldest_first_with_subject_and_reason(
    app: Flask, mentor: Mentor, mentee: Person, stranger: Person, coordinator: Person, world: Time
) -> None:
    session = full_session(mentor, mentee, world)
    old = reported(PROFILE, stranger, reason="impostor")
    world.pass_(hours=2)
    new = reported(message_place(session), mentee, words="Look at <this>.")
    inga = Visitor(app, coordinator)
    page = inga.get("/coordinator").text
    assert page.index(path_of(old)) < page.index(path_of(new))
    assert [report.id for report in queue(coordinator).reports] == [old.id, new.id]
    assert queue(coordinator).count == queue().count + 2
    for text in ("Not who they say they are", "Unwelcome or harassing", "A mentor’s profile", "Laila Mansour"):
        assert text in page
    shown = inga.get(path_of(new)).text
    assert ("Look at &lt;this&gt;." in shown, "A &lt;message&gt; of hers" in shown) == (True, True)
    assert "Sam Rivera" in shown


def test_decide_nothing_is_kept_and_told_in_one_sentence(
    app: Flask, mentor: Mentor, mentee: Person, coordinator: Person
) -> None:
    report, inga = reported(PROFILE, mentee), Visitor(app, coordinator)
    answer = inga.post(path_of(report, "/decision"), {"what": "nothing", "note": "A quarrel"})
    assert (answer.status_code, answer.location, queue(coordinator).reports) == (303, "/coordinator", [])
    rows = [(row.subject, row.subject_id, row.about, row.what, row.reason) for row in Decision.select()]
    assert rows == [("report", report.id, "A mentor’s profile", "nothing to do", "A quarrel")]
    assert told() == [("moderation/report_looked_at", mentee.email)]
    letter = text_of(mail(app, "moderation/report_looked_at"))
    assert "A coordinator has looked at what you reported on 23 November 2026, and decided what to do." in letter
    assert [word for word in ("Laila", "quarrel", "nothing", "Inga") if word in letter] == []
    assert "Nothing to do by Inga Holm, 23 November 2026, 08:00" in inga.get(path_of(report)).text
    assert Mentor.get().is_published


def test_decide_to_hide_the_profile(
    app: Flask, mentor: Mentor, mentee: Person, coordinator: Person, visitor: Visitor
) -> None:
    report, inga = reported(PROFILE, mentee), Visitor(app, coordinator)
    lacking = inga.post(path_of(report, "/decision"), {"what": "profile", "note": "Adverts"})
    assert (lacking.status_code, "They get it by mail" in lacking.text, Mentor.get().is_hidden) == (422, True, False)
    sent = {"what": "profile", "note": "Adverts", "sentence": "No adverts, please."}
    assert inga.post(path_of(report, "/decision"), sent).status_code == 303
    assert (Mentor.get().is_hidden, visitor.get("/mentors/laila-mansour").status_code) == (True, 404)
    letter = text_of(mail(app, "moderation/profile_decided", to=mentor.person.email))
    assert ("“No adverts, please.”" in letter, "Adverts" in letter, "Sam" in letter) == (True, False, False)
    assert {row.subject for row in Decision.select()} == {"profile", "report"}


def test_decide_to_hide_a_line(
    app: Flask, mentor: Mentor, mentee: Person, stranger: Person, coordinator: Person, visitor: Visitor, world: Time
) -> None:
    full_session(mentor, mentee, world)
    let_through(Rating.get())
    report, inga = reported(f"{PROFILE}/lines/{mark_of(Rating.get().line)}", stranger), Visitor(app, coordinator)
    page = inga.get(path_of(report)).text
    assert ("Clear and &lt;kind&gt;." in page, "Sam Rivera" in page) == (True, False)
    assert list(offered(report)) == ["nothing", "line"]
    assert "Clear and" in visitor.get("/mentors/laila-mansour").text
    assert inga.post(path_of(report, "/decision"), {"what": "line", "note": "Names a person"}).status_code == 303
    assert (Rating.get().line_status, "Clear and" in visitor.get("/mentors/laila-mansour").text) == ("refused", False)


def test_decide_to_pause_the_person(
    app: Flask, mentor: Mentor, mentee: Person, coordinator: Person, world: Time
) -> None:
    report = reported(message_place(full_session(mentor, mentee, world)), mentee)
    inga = Visitor(app, coordinator)
    for until, said in (("", "This is not a date."), ("2026-11-23", "Choose a day from"), ("9999-99-99", "no date")):
        answer = inga.post(path_of(report, "/decision"), {**PAUSE, "until": until})
        assert (answer.status_code, said in answer.text or until == "9999-99-99") == (422, True)
        assert "Not like this." in answer.text
    assert Decision.select().count() == 0
    assert inga.post(path_of(report, "/decision"), PAUSE).status_code == 303
    laila = Person.get_by_id(mentor.person_id)
    assert (why_not_book(laila) != "", hours.closed_until(mentor)) == (True, date(2026, 12, 7))
    letter = text_of(mail(app, "moderation/paused", to=laila.email))
    assert ("“Not like this.”" in letter, "did not come" in letter, "report" in letter) == (True, False, False)
    page = inga.get(f"/moderation/people/{laila.id}").text
    assert ("Bookings and hours paused until 7 December 2026 by Inga Holm" in page, "End the pause" in page) == (
        True,
        True,
    )


def test_the_second_of_two_coordinators_is_told(
    app: Flask, mentor: Mentor, mentee: Person, coordinator: Person
) -> None:
    report, olu = reported(PROFILE, mentee), make_person("Olu Ade", coordinator=True)
    decide(report, Outcome("nothing", "Mine"), coordinator=coordinator)
    with pytest.raises(Stale):
        decide(report, Outcome("profile", "Mine too", "Adverts"), coordinator=olu)
    for sent in (PAUSE, {}, {"what": "profile"}):
        late = Visitor(app, olu).post(path_of(report, "/decision"), sent)
        assert (late.status_code, "Somebody has decided on this report" in late.text) == (409, True)
    assert ([row.reason for row in Decision.select()], Mentor.get().is_published, len(told())) == (["Mine"], True, 1)


def test_what_was_hidden_meanwhile_cannot_be_hidden_again(
    app: Flask, mentor: Mentor, mentee: Person, stranger: Person, coordinator: Person
) -> None:
    first, second = reported(PROFILE, mentee), reported(PROFILE, stranger)
    decide(first, Outcome("profile", "Adverts", "No adverts"), coordinator=coordinator)
    before = Decision.select().count()
    with pytest.raises(NotAllowedNow):
        decide(second, Outcome("profile", "Adverts", "No adverts"), coordinator=coordinator)
    assert (Decision.select().count(), Report.get_by_id(second.id).is_open) == (before, True)
    assert list(offered(second)) == ["nothing", "pause", "suspend"]
    decide(second, Outcome("nothing", "Hidden already"), coordinator=coordinator)


def test_who_has_a_part_in_it_does_not_learn_of_it(
    app: Flask, mentor: Mentor, mentee: Person, coordinator: Person, world: Time
) -> None:
    noor, former = make_person("Noor Haddad"), make_person("Bo Former")
    session = full_session(mentor, former, world, mates=(noor.email, "left@example.org"))
    left = make_person("Left")
    Teammate.update(left_at=world.now).where(Teammate.email == left.email).execute()
    Session.update(mentee=mentee).where(Session.id == session.id).execute()  # as after it was handed over
    report = reported(place(session, "mentor"), noor)
    involved = {"mentor": mentor.person, "mentee": mentee, "mate": noor, "left": left, "former": former}
    for name, person in involved.items():
        make_coordinator(person)
        browser = Visitor(app, person)
        answers = [browser.get(path_of(report))]
        answers += [browser.post(path_of(report, rest), PAUSE) for rest in ("/decision", "/private-part")]
        assert (name, [answer.status_code for answer in answers]) == (name, [404] * 3)
        assert (name, path_of(report) in browser.get("/coordinator").text, reports_for(person)) == (name, False, [])
    everybody = [*involved.values(), coordinator]
    assert how_many_for(everybody) == {**{person.id: 0 for person in involved.values()}, coordinator.id: 1}
    assert Visitor(app, coordinator).get(path_of(report)).status_code == 200
    assert Report.get().is_open


def test_who_handed_a_session_over_still_has_a_part_in_it(mentor: Mentor, mentee: Person, world: Time) -> None:
    noor = make_person("Noor Haddad")
    session = book(opening(mentor), replace(REQUEST, kind="project"), mentee=mentee, holder="a", hold_ref="b")
    invite(session, [noor.email], mentee=mentee)
    hand_over(session, Teammate.get().id, mentee=mentee)
    report = reported(place(session, "mentor"), noor)
    make_coordinator(mentee)
    with pytest.raises(Missing):
        report_for(report.id, mentee)


def test_reports_are_nobody_elses_business(
    app: Flask, mentor: Mentor, mentee: Person, stranger: Person, world: Time
) -> None:
    report = reported(PROFILE, mentee)
    bo = make_person("Bo Unapproved")
    Mentor.create(person=bo.id, slug="bo", name="Bo")
    paused = make_person("Pia Paused")
    Person.update(paused_until=4_000_000_000).where(Person.id == paused.id).execute()
    for who in (None, mentee, stranger, mentor.person, bo, paused):
        browser = Visitor(app, who)
        answers = [browser.get(path_of(report)), browser.get("/audit"), browser.post("/audit/export")]
        answers += [browser.post(path_of(report, rest), PAUSE) for rest in ("/decision", "/private-part")]
        assert {(answer.status_code, "There is nothing at this address." in answer.text) for answer in answers} == {
            (404, True)
        }
    assert (Report.get().is_open, Decision.select().count()) == (True, 0)


def test_weekly_summary_counts_reports_for_each_reader(
    mentor: Mentor, mentee: Person, coordinator: Person, world: Time
) -> None:
    make_coordinator(mentor.person)
    reported(PROFILE, mentee)
    world.set(MONDAY - timedelta(minutes=10))
    send_summaries()
    world.set(MONDAY)
    assert send_summaries() == 2
    letters = Outbox.select().where(Outbox.kind == "programme/weekly")
    assert {letter.recipient: letter.facts["queue"] for letter in letters} == {
        coordinator.email: 1,
        mentor.person.email: 0,
    }


def test_a_report_of_who_left_since_is_still_decided_on(
    app: Flask, mentor: Mentor, mentee: Person, coordinator: Person
) -> None:
    report = reported(PROFILE, mentee)
    Report.update(reporter=None).execute()
    assert "by somebody who left" in Visitor(app, coordinator).get(path_of(report)).text
    decide(report_for(report.id, coordinator), Outcome("nothing", "They left"), coordinator=coordinator)
    assert told() == []
    other = make_mentor(name="Ada Novak")
    mine = reported("mentors/ada-novak", mentee)
    Report.update(person=None, mentor=None).where(Report.id == mine.id).execute()
    assert list(offered(report_for(mine.id, coordinator))) == ["nothing"]
    assert Visitor(app, coordinator).get(path_of(mine)).status_code == 200
    assert other.is_published


def test_every_outcome_has_its_words() -> None:
    assert set(triage.OUTCOMES) == set(triage.DECIDED) == {"nothing", *triage.DEEDS}
    assert set(triage.TELLING) < set(triage.DEEDS)
