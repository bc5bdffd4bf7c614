"""Logs hold no secret that stands in an address, and nothing that people wrote."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest
from flask import Flask, abort, request
from werkzeug.routing import Rule

from portal import logs
from portal.logs import CONFIG, Discreet
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.people.signing_in import issue_link
from portal.sessions import feed
from portal.settings import Settings
from tests.cast import Visitor
from tests.kernel.smtp import mail_server, mailing_to
from tests.proof.server import Client, serving

SECRET = "s3cr3t-0f-Sam"
NAME, SAM = "Sam Rivera", "sam.rivera@example.org"


@pytest.fixture
def logged() -> Iterator[Callable[[], str]]:
    """All that our loggers say, as `portal run` writes it."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(Discreet(CONFIG["formatters"]["discreet"]["fmt"]).format(record))
    ours = logging.getLogger("portal")
    before = ours.level
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)
    yield lambda: "\n".join(lines)
    ours.removeHandler(handler)
    ours.setLevel(before)


def path_with(rule: Rule) -> str:
    """An address of this rule that has the secret in it, wherever one fits."""
    path = re.sub(r"<any\((\w+)[^>]*>", r"\1", rule.rule)
    path = re.sub(r"<int[^>]*>", "4711471147", path)
    return re.sub(r"<[^>]*>", SECRET, path)


def ask_everything(app: Flask) -> int:
    """Each address with each method, the secret in it, in the query and in the form. Returns how many held it."""
    client, held = app.test_client(), 0
    for rule in app.url_map.iter_rules():
        path = path_with(rule)
        held += SECRET in path
        for method in sorted(rule.methods or ()):
            client.open(f"{path}?{urlencode({'next': SECRET})}", method=method, data={"text": SECRET}, buffered=True)
    client.get(f"/no-such/{SECRET}", headers={"Referer": f"http://localhost/{SECRET}", "User-Agent": SECRET})
    return held


def test_no_address_is_logged_with_what_is_secret_in_it(app: Flask, logged: Callable[[], str]) -> None:
    assert ask_everything(app) > 30
    said = logged()
    assert ("GET /calendar/<token>.ics 404" in said, "POST /sign-in/link/<token> 400" in said) == (True, True)
    assert "GET (no such address) 404" in said
    assert (SECRET in said, "4711471147" in said) == (False, False)


def test_a_log_of_addresses_would_be_found(
    app: Flask, logged: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "route", lambda: request.full_path)
    ask_everything(app)
    assert (SECRET in logged(), "4711471147" in logged()) == (True, True)


@pytest.mark.own_app
def test_what_fails_is_logged_by_its_place(app: Flask, logged: Callable[[], str]) -> None:
    app.testing = False

    def fail(token: str) -> str:
        try:
            raise KeyError(f"{token} of {SAM}")
        except KeyError as error:
            raise ValueError(f"{token} for {NAME}") from error

    app.add_url_rule("/fail/<token>", view_func=fail)
    app.add_url_rule("/gone/<token>", "gone", lambda token: abort(410, token))
    client = app.test_client()
    assert (client.get(f"/fail/{SECRET}").status_code, client.get(f"/gone/{SECRET}").status_code) == (500, 410)
    said = logged()
    assert [text in said for text in (SECRET, SAM, NAME)] == [False] * 3
    assert "GET /fail/<token> failed" in said
    assert said.index("builtins.KeyError") < said.index("builtins.ValueError")
    assert f'{__file__}", line' in said


def test_python_itself_would_tell_more() -> None:
    assert f"ValueError: {SECRET}" in _format(logging.Formatter(), ValueError(SECRET))


def test_what_the_machine_says_is_told() -> None:
    assert _format(Discreet(), OSError(28, "No space left")).endswith("builtins.OSError: [Errno 28] No space left")
    assert _format(Discreet(), ValueError(SECRET)).endswith("builtins.ValueError")


def _format(formatter: logging.Formatter, error: Exception) -> str:
    try:
        raise error
    except Exception as raised:
        caught = (type(raised), raised, raised.__traceback__)
    return formatter.format(logging.LogRecord("portal", logging.ERROR, "", 0, "It failed", None, caught))


def test_a_mail_that_is_refused_is_logged_without_its_reader(
    app: Flask, settings: Settings, mentee: Person, logged: Callable[[], str]
) -> None:
    from portal.mail.delivery import deliver_due
    from tests.people.signing import ask, read_code

    ask(Visitor(app), SAM)
    with mail_server() as mailbox:
        mailbox.refused.add(SAM)
        deliver_due(app, mailing_to(mailbox.port, settings))
    said = logged()
    assert "not delivered, try 1: SMTPRecipientsRefused" in said
    assert [text in said for text in (SAM, read_code(app))] == [False, False]


def test_the_server_writes_no_secret_to_its_log(app: Flask, settings: Settings, mentor: Mentor, mentee: Person) -> None:
    """The real one, with addresses that work and such that do not."""
    link, entries = issue_link(SAM), feed.token_of(feed.make(mentee), settings.secret_key)
    secret_paths = [f"/sign-in/link/{link}", f"/calendar/{entries}.ics"]
    secret_paths += [f"/{where}/{SECRET}" for where in ("mails/stop", "hours/still-good", "holds", "waiting/offers")]
    with serving(settings) as server:
        client = Client(server.port)
        assert [client.get(path).status for path in secret_paths] == [200, 200, 404, 404, 404, 303]
        assert client.post(secret_paths[0], {}).status == 400
        assert client.get(f"/?q={SECRET}").status == 200
        server.log.seek(0)
        said = server.log.read()
    for secret in (link, *entries.split("."), SECRET, "127.0.0.1 "):
        assert secret not in said
    assert "portal.requests: GET /sign-in/link/<token> 200" in said
    assert "portal.requests: GET /calendar/<token>.ics 200" in said
