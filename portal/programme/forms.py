"""Forms of coordinators."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from wtforms import SelectField, ValidationError

from portal.forms import Form, line_field
from portal.people.audit import Wanted, What
from portal.when import Reader

KINDS: dict[str, str] = {"": "Everything", **{str(what): what.capitalize() for what in What}}
EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)


class AuditForm(Form):
    """Which lines of the audit."""

    first: date | None = None
    last: date | None = None

    who = line_field("Who", limit=254, hint="A part of the name or the address.")
    what = SelectField("What", choices=KINDS, default="")
    since = line_field("From", limit=10)
    until = line_field("To", limit=10)

    def validate_since(self, field: Any) -> None:
        """A day, where there is one."""
        self.first = _day(field.data)

    def validate_until(self, field: Any) -> None:
        """A day, not before the first."""
        self.last = _day(field.data)
        if self.first and self.last and self.last < self.first:
            raise ValidationError("This is before the first day. Choose a later one.")

    def wanted(self, reader: Reader) -> Wanted:
        """The lines that the form asks for; its days are the reader's, the last among them."""
        after = self.last + timedelta(days=1) if self.last else None
        return Wanted(self.who.data, self.what.data, _midnight(self.first, reader), _midnight(after, reader))


def _day(typed: str) -> date | None:
    if not typed:
        return None
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise ValidationError("This is not a date. It looks like 2026-11-23.") from None
    if not EARLIEST <= day <= LATEST:
        raise ValidationError("Choose a day of this century or later.")
    return day


def _midnight(day: date | None, reader: Reader) -> datetime | None:
    return datetime(day.year, day.month, day.day, tzinfo=reader.zone) if day else None
