"""Forms of reports: making one, and deciding on it."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, RadioField, ValidationError
from wtforms.validators import StopValidation

from portal.forms import Form, line_field, needed, text_field
from portal.moderation.forms import day_between
from portal.moderation.models import REASONS, Report
from portal.moderation.triage import TELLING, Outcome, offered
from portal.people.pauses import first_and_last_day
from portal.when import date_in_full


class ReportForm(Form):
    """What is wrong with it."""

    reason = RadioField("What is wrong?", choices=REASONS, validators=[needed("Choose what is wrong.")])
    words = text_field("In your own words", limit=1000)
    block = BooleanField("Block")

    def validate_words(self, field: Any) -> None:
        """Needed where no reason of ours fits."""
        if self.reason.data == "else" and not field.data:
            raise ValidationError("Say in a sentence what is wrong.")


class OutcomeForm(Form):
    """What is done about a report, why, and what the person is told."""

    what = RadioField("Decide", choices={}, validators=[needed("Choose what to do.")])
    until = line_field("Paused until", limit=10)
    sentence = line_field("A sentence to them", limit=500)
    note = line_field("Why", limit=500, required="Write why, in a sentence. It is kept with the decision.")

    def for_report(self, report: Report) -> OutcomeForm:
        """What can be done about this one, and until when somebody can be paused."""
        self.what.choices = offered(report)
        self.tells = any(what in TELLING for what in self.what.choices)
        if "pause" in self.what.choices:
            self.first, self.last = first_and_last_day(report.person)
            self.until.description = (
                f"From {date_in_full(self.first)} to {date_in_full(self.last)}, if you pause them. Until then they can"
                " book nothing, and their hours show no openings."
            )
        return self

    def validate_until(self, field: Any) -> None:
        """A day from tomorrow to a year ahead, of a pause."""
        is_paused = self.what.data == "pause" and "pause" in self.what.choices
        self.day = day_between(field.data, self.first, self.last) if is_paused else None

    def validate_sentence(self, field: Any) -> None:
        """Who is hidden or paused must learn why."""
        if self.what.data in TELLING and not field.data:
            raise StopValidation("Write what they should know. They get it by mail, and nothing of who reported it.")

    @property
    def outcome(self) -> Outcome:
        """What the form says."""
        return Outcome(self.what.data, self.note.data, self.sentence.data, self.day)
