"""Every form of a session's life, filled with nonsense: refused in a sentence, or kept as the text it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from portal.database import db
from portal.mail.composing import compose
from portal.mail.outbox import Outbox
from tests.attack.arms import TEXTS, UNSEEN, fault, runs, spoilt
from tests.attack.conftest import Place
from tests.sessions.agreement import digest

FORMS = {
    "questions": ("mentee", "ahead", "questions"),
    "preparation": ("mentor", "ahead", "line", "links", "read"),
    "readiness": ("mentee", "ahead", "ready"),
    "messages": ("mate", "ahead", "text", "key", "after", "now"),
    "cancellation": ("mentee", "ahead", "reason"),
    "move": ("mentee", "ahead", "opening"),
    "move-request": ("mentor", "ahead", "request"),
    "rebooking": ("mentee", "cancelled", "opening", "hold"),
    "late-notice": ("mentee", "now"),
    "absence": ("mentee", "done"),
    "objection": ("mentee", "away", "objection"),
    "teammates": ("mentee", "ahead", "emails"),
    "removal": ("mentee", "ahead", "teammate"),
    "departure": ("mate", "ahead"),
    "team-question": ("mate", "ahead", "question"),
    "handover": ("mentee", "ahead", "teammate"),
    "rating": ("mentee", "done", "reached", "stars", "next_step", "line", "thank_you", "again"),
    "wish": ("mentor", "over", "again"),
    "next-step": ("mentee", "over", "done", "on"),
    "outcome": ("mentee", "over", "helped", "on"),
    "block": ("mentee", "ahead", "who"),
}
"""By turn: who takes it, in which session, and what they fill in."""
LONG = 150
READ = {"nothing", "no number", "repeated", "lone surrogate"}
"""Bodies that reach the form; the others never do, whichever it is."""
SHOWN = {"markup", "lines and marks"}
"""What could do harm where it is shown: short enough that every form takes it."""
UNDER = "/sessions/<ref>/"
CHOSEN = {"reached": "yes", "stars": "5", "read": ""}
"""What must be as it should for the rest to be looked at."""


def forms(place: Place) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Who, where, and the names of the fields."""
    for turn, (who, session, *names) in FORMS.items():
        yield who, f"{place.path(session)}/{turn}", tuple(names)
    brief = ("objective", "questions", "kind", "format", "link", "context")
    yield "stranger", "/mentors/laila-mansour/block", ()
    yield "stranger", "/holds", ("opening", *brief)
    yield "stranger", "/sessions", ("opening", "hold", *brief)
    yield "mentee", "/blocks/1/end", ()
    yield "mentee", "/waiting", ("mentor", "expertise", "length", "part")
    yield "visitor", "/waiting", ("mentor", "expertise", "length", "part")
    yield "mentee", "/waiting/1/end", ()
    yield "mentee", "/waiting/mail", ()
    yield "mentee", "/mentors/laila-mansour/saving", ()
    yield "mentee", "/mentors/laila-mansour/saving/end", ("on",)
    yield "mentor", "/impact/certificates", ()
    yield "mentor", "/hours/calendar", ("url",)
    yield "mentor", "/hours/calendar/end", ()
    record = f"/moderation/people/{place.cast['mentee'].id}"
    yield "stranger", "/report/mentors/laila-mansour", ("reason", "words", "block")
    yield "mentee", f"/report{place.path('over')}/mentor", ("reason", "words", "block")
    yield "coordinator", "/audit/export", ("who", "what", "since", "until")
    yield "coordinator", f"/moderation/reports/{place.report.id}/decision", ("what", "until", "sentence", "note")
    yield "coordinator", f"{record}/pause", ("version", "what", "until", "reason")
    yield "coordinator", f"{record}/pause/end", ("version", "sentence")
    yield "coordinator", f"{record}/review", ("version",)


