"""Fills a demo programme: mentors, hours, sessions that took place, things that wait."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from portal import clock
from portal.availability import hours
from portal.availability.choices import choices
from portal.availability.claims import openings_of
from portal.availability.derived import expand_hours
from portal.availability.hours import Plan
from portal.availability.models import Availability, WeeklyHours
from portal.clock import now
from portal.database import write
from portal.demo.people import NAMES, ROLES
from portal.directory.models import Asked
from portal.feedback.models import Rating
from portal.feedback.rating import Answer, let_through, rate
from portal.mail.outbox import Outbox
from portal.mentors import profile
from portal.mentors.models import Mentor
from portal.mentors.profile import Profile, published_content
from portal.mentors.saving import save_mentor
from portal.moderation.reportable import subject_at
from portal.moderation.reporting import report
from portal.people.account import describe, make_coordinator
from portal.people.codes import new_token
from portal.people.invitations import Guest, invite
from portal.people.models import Person
from portal.people.signing_in import person_with
from portal.preparation.conversation import say
from portal.preparation.models import Message
from portal.programme.imports import import_mentors
from portal.sessions.booking import Request, book
from portal.sessions.holding import Opening
from portal.sessions.models import Session
from portal.waiting.watching import Terms, wait_for_mentor
from portal.when import monday_of

HERE = Path(__file__).parent
MENTEES = ("Noor Haddad", "Elif Kaya", "Jonas Weber", "Ana Lima", "Mei Chen", "Tom Becker", "Zoe Martin", "Omar Said")
GUESTS = (Guest("vera.novak@example.org", "Vera Novak"), Guest("li.wei@example.org"))
ASKED = (("thesis statistics in stata", 41, False), ("visa for portugal", 24, False), ("kubernetes", 18, True))


@write
def seed() -> None:
    """All of it in one transaction. The same every time but for the dates."""
    chance = random.Random(7)  # noqa: S311  # nosec B311  # a demo that is the same every time
    with (HERE / "cast.csv").open(encoding="utf-8", newline="") as file:
        import_mentors(file, publish=True)
    with (HERE / "mentors.csv").open(encoding="utf-8", newline="") as file:
        import_mentors(file, publish=True)
    _give_hours(chance)
    _contact_details()
    mentee = _person("mentee", "Economics student, final year", "Europe/Berlin")
    coordinator = _person("coordinator", "Runs the programme", "Europe/Berlin")
    make_coordinator(coordinator)
    invite(GUESTS, as_mentor=True, coordinator=coordinator)
    _past_sessions(chance, mentee)
    _waiting_profiles()
    _reported()
    _asked()
    _in_line(mentee)
    Outbox.delete().execute()  # nobody is told of what never happened


def _person(role: str, headline: str, time_zone: str) -> Person:
    person = person_with(ROLES[role])
    describe(person, name=NAMES[role], headline=headline, time_zone=time_zone)
    return person


def _give_hours(chance: random.Random) -> None:
    without = (
        Mentor.select(Mentor, Person).join(Person).where(~(Mentor.person << Availability.select(Availability.mentor)))
    )
    for number, mentor in enumerate(without.order_by(Mentor.person)):
        if number % 12 == 11:
            continue  # some mentors never get round to it
        days = sorted(chance.sample(range(7), chance.choice((1, 2, 2, 3))))
        starts = [chance.choice((8, 9, 10, 12, 16, 17, 18, 19)) * 60 for _ in days]
        weekly = tuple(
            (day, begin, begin + chance.choice((60, 90, 120))) for day, begin in zip(days, starts, strict=True)
        )
        lengths = chance.choice(((15, 30), (15,), (30,), (15, 30, 60)))
        hours.save(Plan(mentor.person.time_zone, weekly, lengths=lengths), mentor=mentor)


def _contact_details() -> None:
    """Every mentor who meets by video, phone or in person can be met."""
    for mentor in Mentor.select():
        mentor.video_link = f"https://meet.example.org/{mentor.slug}" if "video" in mentor.formats else ""
        mentor.phone = f"+49 30 5550{mentor.person_id:03}" if "phone" in mentor.formats else ""
        mentor.place = "Café in the main library" if "in_person" in mentor.formats else ""
        mentor.save(only=[Mentor.video_link, Mentor.phone, Mentor.place])


def _past_sessions(chance: random.Random, mentee: Person) -> None:
    """Sessions of the last weeks, booked and rated when they were; the demo's mentee has one to rate."""
    cast = list(Mentor.select().order_by(Mentor.person).limit(12))
    people = [person_with(f"{name.lower().replace(' ', '.')}@example.org") for name in MENTEES]
    for person, name in zip(people, MENTEES, strict=True):
        describe(person, name=name, headline="", time_zone="Europe/Berlin")
    lines = list(_feedback())
    real_now = now()
    for number, answer_and_objective in enumerate(lines):
        able = [mentor for mentor in cast if answer_and_objective[2] in mentor.kinds]
        mentor = cast[0] if cast[0] in able and number % 2 else chance.choice(able)
        days_ago = 33 - number * 30 // len(lines)
        _took_place(
            mentor, people[number % len(people)], real_now - timedelta(days=days_ago), answer_and_objective, chance
        )
    # Four days, so that there is one over each weekend: the mentor has no hours from Friday noon to Monday evening.
    gap_year = (None, "Know what to say about my gap year", "career")
    _took_place(cast[1], mentee, real_now - timedelta(days=5), gap_year, chance, within=4)
    for availability in Availability.select():
        expand_hours(availability)


