"""Two people talk on a session's page, on two phones, with JavaScript and without."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from portal import database
from portal.database import column
from portal.limits import Limits, set_limits
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.sessions.booking import book
from portal.sessions.models import Session
from tests.browser.conftest import NewPhone, filled, new_phone, running_demo, with_javascript
from tests.browser.phone import PEOPLE, Phone
from tests.cast import REQUEST, opening

SESSION = "**/sessions/*"
POLL = 4000
"""Milliseconds between two polls."""
SHOW = "shown => { Object.defineProperty(document, 'hidden', { value: !shown, configurable: true });"
SHOW += " document.dispatchEvent(new Event('visibilitychange')) }"
Pair = tuple[Phone, Phone]
WHO = ("mentee", "mentor")
CHATS = 12


@dataclass
class Chats:
    """Sessions of Sam and Laila in a demo, by the names in their addresses, the earliest first; and what a browser
    keeps of each of the two who is signed in.
    """

    refs: list[str]
    kept: dict[str, Any]

    def meet(self, phone: NewPhone, *, javascript: bool = True, number: int = -1) -> Pair:
        """Both look at one that nobody has looked at."""
        path = f"/sessions/{self.refs.pop(number)}"
        pair = tuple(phone(java_script_enabled=javascript, storage_state=self.kept[who]) for who in WHO)
        for each in pair:
            each.page.goto(path)
        return pair[0], pair[1]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_demo(tmp_path_factory.mktemp("chats") / "data", with_chats()[0]) as address:
        yield address


@cache
def with_chats() -> tuple[bytes, list[str]]:
    """The database of a demo in which Sam has booked as many chats as there are tests here, and their names."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "portal.db"
        file.write_bytes(filled())
        database.open_database(f"sqlite:///{file}")
        database.connect()
        laila, sam = Mentor.get(Mentor.slug == "laila-mansour"), Person.get(Person.name == PEOPLE["mentee"])
        set_limits(Limits(upcoming=2 * CHATS))
        for number in range(CHATS):
            hold = {"holder": f"chat {number}", "hold_ref": f"chat {number}"}
            book(opening(laila), replace(REQUEST, format="chat"), mentee=sam, **hold)
        set_limits(Limits())
        chats = Session.select(Session.ref).where(Session.hold_ref.startswith("chat ")).order_by(Session.start)
        refs = column(chats)
        database.db.execute_sql("pragma wal_checkpoint(truncate)")
        database.disconnect()
        return file.read_bytes(), refs


@pytest.fixture(scope="module")
def chats(browser: Browser, demo: str) -> Chats:
    kept = {}
    for who in WHO:
        each = new_phone(browser, demo)
        each.continue_as(who)
        kept[who] = each.context.storage_state()
        each.context.close()
    return Chats(list(with_chats()[1]), kept)


def field(phone: Phone) -> Locator:
    return phone.page.get_by_label("Your message")


def send(phone: Phone, text: str) -> None:
    field(phone).fill(text)
    phone.tap(phone.page.get_by_role("button", name="Send"))


def write_too_much(phone: Phone) -> None:
    """As a browser would that does not count."""
    field(phone).evaluate("field => field.removeAttribute('maxlength')")
    field(phone).fill("x" * 4001)


def messages(phone: Phone) -> Locator:
    return phone.page.locator(".message > p")


def polls(page: Page) -> list[str]:
    """The polls from now on."""
    seen: list[str] = []
    page.on("request", lambda sent: seen.append(sent.url) if "/messages?" in sent.url else None)
    return seen


