"""What people are told: the letters in the outbox, and the mails they become."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest
from flask import Flask

from portal.mail import outbox
from portal.mail.composing import compose
from portal.mail.kinds import KINDS, Kind
from portal.mail.outbox import Outbox
from tests.conftest import Time

PLAIN = Kind(
    "people/code",
    "A letter like any other",
    True,
    "everyone",
    lambda _: "",
    lambda letter: {"digits": 6, **letter.facts},
)
"""Needs one word, `seed`, and is always true."""
SAM, ANA = "sam@example.org", "ana@example.org"


def told() -> list[tuple[str, str]]:
    """Kind and recipient of each letter, in order."""
    return [(letter.kind, letter.recipient) for letter in Outbox.select().order_by(Outbox.id)]


def mail(app: Flask, kind: str, to: str = "") -> EmailMessage:
    """The latest mail of this kind, as the worker would send it."""
    letters = Outbox.select().where(Outbox.kind == kind, Outbox.recipient.contains(to))
    with app.app_context():
        return compose(letters.order_by(Outbox.id.desc()).get(), app.config["SETTINGS"])


def name_of(letter: Outbox) -> str:
    """What makes it the only one of its kind."""
    return f"{letter.kind} {letter.subject} version {letter.version} {letter.recipient}"


def text_of(message: EmailMessage) -> str:
    return part_of(message, "plain")


def html_of(message: EmailMessage) -> str:
    return part_of(message, "html")


def part_of(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    assert part is not None
    text: str = part.get_content().replace("\r\n", "\n")
    return text


@pytest.fixture
def plain_letters(monkeypatch: pytest.MonkeyPatch) -> Kind:
    """Letters that are about nothing in the database, for tests of the outbox itself."""
    monkeypatch.setitem(KINDS, PLAIN.name, PLAIN)
    return PLAIN


def put(subject: str, to: str = SAM, *, version: object = "", later: timedelta = timedelta()) -> None:
    """A plain letter."""
    outbox.put(PLAIN, subject=subject, version=version, to=to, zone="Etc/UTC", words={"seed": "x"}, later=later)


def leased(world: Time) -> list[str]:
    """The versions that can be taken now, one after the other, without sending any."""
    found = []
    while (letter := outbox.lease(world.now)) is not None:
        found.append(letter.version)
    return found


def sent(world: Time) -> list[str]:
    """The versions that go now, in order."""
    found = []
    while (letter := outbox.lease(world.now)) is not None:
        outbox.mark_sent(letter)
        found.append(letter.version)
    return found
