"""Reporting a person or a text: from every place that shows one, once, and without being told on."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask

from portal.errors import Missing, NotAllowedNow
from portal.feedback.models import Rating
from portal.feedback.rating import let_through, mark_of
from portal.mentors.models import Mentor
from portal.moderation.models import Report
from portal.moderation.reportable import subject_at
from portal.moderation.reporting import MOST_OPEN, report
from portal.people import blocks
from portal.people.models import Block, Person
from portal.preparation.models import Message
from portal.sessions.booking import book
from portal.sessions.models import Session, Teammate
from portal.sessions.team import ask, invite
from tests.cast import REQUEST, Visitor, make_mentor, make_person, make_session, opening
from tests.conftest import Time
from tests.letters import told
from tests.moderation.reported import PRIVATE, full_session, message_place, place, reported

PAGE = "/mentors/laila-mansour"
SENT = {"reason": "selling", "words": "They sell <courses>."}


def test_report_a_profile_keeps_what_it_said(app: Flask, mentor: Mentor, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    assert f'href="/report{PAGE}"' in sam.get(PAGE).text
    assert "Report Laila Mansour" in sam.get(f"/report{PAGE}").text
    answer = sam.post(f"/report{PAGE}", SENT)
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert "Thank you. A coordinator looks at it." in sam.get(PAGE).text
    Mentor.update(about="Nothing to see").execute()
    kept = Report.get()
    assert (kept.kind, kept.reporter_id, kept.person_id, kept.reason) == (
        "profile",
        mentee.id,
        mentor.person_id,
        "selling",
    )
    assert "Bring me one decision you are stuck on." in kept.text
    assert told() == []
    assert Block.select().count() == 0


def test_report_once_more_adds_nothing_until_it_is_decided_on(app: Flask, mentor: Mentor, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    for _ in range(2):
        assert sam.post(f"/report{PAGE}", SENT).status_code == 303
    assert "You have reported this already." in sam.get(PAGE).text
    page = sam.get(f"/report{PAGE}").text
    assert ("You have reported this. A coordinator looks at it" in page, "Send the report" in page) == (True, False)
    subject = subject_at("mentors/laila-mansour", person=mentee)
    assert not report(subject, person=mentee, reason="else", words="Again")
    assert Report.select().count() == 1
    Report.update(decided_at=0).execute()
    assert report(subject, person=mentee, reason="else", words="And again")
    assert Report.select().count() == 2


def test_report_without_javascript_leads_a_visitor_through_sign_in(app: Flask, mentor: Mentor) -> None:
    visitor = Visitor(app)
    assert f'href="/report{PAGE}"' in visitor.get(PAGE).text
    for answer in (visitor.get(f"/report{PAGE}"), visitor.post(f"/report{PAGE}", SENT)):
        assert (answer.status_code, answer.location.startswith("/sign-in?next=")) == (303, True)
    assert visitor.get(f"/report{PAGE}").location == "/sign-in?next=/report/mentors/laila-mansour"
    assert Report.select().count() == 0


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Choose what is wrong."),
        ({"reason": "other"}, "Not a valid choice"),
        ({"reason": "else", "words": " \u200b "}, "Say in a sentence what is wrong."),
        ({"reason": "unsafe", "words": "x" * 1001}, "At most 1000 characters, please."),
    ],
)
def test_report_that_is_not_complete_keeps_what_was_typed(
    app: Flask, mentor: Mentor, mentee: Person, sent: dict[str, str], said: str
) -> None:
    answer = Visitor(app, mentee).post(f"/report{PAGE}", {"words": "They sell <courses>.", "block": "yes", **sent})
    assert (answer.status_code, said in answer.text) == (422, True)
    assert ("words" in sent or "They sell &lt;courses&gt;." in answer.text) is True
    assert ('value="yes" checked' in answer.text or 'checked id="block"' in answer.text) is True
    assert (Report.select().count(), Block.select().count()) == (0, 0)


def test_report_and_block_in_one_step(app: Flask, mentor: Mentor, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    assert "Also block Laila" in sam.get(f"/report{PAGE}").text
    sam.post(f"/report{PAGE}", {**SENT, "block": "yes"})
    assert blocks.has_blocked(mentee.id, mentor.person_id)
    Report.update(decided_at=0).execute()
    assert "Also block" not in sam.get(f"/report{PAGE}").text


def test_report_a_line_names_the_text_and_never_its_writer(
    app: Flask, mentor: Mentor, mentee: Person, stranger: Person, world: Time
) -> None:
    full_session(mentor, mentee, world)
    line, mallory = Rating.get().line, Visitor(app, stranger)
    address = f"/report{PAGE}/lines/{mark_of(line)}"
    assert mallory.get(address).status_code == 404  # not shown yet
    let_through(Rating.get())
    assert f'href="{address}"' in mallory.get(PAGE).text
    page = mallory.get(address).text
    assert ("Clear and &lt;kind&gt;." in page, "Sam" in page, "Also block" in page) == (True, False, False)
    mallory.post(address, {**SENT, "block": "yes"})
    kept = Report.get()
    assert (kept.kind, kept.text, kept.person_id, kept.mentor_id) == ("line", line, mentee.id, mentor.person_id)
    assert Block.select().count() == 0
    for other in ("0" * 16, "x", mark_of(line)[:-1]):
        assert mallory.get(f"/report{PAGE}/lines/{other}").status_code == 404


def test_report_what_others_wrote_in_a_session(app: Flask, mentor: Mentor, mentee: Person, world: Time) -> None:
    noor = make_person("Noor Haddad")
    session = full_session(mentor, mentee, world, mates=(noor.email,))
    mate = Teammate.get()
    Teammate.update(question="How long?").execute()
    message = message_place(session).rsplit("/", 1)[1]
    texts = {
        "mentee": {"mentor": "", f"teammate-{noor.id}": "", "preparation": PRIVATE[2], message: PRIVATE[3]},
        "mentor": {"mentee": "", "brief": PRIVATE[0], "thank-you": PRIVATE[4], f"question-{mate.id}": "How long?"},
        "noor": {"mentor": "", "mentee": "", "brief": PRIVATE[1], "preparation": "example.org/read", message: "hers"},
    }
    shown_elsewhere = {("mentor", "thank-you"): "/impact"}
    for name, person in {"mentee": mentee, "mentor": mentor.person, "noor": noor}.items():
        browser, page = Visitor(app, person), f"/sessions/{session.ref}"
        links = {part for part in (*texts[name],) if f'href="/report{page}/{part}"' in browser.get(page).text}
        assert (name, links) == (name, set(texts[name]))
        for part, text in texts[name].items():
            subject = subject_at(place(session, part), person=person)
            assert (part, text in subject.text, subject.session) == (part, True, session)
            assert "a coordinator can read what all of you wrote" in browser.get(f"/report{page}/{part}").text
            if where := shown_elsewhere.get((name, part)):
                assert f'href="/report{page}/{part}"' in browser.get(where).text


def test_report_what_one_cannot_see_does_not_exist(
    app: Flask, mentor: Mentor, mentee: Person, coordinator: Person, stranger: Person, world: Time
) -> None:
    session = full_session(mentor, mentee, world)
    other = make_session(mentor, stranger)
    said = message_place(session)
    bo = make_person("Bo Unapproved")
    Mentor.create(person=bo.id, slug="bo", name="Bo")
    tries = {
        stranger: [said, place(session, "mentor"), place(session, "brief"), place(other, said.rsplit("/", 1)[1])],
        coordinator: [said, place(session, "mentor")],
        bo: [said, place(session, "mentee")],
        mentee: [place(session, part) for part in ("mentee", "brief", "thank-you", "objection", "message-0", "x")],
        mentor.person: [said, place(session, "mentor"), place(session, "preparation"), "mentors/bo", "x", "mentors"],
    }
    for person, places in tries.items():
        for where in places:
            for answer in (Visitor(app, person).get(f"/report/{where}"), Visitor(app, person).post(f"/report/{where}")):
                assert (person.name, where, answer.status_code) == (person.name, where, 404)
    with pytest.raises(NotAllowedNow, match="your own page"):
        subject_at("mentors/laila-mansour", person=mentor.person)
    assert Report.select().count() == 0
    assert subject_at(said, person=mentee).kind == "message"


def test_report_of_cancelled_moved_and_objected(mentor: Mentor, mentee: Person, world: Time) -> None:
    session = make_session(mentor, mentee)

    def find(part: str, who: Person) -> str:
        return subject_at(place(session, part), person=who).text

    with pytest.raises(Missing):
        find("move-request", mentee)
    Session.update(move_request="Ask me why").execute()
    assert find("move-request", mentee) == "Ask me why"
    Session.update(cancelled_at=world.now, cancelled_by=mentee, cancel_reason="You are rude").execute()
    assert find("cancellation", mentor.person) == "You are rude"
    with pytest.raises(Missing):
        find("cancellation", mentee)


@pytest.mark.parametrize("is_paused", [False, True])
def test_report_is_open_to_who_is_paused(app: Flask, mentor: Mentor, mentee: Person, is_paused: bool) -> None:
    Person.update(paused_until=4_000_000_000 if is_paused else None).where(Person.id == mentee.id).execute()
    assert Visitor(app, mentee).post(f"/report{PAGE}", SENT).status_code == 303
    assert Report.select().count() == 1


@pytest.mark.parametrize("known", [MOST_OPEN - 1, MOST_OPEN])
def test_reports_of_one_person_have_a_limit(
    app: Flask, mentor: Mentor, mentee: Person, world: Time, known: int
) -> None:
    session = make_session(mentor, mentee)
    texts = [Message(key=str(n), session=session, person=mentor.person, text="Hi", at=world.now) for n in range(known)]
    Message.bulk_create(texts)
    for message in Message.select():
        reported(place(session, f"message-{message.id}"), mentee)
    answer = Visitor(app, mentee).post(f"/report{PAGE}", SENT)
    assert (answer.status_code, Report.select().count()) == ((303, 20) if known < MOST_OPEN else (409, 20))
    assert Visitor(app, make_person("Noor Haddad")).post(f"/report{PAGE}", SENT).status_code == 303


def test_who_is_reported_sees_nothing_of_it(app: Flask, mentee: Person, world: Time) -> None:
    laila = make_mentor(name="Laila Mansour")
    session = full_session(laila, mentee, world)
    browser = Visitor(app, laila.person)
    pages = ("/you", "/sessions", f"/sessions/{session.ref}", PAGE, "/", "/hours", "/impact")
    before = {path: browser.get(path).data for path in pages}
    letters = told()
    for where in (message_place(session), place(session, "mentor"), "mentors/laila-mansour"):
        reported(where, mentee)
    steady = [path for path in pages if _without_token(browser.get(path).data) != _without_token(before[path])]
    assert (steady, told() == letters) == ([], True)
    assert _without_token(b'name="csrf_token" value="x" A') != _without_token(b'name="csrf_token" value="x" B')


def _without_token(page: bytes) -> bytes:
    return re.sub(rb'(csrf_token" value="|X-CSRFToken": "|name="(?:key|hold)" value=")[^"]*', rb"\1", page)


def test_report_a_teammates_question_is_for_the_others(mentor: Mentor, mentee: Person, world: Time) -> None:
    noor = make_person("Noor Haddad")
    session = book(opening(mentor), replace(REQUEST, kind="project"), mentee=mentee, holder="a", hold_ref="b")
    invite(session, [noor.email], mentee=mentee)
    ask(session, "Is it long?", person=noor)
    where = place(session, f"question-{Teammate.get().id}")
    assert [subject_at(where, person=person).person for person in (mentee, mentor.person)] == [noor, noor]
    with pytest.raises(Missing):
        subject_at(where, person=noor)
