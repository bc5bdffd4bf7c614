"""One programme in which every kind of letter is written, by what people do."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage

from flask import Flask

from portal import clock
from portal.availability.confirming import ask_and_lapse
from portal.availability.hours import Plan
from portal.feedback.asking import ask_for_ratings
from portal.feedback.followups import ask_due
from portal.feedback.rating import Answer, rate
from portal.feedback.wishes import wish
from portal.limits import Limits, set_limits
from portal.mail.composing import compose
from portal.mail.outbox import Outbox
from portal.mentors import profile
from portal.moderation import absences, decisions, suspending
from portal.moderation.absences import Verdict, record_of
from portal.moderation.reportable import subject_at
from portal.moderation.reporting import report
from portal.moderation.triage import Outcome, decide, reports_for
from portal.people import mails as mails_about_people
from portal.people.address import ask_to_change
from portal.people.invitations import Guest, invite
from portal.people.signing_in import request_code
from portal.preparation.briefs import send_briefs
from portal.preparation.conversation import say
from portal.preparation.preparing import prepare
from portal.preparation.reminders import remind_due
from portal.programme.summary import send_summaries
from portal.sessions import team
from portal.sessions.attendance import mark_absent, object_to, say_late
from portal.sessions.booking import book
from portal.sessions.changes import ask_to_move, cancel, move
from portal.sessions.models import Session, Teammate
from portal.waiting.offering import offer_due
from portal.waiting.watching import Terms, wait_for_mentor
from tests.cast import ALL_WEEK, REQUEST, make_mentor, make_person, opening
from tests.conftest import Time
from tests.letters import text_of

ROUNDS = (remind_due, send_briefs, ask_for_ratings, ask_due, ask_and_lapse, send_summaries)
SIGNED = re.compile(r"(/(?:sessions|offers|stop|still-good|invitations)/)[\w.-]{10,}")
PROJECT = replace(
    REQUEST,
    kind="project",
    questions=("Is a counter normal at all?", "What do I say if they ask for my number first?"),
    link="https://example.org/offer",
)


class Programme:
    """The cast, the clock, and what they do."""

    def __init__(self, time: Time) -> None:
        self.time = time
        self.laila = make_mentor(plan=Plan("Asia/Kolkata", ALL_WEEK, lengths=(15, 30), notice=0), zone="Asia/Kolkata")
        self.sam = make_person("Sam Rivera", zone="Europe/Berlin")
        self.noor = make_person("Noor Haddad", zone="America/New_York")
        self.inga = make_person("Inga Holm", zone="Europe/London", coordinator=True)
        self.go_round()

    def go_round(self) -> None:
        """What the worker does when it looks."""
        for go in ROUNDS:
            go()

    def at(self, instant: datetime) -> None:
        """Let it be then, and let the worker look."""
        self.time.set(instant)
        self.go_round()

    def book(self, number: int) -> Session:
        name = f"session {Session.select().count()}"
        return book(opening(self.laila, number, 30), PROJECT, mentee=self.sam, holder=name, hold_ref=name)

    def live(self) -> None:
        """Everything there is a letter for."""
        request_code(self.sam.email, browser="a", zone="Europe/Berlin")
        set_limits(Limits(domains=("example.edu", "uni.example")))
        request_code("tove@elsewhere.example", browser="c", zone="Europe/Oslo")
        invite([Guest("ana@example.edu", "Ana Lima")], as_mentor=True, coordinator=self.inga)
        invite([Guest("bo@example.edu")], as_mentor=False, coordinator=self.inga)
        ask_to_change("sam.rivera@new.example.org", browser="b", zone="Europe/Berlin")
        mails_about_people.address_changed(self.sam, old=self.sam.email, new="sam.rivera@new.example.org")
        mails_about_people.erased(self.sam)
        mails_about_people.passkey_added(self.sam, name="My phone")
        mails_about_people.passkeys_removed(self.sam, names=["My phone"])
        mails_about_people.passkeys_removed(self.inga, names=["My phone", "Chrome on Linux"])
        self._talk_and_move()
        self._hand_over()
        cancel(self.book(60), person=self.laila.person, reason="I am ill, and sorry.\n\nNext week is fine.")
        self._meet_and_miss()
        wait_for_mentor(self.laila, Terms(length=30), person=self.noor)
        offer_due()
        self._suspend()
        self._decide()
        self._weeks_later()

    def _talk_and_move(self) -> None:
        self.first = self.book(64)
        team.invite(self.first, [self.noor.email, "kai@example.org"], mentee=self.sam)
        say(self.first, "Shall I bring the contract?\n\nIt has 40 pages.", person=self.sam, key="a")
        line, links = "Read page two of this before.", ("https://example.org/negotiating",)
        prepare(self.first, mentor=self.laila.person, read="", line=line, links=links)
        ask_to_move(self.first, mentor=self.laila.person, reason="A meeting was put on top of this.")
        move(self.first, opening(self.laila, 80, 30).start, mentee=self.sam)

    def _hand_over(self) -> None:
        given = self.book(20)
        team.invite(given, [self.noor.email, "kai@example.org"], mentee=self.sam)
        team.remove(
            given, Teammate.get(Teammate.session == given, Teammate.email == "kai@example.org").id, mentee=self.sam
        )
        mate = Teammate.get(Teammate.session == given, Teammate.email == self.noor.email)
        team.hand_over(given, mate.id, mentee=self.sam)

    def _meet_and_miss(self) -> None:
        session = Session.get_by_id(self.first.id)
        self.at(session.start - timedelta(hours=24))
        morning = datetime(session.start.year, session.start.month, session.start.day, 1, 30, tzinfo=UTC)
        self.at(morning)
        self.at(session.start - timedelta(hours=1))
        self.time.set(session.start)
        say_late(session, person=self.sam)
        self.at(session.end)
        rate(session, Answer("yes", 5, next_step="Write to them", again=True), mentee=self.sam)
        wish(session, mentor=self.laila.person, again=True)
        for _ in range(2):
            self._miss()

    def _miss(self) -> None:
        missed = self.book(0)
        self.time.set(missed.end)
        mark_absent(missed, person=self.laila.person)
        object_to(missed, person=self.sam, objection="The link was dead.")

    def _decide(self) -> None:
        revision = profile.save_draft(profile.published_content(self.laila), person=self.laila.person)
        profile.submit(revision, person=self.laila.person)
        decisions.decide_on_profile(
            revision,
            "ask",
            version=revision.version,
            reason="Say in one line what you help with.",
            coordinator=self.inga,
        )
        verdict = Verdict(date(2026, 12, 24), "Twice in a week. Write to us if there is a reason.")
        absences.pause(self.sam, verdict, version=record_of(self.sam.id).version, coordinator=self.inga)
        report(subject_at("mentors/laila-mansour", person=self.sam), person=self.sam, reason="selling", words="Twice.")
        decide(reports_for(self.inga)[0], Outcome("nothing", "An advert, taken out."), coordinator=self.inga)
        absences.end_pause(self.sam, reason="", version=record_of(self.sam.id).version, coordinator=self.inga)

    def _weeks_later(self) -> None:
        """By then the hours were confirmed on the first day, and never since."""
        self.at(datetime(2026, 11, 30, 8, 0, tzinfo=UTC))
        self.at(Session.get_by_id(self.first.id).end + timedelta(days=14))
        self.at(datetime(2026, 12, 21, 8, 0, tzinfo=UTC))
        self.at(datetime(2027, 1, 4, 8, 0, tzinfo=UTC))

    def _suspend(self) -> None:
        """Somebody with a session ahead."""
        bo = make_person("Bo Berg", zone="Europe/Stockholm")
        book(opening(self.laila, 90, 30), PROJECT, mentee=bo, holder="Bo's", hold_ref="Bo's")
        Outbox.delete().where(Outbox.words.contains("Bo Berg")).execute()  # as everybody's
        reason = "You sold courses in your sessions.\n\nTwice."
        suspending.suspend(bo, reason=reason, version=record_of(bo.id).version, coordinator=self.inga)
        self.time.pass_(minutes=1)
        version = record_of(bo.id).version
        suspending.lift(bo, reason="We talked. Welcome back.", version=version, coordinator=self.inga)


def mails(app: Flask) -> dict[str, EmailMessage]:
    """Every mail as it is sent, by its kind and reader; of those with the same subject, the first."""
    found: dict[str, EmailMessage] = {}
    with app.app_context():
        for letter in Outbox.select().order_by(Outbox.id):
            with clock.stopped_at(letter.created_at):
                message = compose(letter, app.config["SETTINGS"])
            subject = re.sub(r"(\S+day )?\d+ .*", "", str(message["Subject"]))
            same = [name for name, other in found.items() if name.startswith(_name(letter))]
            if not any(str(found[name]["Subject"]).startswith(subject) for name in same):
                found[f"{_name(letter)}{f' {len(same) + 1}' if same else ''}"] = message
    return found


def _name(letter: Outbox) -> str:
    return f"{letter.kind.replace('/', '.')} to {letter.recipient.split('@')[0].split('.')[0]}"


def shown(message: EmailMessage) -> str:
    """Subject and text, without what is drawn at random."""
    text = f"Subject: {message['Subject']}\n\n{text_of(message)}"
    return re.sub(r"\b\d{6}\b", "123456", SIGNED.sub(r"\1…", text))
