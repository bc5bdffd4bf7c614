"""Delivery: renders what is due and hands it to the mail server."""

from __future__ import annotations

import logging
import smtplib
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from urllib.parse import SplitResult, unquote, urlsplit

from flask import Flask

from portal import clock
from portal.mail import outbox, preferences
from portal.mail.composing import compose
from portal.mail.outbox import Outbox
from portal.settings import Settings

log = logging.getLogger(__name__)


class Unreachable(Exception):
    """There is no mail server, or it lets nobody in: that is no letter's fault."""


MOST = 100
"""Letters in one go."""

Send = Callable[[EmailMessage], object]


def deliver_due(app: Flask, settings: Settings, most: int = MOST) -> int:
    """Send letters that are due, `most` of them, and none where the mail server cannot be reached: then the worker
    looks after everything else. Returns how many the mail server took.
    """
    sent = 0
    letter = outbox.lease(clock.now())
    if letter is None:
        return 0
    with app.app_context(), _transport(settings) as send:
        while letter is not None:
            try:
                sent += _deliver(letter, send, settings)
            except Unreachable as error:
                log.warning("%s", error)
                outbox.put_back(letter, str(error))
                break
            most -= 1
            letter = outbox.lease(clock.now()) if most else None
    return sent


def _deliver(letter: Outbox, send: Send, settings: Settings) -> bool:
    try:
        why = preferences.why_not(letter)
        if not why:
            send(compose(letter, settings))
    except Unreachable:
        raise
    except Exception as error:  # one letter that fails, for whatever cause, must not stop the others
        log.warning("letter %s not delivered, try %s: %s", letter.id, letter.tries, type(error).__name__)
        outbox.mark_failed(letter, f"{type(error).__name__}: {error}")
        return False
    if why:
        outbox.mark_skipped(letter, why)
        return False
    outbox.mark_sent(letter)
    return True


@contextmanager
def _transport(settings: Settings) -> Iterator[Send]:
    if settings.mail_url == "console:":
        yield _print
        return
    connection: smtplib.SMTP | None = None

    def send(message: EmailMessage) -> None:
        nonlocal connection
        if connection is None:
            try:
                connection = _connect(settings.mail_url)
            except Exception as error:
                raise Unreachable(f"{type(error).__name__}: {error}") from error
        try:
            connection.send_message(message)
        finally:
            if connection.sock is None:  # smtplib closes what it cannot go on with; after a plain refusal it can
                connection = None

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
