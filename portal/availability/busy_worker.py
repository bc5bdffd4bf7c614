"""Reads mentors' own calendars beside the worker's other tasks: a slow host delays no mail."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from portal.availability.busy import fetch_due
from portal.availability.busy_fetch import RULES, Rules
from portal.availability.busy_reader import Stopped
from portal.database import connect, disconnect

PAUSE = 2.0
"""Seconds between two looks at what is due."""
GRACE = 5.0
"""Seconds it has to end."""
log = logging.getLogger(__name__)


@contextmanager
def reading_calendars(*, rules: Rules = RULES) -> Iterator[None]:
    """Read what is due, in a thread of its own, for as long as this lasts. A reading under way is given up."""
    stop = Event()
    thread = Thread(target=_read_until, args=(stop, rules), name="calendars", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(GRACE)


def _read_until(stop: Event, rules: Rules) -> None:
    while not stop.is_set():
        try:
            connect()
            while not stop.is_set() and fetch_due(rules=rules, stop=stop):
                pass
        except Stopped:
            break
        except Exception:  # as the worker, it outlives a database that is away for a while
            log.exception("reading calendars failed; trying again")
            disconnect()
        stop.wait(PAUSE)
    disconnect()
