"""Forms of decisions."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from wtforms import HiddenField, IntegerField, RadioField, ValidationError
from wtforms.validators import InputRequired, NumberRange

from portal.forms import Form, Ticks, line_field
from portal.mentors.models import KINDS
from portal.mentors.topics import key_of
from portal.moderation.absences import Record, Verdict
from portal.people.pauses import first_and_last_day
from portal.when import date_in_full


class ProfileDecisionForm(Form):
    """Approve, ask for changes, or reject: the last two with a reason."""

    what = HiddenField(validators=[InputRequired("Choose a decision.")])
    version = IntegerField(
        validators=[
            InputRequired("This page was incomplete. Reload it."),
            NumberRange(min=0, max=2_147_483_647, message="This page was incomplete. Reload it."),
        ]
    )
    reason = line_field("Reason, sent to the mentor", limit=500)

    def validate_what(self, field: Any) -> None:
        """One of the three."""
        if field.data not in ("approve", "ask", "reject"):
            raise ValidationError("A decision is approve, ask or reject.")

    def validate_reason(self, field: Any) -> None:
        """A mentor must learn what to change."""
        if self.what.data in ("ask", "reject") and not field.data:
            raise ValidationError("Write what should change, in a sentence the mentor will read.")


class VisibilityForm(Form):
    """Hide or restore."""

    reason = line_field("Reason, sent to the mentor", limit=500, required="Write a reason. The mentor gets it.")


class ExpertiseForm(Form):
    """List a proposal under a name, or say what it is another word for."""

    what = HiddenField(validators=[InputRequired("Choose a decision.")])
    name = line_field("Name", limit=60)
    kind = RadioField("Kind", choices=KINDS, default="skill")

    def validate_what(self, field: Any) -> None:
        """One of the three."""
        if field.data not in ("list", "merge", "retire"):
            raise ValidationError("A decision is list, merge or retire.")

    def validate_name(self, field: Any) -> None:
        """Listing and merging need a name."""
        if self.what.data in ("list", "merge") and not field.data:
            raise ValidationError("Type the name it should have.")
        if field.data and (not key_of(field.data) or re.search("[,;]", field.data)):
            raise ValidationError("A name is a few words, without commas.")


class RecordForm(Form):
    """Leave it at that: on what the page showed."""

    version = HiddenField()


class SuspendForm(RecordForm):
    """Shut somebody out, with a reason."""

    why = line_field("Why, sent to them", limit=500, required="Write why. They get it.")


class EndPauseForm(RecordForm):
    """Let somebody book, or come in, again."""

    sentence = line_field("A sentence to them", limit=500)


def day_between(typed: str, first: date, last: date) -> date:
    """The date that was typed, from the first to the last. Raises ValidationError."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise ValidationError(f"This is not a date. It looks like {first.isoformat()}.") from None
    if not first <= day <= last:
        raise ValidationError(f"Choose a day from {date_in_full(first)} to {date_in_full(last)}.")
    return day


class PauseForm(RecordForm):
    """Pause somebody until a date, with a reason."""

    what = Ticks("What", choices={"bookings": "What they book", "hours": "Their hours as a mentor"})
    until = line_field("Until", limit=10, required="Choose a day.")
    reason = line_field("Reason, sent to them", limit=500, required="Write a reason. They get it.")

    def for_record(self, record: Record) -> PauseForm:
        """What can be paused of this person, and until when."""
        self.first, self.last = first_and_last_day(record.person)
        self.until.description = (
            f"From {date_in_full(self.first)} to {date_in_full(self.last)}. On that day they can book again."
        )
        if record.mentor is None:
            self.what.choices, self.what.data = {"bookings": "What they book"}, ["bookings"]
        return self

    def validate_what(self, field: Any) -> None:
        """At least one."""
        if not field.data:
            raise ValidationError("Tick what to pause.")

    def validate_until(self, field: Any) -> None:
        """A day from tomorrow to a year ahead."""
        self.day = day_between(field.data, self.first, self.last)

    @property
    def verdict(self) -> Verdict:
        """What the form says."""
        chosen = self.what.data
        return Verdict(self.day, self.reason.data, bookings="bookings" in chosen, hours="hours" in chosen)
