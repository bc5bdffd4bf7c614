"""A mail that does not go out is tried again, the same, eight times, and stops no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from portal.mail import outbox
from portal.mail.delivery import deliver_due
from portal.mail.kinds import KINDS, Kind
from portal.mail.outbox import Outbox
from portal.settings import Settings
from tests.conftest import Time
from tests.engines import free_port
from tests.kernel.smtp import Mailbox, mail_server, mailing_to
from tests.letters import PLAIN, plain_letters  # noqa: F401  # a fixture

SAM, ANA, BO = "sam@example.org", "ana@example.org", "bo@example.org"
MINUTES = (1, 5, 30, 120, 360, 360, 360)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as server:
        yield server


@pytest.fixture
def settings(settings: Settings, mailbox: Mailbox) -> Settings:
    return mailing_to(mailbox.port, settings)


pytestmark = pytest.mark.usefixtures("plain_letters")


def put(to: str, kind: Kind = PLAIN) -> None:
    outbox.put(kind, subject="seed", to=to, zone="Etc/UTC", words={"seed": "seed"})


def state(to: str) -> tuple[int, bool]:
    """Tries, and whether it was sent."""
    letter = Outbox.get(Outbox.recipient == to)
    return letter.tries, letter.sent_at is not None


def test_refused_mail_is_tried_eight_times_with_growing_pauses(
    app: Flask, settings: Settings, mailbox: Mailbox, world: Time
) -> None:
    mailbox.answer = "451 try again later"
    put(SAM)
    deliver_due(app, settings)
    for tries, minutes in enumerate(MINUTES, start=1):
        world.pass_(minutes=minutes, seconds=-1)
        deliver_due(app, settings)
        assert (minutes, state(SAM)) == (minutes, (tries, False))
        world.pass_(seconds=1)
        deliver_due(app, settings)
        assert (minutes, state(SAM)) == (minutes, (tries + 1, False))
    mailbox.answer = "250 OK"
    world.pass_(days=365)
    assert (deliver_due(app, settings), state(SAM), len(mailbox.offered)) == (0, (8, False), 8)
    assert "451" in Outbox.get().error


@pytest.mark.parametrize("before", [1, 7])
def test_refused_mail_goes_once_it_is_taken_within_the_eight(
    app: Flask, settings: Settings, mailbox: Mailbox, world: Time, before: int
) -> None:
    mailbox.answer = "451 try again later"
    put(SAM)
    for minutes in MINUTES[:before]:
        deliver_due(app, settings)
        world.pass_(minutes=minutes)
    mailbox.answer = "250 OK"
    assert (deliver_due(app, settings), state(SAM), Outbox.get().error) == (1, (before + 1, True), None)
    world.pass_(days=1)
    assert (deliver_due(app, settings), mailbox.recipients) == (0, [SAM])


def test_second_try_is_the_same_mail(app: Flask, settings: Settings, mailbox: Mailbox, world: Time) -> None:
    mailbox.answer = "451 try again later"
    put(SAM)
    deliver_due(app, settings)
    world.pass_(minutes=1)
    mailbox.answer = "250 OK"
    deliver_due(app, settings)
    first, second = (without_boundary(offered) for offered in mailbox.offered)
    assert first == second
    letter = Outbox.get()
    message_id = f"<letter-{letter.id}.{int(letter.created_at.timestamp())}@portal.example.org>"
    assert mailbox.to(SAM)["Message-ID"] == message_id


def without_boundary(mail: bytes) -> bytes:
    """The line between the parts is drawn at random each time; nobody sees it."""
    return re.sub(rb"={15}\d+==", b"", mail)


def test_two_letters_have_two_ids(app: Flask, settings: Settings, mailbox: Mailbox) -> None:
    put(ANA)
    put(BO)
    deliver_due(app, settings)
    assert len({mail["Message-ID"] for _, mail in mailbox.taken}) == 2


def test_recipient_that_is_refused_does_not_stop_the_others(app: Flask, settings: Settings, mailbox: Mailbox) -> None:
    mailbox.refused = {ANA}
    for address in (SAM, ANA, BO):
        put(address)
    assert (deliver_due(app, settings), mailbox.recipients) == (2, [SAM, BO])
    assert [state(address) for address in (SAM, ANA, BO)] == [(1, True), (1, False), (1, True)]
    assert "550" in Outbox.get(Outbox.recipient == ANA).error


@pytest.mark.parametrize("kind", [replace(PLAIN, name="people/no_such_mail"), KINDS["sessions/booked_mentor"]])
def test_letter_that_cannot_be_written_does_not_stop_the_others(
    app: Flask, settings: Settings, mailbox: Mailbox, kind: Kind
) -> None:
    """One template is missing, the other lacks all its facts."""
    put(SAM)
    put(ANA, kind=kind)
    put(BO)
    assert (deliver_due(app, settings), mailbox.recipients) == (2, [SAM, BO])
    assert [state(address) for address in (SAM, ANA, BO)] == [(1, True), (1, False), (1, True)]


def test_mail_server_that_is_away_is_tried_later(app: Flask, settings: Settings, mailbox: Mailbox, world: Time) -> None:
    port = free_port()
    away = mailing_to(port, settings)
    put(SAM)
    put(ANA)
    assert (deliver_due(app, away), state(SAM), state(ANA)) == (0, (0, False), (0, False))
    world.pass_(minutes=1)
    with mail_server(port) as back:
        assert (deliver_due(app, away), back.recipients) == (2, [ANA, SAM])
    assert mailbox.recipients == []


def test_mail_server_that_wants_no_password_is_not_given_one(app: Flask, settings: Settings, mailbox: Mailbox) -> None:
    """Over a line that is not secret, this server offers no way to sign in: the mail waits, nothing is said."""
    put(SAM)
    named = replace(settings, mail_url=settings.mail_url.replace("//", "//user:hunter2@"))
    assert (deliver_due(app, named), mailbox.offered) == (0, [])
    assert ("no STARTTLS" in Outbox.get().error, "hunter2" in Outbox.get().error) == (True, False)


def test_console_prints_what_would_be_sent(
    app: Flask, settings: Settings, mailbox: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    put(SAM)
    assert deliver_due(app, replace(settings, mail_url="console:")) == 1
    printed = capsys.readouterr().err
    assert re.match(rf"--- mail to {SAM}: (\d{{6}}) is your sign-in code\nYour sign-in code is \1\n", printed)
    assert (state(SAM), mailbox.taken) == ((1, True), [])


def test_nothing_due_opens_no_connection(app: Flask, settings: Settings, world: Time) -> None:
    nobody_there = mailing_to(free_port(), settings)
    put(SAM)
    Outbox.update(next_at=world.now + timedelta(seconds=1)).execute()
    assert (deliver_due(app, nobody_there), state(SAM)) == (0, (0, False))


@pytest.mark.parametrize(("answer", "connections"), [("451 try again later", 1), ("421 closing down", 3)])
def test_refused_mails_share_one_connection_until_the_server_hangs_up(
    app: Flask, settings: Settings, mailbox: Mailbox, answer: str, connections: int
) -> None:
    for number in range(3):
        put(f"p{number}@example.org")
    mailbox.answer = answer
    deliver_due(app, settings)
    assert (len(mailbox.offered), mailbox.greeted) == (3, connections)
