"""The turns of a session before it starts, on phones, with JavaScript and without: team, questions, move, hand over,
cancel, book again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPhone, running_demo, with_javascript
from tests.browser.phone import NEED, Phone

OBJECTIVE = "An order for the first three features"
SESSION = "**/sessions/*"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[str]:
    """Fresh for each test: nobody has as many sessions as one can have."""
    with running_demo(tmp_path / "data") as address:
        yield address


@with_javascript
def test_turns_before_a_session_on_a_phone(phone: NewPhone, javascript: bool) -> None:
    sam, laila, inga = (phone(java_script_enabled=javascript) for _ in range(3))
    for each, role in ((sam, "mentee"), (laila, "mentor"), (inga, "coordinator")):
        each.continue_as(role)
    url = _book_a_project(sam)
    _invite(sam)
    _ask_as_a_teammate(inga, url)
    _change_questions(sam, url)
    _move_in_two_taps(sam)
    _ask_to_move(laila, url)
    _move_as_asked_in_one_tap(sam, url)
    _hand_over(sam, url)
    _cancel_late_or_not(laila, url)
    _book_again_in_one_tap(inga, url)


def _book_a_project(sam: Phone) -> str:
    sam.go(f"/?q={NEED.replace(' ', '+')}")
    sam.follow(sam.card("laila-mansour").locator(".opening").nth(2), "**/holds/*")
    sam.write("What do you want to walk away with?", OBJECTIVE)
    sam.write("Your questions", "What would you leave out?")
    sam.tap(sam.page.locator("label", has=sam.page.get_by_role("radio", name="Project")))
    expect(sam.page.locator(".for-project")).to_be_visible()
    expect(sam.page.locator(".for-career")).to_be_hidden()
    sam.follow(sam.page.get_by_role("button", name="Book"), SESSION)
    return sam.page.url


def _invite(sam: Phone) -> None:
    sam.tap(sam.page.locator("summary", has_text="Invite teammates"))
    sam.write("Their e-mail addresses", "inga.holm@example, new.one@example.org")
    with sam.page.expect_navigation():
        sam.tap(sam.page.get_by_role("button", name="Invite"))
    expect(sam.page.locator("#emails-error")).to_contain_text("“inga.holm@example” is not an e-mail address.")
    expect(sam.page.get_by_label("Their e-mail addresses")).to_have_value("inga.holm@example, new.one@example.org")
    sam.expect_complaint("422")
    sam.page.get_by_label("Their e-mail addresses").fill("inga.holm@example.org, new.one@example.org")
    sam.follow(sam.page.get_by_role("button", name="Invite"), SESSION)
    expect(sam.page.locator(".rows .bar")).to_contain_text(["Inga Holm", "new.one@example.org"])
    sam.follow(sam.page.get_by_role("button", name="Take new.one@example.org out"), SESSION)
    expect(sam.page.locator(".rows .bar")).to_contain_text(["Inga Holm"])


def _ask_as_a_teammate(inga: Phone, url: str) -> None:
    inga.go(url)
    expect(inga.page.get_by_role("heading", name="Sam wants to walk away with")).to_be_visible()
    inga.tap(inga.page.locator("summary", has_text="Add a question of yours"))
    inga.write("Your question", "Who decides in the end?")
    inga.follow(inga.page.get_by_role("button", name="Save your question"), SESSION)
    expect(inga.page.get_by_text("Who decides in the end?").first).to_be_visible()


def _change_questions(sam: Phone, url: str) -> None:
    sam.go(url)
    expect(sam.page.get_by_text("Inga Holm asks")).to_be_visible()
    sam.tap(sam.page.locator("summary", has_text="Edit the questions"))
    sam.page.get_by_label("Your questions").fill("What would you leave out?\nWhat first?")
    sam.follow(sam.page.get_by_role("button", name="Save the questions"), SESSION)
    assert sam.page.locator(".questions li").all_text_contents() == ["What would you leave out?", "What first?"]


def _move_in_two_taps(sam: Phone) -> None:
    before, sam.taps = _when(sam), 0
    sam.follow(sam.page.get_by_role("link", name="Move", exact=True), "**/move")
    wanted = sam.page.locator(".opening").last
    time = (wanted.text_content() or "").strip()
    sam.follow(wanted, SESSION)
    assert sam.taps == 2
    assert _when(sam) != before
    assert f" {time}–" in _when(sam)


def _ask_to_move(laila: Phone, url: str) -> None:
    laila.go(url)
    laila.tap(laila.page.locator("summary", has_text="Ask to move it"))
    laila.write("Why another time?", "Something was put on top of it")
    laila.follow(laila.page.get_by_role("button", name="Ask Sam"), SESSION)
    expect(laila.page.get_by_text("You asked Sam for another time")).to_be_visible()


def _move_as_asked_in_one_tap(sam: Phone, url: str) -> None:
    sam.go(url)
    expect(sam.page.get_by_role("heading", name="Laila asks for another time")).to_be_visible()
    before, sam.taps = _when(sam), 0
    sam.follow(sam.page.locator(".opening").first, SESSION)
    assert (sam.taps, _when(sam) == before) == (1, False)
    expect(sam.page.get_by_role("heading", name="Laila asks for another time")).to_have_count(0)


def _hand_over(sam: Phone, url: str) -> None:
    sam.tap(sam.page.locator("summary", has_text="Hand it over to a teammate"))
    sam.follow(sam.page.get_by_role("button", name="Inga Holm", exact=True), "**/sessions")
    expect(sam.page.get_by_role("status").first).to_have_text("The session is handed over. All of them get a mail.")
    sam.page.goto(url)
    expect(sam.page.get_by_role("heading", level=1)).to_have_text("Not here")
    sam.expect_complaint("404")


def _cancel_late_or_not(laila: Phone, url: str) -> None:
    laila.go(url)
    expect(laila.page.get_by_role("heading", level=1)).to_contain_text("Inga Holm")
    laila.tap(laila.page.locator("summary", has_text="Cancel this session"))
    laila.write("A sentence to them", "I am ill, sorry")
    laila.follow(laila.page.get_by_role("button", name="Cancel the session"), SESSION)
    expect(laila.page.locator("#now")).to_contain_text("by you: “I am ill, sorry”")


def _book_again_in_one_tap(inga: Phone, url: str) -> None:
    inga.go(url)
    expect(inga.page.locator("#now")).to_contain_text("by Laila Mansour: “I am ill, sorry”")
    expect(inga.page.locator("#rebook .opening").first).to_be_visible()
    others = inga.page.locator(".cards [data-mentor]")
    assert others.count() >= 1
    inga.taps = 0
    inga.follow(others.first.locator(".opening").first, SESSION)
    assert (inga.taps, inga.page.url == url) == (1, False)
    expect(inga.page.get_by_text(OBJECTIVE, exact=True)).to_be_visible()
    assert inga.page.locator(".questions li").all_text_contents() == ["What would you leave out?", "What first?"]


def _when(phone: Phone) -> str:
    return phone.page.get_by_role("heading", level=1).inner_text()
