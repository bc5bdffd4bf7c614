"""The second absence in 30 days reaches a coordinator, who pauses bookings or hours, or leaves it."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask

from portal.availability import hours
from portal.errors import NotAllowedNow, Stale
from portal.mentors.models import Mentor
from portal.moderation import absences
from portal.moderation.absences import Verdict, record_of
from portal.moderation.decisions import decisions_on
from portal.moderation.models import Decision
from portal.moderation.queue import queue
from portal.people import erasing
from portal.people.models import Person
from portal.preparation.models import Message, Preparation
from portal.sessions.attendance import PATIENCE, mark_absent, object_to
from portal.sessions.fairness import why_not_book
from portal.sessions.models import Attendance, Session
from tests.cast import Visitor, make_mentor, make_person, make_session, starts_of
from tests.conftest import Time
from tests.letters import mail, text_of, told

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
MONTH = timedelta(days=30)
TWO_WEEKS = date(2026, 12, 7)
WHY = "Please cancel when you cannot come."


def miss(person: Person, world: Time, *, mentor: Mentor | None = None) -> Session:
    """A session to which this mentee did not come, as the mentor says ten minutes after its start."""
    mentor = mentor or Mentor.get_or_none() or make_mentor()
    session = make_session(mentor, person, number=0)
    world.set(session.start + PATIENCE)
    mark_absent(session, person=mentor.person)
    world.set(session.end)
    return session


def miss_twice(person: Person, world: Time) -> list[Session]:
    return [miss(person, world), miss(person, world)]


def said_at(session: Session, person: Person, **changes: object) -> None:
    row = (Attendance.session == session) & (Attendance.person == person)
    Attendance.update(**changes).where(row).execute()


def names() -> list[str]:
    return [absent.person.name for absent in queue().absent]


def path_of(person: Person, rest: str = "") -> str:
    return f"/moderation/people/{person.id}{rest}"


def verdict(**changes: object) -> Verdict:
    return Verdict(**{"until": TWO_WEEKS, "reason": WHY, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_second_absence_reaches_the_coordinator(mentee: Person, world: Time, count: int) -> None:
    for _ in range(count):
        miss(mentee, world)
    miss(make_person("Noor Haddad"), world)
    assert (names(), queue().count) == (["Sam Rivera"] * (count >= 2), int(count >= 2))
    assert [len(absent.absences) for absent in queue().absent] == [count] * (count >= 2)


@pytest.mark.parametrize(("apart", "reaches"), [(MONTH - SECOND, True), (MONTH, True), (MONTH + SECOND, False)])
def test_two_count_within_thirty_days_of_each_other(
    mentee: Person, world: Time, apart: timedelta, reaches: bool
) -> None:
    first, second = miss_twice(mentee, world)
    said_at(first, mentee, absent_at=world.now)
    said_at(second, mentee, absent_at=world.now + apart)
    assert (names() == ["Sam Rivera"], bool(names())) == (reaches, reaches)
    assert record_of(mentee.id).is_new == reaches


def test_it_waits_however_long_nobody_looks(mentee: Person, world: Time) -> None:
    miss_twice(mentee, world)
    world.pass_(days=400)
    assert names() == ["Sam Rivera"]


def test_an_absence_that_is_objected_to_counts_and_the_answer_is_shown(
    app: Flask, mentee: Person, coordinator: Person, world: Time
) -> None:
    for session in miss_twice(mentee, world):
        object_to(session, person=mentee, objection="I was <there>.")
    inga = Visitor(app, coordinator)
    for page in (inga.get("/coordinator").text, inga.get(path_of(mentee)).text):
        assert (page.count("Answers: “I was &lt;there&gt;.”"), "No answer." in page) == (2, False)
    assert names() == ["Sam Rivera"]


def test_a_mentor_who_does_not_come_waits_as_well(mentor: Mentor, mentee: Person, world: Time) -> None:
    for _ in range(2):
        session = make_session(mentor, mentee)
        world.set(session.start + PATIENCE)
        mark_absent(session, person=mentee)
    assert names() == ["Laila Mansour"]


def test_what_was_looked_at_comes_back_only_with_something_new(
    mentee: Person, coordinator: Person, world: Time
) -> None:
    miss_twice(mentee, world)
    absences.leave(mentee, version=record_of(mentee.id).version, coordinator=coordinator)
    assert (names(), Attendance.select().where(Attendance.reviewed_at.is_null()).count()) == ([], 0)
    third = miss(mentee, world)
    assert names() == ["Sam Rivera"]
    said_at(third, mentee, absent_at=world.now + MONTH + DAY)
    assert (names(), record_of(mentee.id).is_new) == ([], False)


def test_who_waits_longest_comes_first(mentee: Person, world: Time) -> None:
    noor = make_person("Noor Haddad")
    for person in (noor, mentee, mentee, noor):
        miss(person, world)
    assert names() == ["Noor Haddad", "Sam Rivera"]


def test_card_shows_what_lies_close_and_no_more(app: Flask, mentee: Person, coordinator: Person, world: Time) -> None:
    old, *close = [miss(mentee, world) for _ in range(3)]
    said_at(old, mentee, absent_at=world.now - 2 * MONTH, reviewed_at=world.now)
    assert [[row.session_id for row in absent.absences] for absent in queue().absent] == [
        [session.id for session in reversed(close)]
    ]
    page = Visitor(app, coordinator).get("/coordinator").text
    assert ("Did not come" in page, f'href="{path_of(mentee)}">Sam Rivera' in page) == (True, True)
    assert ("2 times, as the other side says" in page, page.count("as mentee</p>")) == (True, 0)
    assert page.count("as mentee <span") == 2
    assert [row.session_id for row in record_of(mentee.id).absences] == [s.id for s in (*reversed(close), old)]


def test_page_is_for_coordinators_and_of_those_who_are_here(
    app: Flask, mentor: Mentor, mentee: Person, coordinator: Person, stranger: Person, world: Time
) -> None:
    miss_twice(mentee, world)
    miss(stranger, world)
    inga = Visitor(app, coordinator)
    assert [inga.get(path_of(person)).status_code for person in (mentee, stranger, coordinator)] == [200] * 3
    erasing.erase(stranger)
    for person in (stranger, Person(id=10**9)):
        for answer in (inga.get(path_of(person)), inga.post(path_of(person, "/review"), {"version": "x"})):
            assert (person.id, answer.status_code) == (person.id, 404)
    for who in (None, mentee, mentor.person):
        browser = Visitor(app, who)
        for answer in (
            browser.get(path_of(mentee)),
            *(browser.post(path_of(mentee, rest), form(app, mentee)) for rest in ("/pause", "/pause/end", "/review")),
        ):
            assert (answer.status_code, "There is nothing at this address." in answer.text) == (404, True)
    assert (Decision.select().count(), why_not_book(mentee)) == (0, "")


def form(app: Flask, person: Person, **changes: object) -> dict[str, object]:
    return {
        "version": record_of(person.id).version,
        "what": ["bookings"],
        "until": TWO_WEEKS.isoformat(),
        "reason": WHY,
        **changes,
    }


def test_pause_stops_bookings_is_told_and_kept(app: Flask, mentee: Person, coordinator: Person, world: Time) -> None:
    inga, sam = Visitor(app, coordinator), Visitor(app, mentee)
    miss_twice(mentee, world)
    ahead = make_session(Mentor.get(), mentee, number=40)
    answer = inga.post(path_of(mentee, "/pause"), form(app, mentee))
    assert (answer.status_code, answer.location) == (303, path_of(mentee))
    page = inga.get(path_of(mentee)).text
    assert "Paused. They get a mail." in page
    assert "Bookings are paused until 7 December 2026." in page
    assert "Bookings paused until 7 December 2026 by Inga Holm" in page
    assert (WHY in page, "Leave it as it is" in page, names()) == (True, False, [])
    sam_now = Person.get_by_id(mentee.id)
    assert sam_now.paused_until.isoformat() == "2026-12-06T23:00:00+00:00"  # midnight in Berlin
    assert "You can book again from 7 December 2026." in sam.get("/").text
    assert not Session.get_by_id(ahead.id).is_cancelled
    letter = mail(app, "moderation/paused", to=mentee.email)
    assert letter["Subject"] == "Your bookings are paused until 7 December 2026"
    assert (f"“{WHY}”" in text_of(letter), "Sessions that are booked stay." in text_of(letter)) == (True, True)
    assert "your hours show no openings" not in text_of(letter)
    assert [(row.subject, row.subject_id, row.about, row.what, row.reason) for row in Decision.select()] == [
        ("person", mentee.id, "Sam Rivera", "bookings paused until 7 December 2026", WHY)
    ]


def test_pause_of_a_mentor_closes_their_hours(app: Flask, mentor: Mentor, mentee: Person, coordinator: Person) -> None:
    before = starts_of(mentor)[0].date()
    make_absent(mentor.person, mentor, mentee)
    inga, laila = Visitor(app, coordinator), Visitor(app, mentor.person)
    chosen = {"what": ["hours"], "until": "2026-12-01"}
    assert inga.post(path_of(mentor.person, "/pause"), form(app, mentor.person, **chosen)).status_code == 303
    assert (before, starts_of(mentor)[0].date()) == (date(2026, 11, 23), date(2026, 12, 1))
    assert why_not_book(Person.get_by_id(mentor.person_id)) == ""
    page = laila.get("/hours").text
    assert "A coordinator keeps your hours closed until 1 December 2026." in page
    assert 'name="paused_until"' in page
    assert 'value="2026-12-01"' not in page
    assert "Hours paused until 1 December 2026 by Inga Holm" in inga.get(path_of(mentor.person)).text
    letter = mail(app, "moderation/paused")
    assert letter["Subject"] == "Your hours are paused until 1 December 2026"
    assert "Until then your hours show no openings." in text_of(letter)


def make_absent(person: Person, mentor: Mentor, mentee: Person) -> None:
    """Two sessions to which this person did not come, without time going by."""
    for number in (0, 1):
        session = make_session(mentor, mentee, number=number)
        Session.update(start=session.start - 30 * DAY).where(Session.id == session.id).execute()
        at = session.start - 30 * DAY + PATIENCE
        Attendance.create(session=session, person=person, absent_at=at)


def test_hours_stay_closed_whatever_the_mentor_sets(mentor: Mentor, world: Time) -> None:
    plan = hours.plan_of(mentor)
    assert plan is not None
    hours.close_until(mentor, date(2026, 12, 1))
    assert (hours.plan_of(mentor), hours.closed_until(mentor)) == (plan, date(2026, 12, 1))
    hours.save(plan, mentor=mentor)
    assert starts_of(mentor)[0].date() == date(2026, 12, 1)
    assert {day for day in hours.preview(plan, mentor=mentor).starts if day < quarter(date(2026, 12, 1))} == set()
    hours.close_until(mentor, None)
    assert (hours.closed_until(mentor), hours.plan_of(mentor)) == (None, plan)
    assert starts_of(mentor)[0].date() == date(2026, 11, 23)


def quarter(day: date) -> int:
    return (day - date(1970, 1, 1)).days * 96


@pytest.mark.parametrize(("days", "closed"), [(7, True), (8, False), (9, False)])
def test_hours_are_closed_until_the_day_begins(mentor: Mentor, world: Time, days: int, closed: bool) -> None:
    hours.close_until(mentor, date(2026, 12, 1))
    world.pass_(days=days)
    assert (hours.closed_until(mentor) is not None) == closed


def test_close_hours_of_a_mentor_who_has_set_none_yet(mentee: Person) -> None:
    laila = make_mentor()
    bo = Mentor.create(person=mentee.id, slug="bo", name="Bo")
    hours.close_until(bo, date(2026, 12, 1))
    plan = hours.plan_of(laila)
    assert plan is not None
    hours.save(plan, mentor=bo)
    assert (hours.closed_until(bo), starts_of(bo)[0].date()) == (date(2026, 12, 1), date(2026, 12, 1))


def test_end_pause_opens_all_again(app: Flask, mentor: Mentor, mentee: Person, coordinator: Person) -> None:
    make_absent(mentor.person, mentor, mentee)
    inga, path = Visitor(app, coordinator), path_of(mentor.person)
    assert "End the pause" not in inga.get(path).text
    both = form(app, mentor.person, what=["bookings", "hours"])
    assert inga.post(f"{path}/pause", both).status_code == 303
    page = inga.get(path).text
    assert ("End the pause" in page, "Hours are kept closed until 7 December 2026." in page) == (True, True)
    assert why_not_book(Person.get_by_id(mentor.person_id)) != ""
    ended = inga.post(f"{path}/pause/end", {"version": record_of(mentor.person_id).version, "sentence": "All clear"})
    assert (ended.status_code, ended.location, why_not_book(Person.get_by_id(mentor.person_id))) == (303, path, "")
    assert (hours.closed_until(mentor), starts_of(mentor)[0].day) == (None, 23)
    assert (mail(app, "moderation/pause_ended")["Subject"], told()[-1][0]) == (
        "The pause is over",
        "moderation/pause_ended",
    )
    assert "“All clear”" in text_of(mail(app, "moderation/pause_ended"))
    assert [row.what for row in decisions_on("person", mentor.person_id)] == [
        "pause ended",
        "bookings and hours paused until 7 December 2026",
    ]
    again = inga.post(f"{path}/pause/end", {"version": record_of(mentor.person_id).version})
    assert (again.status_code, "Nothing of theirs is paused." in again.text) == (409, True)


def test_leave_it_tells_nobody(app: Flask, mentee: Person, coordinator: Person, world: Time) -> None:
    miss_twice(mentee, world)
    before, inga = told(), Visitor(app, coordinator)
    answer = inga.post(path_of(mentee, "/review"), {"version": record_of(mentee.id).version})
    assert (answer.status_code, answer.location, told() == before) == (303, "/coordinator", True)
    assert (names(), why_not_book(mentee), [row.what for row in Decision.select()]) == ([], "", ["left as it is"])
    assert "Left as it is by Inga Holm" in inga.get(path_of(mentee)).text
    with pytest.raises(NotAllowedNow):
        absences.leave(mentee, version=record_of(mentee.id).version, coordinator=coordinator)


def test_the_second_of_two_coordinators_is_told(mentee: Person, coordinator: Person, world: Time) -> None:
    miss_twice(mentee, world)
    olu, seen = make_person("Olu Ade", coordinator=True), record_of(mentee.id).version
    absences.pause(mentee, verdict(), version=seen, coordinator=coordinator)
    for late in (
        lambda: absences.pause(mentee, verdict(until=date(2027, 1, 1)), version=seen, coordinator=olu),
        lambda: absences.leave(mentee, version=seen, coordinator=olu),
        lambda: absences.end_pause(mentee, reason="", version=seen, coordinator=olu),
    ):
        with pytest.raises(Stale, match="look at it as it is now"):
            late()
    assert [(row.what, row.coordinator_id) for row in Decision.select()] == [
        ("bookings paused until 7 December 2026", coordinator.id)
    ]
    assert "7 December" in why_not_book(Person.get_by_id(mentee.id))


def test_what_was_added_since_the_page_was_opened_is_not_decided_on(
    mentee: Person, coordinator: Person, world: Time
) -> None:
    first, _ = miss_twice(mentee, world)
    for add in (
        lambda: miss(mentee, world),
        lambda: object_to(first, person=mentee, objection="I was there."),
    ):
        seen = record_of(mentee.id).version
        add()
        with pytest.raises(Stale):
            absences.leave(mentee, version=seen, coordinator=coordinator)
    assert (Decision.select().count(), names()) == (0, ["Sam Rivera"])


@pytest.mark.parametrize(
    ("until", "accepted"),
    [
        ("2026-11-22", False),
        ("2026-11-23", False),
        ("2026-11-24", True),
        ("2027-11-22", True),
        ("2027-11-23", True),
        ("2027-11-24", False),
        ("0001-01-01", False),
        ("9999-12-31", False),
    ],
)
def test_pause_lasts_from_a_day_to_a_year(
    app: Flask, mentee: Person, coordinator: Person, world: Time, until: str, accepted: bool
) -> None:
    miss_twice(mentee, world)
    answer = Visitor(app, coordinator).post(path_of(mentee, "/pause"), form(app, mentee, until=until))
    said = "Choose a day from 24 November 2026 to 23 November 2027."
    assert (answer.status_code, said in answer.text) == ((303, False) if accepted else (422, True))
    assert Decision.select().count() == int(accepted)


def test_pause_counts_days_where_they_live(app: Flask, coordinator: Person, world: Time) -> None:
    """At 20:00 UTC it is the next day in Auckland."""
    aroha = make_person("Aroha Ngata", zone="Pacific/Auckland")
    miss_twice(aroha, world)
    world.set(world.now.replace(hour=20))
    page = Visitor(app, coordinator).get(path_of(aroha)).text
    assert ('min="2026-11-25"' in page, 'max="2027-11-24"' in page) == (True, True)
    answer = Visitor(app, coordinator).post(path_of(aroha, "/pause"), form(app, aroha, until="2026-11-24"))
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("until", "", "Choose a day."),
        ("until", "tomorrow", "This is not a date. It looks like 2026-11-24."),
        ("until", "２０２６-12-24", "This is not a date. It looks like 2026-11-24."),
        ("until", "2026-13-01", "This is not a date. It looks like 2026-11-24."),
        ("reason", "", "Write a reason. They get it."),
        ("reason", "x" * 501, "At most 500 characters, please."),
    ],
)
def test_pause_with_bad_input_says_so_keeps_what_was_typed_and_changes_nothing(
    app: Flask, mentee: Person, coordinator: Person, world: Time, field: str, value: str, said: str
) -> None:
    miss_twice(mentee, world)
    given = form(app, mentee, **{field: value})
    answer = Visitor(app, coordinator).post(path_of(mentee, "/pause"), given)
    assert (answer.status_code, said in answer.text) == (422, True)
    for kept in (given["until"], given["reason"]):
        assert f'value="{kept}"' in answer.text
    assert (Decision.select().count(), why_not_book(Person.get_by_id(mentee.id))) == (0, "")


def test_pause_of_nothing_is_refused(app: Flask, mentor: Mentor, mentee: Person, coordinator: Person) -> None:
    make_absent(mentor.person, mentor, mentee)
    inga, path = Visitor(app, coordinator), path_of(mentor.person, "/pause")
    for what, said in (([], "Tick what to pause."), (["life"], "is not")):
        answer = inga.post(path, form(app, mentor.person, what=what))
        assert (what, answer.status_code, said in answer.text) == (what, 422, True)
    assert (Decision.select().count(), hours.closed_until(mentor)) == (0, None)


def test_decide_without_a_version_is_as_on_an_old_page(
    app: Flask, mentee: Person, coordinator: Person, world: Time
) -> None:
    miss_twice(mentee, world)
    inga = Visitor(app, coordinator)
    for rest in ("/pause", "/pause/end", "/review"):
        for version in ("", "x", "0" * 9000):
            answer = inga.post(path_of(mentee, rest), form(app, mentee, version=version))
            assert (rest, answer.status_code, "look at it as it is now" in answer.text) == (rest, 409, True)
    assert Decision.select().count() == 0


def test_coordinators_read_nothing_of_what_was_said(
    app: Flask, mentor: Mentor, mentee: Person, coordinator: Person, world: Time
) -> None:
    sessions = miss_twice(mentee, world)
    Message.create(key="a", session=sessions[0], person=mentee, text="Secret message", at=world.now)
    Preparation.create(session=sessions[0], line="Secret line")
    inga = Visitor(app, coordinator)
    for page in (inga.get("/coordinator").text, inga.get(path_of(mentee)).text):
        shown = re.findall(r"Secret|counter-offer|counter normal|thank", page)
        assert shown == []
    assert "with Laila Mansour" in inga.get(path_of(mentee)).text
