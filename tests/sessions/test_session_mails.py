"""The mails of a session: to whom, in whose zone, in which words, with which calendar entry."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC
from email.message import EmailMessage

import pytest
from flask import Flask
from icalendar import Calendar, Event

from portal.availability.hours import Plan
from portal.mail.composing import compose
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.sessions import team
from portal.sessions.attendance import mark_absent, object_to, say_late
from portal.sessions.booking import book
from portal.sessions.changes import ask_to_move, cancel, move
from portal.sessions.models import Session, Teammate
from tests.cast import ALL_WEEK, REQUEST, make_mentor, make_person, opening
from tests.conftest import Time
from tests.letters import html_of, mail, text_of, told

LAILA, SAM = "laila.mansour@example.org", "sam.rivera@example.org"
NOOR, KAI = "noor.haddad@example.org", "kai@example.org"
DAY = "Monday 23 November 2026"
BUTTON = re.compile(r'<a class="button" href="([^"]+)">([^<]+)</a>')


@pytest.fixture
def mentor(world: Time) -> Mentor:
    """In New York, with hours from 09:00 UTC."""
    plan = Plan("Etc/UTC", ALL_WEEK, lengths=(15, 30), notice=0)
    return make_mentor(plan=plan, zone="America/New_York")


@pytest.fixture
def noor(world: Time) -> Person:
    return make_person("Noor Haddad", zone="Asia/Kolkata")


@pytest.fixture
def session(mentor: Mentor, mentee: Person, noor: Person) -> Session:
    """At 10:00 UTC, with two teammates: Noor, and Kai who has no account."""
    request = replace(REQUEST, kind="project", questions=("Is it normal?", "And <b>?"), link="https://example.org/<")
    session = book(opening(mentor, 4, 30), request, mentee=mentee, holder="a", hold_ref="a")
    team.invite(session, [NOOR, KAI], mentee=mentee)
    return session


def entry_of(message: EmailMessage) -> Event | None:
    """The calendar entry that a mail carries."""
    files = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    if not files:
        return None
    (file,), (attached,) = files, message.iter_attachments()
    assert (attached.get_content_type(), attached.get_filename()) == ("application/ics", "session.ics")
    calendar, again = Calendar.from_ical(file.get_content()), Calendar.from_ical(attached.get_content())
    assert (calendar, file.get_content_charset()) == (again, "utf-8")
    assert file["Content-Type"].params["method"] == calendar["METHOD"]
    (event,) = calendar.walk("VEVENT")
    assert str(calendar["METHOD"]) == ("CANCEL" if event["STATUS"] == "CANCELLED" else "REQUEST")
    return event


def versions(app: Flask, email: str) -> list[tuple[int, str, str]]:
    """What a calendar that gets this person's mails is told, in order: version, state, start in UTC."""
    told_them = Outbox.select().where(Outbox.recipient == email).order_by(Outbox.id)
    with app.app_context():
        entries = [entry_of(compose(letter, app.config["SETTINGS"])) for letter in told_them]
    return [
        (int(event["SEQUENCE"]), str(event["STATUS"]), f"{event.decoded('DTSTART').astimezone(UTC):%H:%M}")
        for event in entries
        if event is not None
    ]


def check(message: EmailMessage, session: Session, text: str, button: str = "") -> None:
    """The text is just this, where PAGE stands for the session; the HTML says the same, with one button."""
    page = f"http://portal.example.org/sessions/{session.ref}"
    assert text_of(message) == text.strip("\n").replace("PAGE", page) + "\n"
    assert BUTTON.findall(html_of(message)) == ([(page, button)] if button else [])
    words = (
        re.sub(r"<[^>]+>", " ", re.sub(r"</?a\b[^>]*>", "", html_of(message)))
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#39;", "'")
    )
    lines = [re.sub(r"^(\d\.|-) |:$", "", line) for line in text_of(message).splitlines()]
    assert [line for line in lines if line not in ("", page) and line not in words] == []
    assert ("<b>?" in html_of(message), "{{" in text_of(message)) == (False, False)


