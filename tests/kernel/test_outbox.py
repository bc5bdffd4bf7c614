"""The outbox: once each, in order for each reader, skipped when no longer true, given up and sent again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from portal import database
from portal.mail import outbox, preferences, undelivered
from portal.mail.composing import compose
from portal.mail.delivery import deliver_due
from portal.mail.kinds import KINDS
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.preparation.conversation import say
from portal.preparation.preparing import prepare
from portal.sessions import team
from portal.sessions.attendance import say_late
from portal.sessions.changes import cancel, move
from portal.sessions.models import Session, Teammate
from portal.settings import Settings
from tests.cast import make_session, opening
from tests.conftest import Time
from tests.engines import free_port
from tests.kernel.smtp import mail_server, mailing_to
from tests.letters import PLAIN, mail, plain_letters, text_of, told  # noqa: F401  # a fixture

pytestmark = pytest.mark.usefixtures("plain_letters")
SAM, ANA = "sam@example.org", "ana@example.org"


def put(subject: str, to: str = SAM, *, version: object = "", later: timedelta = timedelta()) -> None:
    outbox.put(PLAIN, subject=subject, version=version, to=to, zone="Etc/UTC", words={"seed": "x"}, later=later)


def leased(world: Time) -> list[str]:
    """The versions that can be taken now, one after the other, without sending any."""
    found = []
    while (letter := outbox.lease(world.now)) is not None:
        found.append(letter.version)
    return found


def sent(world: Time) -> list[str]:
    """The versions that go now, in order."""
    found = []
    while (letter := outbox.lease(world.now)) is not None:
        outbox.mark_sent(letter)
        found.append(letter.version)
    return found


def test_put_is_one_letter_by_kind_subject_version_and_reader(world: Time) -> None:
    for subject, version, to in (("a", 1, SAM), ("a", 1, SAM), ("a", 2, SAM), ("b", 1, SAM), ("a", 1, ANA)):
        put(subject, to, version=version)
    assert Outbox.select().count() == 4


def test_letters_of_one_subject_go_to_one_reader_in_order(world: Time) -> None:
    put("a", version=1)
    put("a", version=2)
    put("a", ANA, version="hers")
    put("b", version="other")
    assert leased(world) == ["1", "hers", "other"]


def test_a_letter_waits_until_the_one_before_it_is_sent_skipped_or_given_up(world: Time) -> None:
    ends: list[Callable[[Outbox], None]] = [
        outbox.mark_sent,
        lambda letter: outbox.mark_skipped(letter, "no longer true"),
        lambda letter: outbox.mark_failed(Outbox.get_by_id(letter.id), "451"),
    ]
    for number, end in enumerate(ends):
        put(f"s{number}", version=1)
        put(f"s{number}", version=2)
        first = outbox.lease(world.now)
        assert (first and first.version, outbox.lease(world.now)) == ("1", None)
        Outbox.update(tries=outbox.TRIES).where(Outbox.id == first.id).execute()
        end(first)
        second = outbox.lease(world.now)
        assert (number, second and second.version) == (number, "2")
        outbox.mark_sent(second)


def test_a_letter_that_failed_holds_up_the_next_one_to_the_same_reader(world: Time) -> None:
    put("a", version=1)
    put("a", version=2)
    first = outbox.lease(world.now)
    assert first is not None
    outbox.mark_failed(first, "451")
    assert leased(world) == []
    world.pass_(minutes=1)
    assert sent(world) == ["1", "2"]


def test_a_letter_for_later_holds_up_nothing_that_is_due_before(world: Time) -> None:
    put("a", version="later", later=timedelta(minutes=1))
    world.pass_(seconds=30)
    put("a", version="now")
    assert sent(world) == ["now"]
    world.pass_(seconds=30)
    assert sent(world) == ["later"]


def test_what_a_worker_notes_after_its_lease_changes_nothing_that_was_noted(world: Time) -> None:
    put("a")
    slow = outbox.lease(world.now)
    world.pass_(minutes=5)
    quick = outbox.lease(world.now)
    assert slow is not None
    assert quick is not None
    outbox.mark_sent(quick)
    outbox.mark_failed(slow, "too late")
    letter = Outbox.get()
    assert (letter.state, letter.error, letter.sent_at) == ("sent", None, world.now)


def test_eight_tries_then_it_is_given_up_and_a_coordinator_sends_it_again(world: Time) -> None:
    put("a")
    for _ in range(outbox.TRIES):
        letter = outbox.lease(world.now)
        assert letter is not None
        outbox.mark_failed(letter, "550 no")
        world.pass_(hours=6)
    assert (leased(world), [row.error for row in undelivered.undelivered()]) == ([], ["550 no"])
    key = Outbox.get().id
    assert [undelivered.send_again(key), undelivered.send_again(key), undelivered.discard(key)] == [True, False, False]
    assert (sent(world), undelivered.count_undelivered()) == ([""], 0)


def test_letters_are_forgotten_ninety_days_after_their_story_ended(world: Time) -> None:
    for state in ("sent", "skipped", "discarded", "dead", "waiting"):
        put(state)
        Outbox.update(state=state).where(Outbox.subject == state).execute()
    for passed, kept in ((outbox.KEPT, 5), (timedelta(seconds=1), 1)):
        world.set(world.now + passed)
        outbox.forget_old()
        assert (passed, Outbox.select().count()) == (passed, kept)
    assert {letter.state for letter in Outbox.select()} == {"waiting"}


def test_backlog_is_what_is_due_and_not_sent(world: Time) -> None:
    assert outbox.backlog() == (0, timedelta())
    put("a")
    put("b", later=timedelta(hours=1))
    world.pass_(minutes=20)
    assert outbox.backlog() == (1, timedelta(minutes=20))


def test_what_is_discarded_is_not_tried_again(world: Time) -> None:
    put("a")
    Outbox.update(state="dead").execute()
    assert undelivered.discard(Outbox.get().id)
    world.pass_(days=30)
    assert (leased(world), undelivered.undelivered(), Outbox.get().state) == ([], [], "discarded")


def test_nothing_is_sent_of_a_session_that_was_cancelled_meanwhile_but_that(
    app: Flask, settings: Settings, mentor: Mentor, mentee: Person, world: Time
) -> None:
    off, on = make_session(mentor, mentee, number=4), make_session(mentor, mentee, number=8)
    move(off, opening(mentor, 20).start, mentee=mentee)
    cancel(off, person=mentee, reason="Ill")
    with mail_server() as mailbox:
        assert deliver_due(app, mailing_to(mailbox.port, settings)) == 4
    subjects = [str(message["Subject"]).split(" ")[0] for _, message in mailbox.taken]
    assert subjects == ["Sam", "Booked:", "Cancelled:", "Cancelled:"]
    skipped = Outbox.select().where(Outbox.state == "skipped")
    assert {(row.subject, row.error) for row in skipped} == {(f"session {off.id}", "the session was cancelled")}
    assert (skipped.count(), on.ref in text_of(mailbox.taken[0][1])) == (4, True)


def test_a_letter_that_becomes_untrue_between_two_tries_is_not_tried_again(
    app: Flask, settings: Settings, mentor: Mentor, mentee: Person, world: Time
) -> None:
    session = make_session(mentor, mentee)
    with mail_server() as mailbox:
        mailbox.answer = "451 later"
        deliver_due(app, mailing_to(mailbox.port, settings))
        cancel(session, person=mentee, reason="Ill")
        mailbox.answer = "250 OK"
        world.pass_(minutes=1)
        deliver_due(app, mailing_to(mailbox.port, settings))
    assert [str(message["Subject"]).split(":")[0] for _, message in mailbox.taken] == ["Cancelled", "Cancelled"]


def test_a_letter_that_is_sent_again_brings_nothing_old(
    app: Flask, settings: Settings, mentor: Mentor, mentee: Person, world: Time
) -> None:
    session = make_session(mentor, mentee, number=4)
    Outbox.update(state="dead").execute()
    move(session, opening(mentor, 20).start, mentee=mentee)
    with mail_server() as mailbox:
        assert deliver_due(app, mailing_to(mailbox.port, settings)) == 2
        for letter in undelivered.undelivered():
            undelivered.send_again(letter.id)
        assert deliver_due(app, mailing_to(mailbox.port, settings)) == 0
    booked = Outbox.select().where(Outbox.kind.startswith("sessions/booked"))
    assert {letter.error for letter in booked} == {"something newer was sent"}


def test_a_teammate_who_was_taken_out_hears_nothing_more(
    app: Flask, settings: Settings, mentor: Mentor, mentee: Person, world: Time
) -> None:
    session = make_session(mentor, mentee, number=4)
    Session.update(kind="project").execute()
    team.invite(session, ["kai@example.org"], mentee=mentee)
    team.remove(session, Teammate.get().id, mentee=mentee)
    with mail_server() as mailbox:
        deliver_due(app, mailing_to(mailbox.port, settings))
    to_kai = [str(message["Subject"]) for to, message in mailbox.taken if to == ["kai@example.org"]]
    assert to_kai == ["No longer part of the session with Laila Mansour"]


@pytest.mark.parametrize(("after", "comes"), [(-1, True), (0, False), (1, False)])
def test_five_minutes_late_is_news_for_ten_minutes(
    app: Flask, settings: Settings, mentor: Mentor, mentee: Person, world: Time, after: int, comes: bool
) -> None:
    session = make_session(mentor, mentee, number=4)
    world.set(session.start)
    Outbox.delete().execute()
    say_late(session, person=mentee)
    world.set(session.start + timedelta(minutes=10, seconds=after))
    with mail_server() as mailbox:
        assert deliver_due(app, mailing_to(mailbox.port, settings)) == comes
    assert len(mailbox.taken) == comes


def test_a_message_names_the_time_that_the_session_has_now(
    app: Flask, mentor: Mentor, mentee: Person, world: Time
) -> None:
    session = make_session(mentor, mentee, number=4)
    say(session, "Hello", person=mentee, key="a")
    later = opening(mentor, 20).start
    move(session, later, mentee=mentee)
    assert f"{later:%H:%M}–" in text_of(mail(app, "preparation/message"))


def test_a_new_letter_wakes_the_one_that_failed_before_it(world: Time) -> None:
    put("a", version=1)
    first = outbox.lease(world.now)
    assert first is not None
    first.tries = 5
    first.save()
    outbox.mark_failed(first, "451")
    world.pass_(minutes=1)
    put("a", version=2)
    assert sent(world) == ["1", "2"]


def test_a_new_letter_leaves_the_one_on_its_way_to_its_worker(world: Time) -> None:
    put("a", version=1)
    assert outbox.lease(world.now) is not None
    put("a", version=2)
    assert leased(world) == []


def test_a_letter_in_which_workers_die_is_given_up(world: Time) -> None:
    put("a")
    for _ in range(outbox.TRIES):
        assert outbox.lease(world.now) is not None
        world.pass_(minutes=5)
    assert (outbox.lease(world.now), [row.error for row in undelivered.undelivered()]) == (
        None,
        ["the worker died in the last try to send it"],
    )


def test_the_way_out_is_in_plain_letters_however_long(
    app: Flask, settings: Settings, mentee: Person, mentor: Mentor
) -> None:
    """RFC 2369 wants an address there, not an encoded word."""
    prepare(make_session(mentor, mentee), mentor=mentor.person, read="", line="x", links=())
    letter = Outbox.get(Outbox.kind == "preparation/prepared")
    Outbox.update(id=2_000_000_000).where(Outbox.id == letter.id).execute()
    far = replace(settings, portal_url="https://mentoring.a-rather-long-faculty-name.university.example.org")
    with app.app_context():
        raw = bytes(compose(Outbox.get_by_id(2_000_000_000), far))
    found = [line for line in raw.splitlines() if line.startswith(b"List-Unsubscribe: ")]
    assert [line.startswith(b"List-Unsubscribe: <https://mentoring.a-rather") for line in found] == [True]


def test_a_mail_server_that_is_away_costs_one_look(app: Flask, settings: Settings, world: Time) -> None:
    for number in range(20):
        put(f"s{number}")
    nobody_there = mailing_to(free_port(), settings)
    assert deliver_due(app, nobody_there) == 0
    assert Outbox.select().where(Outbox.error.is_null(False)).count() == 1
    assert [letter.tries for letter in Outbox.select()] == [0] * 20


def test_what_somebody_does_not_want_is_skipped_and_what_is_needed_comes(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch, world: Time
) -> None:
    monkeypatch.setitem(KINDS, PLAIN.name, replace(PLAIN, is_needed=False))
    preferences.stop(PLAIN.name, recipient=SAM)
    preferences.stop(PLAIN.name, recipient=SAM)
    put("a")
    put("a", ANA)
    with mail_server() as mailbox:
        assert deliver_due(app, mailing_to(mailbox.port, settings)) == 1
        monkeypatch.setitem(KINDS, PLAIN.name, PLAIN)
        put("b")
        assert deliver_due(app, mailing_to(mailbox.port, settings)) == 1
    assert mailbox.recipients == [ANA, SAM]


def test_two_workers_at_once_send_nothing_twice(settings: Settings, world: Time, app: Flask) -> None:
    """As `portal work` may run twice on PostgreSQL; on SQLite as well."""
    for number in range(120):
        put(f"s{number % 40}", version=number)
    taken: list[tuple[int, str, int]] = []
    database.disconnect()

    def work(worker: int) -> None:
        database.connect()
        while (letter := outbox.lease(world.now)) is not None:
            taken.append((worker, letter.subject, int(letter.version)))
            outbox.mark_sent(letter)
        database.disconnect()

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    database.connect()
    while (letter := outbox.lease(world.now)) is not None:  # where all four saw the first of a subject on its way
        taken.append((0, letter.subject, int(letter.version)))
        outbox.mark_sent(letter)
    assert sorted(version for _, _, version in taken) == list(range(120))
    for subject in {subject for _, subject, _ in taken}:
        versions = [version for _, its, version in taken if its == subject]
        assert versions == sorted(versions)
    assert told() == [(PLAIN.name, SAM)] * 120


@pytest.mark.parametrize("note", [outbox.mark_failed, outbox.put_back])
def test_a_worker_whose_lease_ran_out_does_not_free_the_lease_of_the_next(
    world: Time, note: Callable[[Outbox, str], None]
) -> None:
    put("a")
    slow = outbox.lease(world.now)
    world.set(world.now + outbox.LEASE)
    quick = outbox.lease(world.now)
    assert slow is not None
    assert quick is not None
    note(slow, "451 try again later")
    world.pass_(minutes=2)
    assert (outbox.lease(world.now), Outbox.get().tries) == (None, 2)
    note(quick, "451 try again later")
    world.pass_(minutes=5)
    assert leased(world) == [""]
