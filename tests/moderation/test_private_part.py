"""What was written in a session stays its participants', but for an open report by one of them; each look counts."""

from __future__ import annotations

import sys

import pytest
from flask import Flask

from portal.errors import Missing, NotAllowedNow
from portal.mentors.models import Mentor
from portal.moderation.models import Report
from portal.moderation.private_part import looks_at, open_private_part, why_not_open
from portal.moderation.triage import Outcome, decide
from portal.people.account import make_coordinator
from portal.people.audit import What
from portal.people.models import Audit, Person
from portal.preparation.conversation import say
from portal.sessions.models import Session
from tests.cast import Visitor, make_person, make_session
from tests.conftest import Time
from tests.moderation.reported import PRIVATE, full_session, place, reported

KNOWN = tuple(text.replace("<", "&lt;").replace(">", "&gt;") for text in PRIVATE)


@pytest.fixture
def session(mentor: Mentor, mentee: Person, world: Time) -> Session:
    return full_session(mentor, mentee, world)


def looks() -> list[tuple[int | None, str]]:
    seen = Audit.select().where(Audit.what == What.PRIVATE_SEEN).order_by(Audit.id)
    return [(row.person_id, row.thing) for row in seen]


def found(text: str) -> list[str]:
    return [known for known in KNOWN if known in text]


def everywhere(browser: Visitor, session: Session, *more: str) -> str:
    """All that a coordinator can look at."""
    pages = ("/coordinator", "/audit", "/coordinator/mails", f"/sessions/{session.ref}", "/sessions", "/impact", *more)
    return "".join(browser.get(path).text for path in pages)


def test_private_part_is_unreachable_without_a_report(
    app: Flask, session: Session, mentee: Person, coordinator: Person
) -> None:
    inga = Visitor(app, coordinator)
    assert found(everywhere(inga, session, "/moderation/reports/1", "/moderation/mentors/laila-mansour")) == []
    assert inga.post("/moderation/reports/1/private-part").status_code == 404
    assert looks() == []
    assert set(found(Visitor(app, mentee).get(f"/sessions/{session.ref}").text)) >= set(KNOWN[:4])  # it is there


def test_private_part_opens_by_a_button_and_each_look_is_recorded(
    app: Flask, session: Session, mentee: Person, coordinator: Person
) -> None:
    report, inga = reported(place(session, "mentor"), mentee), Visitor(app, coordinator)
    path = f"/moderation/reports/{report.id}"
    page = inga.get(path).text
    assert ("Open the private part" in page, found(page + everywhere(inga, session)), looks()) == (True, [], [])
    assert inga.get(f"{path}/private-part").status_code == 405
    for number in (1, 2):
        opened = inga.post(f"{path}/private-part")
        assert (opened.status_code, found(opened.text)) == (200, list(KNOWN))
        assert "no-store" in opened.headers["Cache-Control"]
        assert looks() == [(coordinator.id, f"report {report.id}")] * number
    page = inga.get(path).text
    assert (found(page), page.count("Opened by Inga Holm, ")) == ([], 2)
    assert len(looks_at(report)) == 2


def test_private_part_is_closed_again_once_it_is_decided_on(
    app: Flask, session: Session, mentee: Person, coordinator: Person
) -> None:
    report, inga = reported(place(session, "brief"), session.mentor.person), Visitor(app, coordinator)
    path = f"/moderation/reports/{report.id}"
    assert found(inga.post(f"{path}/private-part").text) == list(KNOWN)
    decide(report, Outcome("nothing", "A misunderstanding"), coordinator=coordinator)
    closed = inga.post(f"{path}/private-part")
    assert (closed.status_code, "the session is closed again" in closed.text, found(closed.text)) == (409, True, [])
    page = inga.get(path).text
    assert ("Open the private part" in page, found(page)) == (False, [KNOWN[0], KNOWN[1]])  # what was reported
    assert len(looks()) == 1


def test_private_part_is_of_that_session_alone(
    app: Flask, session: Session, mentor: Mentor, stranger: Person, coordinator: Person
) -> None:
    other = make_session(mentor, stranger, number=8)
    say(other, "Of another session", person=stranger, key="a")
    report, inga = reported(place(other, "mentor"), stranger), Visitor(app, coordinator)
    opened = inga.post(f"/moderation/reports/{report.id}/private-part").text
    assert ("Of another session" in opened, found(opened)) == (True, [])
    assert found(everywhere(inga, session)) == []


def test_private_part_is_not_opened_by_a_report_of_a_public_page(
    app: Flask, session: Session, mentee: Person, coordinator: Person
) -> None:
    report, inga = reported("mentors/laila-mansour", mentee), Visitor(app, coordinator)
    assert "Open the private part" not in inga.get(f"/moderation/reports/{report.id}").text
    answer = inga.post(f"/moderation/reports/{report.id}/private-part")
    assert (answer.status_code, found(answer.text), looks()) == (409, [], [])


def test_private_part_is_closed_once_who_reported_it_has_left(
    session: Session, mentee: Person, coordinator: Person
) -> None:
    report = reported(place(session, "mentor"), mentee)
    assert why_not_open(report) == ""
    Report.update(reporter=None).execute()
    with pytest.raises(NotAllowedNow, match="has left"):
        open_private_part(report, coordinator=coordinator)
    assert looks() == []


def test_private_part_is_not_for_a_coordinator_who_has_a_part_in_it(session: Session, mentee: Person) -> None:
    report, mentor = reported(place(session, "mentor"), mentee), session.mentor.person
    for person in (mentor, mentee):
        make_coordinator(person)
        with pytest.raises(Missing):
            open_private_part(report, coordinator=person)
    assert looks() == []
    open_private_part(report, coordinator=make_person("Olu Ade", coordinator=True))
    assert len(looks()) == 1


def test_what_is_read_is_recorded_or_not_read(
    app: Flask, session: Session, mentee: Person, coordinator: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the line cannot be written, nothing is shown."""
    report = reported(place(session, "mentor"), mentee)

    def fail(*_: object, **__: object) -> None:
        raise NotAllowedNow("The audit is full.")

    monkeypatch.setattr(sys.modules[open_private_part.__module__], "record", fail)
    answer = Visitor(app, coordinator).post(f"/moderation/reports/{report.id}/private-part")
    assert (answer.status_code, found(answer.text)) == (409, [])
