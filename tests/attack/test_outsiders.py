"""Who once had a part in a session, and who never had: nothing of it is there for them, whatever they ask for."""

from __future__ import annotations

import itertools

import pytest

from portal.database import db
from portal.feedback.certificates import LETTERS
from tests.attack.arms import fault, refusal
from tests.attack.conftest import Place
from tests.attack.test_input import FORMS
from tests.letters import told
from tests.sessions.agreement import digest

PAGES = ("", "/calendar.ics", "/messages", "/move", "/rating", "?messages=all", "/messages?after=0&now=x")
HUGE = (2**31, 2**63, -(2**63), 10**400)
NOTHING = "There is nothing at this address."


@pytest.mark.parametrize(
    ("who", "session"),
    [
        ("left", "ahead"),
        ("booker", "given"),
        ("stranger", "ahead"),
        ("coordinator", "ahead"),
        ("coordinator", "over"),
    ],
)
def test_outsiders_reach_nothing_of_a_session(place: Place, who: str, session: str) -> None:
    before = digest()
    base = place.path(session)
    pages = [place.get(who, base + page) for page in PAGES]
    posts = [place.post(who, f"{base}/{turn}", {"teammate": "1", "who": "mentor", "text": "x"}) for turn in FORMS]
    assert {(answer.status_code, refusal(answer)) for answer in (*pages, *posts)} == {(404, NOTHING)}
    words = (place.sessions[session].ref, "A plan for the first month", "Sam Rivera")
    assert [word for word in words if word in place.get(who, "/sessions").text] == []
    part = place.get(who, f"{base}/messages", **{"HX-Request": "true"})
    nowhere = place.get(who, "/sessions/nowhere/messages", **{"HX-Request": "true"})
    assert (part.status_code, part.data) == (nowhere.status_code, nowhere.data) == (200, b"")
    assert digest() == before


def test_who_was_part_is_written_to_no_more(place: Place) -> None:
    with db.atomic() as tried:
        known = len(told())
        for session, who in (("ahead", "mentee"), ("given", "mate")):
            place.post(who, f"{place.path(session)}/messages", {"text": "Hello", "key": session})
            place.post(who, f"{place.path(session)}/cancellation", {"reason": "Ill"})
        to = {to for _, to in told()[known:]}
        tried.rollback()
    gone = {place.cast[who].email for who in ("left", "booker")}
    assert (to & gone, place.cast["mentor"].email in to) == (set(), True)


def test_a_former_booker_cannot_come_back_through_the_form(place: Place) -> None:
    session = place.sessions["given"]
    opening = f"laila-mansour {session.start:%Y-%m-%dT%H:%M:%SZ} {session.length}"
    brief = {"objective": "x", "questions": "x", "kind": "project", "format": "video"}
    again = place.post("booker", "/sessions", {**brief, "opening": opening, "hold": session.hold_ref})
    assert (again.status_code, refusal(again)) == (404, NOTHING)
    assert place.get("booker", f"/holds/{session.hold_ref}").status_code == 404


def test_certificates_are_for_their_mentor_and_coordinators(place: Place) -> None:
    code = place.certificate.code
    wrong = code[:-1] + next(letter for letter in LETTERS if letter != code[-1])
    assert [place.get(who, f"/certificates/{code}").status_code for who in ("mentor", "coordinator")] == [200, 200]
    answers = [place.get(who, f"/certificates/{typed}") for who in ("mentee", "stranger") for typed in (code, wrong)]
    assert {(answer.status_code, len(answer.data)) for answer in answers} == {(404, len(answers[0].data))}
    assert {place.get("visitor", f"/certificates/{typed}").status_code for typed in (code, wrong)} == {303}
    assert place.get("stranger", f"/certificates?code={code}").status_code == 404
    for typed in ("%ff", "x" * 9_000, "%F0%9F%99%82", "a&code=b", "%0d%0a", "ß" * 12, "'--", "%E2%80%AE"):
        for path in (f"/certificates/{typed.replace('&', '')}", f"/certificates?code={typed}"):
            assert (path, fault(place.get("coordinator", path))) == (path, "")


def test_numbers_of_any_size_are_refused(place: Place) -> None:
    base = place.path("ahead")
    paths = (
        "/blocks/{}/end",
        "/moderation/people/{}/review",
        "/moderation/lines/{}/showing",
        "/moderation/reports/{}/private-part",
    )
    for number, path in itertools.product(HUGE, paths):
        answer = place.post("coordinator", path.format(number))
        assert (path, answer.status_code, refusal(answer)) == (path, 404, NOTHING)
    for number in HUGE:
        asked = {"teammate": str(number)}
        answers = [place.post("mentee", f"{base}/{turn}", asked) for turn in ("removal", "handover")]
        assert [answer.status_code for answer in answers] == [409, 409]
        poll = place.get("mentee", f"{base}/messages?after={number}", **{"HX-Request": "true"})
        assert (poll.status_code, refusal(poll)) == (400, "“after” must be the number of a message.")
        assert place.get("visitor", f"/hint?length={number}&objective=x").status_code == 400
        for page in (
            "/sessions?page=",
            "/mentors/laila-mansour?length=",
            "/mentors/laila-mansour?day=",
            f"{base}/move?day=",
        ):
            assert fault(place.get("mentee", f"{page}{number}")) == ""
