"""What people are told: the letters in the outbox, and the mails they become."""

from __future__ import annotations

from email.message import EmailMessage

from flask import Flask

from portal.mail.delivery import compose
from portal.mail.outbox import Outbox


def told() -> list[tuple[str, str]]:
    """Kind and recipient of each letter, in order."""
    return [(letter.kind, letter.recipient) for letter in Outbox.select().order_by(Outbox.id)]


def mail(app: Flask, kind: str, to: str = "") -> EmailMessage:
    """The latest mail of this kind, as the worker would send it."""
    letters = Outbox.select().where(Outbox.kind == kind, Outbox.recipient.contains(to))
    with app.app_context():
        return compose(letters.order_by(Outbox.id.desc()).get(), app.config["SETTINGS"])


def text_of(message: EmailMessage) -> str:
    return part_of(message, "plain")


def html_of(message: EmailMessage) -> str:
    return part_of(message, "html")


def part_of(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    assert part is not None
    text: str = part.get_content().replace("\r\n", "\n")
    return text
