"""People with something in every column that says anything of them, each text a marker that is found again."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import timedelta
from typing import Any

from portal.availability import models as availability
from portal.clock import now
from portal.database import write
from portal.feedback import models as feedback
from portal.mail.outbox import Outbox
from portal.mail.preferences import Unwanted
from portal.mentors import models as mentors
from portal.mentors.models import Mentor
from portal.moderation.models import Decision, Report
from portal.people import models as people
from portal.people.invited import mailbox_of
from portal.people.models import Person
from portal.people.passkey_models import Passkey
from portal.preparation import models as preparation
from portal.sessions import models as sessions
from portal.sessions.models import Session
from portal.waiting import models as waiting

NEEDLE = re.compile(rb"qzxj([0-9a-f]{12})")
NOT_WORDS = {
    *(
        "status",
        "kinds",
        "languages",
        "formats",
        "kind",
        "format",
        "time_zone",
        "zone",
        "lengths",
        "line_status",
        "transports",
        "report.reason",
    ),
    *("reached", "helped", "part", "outcome", "state", "way", "what", "version", "paused_until", "closed_until"),
    *("first", "last", "date", "decision.subject"),
}
"""Text columns that hold one of a few words, or a date."""


class Markers:
    """Texts that nobody else writes. Each is somebody's."""

    def __init__(self) -> None:
        self.whose: dict[str, tuple[int, str]] = {}

    def new(self, owner: int, where: str) -> str:
        """It begins at random, so that an index that leaves out what two words have in common leaves the rest."""
        digest = hashlib.sha256(f"{owner} {where} {len(self.whose)}".encode()).hexdigest()
        self.whose[digest[4:16]] = (owner, where)
        return f"{digest[:4]}qzxj{digest[4:16]}"

    def found_in(self, content: bytes) -> set[tuple[int, str]]:
        return {self.whose[found.decode()] for found in set(NEEDLE.findall(content)) if found.decode() in self.whose}


