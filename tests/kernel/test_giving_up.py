"""A letter that does not go: given up after eight tries, then sent again or discarded by a coordinator."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.mail import outbox, undelivered
from portal.mail.delivery import deliver_due
from portal.mail.outbox import Outbox
from portal.settings import Settings
from tests.conftest import Time
from tests.engines import free_port
from tests.kernel.smtp import mailing_to
from tests.letters import leased, plain_letters, put, sent  # noqa: F401  # a fixture

pytestmark = pytest.mark.usefixtures("plain_letters")


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


def test_what_is_discarded_is_not_tried_again(world: Time) -> None:
    put("a")
    Outbox.update(state="dead").execute()
    assert undelivered.discard(Outbox.get().id)
    world.pass_(days=30)
    assert (leased(world), undelivered.undelivered(), Outbox.get().state) == ([], [], "discarded")


def test_a_letter_in_which_workers_die_is_given_up(world: Time) -> None:
    put("a")
    for _ in range(outbox.TRIES):
        assert outbox.lease(world.now) is not None
        world.pass_(minutes=5)
    assert (outbox.lease(world.now), [row.error for row in undelivered.undelivered()]) == (
        None,
        ["the worker died in the last try to send it"],
    )


def test_a_mail_server_that_is_away_costs_one_look(app: Flask, settings: Settings, world: Time) -> None:
    for number in range(20):
        put(f"s{number}")
    nobody_there = mailing_to(free_port(), settings)
    assert deliver_due(app, nobody_there) == 0
    assert Outbox.select().where(Outbox.error.is_null(False)).count() == 1
    assert [letter.tries for letter in Outbox.select()] == [0] * 20
