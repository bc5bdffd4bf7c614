"""The pages of one's own profile: write, preview, submit."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask

from portal.mentors.models import Expertise, Mentor, Revision
from portal.mentors.profile import content_of
from portal.moderation.decisions import decide_on_profile, hide
from portal.people.models import Person
from tests.cast import Visitor

GOOD: dict[str, Any] = {
    "name": "Sam Rivera",
    "pronouns": "they/them",
    "headline": "Biologist",
    "expertise": "golang, Zorbology; JS",
    "kinds": ["skill", "studies"],
    "about": "Bring one plot.\n\nLeave with two.",
    "languages": "english; de, German",
    "formats": ["video", "phone", "in_person", "chat"],
    "video_link": "https://meet.example.org/sam",
    "phone": "+49 30 1234567",
    "place": "Café in the library",
}
BAD: list[tuple[str, Any, str]] = [
    ("name", " ", "Type the name mentees should see."),
    ("name", "x" * 81, "At most 80 characters, please."),
    ("pronouns", "x" * 31, "At most 30 characters, please."),
    ("headline", "", "Say in a few words what you do, like: Product lead."),
    ("headline", "x" * 121, "At most 120 characters, please."),
    ("expertise", "", "Name at least one thing you can help with."),
    ("expertise", "a,b,c,d,e,f,g,h,i", "At most 8; there are 9. Keep the ones you like best."),
    ("expertise", "Go, !!!", "Each is a few words, at most 60 characters."),
    ("expertise", "x" * 61, "Each is a few words, at most 60 characters."),
    ("kinds", [], "Tick at least one."),
    ("about", "x" * 1201, "At most 1200 characters, please."),
    ("languages", "", "Name at least one language, like: English."),
    ("languages", "English, Klingon", "We do not know “Klingon”. Write languages in English, like: German."),
    ("formats", [], "Tick at least one."),
    ("video_link", "", "Add the link people join, like https://meet.example.org/you."),
    ("video_link", "javascript:alert(1)", "This is not a web link. It starts with https:// and has no spaces."),
    ("video_link", "https://", "This is not a web link. It starts with https:// and has no spaces."),
    ("video_link", "https://a b", "This is not a web link. It starts with https:// and has no spaces."),
    ("video_link", "https://[", "This is not a web link. It starts with https:// and has no spaces."),
    ("video_link", "https://a.example:99999", "This is not a web link. It starts with https:// and has no spaces."),
    ("phone", "", "Add the number people call."),
    ("phone", "call me", "This is not a phone number. It looks like +49 30 1234567."),
    ("place", "", "Add where people find you."),
]


def wrong(text: str, field: str) -> str | None:
    found = re.search(rf'id="{field}-error">([^<]+)<', text)
    return found and found[1]


def test_save_keeps_a_draft_and_previews_it(app: Flask, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    saved = sam.post("/profile", GOOD)
    kept = content_of(Revision.get())
    assert (saved.status_code, saved.location) == (303, "/profile/preview")
    assert (kept.expertise, kept.languages) == (("Go", "Zorbology", "JavaScript"), ("en", "de"))
    assert (kept.kinds, kept.formats) == (("skill", "studies"), ("video", "phone", "in_person", "chat"))
    preview = sam.get("/profile/preview").text
    shown = [
        "Biologist",
        "they/them",
        ">Go<",
        "<p>Bring one plot.</p>",
        "English, German",
        "Video, Phone, Coffee, Chat",
    ]
    assert [what for what in shown if what not in preview] == []
    hidden = [GOOD["video_link"], GOOD["phone"], GOOD["place"]]
    assert [what for what in hidden if what in preview] == []
    assert Expertise.get_or_none(Expertise.name == "Zorbology") is None


def test_save_with_bad_input_says_so_keeps_what_was_typed_and_changes_nothing(app: Flask, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    for field, value, said in BAD:
        answer = sam.post("/profile", {**GOOD, field: value})
        assert (field, answer.status_code, wrong(answer.text, field)) == (field, 422, said)
        typed = [GOOD[name] for name in ("headline", "languages", "phone", "place") if name != field]
        assert [text for text in typed if f'value="{text}"' not in answer.text] == []
    assert Revision.select().count() == 0


def test_save_what_no_page_offers_is_refused(app: Flask, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    for field, value in (("kinds", ["skill", "magic"]), ("formats", ["chat", "\x01"]), ("kinds", ["Skill"])):
        answer = sam.post("/profile", {**GOOD, field: value})
        assert (answer.status_code, wrong(answer.text, field) is not None) == (422, True)


def test_save_up_to_the_limits(app: Flask, mentee: Person) -> None:
    longest = {
        **GOOD,
        "name": "ü" * 80,
        "headline": "本" * 120,
        "expertise": ",".join(letter * 49 for letter in "abcdefgh"),
        "about": "ﷺ" * 1200,
        "pronouns": "x" * 30,
        "place": "x" * 160,
    }
    assert Visitor(app, mentee).post("/profile", longest).status_code == 303
    assert len(content_of(Revision.get()).about) == 1200


def test_a_text_is_never_markup(app: Flask, mentee: Person) -> None:
    sam, evil = Visitor(app, mentee), '"><img src=x onerror=alert(1)>{{7*7}}'
    typed = {**GOOD, "name": evil, "headline": evil, "about": evil, "place": evil, "expertise": "<b>bold</b>"}
    sam.post("/profile", typed)
    for path in ("/profile", "/profile/preview"):
        page = sam.get(path).text
        assert ("<img src=x" in page, "<b>bold" in page, "&lt;img src=x" in page) == (False, False, True)


def test_edit_begins_with_what_the_person_said(app: Flask, mentee: Person) -> None:
    page = Visitor(app, mentee).get("/profile").text
    assert [f'value="{text}"' in page for text in ("Sam Rivera", "Sam Rivera&#39;s headline", "English")] == [True] * 3


def test_edit_says_where_the_profile_stands(app: Flask, mentee: Person, coordinator: Person) -> None:
    sam = Visitor(app, mentee)
    assert "Say what you can help with." in sam.get("/profile").text
    sam.post("/profile", GOOD)
    assert sam.post("/profile/submission").location == "/profile"
    waits = sam.get("/profile").text
    assert ("Sent to a coordinator." in waits, "Until then nobody else sees it." in waits) == (True, True)
    assert "Submitted. A coordinator will look at it." in sam.get("/profile/preview").text
    decide(coordinator, "ask", "Say more about <plots>")
    assert "A coordinator asks: “Say more about &lt;plots&gt;”" in sam.get("/profile").text
    sam.post("/profile/submission")
    decide(coordinator, "approve", "")
    public = sam.get("/profile").text
    assert ("Your profile is public." in public, 'value="Go, Zorbology, JavaScript"' in public) == (True, True)
    sam.post("/profile", {**GOOD, "headline": "Chemist"})
    sam.post("/profile/submission")
    assert "Until then your public profile stays as it is." in sam.get("/profile").text
    decide(coordinator, "reject", "No")
    hide(Mentor.get(), reason="Reported", coordinator=coordinator)
    assert "A coordinator has taken your profile out of the directory." in sam.get("/profile").text


def decide(coordinator: Person, what: str, reason: str) -> None:
    revision = Revision.get(Revision.status == "submitted")
    decide_on_profile(revision, what, version=revision.version, reason=reason, coordinator=coordinator)


def test_preview_and_submit_need_a_draft(app: Flask, mentee: Person, mentor: Mentor) -> None:
    for person in (mentee, mentor.person):
        browser = Visitor(app, person)
        assert browser.get("/profile/preview").location == "/profile"
        assert browser.post("/profile/submission").status_code == 404


def test_pages_of_a_profile_are_its_own_persons(app: Flask, mentee: Person, stranger: Person, visitor: Visitor) -> None:
    Visitor(app, mentee).post("/profile", GOOD)
    mallory = Visitor(app, stranger)
    assert mallory.get("/profile/preview").location == "/profile"
    assert "Biologist" not in mallory.get("/profile").text
    assert mallory.post("/profile/submission").status_code == 404
    assert mallory.get("/mentors/sam-rivera").status_code == 404
    assert Revision.get().status == "draft"
    for answer in (visitor.get("/profile"), visitor.post("/profile", GOOD), visitor.get("/profile/preview")):
        assert answer.location.split("?")[0] == "/sign-in"
    assert visitor.post("/profile/submission").location.split("?")[0] == "/sign-in"
