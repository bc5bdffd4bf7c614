"""Whether a letter is still true is looked up right before it is sent: for every kind what ends it, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from portal.availability.confirming import ask_and_lapse, confirm
from portal.availability.models import Availability
from portal.feedback.asking import ask_for_ratings
from portal.feedback.followups import ask_due, say_outcome
from portal.feedback.rating import Answer, rate
from portal.mail.kinds import KINDS, _still_true
from portal.mail.outbox import Outbox
from portal.mail.preferences import why_not
from portal.mentors.models import Mentor
from portal.people import sign_ins
from portal.people.address import ask_to_change, change
from portal.people.codes import code_for
from portal.people.invitations import Guest, invite, take_back
from portal.people.mails import NOT_OPEN
from portal.people.models import Invitation, Person, SignInCode
from portal.people.proving import send_code
from portal.people.signing_in import person_with, prove_code, request_code
from portal.preparation.briefs import send_briefs
from portal.preparation.conversation import say
from portal.preparation.preparing import prepare, prepared, set_ready
from portal.preparation.reminders import remind_due
from portal.programme.summary import send_summaries
from portal.sessions import team
from portal.sessions.attendance import mark_absent, say_late
from portal.sessions.booking import book
from portal.sessions.changes import ask_to_move, cancel, move
from portal.sessions.models import Session, Teammate
from portal.sessions.turns import seat_at
from portal.waiting.models import Offer
from portal.waiting.offering import let_go, offer_due
from portal.waiting.watching import Terms, wait_for_mentor
from tests.cast import REQUEST, make_person, opening
from tests.conftest import Time
from tests.waiting.lines import full_mentor, open_at

LAILA, SAM, NOOR = "laila.mansour@example.org", "sam.rivera@example.org", "noor.haddad@example.org"
NEW = "sam@new.example.org"
INGA, ANA = "inga.holm@example.org", "ana.berg@example.org"
OFF, PART, NEWER = "the session was cancelled", "they are no longer part of it", "something newer was sent"
MOVED, STARTED = "the session was moved", "the session has started: too late"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEDNESDAY = 80
"""An opening two days ahead."""


@dataclass
class Story:
    """Sam has booked Laila, and Noor is invited; what they do, and what the worker does."""

    time: Time
    mentor: Mentor
    sam: Person
    noor: Person

    @property
    def session(self) -> Session:
        return Session.get()

    def letter(self, kind: str, to: str) -> Outbox:
        """The first of its kind to this reader."""
        return Outbox.select().where(Outbox.kind == kind, Outbox.recipient == to).order_by(Outbox.id).get()

    def at(self, instant: datetime) -> None:
        """Let it be then, and let the worker look."""
        self.time.set(instant)
        for go in (remind_due, send_briefs, ask_for_ratings, ask_due, ask_and_lapse, send_summaries):
            go()

    def cancelled(self) -> None:
        cancel(self.session, person=self.mentor.person, reason="Ill")

    def moved(self, by: timedelta = HOUR) -> None:
        move(self.session, self.session.start + by, mentee=self.sam)

    def moved_by_a_day(self) -> None:
        self.moved(DAY)

    def moved_and_told(self) -> None:
        self.moved()
        self.reached("sessions/moved")

    def removed(self) -> None:
        team.remove(self.session, self._seat_of_noor(), mentee=self.sam)

    def invited_anew(self) -> None:
        """And hears of it."""
        team.invite(self.session, [NOOR], mentee=self.sam)
        self.reached("sessions/invited")

    def handed_over(self) -> None:
        team.hand_over(self.session, self._seat_of_noor(), mentee=self.sam)

    def giver_invited(self) -> None:
        team.invite(self.session, [SAM], mentee=self.noor)
        self.reached("sessions/invited")

    def _seat_of_noor(self) -> int:
        return int(Teammate.get(Teammate.email == NOOR).id)

    def reached(self, kind: str) -> None:
        """The letters of this kind went out."""
        Outbox.update(state="sent").where(Outbox.kind == kind).execute()

    def asked_to_move(self) -> None:
        ask_to_move(self.session, mentor=self.mentor.person, reason="Ill")

    def late(self) -> None:
        self.time.set(self.session.start - timedelta(minutes=10))
        say_late(self.session, person=self.sam)

    def wrote(self) -> None:
        say(self.session, "Hello", person=self.sam, key="a")

    def wrote_back(self) -> None:
        prepare(self.session, mentor=self.mentor.person, read="", line="Read page two", links=())

    def has_read(self) -> None:
        edition = prepared(seat_at(self.session.ref, person=self.sam)).edition
        prepare(self.session, mentor=self.mentor.person, read=edition, line="", links=())

    def ready(self) -> None:
        set_ready(self.session, mentee=self.sam, is_ready=True)

    def a_day_ahead(self) -> None:
        self.at(self.session.start - DAY)

    def an_hour_ahead(self) -> None:
        self.at(self.session.start - HOUR)

    def morning(self) -> None:
        self.at(self.session.start.replace(hour=7, minute=0))

    def over(self) -> None:
        self.at(self.session.end)

    def rated(self) -> None:
        rate(self.session, Answer("yes", 5, next_step="Write to them"), mentee=self.sam)

    def missed(self) -> None:
        mark_absent(self.session, person=self.mentor.person)

    def two_weeks_later(self) -> None:
        self.over()
        self.rated()
        self.at(self.session.end + 14 * DAY)

    def said_whether_it_helped(self) -> None:
        say_outcome(self.session, "yes", mentee=self.sam)

    def asked_for_hours(self) -> None:
        self.at(Availability.get(Availability.mentor == self.mentor).confirmed_at + 28 * DAY)

    def hours_confirmed(self) -> None:
        confirm(self.mentor)

    def offered(self) -> None:
        omar = full_mentor("Omar Said")
        wait_for_mentor(omar, Terms(), person=make_person("Ana Berg"))
        open_at(omar, self.time.now + DAY)
        offer_due()

    def let_go(self) -> None:
        offer = Offer.get()
        let_go(offer.ref, person=offer.person)

    def code_asked(self) -> None:
        request_code(SAM, browser="a", zone="Etc/UTC")

    def signed_in(self) -> None:
        prove_code(code_for(SignInCode.get().seed, "k" * 32), browser="a", secret_key="k" * 32)

    def address_given(self) -> None:
        ask_to_change(NEW, browser="a", zone="Etc/UTC")

    def address_changed(self) -> None:
        code = code_for(self.letter("people/address_code", NEW).facts["seed"], "k" * 32)
        change(sign_ins.begin(self.sam, way="code", agent=""), code, browser="a", secret_key="k" * 32)

    def turned_away(self) -> None:
        send_code(NOT_OPEN, NEW, browser="a", zone="Etc/UTC")

    def asked_in(self) -> None:
        invite([Guest(NEW)], as_mentor=True, coordinator=make_person("Olga Ek", coordinator=True))

    def taken_back(self) -> None:
        take_back(Invitation.get().id, coordinator=Person.get(Person.email == "olga.ek@example.org"))

    def came_in(self) -> None:
        sign_ins.begin(person_with(NEW), way="code", agent="")

    def ten_minutes_later(self) -> None:
        self.time.pass_(minutes=10)

    def monday(self) -> None:
        self.at(self.time.now + 7 * DAY)

    def no_coordinator(self) -> None:
        Person.update(is_coordinator=False).execute()

    def nothing(self) -> None:
        """The control: nobody does anything."""


@pytest.fixture
def story(world: Time, mentor: Mentor, mentee: Person, coordinator: Person) -> Story:
    found = Story(world, mentor, mentee, make_person("Noor Haddad"))
    found.at(world.now)
    request = replace(REQUEST, kind="project")
    session = book(opening(mentor, WEDNESDAY), request, mentee=mentee, holder="a", hold_ref="a")
    team.invite(session, [NOOR], mentee=mentee)
    return found


Deed = Callable[[Story], None]
ENDS: list[tuple[str, str, Deed, dict[Deed, str]]] = [
    *(
        (kind, to, Story.nothing, {Story.cancelled: OFF, Story.moved: "", Story.moved_and_told: NEWER, **more})
        for kind, to, more in (
            ("sessions/booked_mentor", LAILA, {}),
            ("sessions/booked_mentee", SAM, {Story.handed_over: PART}),
            ("sessions/invited", NOOR, {Story.removed: PART}),
        )
    ),
    (
        "sessions/moved",
        NOOR,
        Story.moved,
        {Story.cancelled: OFF, Story.removed: PART, Story.handed_over: "", Story.moved_and_told: NEWER},
    ),
    ("sessions/no_longer_part", NOOR, Story.removed, {Story.cancelled: "", Story.invited_anew: NEWER}),
    ("sessions/handed_over", LAILA, Story.handed_over, {Story.cancelled: OFF}),
    ("sessions/handed_over", SAM, Story.handed_over, {Story.cancelled: "", Story.giver_invited: NEWER}),
    (
        "sessions/move_asked",
        SAM,
        Story.asked_to_move,
        {Story.moved: "it was moved", Story.cancelled: OFF, Story.handed_over: PART},
    ),
    ("sessions/late", LAILA, Story.late, {Story.cancelled: OFF}),
    ("preparation/message", NOOR, Story.wrote, {Story.cancelled: OFF, Story.removed: PART, Story.moved_and_told: ""}),
    ("preparation/prepared", SAM, Story.wrote_back, {Story.cancelled: OFF, Story.handed_over: PART, Story.moved: ""}),
    ("preparation/soon", NOOR, Story.an_hour_ahead, {Story.cancelled: OFF, Story.removed: PART, Story.moved: MOVED}),
    (
        "preparation/questions_open",
        LAILA,
        Story.a_day_ahead,
        {Story.cancelled: OFF, Story.moved: MOVED, Story.has_read: "the brief was read", Story.ready: ""},
    ),
    (
        "preparation/get_ready",
        SAM,
        Story.a_day_ahead,
        {Story.cancelled: OFF, Story.moved: MOVED, Story.ready: "they are ready", Story.has_read: ""},
    ),
    (
        "preparation/briefs",
        LAILA,
        Story.morning,
        {Story.cancelled: "the sessions are over", Story.moved_by_a_day: "the sessions are over", Story.moved: ""},
    ),
    (
        "feedback/rate",
        SAM,
        Story.over,
        {Story.rated: "there is nothing to rate", Story.missed: "there is nothing to rate"},
    ),
    ("feedback/did_it_help", SAM, Story.two_weeks_later, {Story.said_whether_it_helped: "it was answered"}),
    ("availability/still_good", LAILA, Story.asked_for_hours, {Story.hours_confirmed: "the hours were confirmed"}),
    ("waiting/offer", ANA, Story.offered, {Story.let_go: "it is no longer held"}),
    ("people/code", SAM, Story.code_asked, {Story.signed_in: "the code no longer counts"}),
    ("people/not_open", NEW, Story.turned_away, {Story.ten_minutes_later: "the code no longer counts"}),
    ("people/address_code", NEW, Story.address_given, {Story.address_changed: "the code no longer counts"}),
    (
        "people/invitation",
        NEW,
        Story.asked_in,
        {Story.taken_back: "they are invited no more", Story.came_in: "they have come"},
    ),
    ("programme/weekly", INGA, Story.monday, {Story.no_coordinator: "they are no coordinator"}),
]


@pytest.mark.parametrize(
    ("kind", "to", "written", "then", "why"),
    [
        pytest.param(kind, to, written, then, why, id=f"{kind} to {to.split('.')[0]}, {then.__name__}")
        for kind, to, written, ends in ENDS
        for then, why in {Story.nothing: "", **ends}.items()
    ],
)
def test_a_letter_is_true_until_what_it_tells_is_not(
    story: Story, kind: str, to: str, written: Deed, then: Deed, why: str
) -> None:
    written(story)
    letter = story.letter(kind, to)
    then(story)
    assert why_not(letter) == why


SECONDS = {
    "until": [(-1, True), (0, False), (1, False)],
    "up to and including": [(-1, True), (0, True), (1, False)],
}
OVER: list[tuple[str, str, Deed, str, Callable[[Story, Outbox], datetime], str]] = [
    *(
        (kind, to, written, "until", lambda story, _: story.session.start, why)
        for kind, to, written, why in (
            ("preparation/soon", NOOR, Story.an_hour_ahead, STARTED),
            ("preparation/questions_open", LAILA, Story.a_day_ahead, STARTED),
            ("preparation/get_ready", SAM, Story.a_day_ahead, STARTED),
            ("preparation/briefs", LAILA, Story.morning, "the sessions are over"),
        )
    ),
    (
        "sessions/late",
        LAILA,
        Story.late,
        "until",
        lambda story, _: story.session.start + timedelta(minutes=10),
        "the ten minutes are over",
    ),
    ("waiting/offer", ANA, Story.offered, "until", lambda _, letter: letter.due_at + 2 * HOUR, "it is no longer held"),
    (
        "people/code",
        SAM,
        Story.code_asked,
        "until",
        lambda _, letter: letter.due_at + timedelta(minutes=10),
        "the code no longer counts",
    ),
    (
        "people/invitation",
        NEW,
        Story.asked_in,
        "until",
        lambda _, letter: letter.due_at + 60 * DAY,
        "they are invited no more",
    ),
    (
        "feedback/rate",
        SAM,
        Story.over,
        "up to and including",
        lambda story, _: story.session.end + 14 * DAY,
        "there is nothing to rate",
    ),
    (
        "programme/weekly",
        INGA,
        Story.monday,
        "up to and including",
        lambda _, letter: letter.due_at + 3 * DAY,
        "the week is over",
    ),
]


@pytest.mark.parametrize(
    ("kind", "to", "written", "end", "why", "after", "is_true"),
    [
        pytest.param(kind, to, written, end, why, after, is_true, id=f"{kind} {after:+} s")
        for kind, to, written, how, end, why in OVER
        for after, is_true in SECONDS[how]
    ],
)
def test_a_letter_is_true_for_so_long(
    story: Story,
    kind: str,
    to: str,
    written: Deed,
    end: Callable[[Story, Outbox], datetime],
    why: str,
    after: int,
    is_true: bool,
) -> None:
    written(story)
    letter = story.letter(kind, to)
    story.time.set(end(story, letter) + timedelta(seconds=after))
    assert why_not(letter) == ("" if is_true else why)


def test_every_kind_that_can_end_is_above() -> None:
    ending = {name for name, kind in KINDS.items() if kind.why_not is not _still_true}
    assert {kind for kind, *_ in ENDS} == ending
