"""Speed as ratios to bare Flask on the same server in the same run, and how it grows with the programme.

Absolute figures say more about the machine than about the portal; ratios hold. Run: make bench.

Each page is asked for again and again while nothing changes, so directory pages come from remembered answers,
as they do for most readers; the first answer after a change costs more.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from portal import create_app, database
from portal.availability.choices import choices
from portal.availability.models import Openings
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.settings import Settings
from tests.bench.load import get_rate, rate
from tests.bench.population import populate
from tests.engines import free_port
from tests.proof.server import Server, signed_in

SIZES = (1_000, 10_000)
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "3"))
PAGES = (
    ("directory browse", "/"),
    ("directory search", "/?q=javascript"),
    ("directory search, rare", "/?q=kubernetes+security"),
    ("directory evenings", "/?when=evenings"),
    ("mentor page", None),
)
FLOOR = 0.1
"""No list page may be slower than this share of bare Flask."""


@contextlib.contextmanager
def bare_flask() -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "2", "--blocking-threads", "1"]
    command += ["--port", str(port), "--no-ws", "--log-level", "warning", "tests.bench.hello:app"]
    process = subprocess.Popen(command)
    try:
        time.sleep(1.5)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def main() -> int:
    results: dict[str, dict[int, float]] = {}
    with bare_flask() as hello:
        for size in SIZES:
            for name, ratio in _measure(size, hello):
                results.setdefault(name, {})[size] = ratio
                print(f"{size:>6} mentors  {name:<24} {ratio:.2f}x", flush=True)
    print("\n" + " " * 26 + "".join(f"{size:>10,}" for size in SIZES) + "    growth")
    for name, by_size in results.items():
        growth = by_size[SIZES[0]] / by_size[SIZES[-1]]
        print(f"{name:<26}" + "".join(f"{by_size[size]:>9.2f}x" for size in SIZES) + f"{growth:>9.1f}x slower")
    slow = [name for name, by_size in results.items() if "directory" in name and min(by_size.values()) < FLOOR]
    print(f"\nslower than {FLOOR}x: {', '.join(slow)}" if slow else f"\nall list pages at {FLOOR}x or more")
    return 1 if slow else 0


def _measure(size: int, hello: int) -> Iterator[tuple[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            "k" * 32,
            "http://127.0.0.1",
            "console:",
            Path(folder),
            f"sqlite:///{folder}/portal.db",
            rate_factor=1000,  # all of it comes from one address, and as fast as it can
        )
        populate(settings.database_url, size)
        database.connect()
        slug = Mentor.select().order_by(Mentor.person.desc()).first().slug
        database.disconnect()
        server = Server(settings)
        try:
            server.wait_until_it_answers()
            for name, path in PAGES:
                yield (
                    name,
                    _ratio(
                        lambda port, path=path: get_rate(port, path or f"/mentors/{slug}", SECONDS), server.port, hello
                    ),
                )
            yield "booking POST", _booking_ratio(settings, server.port, hello)
        finally:
            server.stop()


def _ratio(portal: Callable[[int], float], port: int, hello: int) -> float:
    """The median over rounds of portal against bare Flask, measured in turn."""
    portal(port)  # warm
    return statistics.median(portal(port) / get_rate(hello, "/", SECONDS) for _ in range(ROUNDS))


def _booking_ratio(settings: Settings, port: int, hello: int) -> float:
    bookings = iter(list(_bookings(settings, port)))

    def book(connection: HTTPConnection, _turn: int) -> None:
        headers, body = next(bookings)
        connection.request("POST", "/sessions", body, headers)
        response = connection.getresponse()
        response.read()
        if response.status != 303:
            raise RuntimeError(f"booking answered {response.status}")

    def greet(connection: HTTPConnection, _turn: int) -> None:
        connection.request("POST", "/", "objective=x", {"Content-Type": "application/x-www-form-urlencoded"})
        connection.getresponse().read()

    booked = rate(book, port, 60)
    return booked / rate(greet, hello, SECONDS)


def _bookings(settings: Settings, port: int) -> Iterator[tuple[dict[str, str], str]]:
    """300 mentees book one opening each, with 300 mentors."""
    app = create_app(settings)
    database.connect()
    offered = Openings.select().where(Openings.is_shortest).order_by(Openings.next).limit(300)
    mentees = Person.select().where(Person.email.startswith("mentee-"))
    for row, mentee in zip(list(offered), list(mentees), strict=True):
        client = signed_in(app, mentee, port)
        fields = {
            "csrf_token": client.token,
            "opening": f"{row.mentor.slug} {choices(row, mentee_id=None)[0]:%Y-%m-%dT%H:%M:%SZ} {row.length}",
            "hold": f"bench-{mentee.id}",
            "objective": "Know what to answer",
            "questions": "What would you say?",
            "kind": row.mentor.kinds[0],
            "format": row.mentor.formats[0],
        }
        yield {**client.headers, "Content-Type": "application/x-www-form-urlencoded"}, urlencode(fields)
    database.disconnect()


if __name__ == "__main__":
    sys.exit(main())
