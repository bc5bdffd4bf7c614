"""Dates and times as people say them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def place(zone: ZoneInfo) -> str:
    """A zone's name for people: `America/Argentina/Buenos_Aires` is "Buenos Aires"."""
    return zone.key.rsplit("/", 1)[-1].replace("_", " ")


def wall(minutes: int) -> str:
    """A wall-clock minute of a day: 570 is "09:30", 1440 is "24:00"."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def day(what: date, today: date) -> str:
    """ "today", "Wed 25" within a week, "Wed 25 Nov" further off, with the year beyond half a year."""
    away = (what - today).days
    if away in (-1, 0, 1):
        return ("yesterday", "today", "tomorrow")[away + 1]
    short = f"{DAYS[what.weekday()]} {what.day}"
    if 0 < away < 7:
        return short
    short = f"{short} {what:%b}"
    return short if abs(away) < 183 else f"{short} {what.year}"


def date_in_full(what: date) -> str:
    """ "25 November 2026" """
    return f"{what.day} {what:%B %Y}"


def monday_of(what: date) -> date:
    """The Monday on which the week of this date begins."""
    return what - timedelta(days=what.weekday())


@dataclass(frozen=True)
class Reader:
    """Somebody who reads a page at an instant, in a zone."""

    zone: ZoneInfo
    now: datetime

    @property
    def place(self) -> str:
        """Where the reader's clock stands: "Kolkata"."""
        return place(self.zone)

    @property
    def today(self) -> date:
        """The reader's date."""
        return self.date(self.now)

    def date(self, instant: datetime) -> date:
        """The date of `instant` for the reader."""
        return instant.astimezone(self.zone).date()

    def time(self, instant: datetime) -> str:
        """ "16:30" """
        return f"{instant.astimezone(self.zone):%H:%M}"

    def day(self, instant: datetime) -> str:
        """ "today" """
        return day(self.date(instant), self.today)

    def on(self, instant: datetime) -> str:
        """ "25 November 2026": for sheets, read in another year."""
        return date_in_full(self.date(instant))

    def span(self, start: datetime, minutes: int) -> str:
        """ "Today 16:30–16:45" """
        label = self.day(start)
        return f"{label[0].upper()}{label[1:]} {self.time(start)}–{self.time(start + timedelta(minutes=minutes))}"

    def in_full(self, start: datetime, minutes: int) -> str:
        """ "Wednesday 25 November 2026, 16:30–16:45 (Kolkata time)": for mails, read on another day."""
        local = start.astimezone(self.zone)
        end = self.time(start + timedelta(minutes=minutes))
        return f"{local:%A} {date_in_full(local)}, {local:%H:%M}–{end} ({self.place} time)"

    def until(self, instant: datetime) -> str:
        """ "in 2 h 14 min", "in 3 days", "now" """
        minutes = int((instant - self.now).total_seconds()) // 60
        if minutes < 1:
            return "now"
        if minutes < 60:
            return f"in {minutes} min"
        if minutes < 24 * 60:
            hours, rest = divmod(minutes, 60)
            return f"in {hours} h {rest} min" if rest else f"in {hours} h"
        days = round(minutes / (24 * 60))
        return f"in {days} day{'s' * (days != 1)}"

    def ago(self, instant: datetime) -> str:
        """ "2 h ago", "just now" """
        minutes = int((self.now - instant).total_seconds()) // 60
        if minutes < 1:
            return "just now"
        if minutes < 60:
            return f"{minutes} min ago"
        if minutes < 48 * 60:
            return f"{minutes // 60} h ago"
        return f"{minutes // (24 * 60)} days ago"
