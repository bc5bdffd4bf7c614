"""Both prepare: the mentor reads and writes back, the mentee is ready, each sees the other."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from portal.errors import Missing, NotAllowedNow
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people import blocks
from portal.people.models import Person
from portal.preparation.models import Preparation
from portal.preparation.preparing import Prepared, prepare, prepared, set_ready
from portal.sessions import team
from portal.sessions.changes import cancel, change_questions
from portal.sessions.models import Session, Teammate
from tests.cast import Visitor, make_person
from tests.conftest import Time
from tests.letters import html_of, mail, text_of, told
from tests.preparation.conftest import MakeSession, around, seat

LINE = "Bring the number you would accept."
LINKS = ("https://notes.example.org/counter-offers/", "http://example.org/a?b=1&c=2")


def write_back(session: Session, mentor: Mentor, *, line: str = LINE, links: tuple[str, ...] = LINKS) -> None:
    ticked = prepared(seat(session, mentor.person)).edition
    prepare(session, mentor=mentor.person, read=ticked, line=line, links=links)


def letters() -> list[str]:
    return [to for kind, to in told() if kind == "preparation/prepared"]


def test_prepare_shows_the_mentee_what_was_written(session: Session, mentor: Mentor, mentee: Person) -> None:
    edition = str(int(session.questions_at.timestamp()))
    assert prepared(seat(session, mentee)) == Prepared("", [], False, False, False, edition)
    write_back(session, mentor)
    assert prepared(seat(session, mentee)) == Prepared(LINE, list(LINKS), True, False, False, edition)


def test_prepare_mails_the_mentee_once(app: Flask, session: Session, mentor: Mentor, mentee: Person) -> None:
    write_back(session, mentor)
    assert letters() == [mentee.email]
    message = mail(app, "preparation/prepared")
    assert message["Subject"] == "Laila prepared for Monday 23 November 2026, 11:00–11:15 (Berlin time)"
    text = text_of(message)
    for said in ("Laila wrote back to you before your session.", f"“{LINE}”", *(f"- {link}" for link in LINKS)):
        assert (said, said in text) == (said, True)
    assert f"http://portal.example.org/sessions/{session.ref}" in html_of(message)
    before = Preparation.get_by_id(session.id)
    write_back(session, mentor)
    after = Preparation.get_by_id(session.id)
    assert (letters(), before.__data__ == after.__data__) == ([mentee.email], True)


def test_prepare_again_mails_what_is_new(app: Flask, session: Session, mentor: Mentor, world: Time) -> None:
    write_back(session, mentor)
    write_back(session, mentor, line="Bring the offer.")
    assert (len(letters()), "“Bring the offer.”" in text_of(mail(app, "preparation/prepared"))) == (2, True)
    world.pass_(minutes=1)
    write_back(session, mentor)
    assert len(letters()) == 3
    write_back(session, mentor, line="", links=())
    assert len(letters()) == 3


def test_tick_alone_mails_nobody(session: Session, mentor: Mentor, mentee: Person) -> None:
    write_back(session, mentor, line="", links=())
    assert (letters(), prepared(seat(session, mentee)).has_read) == ([], True)


def test_tick_is_open_again_once_the_questions_change(
    session: Session, mentor: Mentor, mentee: Person, world: Time
) -> None:
    write_back(session, mentor)
    world.pass_(seconds=1)
    change_questions(session, ("Another one?",), mentee=mentee)
    kept = prepared(seat(session, mentor.person))
    assert (kept.has_read, kept.had_read, kept.line) == (False, True, LINE)
    write_back(session, mentor)
    kept = prepared(seat(session, mentor.person))
    assert (kept.has_read, kept.had_read) == (True, False)


def test_tick_beside_older_questions_does_not_count(
    app: Flask, session: Session, mentor: Mentor, mentee: Person, world: Time
) -> None:
    laila, path = Visitor(app, mentor.person), f"/sessions/{session.ref}"
    shown = re.findall(r'name="read" value="(\d+)"', laila.get(path).text)
    world.pass_(minutes=1)
    change_questions(session, ("Another one?",), mentee=mentee)
    laila.post(f"{path}/preparation", {"read": shown[0], "line": LINE, "links": ""})
    assert "The questions changed meanwhile: read them again." in laila.get(path).text
    kept = prepared(seat(session, mentee))
    assert (kept.has_read, kept.line) == (False, LINE)


def test_readiness_is_said_and_taken_back(session: Session, mentee: Person, mentor: Mentor, world: Time) -> None:
    states = []
    for is_ready in (True, True, False):
        set_ready(session, mentee=mentee, is_ready=is_ready)
        states.append(prepared(seat(session, mentor.person)).is_mentee_ready)
        world.pass_(seconds=1)
    assert (states, letters()) == ([True, True, False], [])


def test_saying_ready_twice_changes_nothing(session: Session, mentee: Person, world: Time) -> None:
    set_ready(session, mentee=mentee, is_ready=True)
    first = Preparation.get_by_id(session.id).ready_at
    world.pass_(seconds=1)
    set_ready(session, mentee=mentee, is_ready=True)
    assert Preparation.get_by_id(session.id).ready_at == first


def test_prepare_until_the_end_and_be_ready_until_the_start(
    session: Session, mentor: Mentor, mentee: Person, world: Time
) -> None:
    prepares, readies = [], []
    for instant in around(session.end):
        world.set(instant)
        prepares.append(seat(session, mentor.person).can("preparation"))
    for instant in around(session.start):
        world.set(instant)
        readies.append(seat(session, mentee).can("readiness"))
    assert (prepares, readies) == ([True, False, False], [True, False, False])
    with pytest.raises(NotAllowedNow, match="has started"):
        set_ready(session, mentee=mentee, is_ready=True)
    world.set(session.end)
    with pytest.raises(NotAllowedNow, match="is over, so there is nothing to prepare"):
        write_back(session, mentor)


def test_prepare_a_cancelled_session_is_refused(session: Session, mentor: Mentor, mentee: Person) -> None:
    cancel(session, person=mentee, reason="Ill")
    with pytest.raises(NotAllowedNow, match="was cancelled, so there is nothing to prepare"):
        write_back(session, mentor)
    with pytest.raises(NotAllowedNow, match="was cancelled already"):
        set_ready(session, mentee=mentee, is_ready=True)
    assert Preparation.select().count() == 0


def test_prepare_is_the_mentors_and_readiness_the_mentees(
    app: Flask, session: Session, mentor: Mentor, mentee: Person, stranger: Person
) -> None:
    with pytest.raises(Missing):
        prepare(session, mentor=mentee, read="", line=LINE, links=())
    with pytest.raises(Missing):
        set_ready(session, mentee=mentor.person, is_ready=True)
    for person in (stranger, mentee):
        assert Visitor(app, person).post(f"/sessions/{session.ref}/preparation", {"line": LINE}).status_code == 404
    assert Preparation.select().count() == 0


def test_who_blocked_the_mentor_sees_nothing_of_theirs(session: Session, mentor: Mentor, mentee: Person) -> None:
    write_back(session, mentor)
    blocks.block(mentor.person, person=mentee)
    assert prepared(seat(session, mentee)).line == ""
    write_back(session, mentor, line="Where are you?")
    assert (len(letters()), prepared(seat(session, mentor.person)).line) == (1, "Where are you?")


def test_page_shows_each_side_how_far_the_other_is(
    app: Flask, make: MakeSession, mentor: Mentor, mentee: Person, world: Time
) -> None:
    session = make(kind="project")
    toni = make_person("Toni Berg")
    team.invite(session, [toni.email], mentee=mentee)
    path = f"/sessions/{session.ref}"
    sam, laila, mate = (Visitor(app, person) for person in (mentee, mentor.person, toni))
    pages = [visitor.get(path).text for visitor in (sam, laila, mate)]
    assert ["Laila has not read the questions yet." in page for page in pages] == [True, False, True]
    assert ["Sam is not ready yet." in page for page in pages] == [False, True, True]
    assert ["I’m ready" in page for page in pages] == [True, False, False]
    sam.post(f"{path}/readiness", {"ready": "yes"})
    edition = prepared(seat(session, mentee)).edition
    laila.post(f"{path}/preparation", {"read": edition, "line": "<b>Skim</b> it", "links": "\n".join(LINKS)})
    pages = [visitor.get(path).text for visitor in (sam, laila, mate)]
    assert ["Laila has read the questions." in page for page in pages] == [True, False, True]
    assert ["Sam is ready." in page for page in pages] == [False, True, True]
    assert ["<h2>Laila prepared</h2>" in page for page in pages] == [True, False, True]
    assert ["<p>&lt;b&gt;Skim&lt;/b&gt; it</p>" in page for page in pages] == [True, False, True]
    tag = '<span class="tag">notes.example.org/counter-offers</span>'
    chip = f'<a href="{LINKS[0]}" rel="nofollow noopener noreferrer ugc">{tag}</a>'
    assert [chip in page for page in pages] == [True, False, True]
    assert ('name="read" value="' + edition + '" checked' in pages[1], "You are ready." in pages[0]) == (True, True)
    world.pass_(minutes=1)
    change_questions(session, ("Another one?",), mentee=mentee)
    assert "Laila has not read the changed questions yet." in sam.get(path).text
    assert "The questions were changed after you read them." in laila.get(path).text
    world.set(session.end)
    pages = [visitor.get(path).text for visitor in (sam, laila, mate)]
    assert [re.findall(r"<h2>(\w+) prepared</h2>", page) for page in pages] == [["Laila"], ["You"], ["Laila"]]
    assert ["ready" in page for page in pages] == [False] * 3


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"line": "x" * 301}, "At most 300 characters, please."),
        ({"links": "javascript:alert(1)"}, "“javascript:alert(1)” is not a web link. It starts with https://"),
        ({"links": "https://example.org/a b"}, "is not a web link."),
        ({"links": "\n".join(["https://example.org"] * 4)}, "At most 3 links, one on each line; there are 4."),
        ({"links": "https://example.org/" + "x" * 481}, "A link is at most 500 characters."),
    ],
)  # fmt: skip
def test_prepare_with_bad_input_says_so_and_keeps_it(
    app: Flask, session: Session, mentor: Mentor, typed: dict[str, str], said: str
) -> None:
    laila, edition = Visitor(app, mentor.person), str(int(session.questions_at.timestamp()))
    filled = {"read": edition, "line": "A line", "links": "", **typed}
    answer = laila.post(f"/sessions/{session.ref}/preparation", filled)
    assert (answer.status_code, said in answer.text, f'value="{edition}" checked' in answer.text) == (422, True, True)
    assert [text in answer.text for text in typed.values()] == [True]
    assert (Preparation.select().count(), Outbox.select().where(Outbox.kind.startswith("prep")).count()) == (0, 0)


def test_prepare_takes_what_is_just_short_enough(app: Flask, session: Session, mentor: Mentor) -> None:
    links = ["https://example.org/" + "x" * 480, "https://example.org/2", "https://example.org/3"]
    filled = {"line": "x" * 300, "links": "\r\n\r\n ".join(links)}
    assert Visitor(app, mentor.person).post(f"/sessions/{session.ref}/preparation", filled).status_code == 303
    assert Preparation.get_by_id(session.id).link_list == links


def test_readiness_needs_a_yes_or_a_no(app: Flask, session: Session, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    answers = [sam.post(f"/sessions/{session.ref}/readiness", given).status_code for given in ({}, {"ready": "maybe"})]
    assert (answers, Preparation.select().count()) == ([400, 400], 0)


def test_ready_is_who_was_ready_not_who_takes_the_session_over(
    make: MakeSession, mentee: Person, stranger: Person
) -> None:
    project = make(kind="project")
    team.invite(project, [stranger.email], mentee=mentee)
    set_ready(project, mentee=mentee, is_ready=True)
    team.hand_over(project, Teammate.get().id, mentee=mentee)
    assert prepared(seat(project, stranger)).is_mentee_ready is False
    set_ready(Session.get_by_id(project.id), mentee=stranger, is_ready=True)
    assert prepared(seat(project, stranger)).is_mentee_ready is True
