"""What is wrong with a text that leaves the portal: on a page, in a calendar, a mail, a table."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from email.message import EmailMessage
from html.parser import HTMLParser

from werkzeug.test import TestResponse

from tests.attack.arms import runs

PROPERTIES = {
    *("BEGIN", "END", "PRODID", "VERSION", "METHOD", "NAME", "X-WR-CALNAME", "REFRESH-INTERVAL", "X-PUBLISHED-TTL"),
    *("UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "SUMMARY", "DESCRIPTION", "URL", "LOCATION", "STATUS"),
    *("ORGANIZER", "ATTENDEE", "ACTION", "TRIGGER", "TZID", "TZNAME", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "RDATE"),
    *("X-LIC-LOCATION", "CALSCALE", "COMMENT"),
}
FILE_NAME = re.compile(r'(?:attachment|inline)(?:; filename="?[\w.-]+"?)?(?:; filename\*=UTF-8\'\'[\w.%-]+)?')
REL = {"nofollow", "noopener", "ugc"}


class _Marks(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if "data-xss" in has or any("data-xss" in name for name in has):
            self.found.append(f"made by a payload: {self.get_starttag_text()}")
        href = has.get("href", "")
        is_away = re.match(r"\W*(?:\w+:)?//", href) and "evil.example" in href
        if is_away and not (href.startswith("https://") and set(has.get("rel", "").split()) >= REL):
            self.found.append(f"a link that is trusted: {self.get_starttag_text()}")


def html_faults(html: str) -> Iterator[str]:
    marks = _Marks()
    marks.feed(html)
    yield from marks.found
    yield from runs(html)


def file_faults(answer: TestResponse) -> Iterator[str]:
    """Of an answer of any type."""
    sent = answer.headers.get("Content-Disposition", "")
    if sent and not FILE_NAME.fullmatch(sent):
        yield f"Content-Disposition: {sent}"
    if answer.mimetype == "text/html":
        yield from html_faults(answer.text)
    elif answer.mimetype == "text/calendar":
        yield from calendar_faults(answer.data)
    elif answer.mimetype == "text/csv":
        yield from table_faults(answer.text)
    elif answer.mimetype == "application/json":
        json.loads(answer.text)
    if answer.headers.get("X-Content-Type-Options") != "nosniff":
        yield "a browser may guess what it is"


def table_faults(text: str) -> Iterator[str]:
    """Cells that a spreadsheet would work out (OWASP, CSV injection)."""
    for row in csv.reader(io.StringIO(text, newline="")):
        yield from (f"a formula: {cell[:40]!r}" for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r"))


def calendar_faults(data: bytes) -> Iterator[str]:
    """RFC 5545 3.1: lines of 75 octets at most that end in CR LF, and only the properties we write."""
    lines = data.split(b"\r\n")
    yield from (f"a line of {len(line)} octets" for line in lines if len(line) > 75)
    yield from (f"a bare end of a line: {line!r}" for line in lines if b"\n" in line or b"\r" in line)
    names = [re.split("[:;]", line)[0] for line in re.sub(r"\r\n[ \t]", "", data.decode()).split("\r\n") if line]
    yield from (f"a property {name}" for name in names if name not in PROPERTIES)
    unfolded = re.sub(r"\r\n[ \t]", "", data.decode()).split("\r\n")
    events = unfolded.count("BEGIN:VEVENT")
    alarms = unfolded.count("BEGIN:VALARM")
    due = {"UID": events, "SUMMARY": events, "DESCRIPTION": events + alarms, "STATUS": events}
    yield from (f"{names.count(name)} × {name} in {events} entries" for name in due if names.count(name) != due[name])
    for name in ("ATTENDEE", "ORGANIZER"):
        if names.count(name) not in (0, events):
            yield f"{names.count(name)} × {name}"


def mail_faults(mail: EmailMessage, headers: set[str]) -> Iterator[str]:
    """Of one as it arrives."""
    yield from (f"a header {name}" for name in mail if name not in headers)
    for part in mail.walk():
        if part.get_content_type() == "text/html":
            yield from html_faults(part.get_content())
        elif part.get_content_type() == "text/calendar":
            yield from calendar_faults(part.get_payload(decode=True))
