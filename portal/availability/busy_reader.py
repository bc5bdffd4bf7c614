"""Reads one calendar in a process of its own: whatever a host sends, it costs no more than that process may use.

The parent writes the order to the child's input and gets the answer from its output, both as JSON. The address is
a secret, so it stands on no command line, and nothing the child complains of is kept.
"""

from __future__ import annotations

import json
import logging
import math
import os
import subprocess  # nosec B404  # a process of our own, which can be killed
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event

from portal import clock
from portal.availability.busy_fetch import RULES, Rules, fetch
from portal.availability.busy_file import Unreadable, busy_in

CHILD = "from portal.availability.busy_reader import answer; answer()"
PACKAGES = Path(__file__).parents[2]
ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "SYSTEMROOT", "LANG")
"""What a child needs to run. None of the portal's secrets is among it, and no proxy."""
LOOK = 0.1
"""Seconds between two looks at the child."""

TOO_MUCH = (
    "There is more in this calendar than we can go through: too many events, or one that repeats without end."
    " Give the address of a smaller one."
)
OUR_MISTAKE = "Something went wrong on our side while we read this calendar. We try again by ourselves."
SPARE = 4 * 1024**2
"""Bytes. Where there are not so many, whatever failed did for want of memory."""
log = logging.getLogger(__name__)


class Stopped(Exception):
    """The worker was asked to stop meanwhile."""


@dataclass(frozen=True)
class Order:
    """Which calendar to read, and for what time: quarters from `base` to `base + count`, on the clock of `zone`."""

    url: str
    etag: str
    zone: str
    base: int
    count: int


@dataclass(frozen=True)
class Reading:
    """What is busy, as a bitmap from the order's `base`; None where nothing has changed since its `etag`."""

    bits: int | None
    etag: str = ""
    left_out: int = 0


def read(order: Order, *, rules: Rules = RULES, stop: Event | None = None) -> Reading:
    """Read it in a child process. Raises Unreadable, or Stopped soon after `stop` is set."""
    sent = json.dumps({"order": asdict(order), "rules": asdict(rules)}).encode()
    with _child() as child:
        try:
            said = _wait_for(child, sent, rules.wall, stop or Event())
        finally:
            child.kill()
    return _reading(said, child.returncode)


def _child() -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603  # nosec B603  # nothing in it was typed by anybody
        [sys.executable, "-c", CHILD],
        cwd=PACKAGES,
        env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # it is the worker that hears Ctrl-C, and stops it
    )


def _wait_for(child: subprocess.Popen[bytes], sent: bytes, seconds: float, stop: Event) -> bytes:
    """What it says; nothing where it is killed for taking too long."""
    end = time.monotonic() + seconds
    given: bytes | None = sent
    while time.monotonic() < end and not stop.is_set():
        try:
            return child.communicate(given, timeout=LOOK)[0]
        except subprocess.TimeoutExpired:
            given = None  # it has it
    if stop.is_set():
        raise Stopped
    return b""


def _reading(said: bytes, code: int) -> Reading:
    if not said:
        if code > 0:
            log.error("a calendar could not be read: its reader ended with code %s", code)
        raise Unreadable(OUR_MISTAKE if code > 0 else TOO_MUCH)
    answered = json.loads(said)
    if "problem" in answered:
        raise Unreadable(answered["problem"])
    bits = answered["bits"]
    return Reading(None if bits is None else int(bits, 16), answered["etag"], answered["left_out"])


def answer() -> None:
    """The child: read what is ordered, and say what came of it."""
    asked = json.load(sys.stdin.buffer)
    rules = Rules(**asked["rules"])
    _limit(rules)
    too_much = json.dumps({"problem": TOO_MUCH})
    try:
        said = json.dumps(_read(Order(**asked["order"]), rules))
    except Unreadable as problem:
        said = json.dumps({"problem": str(problem)})
    except MemoryError:
        said = too_much
    except Exception:
        if _is_memory_left():
            raise
        said = too_much  # for want of it, a library may fail in other words
    sys.stdout.write(said)


def _is_memory_left() -> bool:
    try:
        return bool(bytearray(SPARE))
    except MemoryError:
        return False


def _read(order: Order, rules: Rules) -> dict[str, object]:
    fetched = fetch(order.url, etag=order.etag, rules=rules)
    if fetched is None:
        return {"bits": None, "etag": order.etag, "left_out": 0}
    busy = busy_in(fetched.body, zone=clock.zone(order.zone), base=order.base, count=order.count)
    return {"bits": f"{busy.bits:x}", "etag": fetched.etag, "left_out": busy.left_out}


def _limit(rules: Rules) -> None:
    """Let the system end this process where it uses more than it may, and pages go first."""
    if sys.platform == "win32":
        return  # there, the parent's watch is all
    import resource

    os.nice(10)
    used = math.ceil(time.process_time())
    for what, most in ((resource.RLIMIT_CPU, used + rules.cpu), (resource.RLIMIT_AS, rules.memory)):
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):  # not on this system, or it is held to less already
            log.debug("limit %s cannot be set here", what)