def test_every_turn_has_its_form_here(place: Place) -> None:
    posts = {rule.rule for rule in place.app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert {path.removeprefix(UNDER) for path in posts if path.startswith(UNDER)} == set(FORMS)


@pytest.mark.parametrize("kind", TEXTS)
def test_nonsense_is_refused_in_a_sentence_or_does_no_harm(place: Place, kind: str) -> None:
    faults, text = [], TEXTS[kind][: LONG if kind in SHOWN else None]
    for who, path, names in forms(place):
        with db.atomic() as tried:
            answer = place.post(who, path, {name: CHOSEN.get(name, text) for name in names})
            found = [fault(answer), *runs(answer.text)]
            found += after(place, path) if names and answer.status_code == 303 and kind in SHOWN else []
            faults += [(path, what) for what in found if what]
            tried.rollback()
    assert faults == []


def after(place: Place, path: str) -> Iterator[str]:
    """What is wrong once it is kept: on the pages of all, in their calendars, in the mails."""
    base = path.rsplit("/", 1)[0]
    pages = [("mentor", "/impact"), ("mentee", "/sessions")]
    if base.startswith("/sessions/"):
        pages += [("mentor", base), ("mentee", base), ("mate", base)]
        pages += [("mentee", f"{base}/calendar.ics"), ("mentor", f"{base}/messages")]
    for who, page in pages:
        shown = place.get(who, page, **{"HX-Request": "true"} if page.endswith("messages") else {})
        if shown.status_code not in (200, 204, 404):
            yield f"{page} for {who} is {shown.status_code}"
        yield from runs(shown.text) if shown.mimetype == "text/html" else ()
        if shown.mimetype == "text/calendar":
            yield from calendar_faults(shown.text)
    yield from mail_faults(place)


def mail_faults(place: Place) -> Iterator[str]:
    for letter in Outbox.select().order_by(Outbox.id.desc()).limit(3):
        with place.app.app_context():
            mail = compose(letter, place.app.config["SETTINGS"])
        for part in mail.walk():
            if part.get_content_type() == "text/html":
                yield from runs(part.get_content())
            elif part.get_content_type() == "text/calendar":
                yield from calendar_faults(part.get_content())


def calendar_faults(entry: str) -> Iterator[str]:
    begun = [line for line in entry.splitlines() if line.startswith(("BEGIN", "SUMMARY", "ATTENDEE", "ORGANIZER"))]
    names = [line if line.startswith("BEGIN") else re.split("[:;]", line)[0] for line in begun]
    parts = [name for name in names if name not in ("BEGIN:VTIMEZONE", "BEGIN:STANDARD", "BEGIN:DAYLIGHT")]
    alarm = ["BEGIN:VALARM"] if "\nSTATUS:CONFIRMED" in entry else []
    people = [] if "\nMETHOD:PUBLISH" in entry else ["ORGANIZER", "ATTENDEE"]
    if sorted(parts) != sorted(["BEGIN:VCALENDAR", "BEGIN:VEVENT", "SUMMARY", *people, *alarm]):
        yield f"an entry with {begun}"


@pytest.mark.parametrize("what", spoilt(()))
def test_spoilt_bodies_are_refused_in_a_sentence(place: Place, what: str) -> None:
    faults = []
    for who, path, names in list(forms(place))[:: 1 if what in READ else 6]:
        body, content_type = spoilt(names)[what]
        with db.atomic() as tried:
            answer = place.post(who, path, body, content_type=content_type)
            faults += [(path, fault(answer))] if fault(answer) else []
            tried.rollback()
    assert faults == []


@pytest.mark.parametrize(
    "turn", ["questions", "cancellation", "move-request", "objection", "team-question", "messages", "teammates"]
)
def test_a_sentence_that_nobody_sees_is_none(place: Place, turn: str) -> None:
    who, session, field, *_ = FORMS[turn]
    before = digest()
    answer = place.post(who, f"{place.path(session)}/{turn}", {field: UNSEEN})
    assert (answer.status_code, fault(answer), digest() == before) == (422, "", True)


def test_a_planted_script_would_be_found() -> None:
    planted = ["<script>x</script>", "<p onclick=x>", '<a href=" javascript:x">', "<svg/onload=x>", "<base href=x>"]
    assert [len(runs(f"<p>{html}</p>")) for html in planted] == [1] * len(planted)
    entry = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nORGANIZER:x\r\nATTENDEE:x\r\nSUMMARY:x\r\n"
    assert [len(list(calendar_faults(entry + more))) for more in ("", "ATTENDEE:x\r\n", "BEGIN:VEVENT\r\n")] == [
        0,
        1,
        1,
    ]
