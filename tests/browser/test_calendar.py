"""A mentor's own calendar on a phone: connected, told that it cannot be read, removed."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE, NewPhone, with_javascript

SAID = "This address leads into a private network, where we do not go. Give an address that works from anywhere."


@with_javascript
def test_calendar_that_cannot_be_read_says_so_by_itself(phone: NewPhone, javascript: bool) -> None:
    mentor = phone(java_script_enabled=javascript)
    mentor.continue_as("mentor")
    mentor.go("/hours")
    mentor.follow(mentor.page.get_by_role("link", name="Your own calendar"), "**/hours/calendar")
    mentor.write("Address of your calendar", "webcal://localhost/basic.ics")
    mentor.follow(mentor.page.get_by_role("button", name="Connect it"), "**/hours/calendar")
    alert = mentor.page.get_by_role("alert")
    for _ in range(0 if javascript else 20):
        if alert.is_visible():
            break
        mentor.page.wait_for_timeout(500)
        mentor.follow(mentor.page.get_by_role("link", name="Look again"), "**/hours/calendar")
    expect(alert).to_have_text(SAID, timeout=PATIENCE * 1000)
    mentor.look()
    mentor.follow(mentor.page.get_by_role("button", name="Remove this calendar"), "**/hours/calendar")
    expect(mentor.page.get_by_role("status").first).to_have_text(
        "Your calendar is removed. Its busy times count no more."
    )
