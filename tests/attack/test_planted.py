"""Sixty texts that would run, in every text that is stored: none does anything on a page, in a file, in a mail."""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path

import pytest
from flask import Flask

from portal import clock
from portal.mail.composing import compose
from portal.mail.outbox import Outbox
from tests.attack.arena import standing
from tests.attack.carried import calendar_faults, file_faults, html_faults, mail_faults, table_faults
from tests.attack.pages_found import look_round
from tests.attack.payloads import FORMULAS, PAYLOADS
from tests.attack.planting import GROUPS, columns, plant
from tests.attack.test_mail import HEADERS, LISTED
from tests.conftest import Engine, Time
from tests.mails.all_letters import Programme
from tests.proof.size import size


def test_there_are_sixty() -> None:
    assert (len(PAYLOADS), len(set(PAYLOADS)), len(columns()) > 25) == (60, 60, True)


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_no_page_and_no_file_carries_one(engines: dict[str, Engine], engine: str, tmp_path: Path) -> None:
    with standing(engines[engine], tmp_path) as arena:
        for rotation in range(size(GROUPS, usual=1)):
            assert {name for _, _, name in columns()} - plant(rotation) == set()
            faults = []
            for role, hand in arena.hands.items():
                seen = look_round(arena.app, hand, arena.unlinked)
                shown = sum("data-xss" in page.text for page in seen.pages.values())
                faults += [(role, path, what) for path, page in seen.pages.items() for what in file_faults(page)]
                assert (role, faults[:3], shown > 4) == (role, [], True)


def test_no_mail_carries_one(app: Flask, world: Time) -> None:
    Programme(world).live()
    plant()
    faults, kinds = [], set()
    for letter in Outbox.select():
        kinds.add(letter.kind)
        with app.app_context(), clock.stopped_at(letter.created_at):
            sent = bytes(compose(letter, app.config["SETTINGS"]))
        got = message_from_bytes(sent, policy=policy.default)
        faults += [(letter.kind, what) for what in mail_faults(got, HEADERS | LISTED)]
        assert got["To"] == letter.recipient
    assert (faults, len(kinds) > 20) == ([], True)


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_in_a_table_would_be_found(formula: str) -> None:
    assert [len(list(table_faults(text))) for text in (f'a,"{formula}"\n', f"a,'{formula.strip()}\n")] == [1, 0]


def test_what_is_planted_would_be_found() -> None:
    drawn = [text for text in PAYLOADS[:28] if not text.startswith(("<template", "<noscript"))]
    drawn += [
        '<a href="https://evil.example/x">x</a>',
        "<p onclick=x>",
        "<base href=x>",
        '<a href=" javascript:x">x</a>',
    ]
    assert [text for text in drawn if not list(html_faults(f"<p>{text}</p>"))] == []
    entry = b"BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:x\r\nDESCRIPTION:x\r\nSTATUS:CONFIRMED\r\nEND:VEVENT\r\n"
    more = (
        b"ATTENDEE:a\r\nATTENDEE:b\r\n",
        b"SUMMARY:y\r\n",
        b"x\ny\r\n",
        b"X-EVIL:1\r\n",
        b"URL:" + b"x" * 80 + b"\r\n",
    )
    assert [bool(list(calendar_faults(entry + line))) for line in (b"", *more)] == [False, *[True] * len(more)]
