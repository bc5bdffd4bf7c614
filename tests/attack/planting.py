"""Puts payloads into every text that is stored: what is not known to be a word of the portal's own is a text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import peewee

from portal.database import db, is_postgres
from portal.forms import is_web_address
from portal.schema import TABLES
from portal.text import EMAIL, clean, clean_line
from tests.attack.payloads import PAYLOADS

CODES = {
    *("outbox.kind", "outbox.subject", "outbox.version", "outbox.recipient", "outbox.zone", "outbox.state"),
    *("unwanted.recipient", "unwanted.kind", "round.name", "edition.name", "expertise.kind", "expertise.status"),
    *("person.time_zone", "sign_in.token_hash", "sign_in.way", "sign_in_link.token_hash", "alias.key"),
    *("sign_in_code.email", "sign_in_code.seed", "sign_in_code.browser", "sign_in_code.zone"),
    *("invitation.mailbox", "photo.hash", "mentor.photo"),
    *("mentor.slug", "mentor.status", "mentor.headline_stems", "mentor.about_stems", "revision.status"),
    *("availability.time_zone", "availability.paused_until", "availability.closed_until"),
    *("days_off.first", "days_off.last", "extra_hours.date", "busy_calendar.etag", "hold.ref", "hold.holder"),
    *("session.ref", "session.hold_ref", "session.kind", "session.format", "session_event.what", "feed.seed"),
    *("message.key", "rating.reached", "rating.line_status", "follow_up.helped", "certificate.code", "watch.part"),
    *("offer.ref", "offer.hold_ref", "offer.outcome", "asked.week", "asked.asker", "decision.subject", "decision.what"),
    *("identity.issuer", "identity.subject", "audit.what", "audit.thing", "report.kind", "report.thing"),
    *("report.reason", "passkey.credential_id", "passkey.public_key", "challenge.challenge_hash", "challenge.browser"),
}
"""Words of the portal's own, by table and column. A new one belongs here."""
JSON = {"revision.content", "hold.draft", "outbox.words"}
LINKS = {"mentor.video_link", "busy_calendar.url", "session.link", "preparation.links"}
EMAILS = {"person.email", "teammate.email", "invitation.email"}
PARAGRAPHS = {"mentor.about", "message.text", "session.questions", "session.context"}
"""Texts of several lines; the others are of one."""
OWN_WORDS = {"kind", "kinds", "format", "formats", "languages", "zone", "seed", "ref", "slug", "token", "path", "to"}
"""Names inside JSON whose values are."""
TOKEN = re.compile(r"[\w-]{16,}")
LINK_NAMES = {"link", "links", "video_link", "url"}
URLS = tuple(
    link
    for link in (f"https://evil.example/{text.strip()}" for text in PAYLOADS)
    if is_web_address(clean_line(link)) and len(link) < 500
) + tuple(
    f"https://evil.example/{letters}data-xss" for letters in ("'onclick='x'", '"><b/', "</a><b/", "`", "&quot;&gt;")
)
GROUPS = 5
"""In so many texts all payloads are: each column of a row has another one."""


def columns() -> list[tuple[type[Any], Any, str]]:
    """Table, field and name of every text column but those with words of our own."""
    found = []
    for table in TABLES:
        for field in table._meta.sorted_fields:
            name = f"{table._meta.table_name}.{field.column_name}"
            if isinstance(field, peewee.TextField) and name not in CODES:
                found.append((table, field, name))
    return found


def plant(rotation: int = 0, payloads: tuple[str, ...] = PAYLOADS, *, groups: int = GROUPS) -> set[str]:
    """Fill all of them, as forms would clean what is typed. Returns the names of those that are filled."""
    filled = set()
    with db.atomic():
        _let_change()
        for number, (table, field, name) in enumerate(columns()):
            keys = _key_fields(table)
            for row, values in enumerate(list(table.select(*keys, field).order_by(*keys).tuples())):
                *known, old = values
                if name in LINKS and not old:
                    continue
                text = _text(name, old, number + row + rotation, payloads, groups, row)
                where = [one == value for one, value in zip(keys, known, strict=True)]
                table.update({field: text}).where(*where).execute()
                filled.add(name)
    return filled


def _let_change() -> None:
    """Also what is written down once and kept: the database itself refuses to change that."""
    if is_postgres():
        db.execute_sql("set local session_replication_role = replica")
        return
    kept = "select name from sqlite_master where type = 'trigger' and sql like '%is kept%'"
    for (name,) in db.execute_sql(kept).fetchall():
        db.execute_sql(f"drop trigger {name}")


def _key_fields(table: type[Any]) -> list[Any]:
    key = table._meta.primary_key
    names = key.field_names if isinstance(key, peewee.CompositeKey) else [key.name]
    return [table._meta.fields[name] for name in names]


def _text(name: str, old: str, turn: int, payloads: tuple[str, ...], groups: int, row: int) -> str:
    if name in JSON:
        return json.dumps(_leaves(json.loads(old), lambda: " ".join(payloads[turn % groups :: groups]), turn))
    if name in LINKS:
        return URLS[turn % len(URLS)]
    if name in EMAILS:
        address = f"{{{{7*7}}}}'onclick='x'data-xss&lt{row}@example.org"
        assert EMAIL.fullmatch(address)
        return address
    cleaned: Callable[[str], str] = clean if name in PARAGRAPHS else clean_line
    return cleaned(("\n" if name in PARAGRAPHS else " ").join([*payloads[turn % groups :: groups], str(row)]))


def _leaves(stored: Any, made: Callable[[], str], turn: int, name: str = "") -> Any:
    """The same JSON with a text wherever it has one that somebody wrote."""
    if isinstance(stored, dict):
        return {key: _leaves(value, made, turn, key) for key, value in stored.items()}
    if isinstance(stored, list):
        return [_leaves(value, made, turn, name) for value in stored]
    if not isinstance(stored, str) or name in OWN_WORDS or not stored or TOKEN.fullmatch(stored):
        return stored
    if name in LINK_NAMES:
        return URLS[turn % len(URLS)]
    return clean_line(made()) if " " in stored or stored[0].isupper() else stored
