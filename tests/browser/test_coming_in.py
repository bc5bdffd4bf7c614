"""Somebody who has never been here, from the first screen to a booked session: within a minute, on a slow phone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.settings import Settings
from tests.browser.conftest import PATIENCE, filled, new_phone
from tests.browser.phone import NEED, Phone
from tests.kernel.smtp import SENDER, Mailbox, mail_server
from tests.proof.server import serving

SLOW = {"offline": False, "latency": 562.5, "downloadThroughput": 188_744, "uploadThroughput": 86_400}
"""Lighthouse's mobile profile as a browser applies it: "slow 4G", in milliseconds and bytes a second."""
SLOWER = 4
"""And a processor so many times slower."""
NOOR = "noor.haddad@example.org"
MOST_TAPS = 6
MINUTE = 60.0


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as server:
        yield server


@pytest.fixture
def address(tmp_path: Path, mailbox: Mailbox) -> Iterator[str]:
    """A programme that is no demo, with people in it, whose mails go out."""
    file = tmp_path / "portal.db"
    file.write_bytes(filled())
    settings = Settings(
        secret_key="k" * 32,
        portal_url="http://portal.example.org",
        mail_url=f"smtp://127.0.0.1:{mailbox.port}?from={SENDER}",
        data=tmp_path,
        database_url=f"sqlite:///{file}",
    )
    with serving(settings, with_mails=True) as server:
        yield f"http://127.0.0.1:{server.port}"


def code_from(mailbox: Mailbox, page: Page) -> str:
    """The code in the mail that has come by now; waited for as somebody waits who looks at the phone."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for to, mail in list(mailbox.taken):
            if NOOR in to and "code" in mail["Subject"]:  # she may have other mail from the demo
                return str(mail["Subject"]).split(" ")[0]
        page.wait_for_timeout(100)
    raise AssertionError("no code came")


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_from_a_need_to_a_booked_session_in_a_minute(
    browser: Browser, address: str, mailbox: Mailbox, javascript: bool
) -> None:
    noor = new_phone(browser, address, java_script_enabled=javascript)
    slow = noor.context.new_cdp_session(noor.page)
    slow.send("Network.enable")
    slow.send("Network.emulateNetworkConditions", SLOW)
    slow.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    began = time.monotonic()
    _book(noor, mailbox, javascript=javascript)
    took = time.monotonic() - began
    slow.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    noor.look()
    print(f"\n{took:.1f} s, {noor.taps} taps {'with' if javascript else 'without'} JavaScript")
    assert (took <= MINUTE, noor.taps <= MOST_TAPS, noor.complaints) == (True, True, [])
    noor.context.close()


def _book(noor: Phone, mailbox: Mailbox, *, javascript: bool) -> None:
    """What somebody does who has one need. Typing is no tap."""
    page = noor.page
    page.goto("/")
    page.get_by_label("What do you need help with?").fill(NEED)
    if not javascript:
        with page.expect_navigation(url="**/?q=*"):
            page.get_by_label("What do you need help with?").press("Enter")
    opening = page.locator(".opening").first
    expect(page.get_by_text("Fits because").first).to_be_visible()
    with page.expect_navigation(url="**/holds/*"):
        noor.tap(opening)
    page.get_by_label("What do you want to walk away with?", exact=True).fill("A counter-offer I can send tomorrow")
    page.get_by_label("Your questions", exact=True).fill("Is a counter normal?")
    page.get_by_label("Your name", exact=True).fill("Noor Haddad")
    page.get_by_label("Your e-mail", exact=True).fill(NOOR)
    with page.expect_navigation(url="**/holds/*/code"):
        noor.tap(page.get_by_role("button", name="Book"))
    with page.expect_navigation(url="**/sessions/*"):
        page.get_by_label("The 6-digit code").fill(code_from(mailbox, page))
        if not javascript:
            noor.tap(page.get_by_role("button", name="Book"))
    expect(page.get_by_role("status").first).to_have_text("Booked.")