def test_messages_appear_on_the_other_phone_without_a_reload(phone: NewPhone, chats: Chats) -> None:
    sam, laila = chats.meet(phone)
    for each in (sam, laila):
        each.page.evaluate("() => { window.stayed = true }")
    send(sam, "The offer is in euros, does that matter?")
    expect(messages(sam)).to_have_text(["The offer is in euros, does that matter?"])
    expect(field(sam)).to_have_value("")
    expect(field(sam)).to_be_focused()
    expect(messages(laila)).to_have_text(["The offer is in euros, does that matter?"])
    field(sam).fill("What I am writing meanwhile")
    send(laila, "Not for the method. See https://example.org/notes")
    expect(messages(sam).last).to_have_text("Not for the method. See https://example.org/notes")
    expect(field(sam)).to_have_value("What I am writing meanwhile")
    expect(sam.page.locator(".message > p a")).to_have_attribute("href", "https://example.org/notes")
    own = [
        each.page.locator(".message").evaluate_all("all => all.map(m => m.classList.contains('own'))")
        for each in (sam, laila)
    ]
    assert own == [[True, False], [False, True]]
    assert [each.page.evaluate("() => window.stayed") for each in (sam, laila)] == [True, True]
    for each in (sam, laila):
        each.look()


def test_two_quick_sends_keep_both_and_a_double_tap_is_one(phone: NewPhone, chats: Chats) -> None:
    sam, laila = chats.meet(phone)
    sam.page.evaluate(
        """() => {
          const field = document.querySelector("#say"), form = field.form;
          for (const text of ["One", "One", "Two"]) { field.value = text; form.requestSubmit(); }
          field.value = "Two and a half";
        }"""
    )
    expect(messages(laila)).to_have_text(["One", "Two"])
    expect(messages(sam)).to_have_text(["One", "Two"])
    expect(field(sam)).to_have_value(" and a half")
    for text in ("ok", "ok"):
        send(sam, text)
        expect(field(sam)).to_have_value("")
    expect(messages(laila)).to_have_text(["One", "Two", "ok", "ok"])


def test_a_message_that_does_not_arrive_stays_in_the_field(phone: NewPhone, chats: Chats) -> None:
    sam, laila = chats.meet(phone)
    send(sam, "")
    expect(sam.page.locator("#say-error")).to_have_text("Write something first.")
    write_too_much(sam)
    sam.tap(sam.page.get_by_role("button", name="Send"))
    expect(sam.page.locator("#say-error")).to_have_text("At most 4000 characters, please.")
    expect(field(sam)).to_have_value("x" * 4001)
    expect(messages(sam)).to_have_count(0)
    sam.expect_complaint("422")
    sam.page.context.set_offline(True)
    send(sam, "Are you there?")
    expect(sam.page.locator("#toast")).to_have_text("No connection. What you see may be old.")
    expect(field(sam)).to_have_value("Are you there?")
    sam.page.context.set_offline(False)
    sam.tap(sam.page.get_by_role("button", name="Send"))
    expect(messages(sam)).to_have_text(["Are you there?"])
    expect(field(sam)).to_have_value("")
    expect(sam.page.locator("#say-error")).to_have_text("")
    expect(messages(laila)).to_have_text(["Are you there?"])
    sam.complaints.clear()


def test_nothing_in_a_message_runs(phone: NewPhone, chats: Chats) -> None:
    sam, laila = chats.meet(phone)
    html = "<img src=x onerror='window.ran=1'><script>window.ran=1</script>"
    send(sam, f"{html}\njavascript:window.ran=1\n```\n<b>code</b>\n```")
    expect(laila.page.locator(".message pre")).to_have_text("<b>code</b>\n")
    expect(messages(laila).first).to_contain_text("<script>window.ran=1</script>")
    made = ", ".join(f".message > {within}:is(img, script, a, b)" for within in ("", ":not(small) "))
    assert [each.page.locator(made).count() for each in (sam, laila)] == [0, 0]
    assert [each.page.evaluate("() => window.ran") for each in (sam, laila)] == [None, None]