def test_booked_to_the_mentor_is_the_brief(app: Flask, session: Session) -> None:
    message = mail(app, "sessions/booked_mentor")
    assert message["Subject"] == f"Sam Rivera booked {DAY}, 05:00–05:30 (New York time)"
    assert (
        text_of(message)
        == f"""\
Sam Rivera (Sam Rivera's headline) booked 30 minutes with you.

{DAY}, 05:00–05:30 (New York time)

By video: https://meet.example.org/room

Sam wants to walk away with: A counter-offer I can send tomorrow

1. Is it normal?
2. And <b>?

To look at before: https://example.org/<

Read the brief, ask to move it, or cancel it:
http://portal.example.org/sessions/{session.ref}

You get this mail because you offer hours as a mentor.
"""
    )
    assert "<li>And &lt;b&gt;?</li>" in html_of(message)


def test_booked_to_the_mentee_is_a_receipt(app: Flask, session: Session) -> None:
    message = mail(app, "sessions/booked_mentee")
    assert message["Subject"] == f"Booked: Laila Mansour, {DAY}, 11:00–11:30 (Berlin time)"
    assert (
        text_of(message)
        == f"""\
You meet Laila Mansour.

{DAY}, 11:00–11:30 (Berlin time)

By video: https://meet.example.org/room

You want to walk away with: A counter-offer I can send tomorrow

1. Is it normal?
2. And <b>?

Change the questions, move it or cancel it:
http://portal.example.org/sessions/{session.ref}

You get this mail because you booked this session.
"""
    )


@pytest.mark.parametrize(("who", "when"), [(NOOR, "15:30–16:00 (Kolkata time)"), (KAI, "11:00–11:30 (Berlin time)")])
def test_invited_is_in_the_teammates_zone_or_the_bookers(app: Flask, session: Session, who: str, when: str) -> None:
    message = mail(app, "sessions/invited", who)
    assert message["Subject"] == f"Sam Rivera invites you: {DAY}, {when}"
    text = f"""
Sam Rivera invites you to a session with Laila Mansour.

{DAY}, {when}

By video: https://meet.example.org/room

Sam wants to walk away with: A counter-offer I can send tomorrow

1. Is it normal?
2. And <b>?

Add a question, or leave (sign in with this address):
PAGE

You get this mail because Sam Rivera typed your address. You need not answer.
"""
    check(message, session, text, "Add a question, or leave (sign in with this address)")
    event = entry_of(message)
    assert event is not None
    assert (str(event["SUMMARY"]), str(event["UID"])) == ("Session with Laila Mansour", f"session-{session.ref}@portal")


def test_no_longer_part_takes_the_entry_away(app: Flask, session: Session, noor: Person) -> None:
    team.leave(session, person=noor)
    message = mail(app, "sessions/no_longer_part", NOOR)
    assert message["Subject"] == "No longer part of the session with Laila Mansour"
    text = f"""
You are no longer part of the session of Sam Rivera with Laila Mansour.

{DAY}, 15:30–16:00 (Kolkata time)

You get this mail because you had been invited to it.
"""
    check(message, session, text)


def test_move_asked_to_the_mentee_alone(app: Flask, session: Session, mentor: Mentor) -> None:
    before = len(told())
    ask_to_move(session, mentor=mentor.person, reason="My <train> is late")
    assert told()[before:] == [("sessions/move_asked", SAM)]
    message = mail(app, "sessions/move_asked")
    assert message["Subject"] == f"Laila asks to move {DAY}, 11:00–11:30 (Berlin time)"
    text = f"""
Laila asks you to pick another time for your session.

{DAY}, 11:00–11:30 (Berlin time)

“My <train> is late”

Until you do, the session stays where it is.

Pick another time:
PAGE

You get this mail because you booked this session.
"""
    check(message, session, text, "Pick another time")
    assert entry_of(message) is None


