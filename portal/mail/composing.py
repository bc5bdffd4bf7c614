"""A letter becomes a mail: text, HTML, and where it brings one, a calendar entry. The same each time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from markupsafe import Markup, escape

from portal import clock
from portal.mail.calendar import Entry, invitation
from portal.mail.kinds import KINDS
from portal.mail.outbox import Outbox
from portal.mail.tokens import token_of
from portal.settings import Settings
from portal.when import Reader

UNFOLDED = policy.default.clone(max_line_length=998)
"""As RFC 5322 2.1.1 allows: in a shorter line the address in List-Unsubscribe would be encoded, and nobody reads it."""


def compose(letter: Outbox, settings: Settings) -> EmailMessage:
    """The mail of a letter, in the reader's zone."""
    words = _words(letter, settings)
    message = EmailMessage(policy=UNFOLDED)
    _address(message, letter, settings)
    # "=?" begins an encoded word, which the header would decode: a name could hold lines, and so headers, of its own.
    message["Subject"] = _render(f"mail/{letter.kind}/subject.txt", words).strip().replace("=?", "= ?")
    if words["stop_url"]:  # RFC 8058
        message["List-Unsubscribe"] = f"<{words['stop_url']}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    text = _text(letter, words)
    message.set_content(f"{text}\n\n{words['stop_line']}".strip() + "\n")
    html = {**words, "paragraphs": _paragraphs(text)}
    message.add_alternative(_render(f"mail/{letter.kind}/body.html", html), subtype="html")
    if words.get("calendar"):
        _invite(message, Entry(**words["calendar"]), letter, settings)
    return message


def _words(letter: Outbox, settings: Settings) -> dict[str, Any]:
    token = token_of(letter, settings.secret_key)
    stop_url = "" if KINDS[letter.kind].is_needed else f"{settings.portal_url}/mails/stop/{token}"
    return {
        **KINDS[letter.kind].words(letter),
        "reader": Reader(clock.zone(letter.zone), letter.created_at),
        "portal_url": settings.portal_url,
        "instant": _instant,
        "lined": lined,
        "token": token,
        "stop_url": stop_url,
        "stop_line": f"No more of these: {stop_url}" if stop_url else "",
    }


def _address(message: EmailMessage, letter: Outbox, settings: Settings) -> None:
    message["From"] = settings.mail_from
    message["To"] = letter.recipient
    message["Date"] = format_datetime(letter.created_at)
    message["Message-ID"] = _message_id(letter, settings)
    message["Auto-Submitted"] = "auto-generated"


def _message_id(letter: Outbox, settings: Settings) -> str:
    """The same in each try, and of no other letter: ids start anew where all letters were forgotten."""
    created_at = int(letter.created_at.timestamp())
    return f"<letter-{letter.id}.{created_at}@{urlsplit(settings.portal_url).hostname}>"


def _invite(message: EmailMessage, entry: Entry, letter: Outbox, settings: Settings) -> None:
    """As one more way to read the mail, which calendars act on, and as a file, for programs that only show files."""
    file = invitation(
        entry,
        to=letter.recipient,
        sender=settings.mail_from,
        zone=clock.zone(letter.zone),
        portal_url=settings.portal_url,
        has_accepted=letter.facts.get("has_accepted", True),
    )
    method = "CANCEL" if entry.is_cancelled else "REQUEST"
    message.add_alternative(file, maintype="text", subtype="calendar", params={"charset": "utf-8", "method": method})
    message.add_attachment(file, maintype="application", subtype="ics", filename="session.ics")


def _text(letter: Outbox, words: dict[str, Any]) -> str:
    text = _render(f"mail/{letter.kind}/body.txt", words).strip()
    return re.sub(r"\n{3,}", "\n\n", text)  # what a condition leaves out leaves no gap


def _paragraphs(text: str) -> list[list[str]]:
    """The lines of each paragraph: the HTML of a mail says what its text says, unless it has one of its own."""
    return [block.split("\n") for block in text.split("\n\n")]


def lined(lines: Iterable[str]) -> Markup:
    """Lines as HTML; a web address at the end of one is a link."""
    return Markup("<br>").join(_line(line) for line in lines)


def _line(line: str) -> Markup:
    found = re.fullmatch(r"(.*?)(https?://[^\s<>\"“”]+)", line)
    if not found:
        return escape(line)
    link = Markup('{}<a href="{}" rel="nofollow noopener ugc">{}</a>')
    return link.format(found[1], found[2], found[2])


def said(text: str) -> str:
    """What somebody wrote, in one paragraph: nothing in it passes for a part of the mail."""
    return re.sub(r"\n\s*", "\n", text)


def _render(template: str, words: dict[str, Any]) -> str:
    """Without what pages know: a letter has no request and no signed-in person."""
    return current_app.jinja_env.select_template([template, "mail/plain.html"]).render(words)


def _instant(epoch_seconds: int) -> datetime:
    return datetime.fromtimestamp(epoch_seconds, UTC)
