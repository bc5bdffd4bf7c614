"""The cast of all tests, and what they can do in one line."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.availability import hours
from portal.availability.choices import choices
from portal.availability.claims import openings_of
from portal.availability.hours import Plan
from portal.mentors import profile
from portal.mentors.models import Mentor
from portal.mentors.profile import Profile, mentor_of
from portal.people import sign_ins
from portal.people.account import describe, make_coordinator
from portal.people.codes import new_token
from portal.people.models import Person
from portal.people.signing_in import person_with
from portal.sessions.booking import Request, book
from portal.sessions.holding import Opening
from portal.sessions.models import Session

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
"""When tests begin, unless they say otherwise."""
ALL_WEEK = tuple((day, 9 * 60, 17 * 60) for day in range(7))


def make_person(name: str, *, zone: str = "Etc/UTC", coordinator: bool = False) -> Person:
    person = person_with(f"{name.lower().replace(' ', '.')}@example.org")
    describe(person, name=name, headline=f"{name}'s headline", time_zone=zone)
    if coordinator:
        make_coordinator(person)
    return person


def make_mentor(
    name: str = "Laila Mansour", *, plan: Plan | None = None, zone: str = "Etc/UTC", **changes: Any
) -> Mentor:
    """A published mentor with hours: by default every day 09:00-17:00, no notice."""
    person = make_person(name, zone=zone)
    content = {
        "name": name,
        "headline": "Product lead",
        "about": "Bring me one decision you are stuck on.",
        "expertise": ("Offer negotiation",),
        "kinds": ("career", "project"),
        "languages": ("en",),
        "formats": ("video", "chat"),
        "video_link": "https://meet.example.org/room",
        **changes,
    }
    revision = profile.save_draft(Profile(**content), person=person)
    profile.submit(revision, person=person)
    profile.decide(revision, "approved", version=revision.version)
    mentor = mentor_of(person)
    assert mentor is not None
    hours.save(plan or Plan(zone, ALL_WEEK, lengths=(15, 30, 60), notice=0), mentor=mentor)
    return mentor


def starts_of(mentor: Mentor, length: int = 15) -> list[datetime]:
    """What a page would offer."""
    row = next(row for row in openings_of(mentor.person_id) if row.length == length)
    return choices(row, mentee_id=None)


def opening(mentor: Mentor, number: int = 0, length: int = 15) -> Opening:
    return Opening(mentor, starts_of(mentor, length)[number], length)


REQUEST = Request("A counter-offer I can send tomorrow", ("Is a counter normal?",), "career", "video")


def make_session(mentor: Mentor, mentee: Person, *, number: int = 0, length: int = 15) -> Session:
    return book(opening(mentor, number, length), REQUEST, mentee=mentee, holder=new_token(), hold_ref=new_token())


class Visitor:
    """Somebody with a browser, signed in or not: keeps cookies and sends the token its pages hold."""

    def __init__(self, app: Flask, person: Person | None = None, *, kept: dict[str, Any] | None = None) -> None:
        self.client: FlaskClient = app.test_client()
        self.person = person
        kept = cookie_of(person) if person is not None and kept is None else kept
        if kept is not None:
            with self.client.session_transaction() as cookie:
                cookie.update(kept)

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, **more)

    def part(self, path: str) -> TestResponse:
        """As htmx asks."""
        return self.client.get(path, headers={"HX-Request": "true"})

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token(), **(data or {})}, **more)

    def token(self) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get("/sign-in").text)
        assert found is not None
        return found[1]

    def hold(self, wanted: Opening, **typed: str) -> TestResponse:
        return self.post("/holds", {"opening": value_of(wanted), **typed})


def cookie_of(person: Person) -> dict[str, Any]:
    """What signing in leaves in the cookie. Coordinators sign in by a passkey, as they need to."""
    way = "passkey" if person.is_coordinator else "code"
    return {"_user_id": sign_ins.begin(person, way=way, agent="").get_id(), "_fresh": True}


def value_of(wanted: Opening) -> str:
    """What an opening's button sends."""
    return f"{wanted.mentor.slug} {wanted.start:%Y-%m-%dT%H:%M:%SZ} {wanted.length}"


BOOKING = {
    "objective": "A counter-offer",
    "questions": "Is it normal?",
    "kind": "career",
    "format": "video",
    "link": "",
}