class Filler:
    """Fills a database. `keeper` is a mentor and a mentee who stays, and meets everybody."""

    def __init__(self) -> None:
        self.markers = Markers()
        self.slots = 0
        # A mentor and a mentee who stays.
        self.keeper = self.person(coordinator=True)
        self.mentor(self.keeper)
        self.stranger = self.person()
        self.third = self.session(self.keeper, self.stranger, ahead=False)

    def person(self, *, coordinator: bool = False) -> Person:
        number = Person.select().count() + 1
        return Person.create(
            email=f"{self.markers.new(number, 'person.email')}@example.org",
            name=self.markers.new(number, "person.name"),
            headline=self.markers.new(number, "person.headline"),
            is_coordinator=coordinator,
            created_at=now(),
            paused_until=now() + timedelta(days=3),
            suspended_at=now(),
        )

    def mentor(self, person: Person) -> Mentor:
        texts = (
            "slug",
            "name",
            "headline",
            "about",
            "pronouns",
            "video_link",
            "phone",
            "place",
            "topic_names",
            "photo",
        )
        stems = ("headline_stems", "about_stems")
        made: Mentor = Mentor.create(
            person=person,
            status="published",
            kinds=("career",),
            languages=("en",),
            formats=("video",),
            published_at=now(),
            **{name: self.markers.new(person.id, f"mentor.{name}") for name in (*texts, *stems)},
        )
        return made

    @write
    def fill(self, count: int) -> list[Person]:
        """So many people with everything."""
        return [self._fill_one() for _ in range(count)]

    def _fill_one(self) -> Person:
        person = self.person()
        mentor = self.mentor(person)
        self._profile(person, mentor)
        self._hours(person, mentor)
        for is_mentee in (True, False):
            self._past(person, is_mentee=is_mentee)
        self._ahead(person)
        self._handed_over(person)
        self._between(person, mentor)
        self._reports(person, mentor)
        self._sign_ins(person)
        self._letters(person)
        return person

    def text(self, person: Person, table: str, *columns: str) -> dict[str, str]:
        return {column: self.markers.new(person.id, f"{table}.{column}") for column in columns}

    def _profile(self, person: Person, mentor: Mentor) -> None:
        content = json.dumps({"name": self.markers.new(person.id, "revision.content")})
        mentors.Revision.create(mentor=mentor, content=content, **self.text(person, "revision", "reason"))
        topic = mentors.Expertise.create(status="proposed", **self.text(person, "expertise", "name"))
        mentors.Alias.create(expertise=topic, **self.text(person, "alias", "key", "text"))
        mentors.MentorExpertise.create(mentor=mentor, expertise=topic, position=0)
        photo = self.markers.new(person.id, "photo.content").encode()
        mentors.Photo.create(person=person, content=photo, at=now(), **self.text(person, "photo", "hash"))
        mentors.SavedMentor.create(person=person, mentor=self.keeper.id, at=now())
        mentors.SavedMentor.create(person=self.keeper, mentor=mentor, at=now())
        for subject in ("profile", "person"):
            about = self.text(person, "decision", "about", "reason")
            Decision.create(
                subject=subject, subject_id=person.id, what="hidden", coordinator=self.keeper, at=now(), **about
            )
        # Why a coordinator decided is kept for ever, as nobody's.
        made = {"about": "", "reason": self.markers.new(0, "decision.reason")}
        Decision.create(subject="expertise", subject_id=1, what="listed", coordinator=person, at=now(), **made)

    def _hours(self, person: Person, mentor: Mentor) -> None:
        availability.Availability.create(mentor=mentor, time_zone="Etc/UTC", base=now().timestamp() // 900)
        availability.WeeklyHours.create(mentor=mentor, weekday=0, starts=0, ends=60)
        days = self.text(person, "days_off", "note")
        availability.DaysOff.create(mentor=mentor, first="2026-12-01", last="2026-12-02", **days)
        availability.ExtraHours.create(mentor=mentor, date="2026-12-05", starts=0, ends=60)
        url = self.text(person, "busy_calendar", "url", "problem")
        availability.BusyCalendar.create(mentor=mentor, due_at=now(), **url)
        opening = {"length": 15, "is_shortest": True, "notice": 0, "horizon": 14, "base": 0, "starts": b"", "load": 0}
        availability.Openings.create(mentor=mentor, next=availability.NEVER, stale_at=availability.NEVER, **opening)
        self._hold(person, self.keeper.id, person=person)
        self._hold(person, self.keeper.id, email=person.email)
        self._hold(person, person.id)

    def _hold(self, owner: Person, mentor_id: int, *, person: Person | None = None, email: str = "") -> None:
        draft = {"objective": self.markers.new(owner.id, "hold.draft"), "email": email}
        self.slots += 4
        availability.Hold.create(
            mentor=mentor_id,
            person=person,
            start=now() + timedelta(days=30, minutes=15 * self.slots),
            length=15,
            draft=json.dumps(draft),
            expires_at=now() + timedelta(minutes=10),
            **self.text(owner, "hold", "ref", "holder"),
        )

    def session(self, mentor: Person, mentee: Person, *, ahead: bool, **more: Any) -> Session:
        self.slots += 4
        by = timedelta(minutes=15 * self.slots)
        made: Session = Session.create(
            mentor=mentor.id,
            mentee=mentee,
            start=now() + by if ahead else now() - timedelta(days=20) - by,
            length=30,
            kind="career",
            format="video",
            created_at=now() - timedelta(days=21) - by,
            questions_at=now(),
            revised_at=now(),
            **{
                **self.text(mentee, "session", "ref", "hold_ref", "objective", "questions", "link", "context"),
                **more,
            },
        )
        sessions.SessionEvent.create(session=made, person=mentee, what="booked", at=now())
        return made

    def _past(self, person: Person, *, is_mentee: bool) -> None:
        mentor, mentee = (self.keeper, person) if is_mentee else (person, self.keeper)
        ref = self.markers.new(0, "session.ref")
        held = self.session(mentor, mentee, ahead=False, ref=ref, hold_ref=self.markers.new(0, "session.hold_ref"))
        self._said(held, mentor, mentee, person)
        for writer in (mentor, mentee):
            text = self.text(writer, "message", "key", "text")
            before = now() - timedelta(days=1)  # before the two blocked each other
            preparation.Message.create(session=held, person=writer, at=before, **text)
            preparation.Reading.create(session=held, person=writer, message=1, seen_at=now())
            feedback.Wish.create(session=held, person=writer, again=True, at=now())
        for session, email, owner in ((self.third, person.email, person), (held, self.stranger.email, self.stranger)):
            if is_mentee:
                mate = {"email": email, **self.text(owner, "teammate", "question")}
                sessions.Teammate.create(session=session, invited_at=now(), **mate)
        own = {"session": held, "late_at": now(), "absent_at": now()}
        sessions.Attendance.create(person=person, **own, **self.text(person, "attendance", "objection"))
        preparation.Preparation.create(
            session=held, read_at=now(), ready_by=mentee, **self.text(mentor, "preparation", "line", "links")
        )
        feedback.FollowUp.create(session=held, helped="yes", helped_at=now())
        line = self.text(person, "decision", "about", "reason")
        Decision.create(subject="line", subject_id=held.id, what="shown", coordinator=self.keeper, at=now(), **line)

    def _said(self, held: Session, mentor: Person, mentee: Person, goes: Person) -> None:
        """Lines and thanks to somebody who left go along: they speak of nobody else."""
        to_mentor = self.text(goes, "rating", "line", "thank_you")
        step = self.text(mentee, "rating", "next_step")
        feedback.Rating.create(
            session=held, reached="yes", stars=4, line_status="shown", created_at=now(), **to_mentor, **step
        )
        feedback.Standing.insert(mentor=mentor.id, ratings=1, stars=4, reached=1).on_conflict(
            conflict_target=[feedback.Standing.mentor], update={feedback.Standing.ratings: 2}
        ).execute()

    def _ahead(self, person: Person) -> None:
        mine = {"ref": self.markers.new(0, "session.ref"), "hold_ref": self.markers.new(0, "session.hold_ref")}
        booked = self.session(self.keeper, person, ahead=True, **mine)
        quarter = int(booked.start.timestamp()) // 900
        for whose in (person, self.keeper):
            availability.Claim.create(person=whose, quarter=quarter, session=booked.id)
        mine = {"ref": self.markers.new(0, "session.ref"), "hold_ref": self.markers.new(0, "session.hold_ref")}
        reason = self.text(person, "session", "cancel_reason", "move_request")
        off = {"cancelled_at": now(), "cancelled_by": person, **reason}
        self.session(person, self.keeper, ahead=True, **mine, **off)

    def _handed_over(self, person: Person) -> None:
        texts = {"ref": self.markers.new(0, "session.ref"), "hold_ref": self.markers.new(0, "session.hold_ref")}
        texts |= self.text(person, "session", "objective", "questions", "link", "context")
        given = self.session(self.keeper, self.stranger, ahead=False, **texts)
        sessions.SessionEvent.create(session=given, person=person, what=sessions.HANDED_OVER, at=now())

    def _reports(self, person: Person, mentor: Mentor) -> None:
        """What a reporter says goes with the reporter, what it is about with who that is."""
        what = {"kind": "message", "reason": "else", "at": now(), "decided_at": now(), "session": self.third}
        text = {"thing": self.markers.new(0, "report.thing"), "text": self.markers.new(0, "report.text")}
        Report.create(reporter=person, person=self.keeper, **what, **text, **self.text(person, "report", "words"))
        for whom in ({"person": person}, {"mentor": mentor}):
            made = Report.create(**whom, **what, **self.text(person, "report", "thing", "text", "words"))
            about = self.text(person, "decision", "about", "reason")
            Decision.create(
                subject="report", subject_id=made.id, what="left", coordinator=self.keeper, at=now(), **about
            )

    def _between(self, person: Person, mentor: Mentor) -> None:
        feed = self.text(person, "feed", "seed")
        sessions.Feed.create(person=person, since=now(), **feed)
        feedback.Certificate.create(
            **self.text(person, "certificate", "code", "name"),
            mentor=mentor,
            sessions=1,
            minutes=30,
            reached=1,
            since=now(),
            issued_at=now(),
        )
        for whose, whom in ((person, self.keeper), (self.keeper, person)):
            people.Block.create(person=whose, blocked=whom, at=now())
            watch = waiting.Watch.create(person=whose, mentor=whom.id, since=now())
            refs = self.text(person, "offer", "ref", "hold_ref")
            offer = {"start": now(), "length": 15, "expires_at": now(), "outcome": "unused", **refs}
            made = waiting.Offer.create(person=whose, watch=watch, mentor=whom.id, **offer)
        self._letter(person, f"offer {made.id}", self.keeper.email, "waiting")

    def _sign_ins(self, person: Person) -> None:
        instants = {"at": now(), "proved_at": now(), "seen_at": now()}
        people.SignIn.create(
            person=person, way="code", **instants, **self.text(person, "sign_in", "token_hash", "browser")
        )
        key = self.text(person, "passkey", "credential_id", "public_key", "name")
        Passkey.create(person=person, sign_count=1, transports=("usb",), made_at=now(), **key)
        account = self.text(person, "identity", "issuer", "subject")
        people.Identity.create(person=person, at=now(), used_at=now(), **account)
        for whom in ({"person": person}, {"about": person, "person": self.keeper}):
            words = {"thing": self.markers.new(0, "audit.thing"), "detail": self.markers.new(0, "audit.detail")}
            people.Audit.create(at=now(), what="signed in", by_person=True, **whom, **words)
        code = self.text(person, "sign_in_code", "seed", "browser", "known")
        people.SignInCode.create(email=person.email, zone="Etc/UTC", expires_at=now(), **code)
        guest = self.markers.new(0, "invitation.email")
        for owner, whom, by in ((person.id, person.email, self.keeper), (0, guest, person)):
            name = self.markers.new(owner, "invitation.name")
            people.Invitation.create(mailbox=mailbox_of(whom), email=whom, name=name, by=by, at=now())
        link = self.text(person, "sign_in_link", "token_hash")
        people.SignInLink.create(person=person, expires_at=now(), **link)

    def _letters(self, person: Person) -> None:
        mine = Session.select().where((Session.mentee == person) | (Session.mentor == person.id))
        about = [f"session {session.id}" for session in mine]
        for state in ("waiting", "dead", "sent"):
            self._letter(person, self.markers.new(person.id, "outbox.subject"), person.email, state)
        for state in ("waiting", "dead"):
            self._letter(person, about[0], self.keeper.email, state)
        self._letter(person, f"person {person.id}", f"{self.markers.new(person.id, 'old')}@example.org", "waiting")
        Unwanted.create(recipient=person.email, kind="preparation/soon", at=now())

    def _letter(self, owner: Person, subject: str, to: str, state: str) -> None:
        instants = {"created_at": now(), "due_at": now(), "next_at": now() + timedelta(hours=9)}
        words = {"ref": "", "what": self.markers.new(owner.id, "outbox.words")}
        Outbox.create(
            kind="moderation/profile_decided",
            subject=subject,
            recipient=to,
            zone="Etc/UTC",
            state=state,
            words=json.dumps(words),
            **instants,
            **self.text(owner, "outbox", "version", "error"),
        )
