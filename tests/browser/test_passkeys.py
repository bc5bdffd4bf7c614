"""A passkey in Chromium, whose virtual authenticator makes it, holds it, and sees that it is its owner."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, CDPSession, expect

from portal import database
from portal.people.signing_in import issue_link
from portal.settings import Settings
from tests.browser.conftest import filled, new_phone
from tests.browser.phone import Phone
from tests.browser.test_axe import violations
from tests.engines import free_port
from tests.proof.server import serving

SAM, INGA = "sam.rivera@example.org", "inga.holm@example.org"
LOOKED_AT: set[str] = set()
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A programme that is no demo, with people in it, at an address for which browsers make passkeys."""
    folder, port = tmp_path_factory.mktemp("portal"), free_port()
    file = folder / "portal.db"
    file.write_bytes(filled())
    settings = Settings(
        secret_key="k" * 32,
        portal_url=f"http://localhost:{port}",
        mail_url="console:",
        data=folder,
        database_url=f"sqlite:///{file}",
    )
    with serving(settings, port=port):
        database.open_database(settings.database_url)
        yield settings.portal_url
        database.disconnect()


def device_of(phone: Phone) -> tuple[CDPSession, str]:
    cdp = phone.context.new_cdp_session(phone.page)
    cdp.send("WebAuthn.enable")
    return cdp, cdp.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]


def enter(phone: Phone, email: str) -> None:
    """Sign in by a link from the help desk."""
    phone.page.goto(f"/sign-in/link/{issue_link(email)}")
    with phone.page.expect_navigation(url="**/"):
        phone.page.get_by_role("button", name="Sign in").click()


def look(phone: Phone) -> None:
    """Whether the page fits; and the first time, whether axe finds nothing on one with these words."""
    phone.look()
    words = phone.page.locator("main").inner_text()
    if words not in LOOKED_AT:
        assert violations(phone.page) == []
    LOOKED_AT.add(words)


def button(phone: Phone, name: str, to: str) -> None:
    with phone.page.expect_navigation(url=to):
        phone.tap(phone.page.get_by_role("button", name=name))
    look(phone)


def link(phone: Phone, name: str, to: str) -> None:
    with phone.page.expect_navigation(url=to):
        phone.tap(phone.page.get_by_role("link", name=name))
    look(phone)


def test_make_one_sign_in_without_a_name_rename_and_remove(browser: Browser, address: str) -> None:
    sam = new_phone(browser, address)
    cdp, device = device_of(sam)
    enter(sam, SAM)
    look(sam)
    link(sam, "Make one", "**/you/passkeys/new")
    button(sam, "Make a passkey", "**/you/passkeys")
    expect(sam.page.get_by_role("status").first).to_contain_text("Your passkey is made: HeadlessChrome on Linux.")
    link(sam, "Make another passkey", "**/you/passkeys/new")
    sam.tap(sam.page.get_by_role("button", name="Make a passkey"))
    expect(sam.page.get_by_role("alert")).to_have_text("This device has a passkey for you already.")
    look(sam)
    sam.page.goto("/you")
    button(sam, "Sign out", "**/")
    sam.page.goto("/sign-in?next=/you/passkeys")
    look(sam)
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    sam.tap(sam.page.get_by_role("button", name="Use a passkey"))
    expect(sam.page.get_by_role("alert")).to_have_text("No passkey was used. Try again, or have a code sent.")
    look(sam)
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    button(sam, "Use a passkey", "**/you/passkeys")
    link(sam, "last used today", "**/you/passkeys/*")
    sam.page.get_by_label("Its name").fill("My phone")
    button(sam, "Save", "**/you/passkeys")
    link(sam, "My phone", "**/you/passkeys/*")
    button(sam, "Remove this passkey", "**/you/passkeys")
    expect(sam.page.get_by_text("My phone")).to_have_count(0)
    button_of_an_unknown_passkey(sam)
    sam.context.close()


def button_of_an_unknown_passkey(sam: Phone) -> None:
    """What the device still has signs nobody in, and the browser's complaint of the 422 is the only one."""
    assert sam.complaints == []
    sam.page.context.clear_cookies()
    sam.page.goto("/sign-in")
    button(sam, "Use a passkey", "**/sign-in/passkey")
    expect(sam.page.get_by_role("alert").first).to_contain_text("not known here any more")
    sam.expect_complaint("422")


def test_a_coordinator_makes_one_and_goes_on(browser: Browser, address: str) -> None:
    inga = new_phone(browser, address)
    device_of(inga)
    enter(inga, INGA)
    button(inga, "Not now", "**/")
    expect(inga.page.get_by_role("link", name="Make one")).to_have_count(0)
    link(inga, "Coordinator", "**/you/passkeys/new?next=/coordinator")
    button(inga, "Make a passkey", "**/coordinator")
    inga.page.context.clear_cookies()
    enter(inga, INGA)
    link(inga, "Coordinator", "**/sign-in/proof?next=/coordinator")
    button(inga, "Use a passkey", "**/coordinator")
    assert inga.complaints == []
    inga.context.close()
