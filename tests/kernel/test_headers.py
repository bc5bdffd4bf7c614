"""What a scan of headers looks for, on one answer of each kind; who may keep what; and what proxies may say."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask, request
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from portal import create_app, database
from portal.assets import FOLDER
from portal.headers import DENIED
from portal.mail.outbox import Outbox
from portal.mail.tokens import token_of
from portal.mentors.models import Mentor
from portal.pages import device_zone
from portal.people.models import Person
from portal.preparation.preparing import prepare
from portal.sessions import feed
from portal.settings import Settings
from tests.cast import Visitor, make_session
from tests.conftest import Time
from tests.letters import mail

VISITOR, PERSON, YEAR = "private, no-cache", "private, no-store", "public, max-age=31536000, immutable"
KINDS = {
    "page": (200, "text/html", VISITOR),
    "part": (200, "text/html", VISITOR),
    "page a mail leads to": (200, "text/html", VISITOR),
    "way to sign in": (303, "text/html", VISITOR),
    "feed": (200, "text/calendar", VISITOR),
    "feed again": (304, None, VISITOR),
    "stylesheet": (200, "text/css", YEAR),
    "script": (200, "text/javascript", YEAR),
    "no file": (404, "text/html", VISITOR),
    "own page": (200, "text/html", PERSON),
    "own part": (200, "text/html", PERSON),
    "calendar entry": (200, "text/calendar", PERSON),
    "way on": (303, "text/html", PERSON),
    "nothing to say": (204, "text/plain", PERSON),
    "no token": (400, "text/html", PERSON),
    "foreign": (403, "text/html", PERSON),
    "nothing there": (404, "text/html", PERSON),
    "wrong method": (405, "text/html", PERSON),
    "too much": (413, "text/html", PERSON),
    "not complete": (422, "text/html", PERSON),
    "our mistake": (500, "text/html", PERSON),
    "no database": (503, "text/html", PERSON),
    "signing out": (303, "text/html", VISITOR),
}
"""One answer of each kind: its status, its type, and who keeps it for how long."""
FILES = {"stylesheet", "script"}
RULES = {
    "Content-Security-Policy": r"default-src 'none'(; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    r" connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none')?",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": r"max-age=(?:[3-9]\d{7}|\d{9,}); includeSubDomains",  # a year and more
}
"""What all answers have (ASVS 3.4.1 to 3.4.6), behind https."""
PAGE_RULES = {
    "Content-Security-Policy": r"(?=.*script-src 'self';)(?=.*form-action 'self';)(?=.*base-uri 'none';)"
    r"(?=.*frame-ancestors 'none';)(?=.*object-src 'none')default-src 'none'(?!.*(?:unsafe|\*|http:|https:)).*",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "".join(rf"(?=.*\b{name}=\(\))" for name in DENIED)
    + r"(?=.*publickey-credentials-create=\(self\))(?=.*publickey-credentials-get=\(self\)).*",
}
"""What means nothing for a stylesheet or a script."""
WEAKER = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self' 'unsafe-inline'",
    "X-Content-Type-Options": "sniff",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Strict-Transport-Security": "max-age=86400",
    "Referrer-Policy": "unsafe-url",
    "Cross-Origin-Opener-Policy": "unsafe-none",
    "Permissions-Policy": "camera=()",
    "Cache-Control": "public, max-age=60",
}


def faults(kind: str, headers: Headers) -> list[str]:
    """The headers that an answer of this kind lacks, has twice, or has too weak; and those that it should not have."""
    rules = RULES if kind in FILES else {**RULES, **PAGE_RULES}
    rules = {**rules, "Cache-Control": re.escape(KINDS[kind][2])}
    found = [name for name, rule in rules.items() if not _is_kept(rule, headers.getlist(name))]
    return found + [name for name in ("Access-Control-Allow-Origin", "X-Powered-By") if name in headers]


def _is_kept(rule: str, values: list[str]) -> bool:
    return len(values) == 1 and re.fullmatch(rule, values[0]) is not None


@pytest.fixture
def answers(settings: Settings, mentor: Mentor, mentee: Person) -> dict[str, TestResponse]:
    """As they are behind https."""
    app = create_app(replace(settings, portal_url="https://portal.example.org"))
    app.config["PREFERRED_URL_SCHEME"] = "https"
    app.add_url_rule("/broken", view_func=lambda: 1 / 0, endpoint="broken")
    database.connect()
    session = make_session(mentor, mentee)
    prepare(session, mentor=mentor.person, read="", line="Read this", links=())
    sam = Visitor(app, mentee)
    return {**looks(Visitor(app), app), **looks_of(sam, session.ref), **refusals(sam, settings)}


def looks(anyone: Visitor, app: Flask) -> dict[str, TestResponse]:
    secret = app.config["SECRET_KEY"]
    token = token_of(Outbox.get(Outbox.kind == "preparation/prepared"), secret)
    file = f"/calendar/{feed.token_of(feed.make(Person.get(Person.name == 'Sam Rivera')), secret)}.ics"
    edition = anyone.get(file).headers["ETag"]
    return {
        "page": anyone.get("/"),
        "part": anyone.part("/"),
        "page a mail leads to": anyone.get(f"/mails/stop/{token}"),
        "way to sign in": anyone.get("/sessions"),
        "feed": anyone.get(file),
        "feed again": anyone.get(file, headers={"If-None-Match": edition}),
        "stylesheet": anyone.get("/static/portal.css", buffered=True),
        "script": anyone.get("/static/portal.js", buffered=True),
        "no file": anyone.get("/static/nothing.css"),
    }


def looks_of(sam: Visitor, ref: str) -> dict[str, TestResponse]:
    return {
        "own page": sam.get(f"/sessions/{ref}"),
        "own part": sam.part(f"/sessions/{ref}/messages?after=0&now=x"),
        "calendar entry": sam.get(f"/sessions/{ref}/calendar.ics"),
        "way on": sam.get(f"/sessions/{ref}/rating"),
        "nothing to say": sam.post("/asked", {"q": "python"}),
    }


def refusals(sam: Visitor, settings: Settings) -> dict[str, TestResponse]:
    found = {
        "no token": sam.client.post("/you"),
        "foreign": sam.client.post("/you", headers={"Origin": "https://evil.example"}),
        "nothing there": sam.get("/sessions/nowhere"),
        "wrong method": sam.client.put("/"),
        "too much": sam.client.post("/you", data={"name": "x" * 300_000}),
        "not complete": sam.post("/you", {"name": ""}),
        "our mistake": sam.get("/broken"),
    }
    database.open_database(f"sqlite:///{settings.data}")  # a folder is no database
    found["no database"] = sam.get("/sessions")
    database.open_database(settings.database_url)
    found["signing out"] = sam.post("/sign-out")
    return found


def test_answers_of_every_kind_keep_every_rule(answers: dict[str, TestResponse]) -> None:
    assert {kind: (answer.status_code, answer.mimetype) for kind, answer in answers.items()} == {
        kind: (status, mimetype) for kind, (status, mimetype, _) in KINDS.items()
    }
    assert {kind: faults(kind, answer.headers) for kind, answer in answers.items()} == {kind: [] for kind in KINDS}


def test_pages_of_a_demo_keep_them_as_well(settings: Settings, world: object) -> None:
    app = create_app(replace(settings, portal_url="https://portal.example.org", demo=True))
    app.config["PREFERRED_URL_SCHEME"] = "https"
    database.connect()
    anyone = Visitor(app)
    answers = [anyone.get("/sign-in"), anyone.post("/demo/continue/nobody"), anyone.post("/demo/clock", {"to": "x"})]
    assert [answer.status_code for answer in answers] == [200, 404, 400]
    assert [faults("page", answer.headers) for answer in answers] == [[], [], []]


def test_a_header_that_is_missing_or_weaker_is_found(answers: dict[str, TestResponse]) -> None:
    """The control, for each header of each kind of answer."""
    assert set(WEAKER) == {*RULES, *PAGE_RULES, "Cache-Control"}
    for kind, answer in answers.items():
        for name in WEAKER if kind not in FILES else {*RULES, "Cache-Control"}:
            missing, weaker, twice = (Headers(answer.headers) for _ in range(3))
            missing.remove(name)
            weaker.set(name, WEAKER[name])
            twice.add(name, answer.headers[name])
            assert [faults(kind, planted) for planted in (missing, weaker, twice)] == [[name]] * 3


def test_signing_out_empties_the_browser_but_for_what_it_is_told(app: Flask, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    answer = sam.post("/sign-out")
    assert (answer.headers["Clear-Site-Data"], answer.location) == ('"cache"', "/")
    assert "You are signed out." in sam.get("/").text
    assert "Clear-Site-Data" not in sam.get("/").headers
    assert Visitor(app).client.get("/sign-out").status_code == 405  # no image elsewhere signs anybody out


def test_zone_travels_over_https_alone_where_there_is_https() -> None:
    script = (FOLDER / "portal.js").read_text(encoding="utf-8")
    (written,) = re.findall(r"document\.cookie = `([^`]*)`", script)
    assert (written.startswith("${name}=${zone}; path=/;"), written.endswith("samesite=lax${secure}")) == (True, True)
    assert 'location.protocol === "https:" ? ["__Host-zone", "; secure"] : ["zone", ""];' in script


@pytest.mark.parametrize("url", ["https://portal.example.org", "http://portal.example.org"])
def test_zone_that_a_neighbour_could_have_written_counts_for_nothing(settings: Settings, world: Time, url: str) -> None:
    """Any name below a domain may write cookies for all of it, but none whose name begins with `__Host-`."""
    app = create_app(replace(settings, portal_url=url))
    app.add_url_rule("/zone", view_func=lambda: device_zone() or "none", endpoint="zone")
    database.connect()
    browser = app.test_client()
    browser.set_cookie("zone", "Asia/Kolkata")
    browser.set_cookie("__Host-zone", "America/New_York")
    assert browser.get("/zone").text == ("America/New_York" if url.startswith("https") else "Asia/Kolkata")


def behind(settings: Settings, proxies: int, **headers: str) -> str:
    """Who asks over what at which host, as the portal has it."""
    app = create_app(replace(settings, trusted_proxies=proxies))
    app.add_url_rule("/who", view_func=lambda: f"{request.remote_addr} {request.host_url}", endpoint="who")
    database.connect()
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.test_client().get("/who", headers=sent).text


SAID = {
    "X_Forwarded_For": "192.0.2.9, 192.0.2.1",
    "X_Forwarded_Proto": "http, https",
    "X_Forwarded_Host": "evil.example",
}


@pytest.mark.parametrize(
    ("proxies", "who"),
    [
        (0, "127.0.0.1 http://localhost/"),
        (1, "192.0.2.1 https://localhost/"),
        (2, "192.0.2.9 http://localhost/"),
        (3, "127.0.0.1 http://localhost/"),  # fewer than there should be: not by way of our proxies
    ],
)
def test_as_many_proxies_are_believed_as_are_said_to_be_there(settings: Settings, proxies: int, who: str) -> None:
    assert behind(settings, proxies, **SAID) == who


def test_form_passes_behind_a_proxy_that_speaks_tls(settings: Settings, world: object, mentee: Person) -> None:
    """Whatever host it asks for, and though the browser keeps its Referer to itself."""
    app = create_app(replace(settings, portal_url="https://portal.example.org", trusted_proxies=1))
    database.connect()
    anyone = app.test_client()
    by_proxy = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1", "Origin": "https://portal.example.org"}
    page = anyone.get("/sign-in", base_url="https://localhost", headers=by_proxy).text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    typed = {"email": mentee.email, "csrf_token": token}
    answer = anyone.post("/sign-in", base_url="https://localhost", data=typed, headers=by_proxy)
    assert (answer.status_code, answer.location) == (303, "/sign-in/code?next=/")


def test_links_never_come_from_the_host_that_was_asked_for(app: Flask, mentor: Mentor, mentee: Person) -> None:
    evil = "evil.example"
    session, sam = make_session(mentor, mentee), Visitor(app, mentee)
    feed.make(mentee)
    typed = {"email": "noor@example.org", "csrf_token": sam.token()}
    cookie = sam.client.get_cookie("portal")
    assert cookie is not None
    poison = {"Host": evil, "X-Forwarded-Host": evil, "Forwarded": f"host={evil}", "Cookie": f"portal={cookie.value}"}
    anyone, base = app.test_client(use_cookies=False), f"/sessions/{session.ref}"
    own = ("/calendar", base, f"{base}/calendar.ics", "/", f"{base}/rating", "/nothing")
    answers = [anyone.get(path, headers=poison) for path in (*own, f"/sessions//{session.ref}", "/calendar/")]
    answers.append(anyone.post("/sign-in", data=typed, headers=poison))
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 303, 404, 404, 404, 303]
    said = [f"{answer.text} {answer.headers.get('Location', '')}" for answer in answers]
    assert [text for text in said if evil in text] == []
    assert "http://portal.example.org/calendar/" in said[0]
    letter = mail(app, "people/code", "noor@example.org").as_string()
    assert (evil in letter, "http://portal.example.org" in letter) == (False, True)
