"""Requests that somebody made up: a form of ours, filled with what is right here and nonsense there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from urllib.parse import quote_from_bytes, urlsplit

from tests.attack.arena import ROLES, Arena
from tests.attack.arms import FORM
from tests.attack.nonsense import (
    BIG,
    BOUNDARIES,
    FILENAMES,
    HEADERS,
    KINDS_OF,
    NASTIEST,
    NONSENSE,
    NUMBERS,
    RAW,
    ZONE_COOKIES,
)
from tests.attack.pages_found import NAMES, Field, Form, rule_of
from tests.attack.targets import Target

Pair = tuple[str, str]
GIF = "GIF89a\x01\x00\x01\x00\x00\x00\x00;"
KINDS = {
    "email": "new.one@example.org",
    "date": "2026-12-01",
    "time": "10:00",
    "url": "https://example.org/x",
    "number": "3",
    "file": GIF,
    "checkbox": "on",
    "tel": "+49 30 1234567",
}
"""What is right in a field of this type that says no value itself."""


@dataclass
class Submission:
    """One request as it goes to the app. Its repr stays short."""

    role: str
    method: str
    address: bytes
    headers: dict[str, str]
    body: bytes
    kind: str

    def __repr__(self) -> str:
        headers = {name: value[:80] for name, value in self.headers.items()}
        address, body = _short(self.address), _short(self.body)
        return f"{self.role}: {self.method} {address} | {body} as {self.kind} with {headers}"


def _short(sent: bytes) -> str:
    return f"{sent[:300]!r}" + (f"… {len(sent)} bytes" if len(sent) > 300 else "")


@cache
def quoted(text: str) -> bytes:
    """As a browser would, and what no browser could: lone surrogates as the bytes they would be."""
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe="").encode()


def nonsense(chance: Random) -> str:
    """A value for any field."""
    made = chance.randint(0, 9)
    if made < 8:
        return chance.choice((NASTIEST, NASTIEST, NASTIEST, NONSENSE, NONSENSE, chance.choice(KINDS_OF))[made % 6])
    if made == 8:
        return str(chance.randint(-(2 ** chance.randint(1, 70)), 2 ** chance.randint(1, 70)))
    planes = (0x80, 0x300, 0x2100, 0xD800, 0xFFFF, 0x110000)
    return "".join(chr(chance.randrange(chance.choice(planes))) for _ in range(chance.randint(0, 20)))


def right(field: Field) -> str:
    """A value that the field is made for."""
    if field.kind in ("hidden", "submit", "radio", "checkbox", "select", "query") and field.values:
        return field.values[-1]
    value = next((value for value in field.values if value), "")
    return value or KINDS.get(field.kind, "A short sentence.")


def pairs(chance: Random, fields: Sequence[Field]) -> list[Pair]:
    """Names with values: as they should be, left out, repeated, or nonsense."""
    sent: list[Pair] = []
    kept = chance.choice((10, 7, 4, 4, 0))
    """So many of ten fields are as they should be."""
    for one in fields[:60]:
        if chance.randint(1, 10) <= kept:
            value = chance.choice(one.values) if one.kind in ("select", "radio") and one.values else right(one)
            sent.append((one.name, value))
            continue
        how = chance.randint(0, 7)
        if how == 1:
            sent += [(one.name, right(one)), (one.name, nonsense(chance))] * chance.choice((1, 2, 40))
        elif how:
            sent.append((one.name, nonsense(chance)))
    if not fields or chance.randint(0, 5) == 5:
        for _ in range(chance.randint(0, 4)):
            sent.append((chance.choice(NAMES) if chance.randint(0, 1) else nonsense(chance), nonsense(chance)))
    if sent and chance.randint(0, 29) == 29:
        place = chance.randint(0, len(sent) - 1)
        sent[place] = (sent[place][0], chance.choice(BIG))
    return sent


def submission(chance: Random, target: Target, arena: Arena) -> Submission:
    """One for this target. Mostly from somebody who has the form, mostly with the token."""
    having = [role for role in ROLES if target.forms.get(role)]
    role = chance.choice(having * 3 + list(ROLES))
    known = target.forms.get(role) or [form for role in having for form in target.forms[role]]
    form = chance.choice(known) if known else Form(target.method, "")
    given = pairs(chance, [field for field in form.fields if field.name != "csrf_token"])
    address = addresses(chance, target, form, arena)
    headers = _headers(chance, arena, role)
    method = target.method if chance.randint(0, 19) else chance.choice(("HEAD", "PUT", "OPTIONS", "POST", "GET"))
    if target.method == "GET":
        return Submission(role, method, address + b"?" + _encoded(given) + _raw_end(chance), headers, b"", "")
    if chance.randint(0, 14):
        given = [("csrf_token", arena.tokens[role]), *given]
    body, kind = bodies(chance, given, multipart="multipart" in form.enctype)
    return Submission(role, method, address, headers, body, kind)


def addresses(chance: Random, target: Target, form: Form, arena: Arena) -> bytes:
    """Of the form, or with other values for what varies."""
    path, _, query = form.address.partition("?")
    if (not path or not chance.randint(0, 5)) and "<" in target.rule:
        known = sorted(
            {(name, value) for seen in arena.seen.values() for name in seen.values for value in seen.values[name]}
        )
        there = rule_of(arena.app, path, target.method) if path else None
        parts = []
        for part in target.rule.split("<"):
            name, closed, after = part.rpartition(">")
            if not closed:
                parts.append(quoted(part).replace(b"%2F", b"/"))
                continue
            name = name.rpartition(":")[2]
            fitting = [value for other, value in known if other == name] or ["1"]
            old = str(there[1][name]) if there else fitting[0]
            drawn = chance.choice((old, chance.choice(fitting), nonsense(chance), chance.choice(NUMBERS)))
            parts.append(quoted(drawn[:9_000]) + quoted(after).replace(b"%2F", b"/"))
        return b"".join(parts)
    query = f"?{query}" if query and target.method == "POST" else ""
    return ((urlsplit(path).path or target.rule) + query).encode()


def _encoded(given: Sequence[Pair]) -> bytes:
    return b"&".join(quoted(name) + b"=" + quoted(value) for name, value in given)


def _raw_end(chance: Random) -> bytes:
    return b"&q" + chance.choice(RAW) + b"=" + chance.choice(RAW) if not chance.randint(0, 9) else b""


def bodies(chance: Random, given: list[Pair], *, multipart: bool) -> tuple[bytes, str]:
    """The body and its content type."""
    how = chance.choice(["form"] * 9 + ["cut", "json", "odd", "multipart", "strange", "bytes"])
    if how == "form" and multipart:
        how = "multipart"
    if how in ("multipart", "strange"):
        is_strange = how == "strange"
        boundary = chance.choice(BOUNDARIES) if is_strange else "b0undary"
        filename = chance.choice(FILENAMES) if is_strange else ""
        charset = chance.choice(("", "utf-16", "utf-7", "x", "rot13", "zip")) if is_strange else ""
        return _parts(given, boundary, filename, charset), f"multipart/form-data; boundary={boundary}"
    if how == "json":
        text: object = chance.choice((dict(given), [dict(given)], {"a": {"$gt": ""}}, "x", None))
        return json.dumps(text).encode("utf-8", "surrogatepass"), "application/json"
    if how == "bytes":
        return chance.randbytes(chance.randint(0, 200)), chance.choice(
            (FORM, "multipart/form-data; boundary=b", "text/xml")
        )
    encoded = _encoded(given)
    if how == "cut":
        return encoded[: chance.randint(0, 300)] + chance.choice(RAW), FORM
    if how == "odd":
        kinds = ("text/plain", "application/json", f"{FORM}; charset=utf-16", "multipart/form-data", "", "x")
        return encoded, chance.choice(kinds)
    return encoded + _raw_end(chance), FORM


def _parts(given: list[Pair], boundary: str, filename: str, charset: str) -> bytes:
    sent = b""
    for name, value in given:
        is_file = value == GIF or (filename and name != "csrf_token")
        named = f'; filename="{filename or "a.gif"}"' if is_file else ""
        kind = f"\r\nContent-Type: text/plain; charset={charset}" if charset else ""
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{named}{kind}\r\n\r\n'
        data = value.encode("latin-1") if value == GIF else value.encode("utf-8", "surrogatepass")
        sent += head.encode("utf-8", "surrogatepass") + data + b"\r\n"
    return sent + f"--{boundary}--\r\n".encode()


def _headers(chance: Random, arena: Arena, role: str) -> dict[str, str]:
    """A few that are nonsense; the cookies nearly always as they are."""
    chosen = chance.sample(sorted(HEADERS), chance.randint(0, 3)) if chance.randint(0, 1) else []
    headers = {name: chance.choice(HEADERS[name]) for name in chosen}
    session = arena.cookie(role)
    if session and not chance.randint(0, 19):
        session = chance.choice(
            (session[:-3], session[3:], "." + session, session.swapcase(), "a.b.c", "\xff" * 9, "." * 999, "eyJ9.x.y")
        )
    cookies = [f"{arena.app.config['SESSION_COOKIE_NAME']}={session}"]
    if not chance.randint(0, 4):
        cookies.append(f"zone={chance.choice(ZONE_COOKIES)}")
    if not chance.randint(0, 19):
        cookies.append(chance.choice(("=;;=", "portal=x", "a" * 9_000, '"', "remember_token=1|x", "\xff=\xff")))
    return {**headers, "Cookie": "; ".join(cookies)}