MOVED = {
    LAILA: ("Sam moved the session with you.", "Sam Rivera", "09:45–10:15", "05:00–05:30", "New York"),
    SAM: ("You moved the session with Laila Mansour.", "Laila Mansour", "15:45–16:15", "11:00–11:30", "Berlin"),
    NOOR: ("Sam moved the session with Laila Mansour.", "Laila Mansour", "20:15–20:45", "15:30–16:00", "Kolkata"),
    KAI: ("Sam moved the session with Laila Mansour.", "Laila Mansour", "15:45–16:15", "11:00–11:30", "Berlin"),
}


def test_moved_to_all_says_now_and_before(app: Flask, session: Session, mentor: Mentor, mentee: Person) -> None:
    before = len(told())
    move(session, opening(mentor, 20, 30).start, mentee=mentee)
    assert told()[before:] == [("sessions/moved", who) for who in MOVED]
    for who, (said, other, now, was, place) in MOVED.items():
        message = mail(app, "sessions/moved", who)
        assert message["Subject"] == f"Moved: {other}, now {DAY}, {now} ({place} time)"
        text = f"""
{said} Now it is on

{DAY}, {now} ({place} time)

Before: {DAY}, {was} ({place} time)

Open the session:
PAGE

You get this mail because you are part of this session.
"""
        check(message, session, text, "Open the session")
        event = entry_of(message)
        assert event is not None
        assert (f"{event.decoded('DTSTART').astimezone(UTC):%H:%M}", str(event["SUMMARY"])) == (
            "14:45",
            f"Session with {other}",
        )


CANCELLED = {
    "mentor": ("You cancelled the session with Sam Rivera.", "Laila cancelled the session with you.", "Laila"),
    "mentee": ("Sam cancelled the session with you.", "You cancelled the session with Laila Mansour.", "Sam"),
}


@pytest.mark.parametrize("side", ["mentor", "mentee"])
def test_cancelled_to_all_and_the_mentee_can_book_again(
    app: Flask, session: Session, mentor: Mentor, mentee: Person, side: str
) -> None:
    cancel(session, person=mentor.person if side == "mentor" else mentee, reason="Ill <today>")
    to_mentor, to_mentee, by = CANCELLED[side]
    others = f"{by} cancelled the session with {'Sam Rivera' if side == 'mentor' else 'Laila Mansour'}."
    again, look = "Book again, with all you wrote", "Open the session"
    for who, said, button in ((LAILA, to_mentor, look), (SAM, to_mentee, again), (NOOR, others, look)):
        message = mail(app, "sessions/cancelled", who)
        when = message["Subject"].split(", ", 1)[1]
        text = f"""
{said}

{when}

“Ill <today>”

{button}:
PAGE

You get this mail because you were part of this session.
"""
        check(message, session, text, button)


def test_handed_over_to_all_and_to_who_gave_it(app: Flask, session: Session, mentee: Person) -> None:
    before = len(told())
    team.hand_over(session, Teammate.get(Teammate.email == NOOR).id, mentee=mentee)
    assert told()[before:] == [("sessions/handed_over", who) for who in (LAILA, NOOR, KAI, SAM)]
    yours = "It is your session now. You can change the questions, move it or cancel it.\n\n"
    opens = "Open the session:\nPAGE\n\n"
    part = "You get this mail because you are part of this session."
    for who, said, when, more, why in (
        (LAILA, "Sam Rivera hands the session with you over to Noor Haddad.", "05:00–05:30 (New York", opens, part),
        (
            NOOR,
            "Sam Rivera hands the session with Laila Mansour over to you.",
            "15:30–16:00 (Kolkata",
            yours + opens,
            part,
        ),
        (
            SAM,
            "You hand the session with Laila Mansour over to Noor Haddad.",
            "11:00–11:30 (Berlin",
            "",
            "You get this mail because you had booked this session.",
        ),
    ):
        message = mail(app, "sessions/handed_over", who)
        check(message, session, f"{said}\n\n{DAY}, {when} time)\n\n{more}{why}", "Open the session" if more else "")
    assert mail(app, "sessions/handed_over", LAILA)["Subject"].startswith(f"Sam Rivera hands over: {DAY}")
    assert mail(app, "sessions/handed_over", SAM)["Subject"].startswith("Handed over: Laila Mansour, ")