def test_polling_rests_while_the_page_is_hidden(phone: NewPhone, chats: Chats) -> None:
    sam, laila = chats.meet(phone)
    laila.page.evaluate(SHOW, False)
    seen = polls(laila.page)
    send(sam, "Hello")
    laila.page.wait_for_timeout(2 * POLL)
    assert (seen, messages(laila).count()) == ([], 0)
    laila.page.evaluate(SHOW, True)
    expect(messages(laila)).to_have_text(["Hello"], timeout=POLL / 2)
    laila.page.wait_for_timeout(2 * POLL)
    assert 2 <= len(seen) <= 4


def test_polling_ends_when_the_conversation_closes(phone: NewPhone, chats: Chats) -> None:
    sam, laila = chats.meet(phone)
    send(sam, "Hello")
    laila.tap(laila.page.locator("summary", has_text="Cancel this session"))
    laila.write("A sentence to them", "Ill today")
    with laila.page.expect_navigation():
        laila.tap(laila.page.get_by_role("button", name="Cancel the session"))
    expect(sam.page.locator("#now")).to_contain_text("Cancelled by Laila Mansour: “Ill today”")
    expect(sam.page.locator("#write")).to_have_text("This session was cancelled, so the conversation is closed.")
    expect(field(sam)).to_have_count(0)
    expect(messages(sam)).to_have_text(["Hello"])
    seen = polls(sam.page)
    sam.page.wait_for_timeout(1.5 * POLL)
    assert seen == []


def test_chat_shows_that_both_are_here(phone: NewPhone, chats: Chats) -> None:
    sam, laila = chats.meet(phone, number=0)
    sam.tap(sam.page.locator("summary", has_text="move time on"))
    sam.follow(sam.page.get_by_role("button", name="to my next session"), SESSION)
    expect(sam.page.locator("#now")).to_contain_text("Laila is here.")
    expect(laila.page.locator("#now")).to_contain_text("Sam is here.")
    sam.tap(sam.page.get_by_role("link", name="The chat opens at"))
    expect(field(sam)).to_be_in_viewport()
    sam.look()


def test_messages_without_javascript(phone: NewPhone, chats: Chats) -> None:
    sam, laila = chats.meet(phone, javascript=False)
    for text in ("Hello", "Two lines\nand a link https://example.org/x"):
        field(sam).fill(text)
        sam.follow(sam.page.get_by_role("button", name="Send"), "**/sessions/*#conversation")
    expect(sam.page.locator("#conversation")).to_be_in_viewport()
    laila.follow(laila.page.get_by_role("link", name="Show new messages"), "**/sessions/*#conversation")
    expect(messages(laila)).to_have_text(["Hello", "Two lines\nand a link https://example.org/x"])
    write_too_much(laila)
    laila.follow(laila.page.get_by_role("button", name="Send"), "**/messages")
    expect(laila.page.locator("#say-error")).to_have_text("At most 4000 characters, please.")
    expect(field(laila)).to_have_value("x" * 4001)
    laila.expect_complaint("422")


@with_javascript
def test_both_prepare(phone: NewPhone, chats: Chats, javascript: bool) -> None:
    sam, laila = chats.meet(phone, javascript=javascript)
    laila.tap(laila.page.get_by_label("I have read the questions"))
    laila.write("A line back", "Skim your contract’s bonus clause before we talk.")
    laila.write("Links to look at before", "https://notes.example.org/counter-offers")
    laila.follow(laila.page.get_by_role("button", name="Save", exact=True), SESSION)
    expect(laila.page.get_by_label("I have read the questions")).to_be_checked()
    sam.go(sam.page.url)
    expect(sam.page.get_by_role("heading", name="Laila prepared")).to_be_visible()
    expect(sam.page.get_by_role("link", name="notes.example.org/counter-offers")).to_be_visible()
    expect(sam.page.get_by_text("Laila has read the questions.")).to_be_visible()
    sam.follow(sam.page.get_by_role("button", name="I’m ready"), SESSION)
    laila.go(laila.page.url)
    expect(laila.page.get_by_text("Sam is ready.")).to_be_visible()
