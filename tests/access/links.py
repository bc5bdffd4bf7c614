"""The links of all mails there are."""

from __future__ import annotations

import re
from email.message import EmailMessage
from html import unescape

from flask import Flask

from portal import clock
from portal.mail.composing import compose
from portal.mail.outbox import Outbox
from tests.letters import html_of, text_of

LINK = re.compile(r"https?://[^\s<>\"')\]]+")


def all_mails(app: Flask) -> list[tuple[str, EmailMessage]]:
    """Every letter as it is sent, with its kind."""
    found = []
    with app.app_context():
        for letter in Outbox.select().order_by(Outbox.id):
            with clock.stopped_at(letter.created_at):
                found.append((letter.kind, compose(letter, app.config["SETTINGS"])))
    return found


def links_of(app: Flask) -> dict[str, str]:
    """Each address of ours that some mail holds, in its text, its HTML or its headers, without the host; and one kind
    of mail that does.
    """
    ours, found = app.config["SETTINGS"].portal_url, {}
    for kind, message in all_mails(app):
        said = [text_of(message), unescape(html_of(message)), str(message.get("List-Unsubscribe", ""))]
        for link in LINK.findall("\n".join(said)):
            if link.startswith(ours):
                found.setdefault(link.removeprefix(ours).rstrip(".,") or "/", kind)
    return found
