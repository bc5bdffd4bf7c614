"""The hours form: every week, days off, extra hours and limits, in one go.

Intervals are rows of a few inputs, as many as there are; empty rows do not count. WTForms reads the
limits, this module the rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import SelectField, ValidationError

from portal.availability.hours import Plan, merge
from portal.availability.models import LENGTHS
from portal.clock import zone_names
from portal.forms import Form, Ticks, line_field
from portal.text import clean_line
from portal.when import wall

MOST_ROWS = 60
NOTICES = {
    "0": "None",
    "60": "1 hour",
    "120": "2 hours",
    "240": "4 hours",
    "720": "12 hours",
    "1440": "1 day",
    "2880": "2 days",
    "10080": "1 week",
}
GAPS = {"0": "None", "15": "15 minutes", "30": "30 minutes", "45": "45 minutes", "60": "1 hour"}
HORIZONS = {"7": "1 week", "14": "2 weeks", "21": "3 weeks", "28": "4 weeks", "42": "6 weeks", "56": "8 weeks"}
CAPS = {"": "No limit", **{str(most): f"{most} a week" for most in (1, 2, 3, 4, 5, 6, 8, 10, 15, 20)}}


class LimitsForm(Form):
    """How much, how soon, how long."""

    weekly_cap = SelectField("At most", choices=CAPS)
    notice = SelectField("Notice", choices=NOTICES)
    gap = SelectField("Gap after", choices=GAPS)
    horizon = SelectField("Bookable ahead", choices=HORIZONS)
    lengths = Ticks("Lengths", choices={str(length): f"{length} min" for length in LENGTHS})
    time_zone = line_field("Time zone of these hours", limit=64, required="Type a time zone, like Europe/Berlin.")
    paused_until = line_field("Pause until", limit=10, hint="No openings before this day.")

    def validate_lengths(self, field: Any) -> None:
        """At least one."""
        if not field.data:
            raise ValidationError("Tick at least one length.")

    def validate_time_zone(self, field: Any) -> None:
        """A zone the clock knows."""
        if field.data not in zone_names():
            raise ValidationError("We do not know this time zone. Pick one like Europe/Berlin.")

    def validate_paused_until(self, field: Any) -> None:
        """A date, or nothing."""
        if field.data and _date(field.data) is None:
            raise ValidationError("This is not a date. It looks like 2026-12-24.")


@dataclass
class Row:
    """One interval as typed, and what is wrong with it."""

    values: dict[str, str]
    error: str = ""


@dataclass
class HoursForm:
    """The whole page: rows by their kind, and the limits."""

    limits: LimitsForm
    weekly: list[Row] = field(default_factory=list)
    off: list[Row] = field(default_factory=list)
    extra: list[Row] = field(default_factory=list)

    @classmethod
    def of(cls, plan: Plan) -> HoursForm:
        """The form that says this plan."""
        limits = LimitsForm(
            data={
                "weekly_cap": str(plan.weekly_cap or ""),
                "notice": str(plan.notice),
                "gap": str(plan.gap),
                "horizon": str(plan.horizon),
                "lengths": [str(length) for length in plan.lengths],
                "time_zone": plan.time_zone,
                "paused_until": plan.paused_until.isoformat() if plan.paused_until else "",
            }
        )
        weekly = [Row({"day": str(d), "from": wall(s), "to": _end(e)}) for d, s, e in plan.weekly]
        off = [Row({"first": f.isoformat(), "last": t.isoformat(), "note": note}) for f, t, note in plan.off]
        extra = [Row({"date": d.isoformat(), "from": wall(s), "to": _end(e)}) for d, s, e in plan.extra]
        return cls(limits, weekly, off, extra)

    @classmethod
    def read(cls, given: MultiDict[str, str]) -> HoursForm:
        """The form as it was sent."""
        return cls(
            LimitsForm(given),
            _rows(given, "weekly", ("day", "from", "to")),
            _rows(given, "off", ("first", "last", "note")),
            _rows(given, "extra", ("date", "from", "to")),
        )

    def validate(self) -> Plan | None:
        """The plan, or None where something is wrong; the rows and fields then say what."""
        limits_fine = self.limits.validate()
        weekly = [_weekly(row) for row in self.weekly]
        off = [_off(row) for row in self.off]
        extra = [_extra(row) for row in self.extra]
        if not limits_fine or any(row.error for row in [*self.weekly, *self.off, *self.extra]):
            return None
        limits = self.limits.data
        return Plan(
            time_zone=limits["time_zone"],
            weekly=merge(row for row in weekly if row),
            off=tuple(sorted(row for row in off if row)),
            extra=tuple(sorted(row for row in extra if row)),
            lengths=tuple(sorted({int(length) for length in limits["lengths"]})),
            notice=int(limits["notice"]),
            gap=int(limits["gap"]),
            horizon=int(limits["horizon"]),
            weekly_cap=int(limits["weekly_cap"]) if limits["weekly_cap"] else None,
            paused_until=_date(limits["paused_until"]),
        )

    @property
    def error(self) -> str:
        """The first thing that is wrong."""
        wrong = [row.error for row in [*self.weekly, *self.off, *self.extra] if row.error]
        return wrong[0] if wrong else self.limits.first_error

    def on(self, weekday: int) -> list[Row]:
        """The rows of one day of the week."""
        return [row for row in self.weekly if row.values["day"] == str(weekday)]


def _rows(given: MultiDict[str, str], kind: str, names: tuple[str, ...]) -> list[Row]:
    columns = [given.getlist(f"{kind}_{name}") for name in names]
    removed = set(given.getlist(f"{kind}_remove"))
    count = max(map(len, columns))
    rows: list[Row] = []
    for index in range(count):
        values = {
            name: clean_line(column[index] if index < len(column) else "")[:80]
            for name, column in zip(names, columns, strict=True)
        }
        typed = any(value for name, value in values.items() if name != "day")
        if typed and str(index) not in removed:
            rows.append(Row(values, "" if len(rows) < MOST_ROWS else f"At most {MOST_ROWS} of these, please."))
    return rows


def _weekly(row: Row) -> tuple[int, int, int] | None:
    span = _span(row)
    if row.values["day"] not in tuple("0123456"):
        row.error = row.error or "Choose a day."
    return (int(row.values["day"]), *span) if span and not row.error else None


def _extra(row: Row) -> tuple[date, int, int] | None:
    when, span = _date(row.values["date"]), _span(row)
    if when is None:
        row.error = "Extra hours need a date, like 2026-12-24."
    return (when, *span) if when and span else None


def _off(row: Row) -> tuple[date, date, str] | None:
    first = _date(row.values["first"])
    last = _date(row.values["last"] or row.values["first"])
    if first is None or last is None:
        row.error = "Days off need a first and a last day, like 2026-12-24."
        return None
    if last < first:
        row.error = "The last day off lies before the first."
        return None
    return first, last, row.values["note"][:60]


def _span(row: Row) -> tuple[int, int] | None:
    starts, ends = _minutes(row.values["from"]), _minutes(row.values["to"])
    if starts is None or ends is None:
        row.error = "Write times like 09:00, on a quarter hour."
        return None
    ends = ends or 24 * 60
    if ends <= starts:
        row.error = (
            f"{wall(starts)}–{row.values['to']} ends before it starts. Past midnight, add the rest to the next day."
        )
        return None
    return starts, ends


def _minutes(typed: str) -> int | None:
    found = re.fullmatch(r"(\d{1,2}):(\d{2})(?::00)?", typed, re.ASCII)
    if not found:
        return None
    minutes = int(found[1]) * 60 + int(found[2])
    return minutes if minutes % 15 == 0 and minutes <= 24 * 60 and int(found[2]) < 60 else None


def _end(minutes: int) -> str:
    """Browsers know no 24:00; the end of a day is 00:00."""
    return wall(minutes % (24 * 60))


def _date(typed: str) -> date | None:
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2999 else None