def test_the_first_ten_minutes_are_told_to_the_other_side(
    app: Flask, session: Session, mentor: Mentor, mentee: Person, world: Time
) -> None:
    before = len(told())
    world.set(session.start)
    say_late(session, person=mentee)
    world.set(session.end)
    mark_absent(session, person=mentor.person)
    object_to(session, person=mentee, objection="The <link> was dead")
    assert told()[before:] == [("sessions/late", LAILA), ("sessions/did_not_come", SAM), ("sessions/objected", LAILA)]
    ours, theirs = f"{DAY}, 05:00–05:30 (New York time)", f"{DAY}, 11:00–11:30 (Berlin time)"
    why = "You get this mail because you are part of this session."
    once = (
        "If you were there, or could not come, you can say so once."
        " When it happens twice in 30 days, a coordinator looks at it."
    )
    for kind, subject, text, button in (
        ("late", "Sam is 5 minutes late", f"Sam is 5 minutes late.\n\n{ours}\n\nOpen the session:", "Open the session"),
        (
            "did_not_come",
            "Laila missed you",
            f"Laila Mansour says that you did not come.\n\n{theirs}\n\n{once}\n\nAnswer this:",
            "Answer this",
        ),
        (
            "objected",
            "Sam answers you",
            f"You said that Sam did not come.\n\n{ours}\n\nSam answers:\n\n“The <link> was dead”\n\nOpen the session:",
            "Open the session",
        ),
    ):
        message = mail(app, f"sessions/{kind}")
        assert (message["Subject"], entry_of(message)) == (subject, None)
        check(message, session, f"{text}\nPAGE\n\n{why}", button)


def test_one_uid_and_rising_sequence_for_whoever_gets_the_mails(
    app: Flask, session: Session, mentor: Mentor, mentee: Person, noor: Person
) -> None:
    team.remove(session, Teammate.get(Teammate.email == KAI).id, mentee=mentee)
    team.leave(session, person=noor)
    team.invite(session, [NOOR, KAI], mentee=mentee)
    move(session, opening(mentor, 20, 30).start, mentee=mentee)
    team.hand_over(session, Teammate.get(Teammate.email == NOOR).id, mentee=mentee)
    cancel(Session.get_by_id(session.id), person=noor, reason="Ill")
    confirmed, gone = "CONFIRMED", "CANCELLED"
    expected = {
        LAILA: [(confirmed, "10:00"), (confirmed, "14:45"), (confirmed, "14:45"), (gone, "14:45")],
        SAM: [(confirmed, "10:00"), (confirmed, "14:45"), (gone, "14:45")],
        NOOR: [
            (confirmed, "10:00"),
            (gone, "10:00"),
            (confirmed, "10:00"),
            (confirmed, "14:45"),
            (confirmed, "14:45"),
            (gone, "14:45"),
        ],
        KAI: [
            (confirmed, "10:00"),
            (gone, "10:00"),
            (confirmed, "10:00"),
            (confirmed, "14:45"),
            (confirmed, "14:45"),
            (gone, "14:45"),
        ],
    }
    for who, course in expected.items():
        seen = versions(app, who)
        numbers = [number for number, _, _ in seen]
        assert (who, [what for _, *what in seen]) == (who, [list(what) for what in course])
        assert numbers == sorted(set(numbers))
    uids = {letter.facts["calendar"]["uid"] for letter in Outbox.select() if letter.facts.get("calendar")}
    assert uids == {f"session-{session.ref}@portal"}


def test_a_mail_composed_twice_is_the_same(app: Flask, session: Session, world: Time) -> None:
    letter = Outbox.get(Outbox.kind == "sessions/booked_mentee")
    with app.app_context():
        first = compose(letter, app.config["SETTINGS"])
        world.pass_(hours=3)
        again = compose(letter, app.config["SETTINGS"])
    parts = [[part.get_content() for part in message.walk() if not part.is_multipart()] for message in (first, again)]
    assert (first.items()[:6], parts[0]) == (again.items()[:6], parts[1])
