"""Somebody's calendar, kept by programs that are not ours: khal shows it, vdirsyncer fetches feeds into it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

from flask import Flask
from icalendar import Calendar
from werkzeug.serving import make_server

from portal import database

BIN = Path(sys.executable).parent
KHAL = """[calendars]
[[sessions]]
path = {folder}/vdir/sessions
[locale]
local_timezone = UTC
default_timezone = UTC
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
[sqlite]
path = {folder}/khal.db
"""
VDIRSYNCER = """[general]
status_path = "{folder}/status/"
[pair sessions]
a = "here"
b = "there"
collections = null
conflict_resolution = "b wins"
[storage here]
type = "filesystem"
path = "{folder}/vdir/sessions"
fileext = ".ics"
[storage there]
type = "http"
url = "{address}"
"""


class CalendarProgram:
    """One calendar."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.vdir = folder / "vdir" / "sessions"
        self.vdir.mkdir(parents=True)
        (folder / "khal").write_text(KHAL.format(folder=folder))

    def shown(self) -> list[tuple[str, str, str]]:
        """What khal lists in a year: start and end in UTC, and the title."""
        fields = "{start-long-full}|{end-long-full}|{cancelled}{title}"
        listed = self._khal(
            "list", "--once", "--notstarted", "--day-format", "", "--format", fields, "2026-11-01", "400d"
        )
        found = [tuple(line.split("|")) for line in listed.splitlines() if line]
        return [(start, end, title) for start, end, title in found]

    def take(self, message: EmailMessage) -> None:
        """What a mail program does with an invitation: a REQUEST goes in, or takes the place of what has its UID; a
        CANCEL takes that away (RFC 5546 3.2.2 and 3.2.5). khal does the first; it has no word for the second.
        """
        (file,) = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
        assert file.get_filename() is None
        calendar = Calendar.from_ical(file.get_content())
        assert (file["Content-Type"].params["method"], str(calendar["METHOD"])) in {("REQUEST",) * 2, ("CANCEL",) * 2}
        path = self.folder / "mailed.ics"
        path.write_text(file.get_content(), newline="")
        if str(calendar["METHOD"]) == "REQUEST":
            self._khal("import", "--batch", "-a", "sessions", str(path))
            return
        uid = str(calendar.walk("VEVENT")[0]["UID"])
        for item in self.vdir.iterdir():
            if str(Calendar.from_ical(item.read_bytes()).walk("VEVENT")[0]["UID"]) == uid:
                item.unlink()

    def sync(self, address: str) -> None:
        """Look at a feed, as a program that has subscribed to it does."""
        config = self.folder / "vdirsyncer"
        config.write_text(VDIRSYNCER.format(folder=self.folder, address=address))
        for command in (["discover"], ["sync", "--force-delete"]):
            self._run(BIN / "vdirsyncer", "--config", config, *command)

    def _khal(self, *arguments: str) -> str:
        return self._run(BIN / "khal", "-c", self.folder / "khal", *arguments)

    def _run(self, *command: object) -> str:
        environment = {**os.environ, "HOME": str(self.folder), "TZ": "UTC", "PYTHONWARNINGS": "default"}
        done = subprocess.run(
            [str(word) for word in command],
            capture_output=True,
            text=True,
            env=environment,
            input="y\n" * 9,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The app over real HTTP, on loopback."""
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        database.connect()
