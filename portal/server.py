"""The real server: granian with one blocking thread a worker, and the worker beside it."""

from __future__ import annotations

import logging
import logging.config
import multiprocessing
import signal
import time
from collections.abc import Callable
from functools import partial
from types import FrameType

import peewee
from flask import Flask
from granian.constants import Interfaces
from granian.server import Server

from portal import create_app, logs
from portal.availability.busy_worker import reading_calendars
from portal.availability.confirming import ask_and_lapse
from portal.availability.derived import freshen
from portal.database import connect, disconnect
from portal.feedback import followups
from portal.feedback.asking import ask_for_ratings
from portal.mail import outbox
from portal.mail.delivery import deliver_due
from portal.mentors import photos
from portal.people import passkeys, sign_ins, signing_in
from portal.preparation.briefs import send_briefs
from portal.preparation.reminders import remind_due
from portal.programme.summary import send_summaries
from portal.sessions import holding
from portal.sessions.fading import fade
from portal.settings import Settings
from portal.waiting.offering import offer_due
from portal.wiping import wipe, wipe_log

ROUNDS = (offer_due, remind_due, send_briefs, ask_for_ratings, ask_and_lapse, send_summaries)
"""What the worker looks after beside mail, each for itself."""
PAUSE = 1.0
"""Seconds between two looks at what is due."""
HOUR = 3600.0
log = logging.getLogger(__name__)


def serve(settings: Settings, *, host: str, port: int, workers: int, with_worker: bool) -> None:
    """Serve until told to stop. Requests under way are finished."""
    worker = None
    if with_worker:
        worker = multiprocessing.Process(target=work, args=(settings,), daemon=True)
        worker.start()
    server = Server(
        "portal",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=1,
        log_access=False,  # it would hold the secrets that stand in addresses: see portal.logs
        log_dictconfig=logs.CONFIG,
        workers_kill_timeout=10,
        respawn_failed_workers=True,
    )
    try:
        server.serve(target_loader=partial(create_app, settings), wrap_loader=False)
    finally:
        if worker is not None:
            worker.terminate()
            worker.join(10)


class _Stop:
    asked = False

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        self.asked = True


def work(settings: Settings) -> None:
    """Do all that is not done on request, until told to stop: deliver mails, keep openings fresh, go the rounds, offer
    what opens to who waits, read mentors' calendars, and once an hour tidy up.
    """
    stop = _Stop()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if not logging.root.handlers:
        logging.config.dictConfig(logs.CONFIG)
    app = create_app(settings)
    with reading_calendars():
        _work_until(stop, app, settings)


def _work_until(stop: _Stop, app: Flask, settings: Settings) -> None:
    tidy_at = 0.0
    while not stop.asked:
        try:
            work_once(app, settings)
            if time.monotonic() >= tidy_at:
                tidy()
                tidy_at = time.monotonic() + HOUR
        except Exception:  # the worker outlives a database that is away for a while
            log.exception("work failed; trying again")
            disconnect()
        time.sleep(PAUSE)
    disconnect()


def tidy() -> None:
    """What needs no haste: ask by mail who has not said yet whether a session helped, forget what nobody needs any
    more, and leave nothing of what was deleted.
    """
    signing_in.forget_old()
    sign_ins.forget_old()
    passkeys.forget_old()
    holding.forget_old()
    outbox.forget_old()
    photos.forget_old()
    followups.ask_due()
    (wipe if fade() or outbox.some_pass() else wipe_log)()


def work_once(app: Flask, settings: Settings) -> int:
    """Keep openings fresh, go all rounds once, deliver what is due. Returns how many letters were sent."""
    if settings.demo:
        from portal.demo.clock import follow

        follow(settings)
    connect()
    if settings.demo:
        followups.ask_due()  # its time may just have been moved on by weeks
    freshen()
    for go in ROUNDS:
        _try(go)
    return deliver_due(app, settings)


def _try(go: Callable[[], int]) -> None:
    """A round that fails stops no other, and no mail."""
    try:
        go()
    except (peewee.OperationalError, peewee.InterfaceError):
        raise  # the database is away: nothing else would work either
    except Exception:
        log.exception("a round failed; trying again")
