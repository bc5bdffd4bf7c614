"""A phone in somebody's hand: it taps, types, and looks at every page it comes to."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.checks import HEIGHT, WIDTHS, problems

NEED = "negotiate a job offer"
PEOPLE = {"mentee": "Sam Rivera", "mentor": "Laila Mansour", "coordinator": "Inga Holm"}
SCREEN = {"viewport": {"width": WIDTHS[-1], "height": HEIGHT}, "has_touch": True, "is_mobile": True}


class Phone:
    """One browser with its own cookies. `taps` counts what is tapped apart from fields to type in;
    `complaints` is what the browser wrote to its console, and what is wrong with the pages it came to.
    """

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self.taps = 0
        self.complaints: list[str] = []
        self.seen: list[str] = []
        context.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def go(self, path: str) -> None:
        """Open a page by its address, and look at it."""
        self.page.goto(path)
        self.look()

    def tap(self, what: Locator) -> None:
        """Tap something that stays on the page."""
        what.tap()
        self.taps += 1

    def follow(self, what: Locator, to: str) -> None:
        """Tap something that leads to another page, whose address is like `to`, and look at it."""
        with self.page.expect_navigation(url=to):
            self.tap(what)
        self.look()

    def write(self, field: str, text: str) -> None:
        """Type into the field of this label."""
        box = self.page.get_by_label(field, exact=True)
        box.tap()
        box.press_sequentially(text)

    def look(self) -> None:
        """Whether this page fits the screen, and its controls the thumb."""
        self.page.wait_for_load_state()
        self.seen.append(self.page.url)
        self.complaints += [f"{self.page.url}: {problem}" for problem in problems(self.page)]

    def expect_complaint(self, said: str) -> None:
        """The browser has complained of this and of nothing else: browsers write every 4xx to the console."""
        assert [said in complaint for complaint in self.complaints] == [True] * max(len(self.complaints), 1)
        self.complaints.clear()

    def continue_as(self, role: str) -> None:
        """Sign in as one of the demo's people; the first page comes next."""
        self.go("/sign-in")
        self.follow(self.page.get_by_role("button", name=f"{PEOPLE[role]}, {role}"), "/")

    def card(self, slug: str) -> Locator:
        """A mentor's card in the results."""
        return self.page.locator(f"[data-mentor={slug}]")

    def book(self, need: str = NEED) -> None:
        """From the first page to a session with Laila, with JavaScript on."""
        self.write("What do you need help with?", need)
        expect(self.card("laila-mansour").get_by_text("Fits because")).to_be_visible()
        self.follow(self.card("laila-mansour").locator(".opening").first, "**/holds/*")
        self.write("What do you want to walk away with?", "A counter-offer I can send tomorrow")
        self.write("Your questions", "Is a counter normal?")
        self.follow(self.page.get_by_role("button", name="Book"), "**/sessions/*")
