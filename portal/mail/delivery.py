"""Delivery: renders what is due and hands it to the mail server."""

from __future__ import annotations

import logging
import smtplib
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from flask import Flask, current_app

from portal import clock
from portal.mail import outbox
from portal.mail.calendar import Entry, to_ical
from portal.mail.outbox import Outbox
from portal.settings import Settings
from portal.when import Reader

log = logging.getLogger(__name__)

Send = Callable[[EmailMessage], object]


def deliver_due(app: Flask, settings: Settings) -> int:
    """Send all letters that are due. Returns how many the mail server took."""
    sent = 0
    letter = outbox.lease(clock.now())
    if letter is None:
        return 0
    with app.app_context(), _transport(settings) as send:
        while letter is not None:
            sent += _deliver(letter, send, settings)
            letter = outbox.lease(clock.now())
    return sent


def _deliver(letter: Outbox, send: Send, settings: Settings) -> bool:
    try:
        send(compose(letter, settings))
    except Exception as error:  # one letter that fails, for whatever cause, must not stop the others
        log.warning("letter %s not delivered, try %s: %r", letter.id, letter.tries, error)
        outbox.mark_failed(letter, f"{type(error).__name__}: {error}")
        return False
    outbox.mark_sent(letter)
    return True


def compose(letter: Outbox, settings: Settings) -> EmailMessage:
    """The mail of a letter, in the reader's zone: the same each time it is composed."""
    reader = Reader(clock.zone(letter.zone), letter.created_at)
    words = {**letter.facts, "reader": reader, "portal_url": settings.portal_url, "instant": _instant}
    folder = f"mail/{letter.kind}"
    message = EmailMessage()
    # "=?" begins an encoded word, which the header would decode: a name could hold lines, and so headers, of its own.
    message["Subject"] = _render(f"{folder}/subject.txt", words).strip().replace("=?", "= ?")
    message["From"] = settings.mail_from
    message["To"] = letter.recipient
    message["Date"] = format_datetime(letter.created_at)
    message["Message-ID"] = f"<letter-{letter.id}@{urlsplit(settings.portal_url).hostname}>"
    message["Auto-Submitted"] = "auto-generated"
    text = _render(f"{folder}/body.txt", words).strip()
    message.set_content(text + "\n")
    message.add_alternative(_render(f"{folder}/body.html", {**words, "paragraphs": _paragraphs(text)}), subtype="html")
    if words.get("calendar"):
        entry = to_ical(Entry(**words["calendar"]), portal_url=settings.portal_url, stamp=letter.created_at)
        utf_8 = {"charset": "utf-8"}
        message.add_attachment(entry, maintype="text", subtype="calendar", filename="session.ics", params=utf_8)
    return message


def _paragraphs(text: str) -> list[list[str]]:
    """The lines of each paragraph, for mails whose HTML says just what the text says."""
    return [block.strip().split("\n") for block in text.split("\n\n") if block.strip()]


def _render(template: str, words: dict[str, Any]) -> str:
    """Without what pages know: a letter has no request and no signed-in person. Without HTML of its own, a
    letter's HTML says what its text says.
    """
    return current_app.jinja_env.select_template([template, "mail/plain.html"]).render(words)


def _instant(epoch_seconds: int) -> datetime:
    return datetime.fromtimestamp(epoch_seconds, UTC)


@contextmanager
def _transport(settings: Settings) -> Iterator[Send]:
    if settings.mail_url == "console:":
        yield _print
        return
    connection: smtplib.SMTP | None = None

    def send(message: EmailMessage) -> None:
        nonlocal connection
        if connection is None:
            connection = _connect(settings.mail_url)
        try:
            connection.send_message(message)
        except (smtplib.SMTPServerDisconnected, OSError):
            connection.close()
            connection = None
            raise

    try:
        yield send
    finally:
        if connection is not None:
            connection.close()


def _connect(mail_url: str) -> smtplib.SMTP:
    parts = urlsplit(mail_url)
    host, port = parts.hostname or "", parts.port
    if parts.scheme == "smtps":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(host, port or 465, timeout=30, context=ssl.create_default_context())
    else:
        connection = smtplib.SMTP(host, port or 587, timeout=30)
    try:
        _introduce(connection, parts)
    except BaseException:
        connection.close()
        raise
    return connection


def _introduce(connection: smtplib.SMTP, parts: SplitResult) -> None:
    """Encrypt where the server can, and sign in; a password never goes in clear."""
    connection.ehlo()
    is_secret = parts.scheme == "smtps" or connection.has_extn("starttls")
    if parts.scheme != "smtps" and is_secret:
        connection.starttls(context=ssl.create_default_context())
    if parts.username:
        if not is_secret:
            raise smtplib.SMTPNotSupportedError("no STARTTLS: the password would go in clear; use smtps://")
        connection.login(unquote(parts.username), unquote(parts.password or ""))


def _print(message: EmailMessage) -> None:
    body = message.get_body(("plain",))
    text = body.get_content() if body is not None else ""
    print(f"--- mail to {message['To']}: {message['Subject']}\n{text}---", file=sys.stderr, flush=True)
