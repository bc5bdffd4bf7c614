"""The form for the address of a mentor's own calendar."""

from __future__ import annotations

from typing import Any

from wtforms import ValidationError

from portal.availability.busy_fetch import LONGEST, address
from portal.availability.busy_file import Unreadable
from portal.forms import Form, line_field


class CalendarForm(Form):
    """One address. `webcal://` means the same as `https://`."""

    url = line_field(
        "Address of your calendar",
        limit=LONGEST,
        required="Paste the address of your calendar. It starts with https:// or webcal://.",
        hint="It starts with https:// or webcal://. We show it to nobody.",
    )

    def validate_url(self, field: Any) -> None:
        """An address that can be fetched, as far as one can tell by looking at it."""
        try:
            address(field.data)
        except Unreadable as problem:
            raise ValidationError(str(problem)) from problem

    @property
    def address(self) -> str:
        """The address to fetch."""
        return address(self.url.data)
