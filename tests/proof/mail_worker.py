"""Mail workers that can be killed: one process that has loaded the portal forks one for each line it reads.

Its clock runs fast, so that eight tries over a day take seconds. With the name of a fault it has that fault: the
controls.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from portal import clock, create_app, database
from portal.mail import delivery, outbox, preferences
from portal.mail.outbox import Outbox
from portal.settings import Settings

SPEED = 6000
"""Seconds of its clock in a second."""


def main() -> None:
    """Arguments: database, mail server, since when the clock runs fast, and maybe a fault."""
    database_url, mail_url, began, *fault = sys.argv[1:]
    for name in fault:
        FAULTS[name]()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    settings = Settings("k" * 32, "http://portal.example.org", mail_url, Path(), database_url)
    for _ in sys.stdin:
        child = os.fork()
        if not child:
            _work(settings, float(began))
        print(child, flush=True)


def _work(settings: Settings, began: float) -> None:
    app = create_app(settings)
    while True:
        clock.set_ahead(timedelta(seconds=int((time.time() - began) * SPEED)))
        database.connect()
        delivery.deliver_due(app, settings, most=20)
        time.sleep(0.001)


def _sent_before_it_is() -> None:
    """It notes that a letter was sent, and then sends it: a kill between the two loses it."""
    deliver = delivery._deliver

    def noted_first(letter: Outbox, send: delivery.Send, settings: Settings) -> bool:
        outbox.mark_sent(letter)
        return deliver(letter, send, settings)

    delivery._deliver = noted_first


def _in_any_order() -> None:
    """A letter does not wait for the one before it."""

    def due(instant: datetime) -> Any:
        waiting = (Outbox.state == "waiting") & (Outbox.next_at <= instant)
        return Outbox.select().where(waiting).order_by(Outbox.next_at, Outbox.id).limit(1)

    outbox._due = due


def _whatever_happened() -> None:
    """Whether a letter is still true is not looked up."""
    preferences.why_not = lambda _letter: ""


FAULTS: dict[str, Callable[[], None]] = {
    "sent before it is": _sent_before_it_is,
    "in any order": _in_any_order,
    "whatever happened": _whatever_happened,
}

if __name__ == "__main__":
    main()
