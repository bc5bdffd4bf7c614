"""Every kind of mail, word for word. `UPDATE_SNAPSHOTS=1` writes them anew; then read the difference."""

from __future__ import annotations

import os
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask

from portal.mail.kinds import KINDS
from tests.conftest import Time
from tests.letters import html_of
from tests.mails.all_letters import Programme, mails, shown

FOLDER = Path(__file__).with_name("snapshots")
WITHOUT_PAGE = (
    "people.code",
    "people.address_",
    "people.erased",
    "sessions.no_longer_part",
    "sessions.handed_over to sam",
    "sessions.cancelled to bo",
    "moderation.suspended",
)
"""They leave nothing to open."""


@pytest.fixture
def written(app: Flask, world: Time) -> dict[str, EmailMessage]:
    Programme(world).live()
    return mails(app)


def test_every_kind_of_mail_is_written_and_has_its_snapshot(written: dict[str, EmailMessage]) -> None:
    assert {name.split(" ")[0].replace(".", "/") for name in written} == set(KINDS)
    texts = {name: shown(message) for name, message in written.items()}
    if os.environ.get("UPDATE_SNAPSHOTS"):
        for old in FOLDER.glob("*.txt"):
            old.unlink()
        for name, text in texts.items():
            (FOLDER / f"{name}.txt").write_text(text, encoding="utf-8")
    assert texts == {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.txt")}


def test_every_mail_has_one_button_and_says_why_one_gets_it(written: dict[str, EmailMessage]) -> None:
    for name, message in written.items():
        html, kind = html_of(message), KINDS[name.split(" ")[0].replace(".", "/")]
        assert (name, html.count('class="button"')) == (name, int(not name.startswith(WITHOUT_PAGE)))
        assert (name, html.count("You get this mail because")) == (name, 1)
        assert (name, "No more of these" in html, "List-Unsubscribe" in message) == (name, *[not kind.is_needed] * 2)
