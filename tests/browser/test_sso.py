"""A visitor books first and signs in at a provider of another site, under the strict policy of our pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from portal.settings import Settings
from tests.browser.conftest import filled, new_phone
from tests.engines import free_port
from tests.proof.server import serving
from tests.sso.stranger import strange_provider

NOOR = {"sub": "noor", "email": "noor@example.org", "email_verified": True, "name": "Noor Haddad"}


def test_book_first_and_sign_in_there(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, port = tmp_path / "portal.db", free_port()
    file.write_bytes(filled())
    with strange_provider(NOOR) as issuer:
        given = {"ISSUER": issuer, "CLIENT_ID": "portal", "CLIENT_SECRET": "s", "BUTTON": "Example University"}
        for name, value in given.items():
            monkeypatch.setenv(f"OIDC_{name}", value)
        monkeypatch.setenv("SIGN_IN", "sso")
        address = f"http://127.0.0.1:{port}"
        with serving(Settings("k" * 32, address, "console:", tmp_path, f"sqlite:///{file}"), port=port):
            for javascript in (True, False):
                _book(browser, address, javascript)


def _book(browser: Browser, address: str, javascript: bool) -> None:
    noor = new_phone(browser, address, java_script_enabled=javascript)
    page = noor.page
    page.goto("/mentors/laila-mansour")
    with page.expect_navigation(url="**/holds/*"):
        noor.tap(page.locator(".opening").first)
    page.get_by_label("What do you want to walk away with?", exact=True).fill("A counter-offer I can send tomorrow")
    page.get_by_label("Your questions", exact=True).fill("Is a counter normal?")
    with page.expect_navigation(url="http://localhost:*/oauth2/authorize*"):
        noor.tap(page.get_by_role("button", name="Book"))
    with page.expect_navigation(url="**/sessions/*"):
        page.get_by_role("button", name="noor", exact=True).tap()
    noor.look()
    expect(page.get_by_role("status").first).to_have_text("Booked.")
    assert [said for said in noor.complaints if "Content Security Policy" in said or address in said] == []
    noor.context.close()
