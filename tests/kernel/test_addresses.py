"""Whatever address is typed, its mail goes to that address and to nobody else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from portal.mail.delivery import deliver_due
from portal.people.account import describe
from portal.settings import Settings
from tests.cast import Visitor, make_mentor, make_person, make_session
from tests.kernel.smtp import Mailbox, mail_server, mailing_to
from tests.letters import text_of
from tests.people.signing import ask


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as server:
        yield server


@pytest.fixture
def settings(settings: Settings, mailbox: Mailbox) -> Settings:
    return mailing_to(mailbox.port, settings)


def test_an_address_leads_to_nobody_else(app: Flask, visitor: Visitor, settings: Settings, mailbox: Mailbox) -> None:
    for email in (
        "=?utf-8?q?a=0d=0aBcc=3a_evil=40example.com?=@example.org",
        "=?utf-8?b?ZXZpbEBleGFtcGxlLmNvbQ==?=@example.org",
        "a%0d%0abcc:evil@example.org",
        "evil@example.com@example.org",
        "a@example.org, evil@example.com",
        "a@example.org <evil@example.com>",
        "a@example..org",
    ):
        assert (email, ask(visitor, email).status_code) == (email, 422)
    odd = ["'evil'@example.org", "a..b@example.org", "a=b@example.org", "a%0dbcc@example.org", "müller@münchen.example"]
    for email in odd:
        assert (email, ask(visitor, email).status_code) == (email, 303)
    assert deliver_due(app, settings) == len(odd)
    assert [(recipients, message["Bcc"]) for recipients, message in mailbox.taken] == [([email], None) for email in odd]


def test_letters_of_all_languages_arrive(app: Flask, settings: Settings, mailbox: Mailbox) -> None:
    person = make_person("Sam Rivera")
    describe(person, name="李雷 שלום 😀 Ünal", headline="", time_zone="Etc/UTC")
    make_session(make_mentor(), person)
    assert deliver_due(app, settings) == 2
    message = mailbox.to("laila.mansour@example.org")
    assert str(message["Subject"]).startswith("李雷 שלום 😀 Ünal booked Monday")
    assert text_of(message).startswith("李雷 שלום 😀 Ünal booked 15 minutes with you.")
