"""What every answer carries, and what a request gets that cannot be served."""

from __future__ import annotations

import pytest
from flask import Flask, abort
from werkzeug.test import TestResponse

from portal.headers import FILE_HEADERS, SECURITY_HEADERS
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.sessions.models import Session
from tests.cast import BOOKING, Visitor, make_session

PART = {"HX-Request": "true"}


def carried(answer: TestResponse) -> dict[str, list[str]]:
    """The security headers of an answer; each should be there once."""
    return {name: answer.headers.getlist(name) for name in SECURITY_HEADERS if name in answer.headers}


def once(headers: dict[str, str]) -> dict[str, list[str]]:
    return {name: [value] for name, value in headers.items()}


def sentence_of(answer: TestResponse) -> str:
    """What the error page says."""
    return answer.text.split('<p class="refusal">')[1].split("</p>")[0]


def test_every_answer_carries_the_security_headers(app: Flask, mentor: Mentor, mentee: Person) -> None:
    session, sam = make_session(mentor, mentee), Visitor(app, mentee)
    answers = {
        200: sam.get("/"),
        303: sam.get(f"/sessions/{session.ref}/rating"),
        400: sam.client.post("/sign-out"),
        404: sam.get("/nothing"),
        405: sam.client.put("/"),
        413: sam.client.post("/sign-in", data={"email": "x" * 300_000}),
        422: sam.post("/sign-in", {"email": "x"}),
    }
    assert {status: answer.status_code for status, answer in answers.items()} == {status: status for status in answers}
    calendar = sam.get(f"/sessions/{session.ref}/calendar.ics")
    assert (calendar.status_code, calendar.mimetype) == (200, "text/calendar")
    for status, answer in (*answers.items(), ("part", sam.part("/")), ("calendar", calendar)):
        assert (status, carried(answer)) == (status, once(SECURITY_HEADERS))


def test_static_files_carry_what_means_something_for_them(app: Flask, visitor: Visitor) -> None:
    found, missing = visitor.get("/static/portal.css", buffered=True), visitor.get("/static/nothing.css")
    assert (found.status_code, carried(found)) == (200, once(FILE_HEADERS))
    assert (missing.status_code, carried(missing)) == (404, once(SECURITY_HEADERS))
    assert found.headers["Cache-Control"] != "private, no-cache"


@pytest.mark.parametrize("path", ["/static/../settings.py", "/static/..%2fsettings.py", "/static/%2e%2e/settings.py"])
def test_static_leads_nowhere_else(app: Flask, visitor: Visitor, path: str) -> None:
    assert visitor.get(path).status_code == 404


def test_what_is_read_by_who_is_signed_in_is_kept_nowhere(app: Flask, mentee: Person, visitor: Visitor) -> None:
    sam = Visitor(app, mentee)
    kept, not_kept = (visitor.get("/"), visitor.part("/")), (sam.get("/"), sam.get("/sessions"), sam.get("/nothing"))
    for answers, said in ((kept, "private, no-cache"), (not_kept, "private, no-store")):
        for answer in answers:
            assert {"HX-Request", "Cookie"} <= set(answer.vary)
            assert answer.headers.getlist("Cache-Control") == [said]


@pytest.mark.own_app
def test_transport_security_only_where_people_come_over_tls(app: Flask, visitor: Visitor) -> None:
    assert "Strict-Transport-Security" not in visitor.get("/").headers
    app.config["SESSION_COOKIE_SECURE"] = True
    assert visitor.get("/").headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"


@pytest.mark.parametrize("token", [None, "", "x", "WzFd.abc.def"])
def test_form_without_its_token_is_told_in_one_sentence(app: Flask, mentee: Person, token: str | None) -> None:
    sam = Visitor(app, mentee)
    sam.token()
    answer = sam.client.post("/you", data={"name": "Changed", **({} if token is None else {"csrf_token": token})})
    said = "This page was open too long. Go back, reload it and try again."
    assert (answer.status_code, sentence_of(answer), answer.headers["HX-Refresh"]) == (400, said, "true")
    assert Person.get_by_id(mentee.id).name == "Sam Rivera"


def test_form_with_the_token_of_somebody_else_is_refused(app: Flask, mentee: Person, stranger: Person) -> None:
    stolen = Visitor(app, stranger).token()
    answer = Visitor(app, mentee).client.post("/you", data={"name": "Changed", "csrf_token": stolen})
    assert (answer.status_code, Person.get_by_id(mentee.id).name) == (400, "Sam Rivera")


def test_form_of_a_browser_without_cookies_is_not_reloaded_for_ever(app: Flask) -> None:
    answer = app.test_client(use_cookies=False).post("/sign-in", data={"email": "a@example.org"}, headers=PART)
    assert (answer.status_code, answer.headers.get("HX-Refresh")) == (400, None)
    said = "This page was open too long. Go back, reload it and try again."
    assert (sentence_of(answer), answer.text.strip()) == (said, f'<p class="refusal">{said}</p>')