def _feedback() -> Iterator[tuple[Answer | None, str, str]]:
    with (HERE / "lines.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            answer = Answer(row["reached"], int(row["stars"]), row["next_step"], row["line"], row["thank_you"])
            yield answer, row["objective"], row["kind"]


def _took_place(
    mentor: Mentor,
    mentee: Person,
    when: datetime,
    about: tuple[Answer | None, str, str],
    chance: random.Random,
    *,
    within: int = 3,
) -> None:
    answer, objective, kind = about
    with clock.stopped_at(when):
        expand_hours(Availability.get(Availability.mentor == mentor))
        row = openings_of(mentor.person_id)[0]
        starts = [start for start in choices(row, mentee_id=mentee.id) if start < when + timedelta(days=within)]
        if not starts or mentee.id == mentor.person_id:
            return
        request = Request(objective, ("What would you do first?",), kind, mentor.formats[0])
        opening = Opening(mentor, chance.choice(starts), row.length)
        session = book(opening, request, mentee=mentee, holder=new_token(), hold_ref=new_token())
    if answer is not None and session.end < now():
        _rated(session, answer, mentee)


def _rated(session: Session, answer: Answer, mentee: Person) -> None:
    with clock.stopped_at(session.end + timedelta(minutes=20)):
        rate(session, answer, mentee=mentee)
        if answer.line:
            let_through(Rating.get(Rating.session == session.id))


def _waiting_profiles() -> None:
    """A changed profile and a new one, as a coordinator finds them."""
    rhea = Mentor.get(Mentor.slug == "rhea-sandoval")
    public = published_content(rhea)
    profile.publish(rhea, replace(public, headline="HR generalist", expertise=public.expertise[1:]))
    profile.submit(profile.save_draft(public, person=rhea.person), person=rhea.person)
    nadia = person_with("nadia.karim@example.org", zone="Europe/London")
    describe(nadia, name="Nadia Karim", headline="Postdoc in statistics", time_zone="Europe/London")
    applied = Profile(
        name="Nadia Karim",
        headline="Postdoc in statistics",
        about="Bring one table of your regression output. We read it together, line by line.",
        pronouns="she/her",
        expertise=("Thesis statistics", "R", "Survey design"),
        kinds=("studies", "skill"),
        languages=("en", "ar"),
        formats=("video", "chat"),
        video_link="https://meet.example.org/nadia",
    )
    profile.submit(profile.save_draft(applied, person=nadia), person=nadia)
    hours.save(
        Plan("Europe/London", tuple((day, 9 * 60, 12 * 60) for day in range(5))),
        mentor=Mentor.get(Mentor.person == nadia),
    )


def _reported() -> None:
    """A message that one of the people of the last weeks reports."""
    jonas = person_with("jonas.weber@example.org")
    over = (Session.mentee == jonas) & (Session.start < now() - timedelta(days=2))
    session = Session.select().where(over).order_by(Session.start.desc()).first()
    with clock.stopped_at(session.end + timedelta(hours=1)):
        text = "I also do this for money. 80 euros an hour, and we need not book it here."
        say(session, text, person=session.mentor.person, key=new_token())
        message = Message.get(Message.session == session)
        subject = subject_at(f"sessions/{session.ref}/message-{message.id}", person=jonas)
        report(subject, person=jonas, reason="selling", words="I did not ask for that.")


def _asked() -> None:
    week = monday_of(now().date()).isoformat()
    for need, askers, offered in ASKED:
        for number in range(askers):
            Asked.create(week=week, need=need, asker=f"demo {number}", offered=offered, soon=False)


def _in_line(mentee: Person) -> None:
    """Two wait for a mentor who has set no hours; the demo's mentee has saved another."""
    without = Mentor.select().where(Mentor.person.not_in(WeeklyHours.select(WeeklyHours.mentor)))
    mentor = without.where(Mentor.status == "published").order_by(Mentor.person).first()
    for person in (person_with("noor.haddad@example.org"), mentee):
        wait_for_mentor(mentor, Terms(), person=person)
    save_mentor(Mentor.get(Mentor.slug == "laila-mansour"), person=mentee)
