"""The outbox: each letter once, those to one reader in order, and none kept for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from portal import database
from portal.mail import outbox
from portal.mail.outbox import Outbox
from portal.settings import Settings
from tests.conftest import Time
from tests.letters import ANA, PLAIN, SAM, leased, plain_letters, put, sent, told  # noqa: F401  # a fixture

pytestmark = pytest.mark.usefixtures("plain_letters")


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


def test_backlog_is_what_is_due_and_not_sent(world: Time) -> None:
    assert outbox.backlog() == (0, timedelta())
    put("a")
    put("b", later=timedelta(hours=1))
    world.pass_(minutes=20)
    assert outbox.backlog() == (1, timedelta(minutes=20))


def test_letters_are_forgotten_ninety_days_after_their_story_ended(world: Time) -> None:
    for state in ("sent", "skipped", "discarded", "dead", "waiting"):
        put(state)
        Outbox.update(state=state).where(Outbox.subject == state).execute()
    for passed, kept in ((outbox.KEPT, 5), (timedelta(seconds=1), 1)):
        world.set(world.now + passed)
        outbox.forget_old()
        assert (passed, Outbox.select().count()) == (passed, kept)
    assert {letter.state for letter in Outbox.select()} == {"waiting"}


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