NUL = [
    ("get", "/?q=a%00b", {}),
    ("get", "/?a%00=b", {}),
    ("get", "/?q=a&q=%00", {}),
    ("get", "/mentors/laila%00", {}),
    ("get", "/sign-in?next=/%00", {}),
    ("get", "/sessions/%00", {}),
    ("get", "/sessions/%00/calendar.ics", {}),
    ("get", "/sign-in/link/%00", {}),
    ("post", "/sign-in", {"email": "a\x00@example.org"}),
    ("post", "/sign-in", {"email": ["a@example.org", "\x00"]}),
    ("post", "/you", {"name": "a\x00b", "headline": "", "time_zone": "Etc/UTC"}),
    ("post", "/holds", {"opening": "laila-mansour\x00 2026-11-23T10:00:00Z 15"}),
    ("post", "/sessions", {**BOOKING, "opening": "x", "hold": "\x00"}),
]


@pytest.mark.parametrize(("method", "path", "data"), NUL)
def test_nul_anywhere_is_a_clear_4xx(
    app: Flask, mentor: Mentor, mentee: Person, method: str, path: str, data: dict[str, object]
) -> None:
    sam = Visitor(app, mentee)
    answer = sam.get(path) if method == "get" else sam.post(path, data)
    assert (answer.status_code, sentence_of(answer)) == (400, "There is a character in it that is no text.")
    assert Person.get_by_id(mentee.id).name == "Sam Rivera"


def test_nul_in_cookies_and_headers_does_no_harm(app: Flask, visitor: Visitor) -> None:
    for cookie in ('zone="\\000"', "zone=%00", "portal=\x01", "zone=" + "x" * 5000):
        answer = visitor.get("/", headers={"Cookie": cookie, "Accept-Language": "\x01", "Referer": "\x01"})
        assert (cookie[:20], answer.status_code) == (cookie[:20], 200)


@pytest.mark.parametrize(("size", "status"), [(200_000, 422), (256 * 1024, 413), (2_000_000, 413)])
def test_body_that_is_too_large_is_refused(app: Flask, visitor: Visitor, size: int, status: int) -> None:
    answer = visitor.post("/sign-in", {"email": "x" * size})
    assert answer.status_code == status
    if status == 413:
        assert (
            sentence_of(answer)
            == "That was more than we can take at once. Please shorten it, or choose a smaller file."
        )


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 1500 + b"--x--",
        ),
        ("application/x-www-form-urlencoded", b"%ff=%zz&=&&;" + b"a=" * 2000),
        ("application/json", b'{"a": '),
        ("", b"\xff\xfe"),
    ],
)
def test_body_that_cannot_be_read_is_a_4xx(app: Flask, visitor: Visitor, content_type: str, body: bytes) -> None:
    visitor.token()
    answer = visitor.client.post("/sign-in", data=body, headers={"Content-Type": content_type})
    assert 400 <= answer.status_code < 500
    assert sentence_of(answer) != ""


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST", "TRACE", "PROPFIND", "BREW"])
def test_unknown_method_is_a_405(app: Flask, visitor: Visitor, method: str) -> None:
    headers = {"X-CSRFToken": visitor.token()}
    for path in ("/", "/mentors/laila-mansour", "/sessions"):
        if (method, path) == ("POST", "/sessions"):
            continue  # that is booking
        answer = visitor.client.open(path, method=method, headers=headers)
        assert (path, answer.status_code) == (path, 405)
        assert sentence_of(answer) == "This address does not take that kind of request."


def test_unknown_address_is_a_404_as_page_and_as_part(app: Flask, visitor: Visitor) -> None:
    whole, part = visitor.get("/nothing"), visitor.part("/nothing")
    said = "There is nothing at this address."
    assert [(answer.status_code, sentence_of(answer)) for answer in (whole, part)] == [(404, said)] * 2
    assert (part.text.strip(), "<h1>Not here</h1>" in whole.text) == (f'<p class="refusal">{said}</p>', True)


@pytest.mark.own_app
def test_own_mistake_is_told_without_its_inside(app: Flask, visitor: Visitor) -> None:
    @app.get("/broken")
    def broken() -> str:
        secret_word = "plum" + "pudding"
        raise ZeroDivisionError(secret_word)

    app.add_url_rule("/aborted", view_func=lambda: abort(500, "plumpudding"), endpoint="aborted")
    app.testing = False  # as it is served: else the error would come out here
    for path in ("/broken", "/aborted"):
        answer = visitor.get(path)
        said = "Something went wrong on our side. Nothing was changed. Please try again."
        assert (answer.status_code, sentence_of(answer)) == (500, said)
        assert [word for word in ("plum", "ZeroDivision", "Traceback", ".py") if word in answer.text] == []
        assert carried(answer) == once(SECURITY_HEADERS)
    assert Session.select().count() == 0
