"""A line of the log names no person, no address and nothing that was written."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Iterator
from io import StringIO

import pytest
from flask import Flask

from portal.logs import Discreet
from portal.mail.delivery import _kind_of
from portal.mentors.models import Mentor
from portal.people.models import Person
from tests.cast import Visitor, make_session


@pytest.fixture
def lines() -> Iterator[StringIO]:
    printed = StringIO()
    handler = logging.StreamHandler(printed)
    handler.setFormatter(Discreet("%(name)s %(message)s"))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield printed
    root.removeHandler(handler)
    root.setLevel(before)


def test_a_page_is_named_without_its_address(app: Flask, mentor: Mentor, mentee: Person, lines: StringIO) -> None:
    session = make_session(mentor, mentee)
    sam = Visitor(app, mentee)
    sam.get(f"/mentors/{mentor.slug}?q=salary")
    sam.get(f"/sessions/{session.ref}")
    sam.get("/nowhere/laila")
    said = lines.getvalue()
    assert "portal.access GET directory.mentor 200" in said
    assert "portal.access GET sessions.show 200" in said
    assert "portal.access GET - 404" in said
    assert not [word for word in ("laila", "salary", session.ref, "sam.rivera") if word in said.lower()]


def test_an_error_is_told_without_its_message(app: Flask, lines: StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    address, text = "sam.rivera@example.org", "my private text"

    def fail(**_: object) -> None:
        try:
            raise KeyError(address)
        except KeyError as error:
            raise ValueError(text) from error

    monkeypatch.setitem(app.view_functions, "people.sign_in", fail)
    monkeypatch.setattr(app, "testing", False)
    assert Visitor(app).get("/sign-in").status_code == 500
    said = lines.getvalue()
    assert "exception in people.sign_in [GET]" in said
    assert said.index("KeyError") < said.index("ValueError")
    assert "test_logs.py" in said
    assert not [word for word in (address, text, "/sign-in") if word in said]


def test_the_plain_formatter_would_be_found(lines: StringIO) -> None:
    for handler in logging.getLogger().handlers:
        if handler.formatter and isinstance(handler.formatter, Discreet):
            handler.setFormatter(logging.Formatter("%(message)s"))
    try:
        raise ValueError("my private text")
    except ValueError:
        logging.getLogger("portal").exception("failed")
    assert "my private text" in lines.getvalue()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (smtplib.SMTPRecipientsRefused({"a@example.org": (550, b"no a@example.org")}), "SMTPRecipientsRefused 550"),
        (smtplib.SMTPDataError(554, "a@example.org is spam"), "SMTPDataError 554"),
        (OSError("a@example.org"), "OSError"),
    ],
)
def test_what_a_mail_server_answers_is_not_repeated(error: Exception, said: str) -> None:
    assert _kind_of(error) == said
