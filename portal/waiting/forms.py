"""The form that says what somebody waits for."""

from __future__ import annotations

from typing import Any

from wtforms import SelectField, ValidationError
from wtforms.validators import AnyOf

from portal.availability.models import LENGTHS
from portal.forms import Form, line_field
from portal.mentors.models import Expertise
from portal.mentors.topics import listed_expertise
from portal.waiting.models import PARTS
from portal.waiting.watching import Terms

LENGTH_CHOICES = {"0": "Any length", **{str(length): f"{length} min" for length in LENGTHS}}


def _one_of(choices: dict[str, str], label: str, *, wrong: str) -> SelectField:
    """One of these, the first unless another is chosen."""
    is_one = AnyOf(list(choices), message=wrong)
    return SelectField(label, choices=choices, default=next(iter(choices)), validate_choice=False, validators=[is_one])


class TermsForm(Form):
    """A mentor by slug, or an expertise by one of its names; with length and part of the day."""

    mentor = line_field("Mentor", limit=100)
    expertise = line_field("What should they know?", limit=60, hint="For example: Offer negotiation, or R.")
    length = _one_of(LENGTH_CHOICES, "Length", wrong="Choose any length, or 15, 30 or 60 minutes.")
    part = _one_of(PARTS, "Time", wrong="Choose any time, or a part of the day, or the weekend.")
    topic: Expertise | None = None
    """The expertise that was typed, once the form is valid."""

    def validate_expertise(self, field: Any) -> None:
        """One that is on the list, unless it is about a mentor."""
        if self.mentor.data:
            return
        if not field.data:
            raise ValidationError("Type what they should know, like Offer negotiation.")
        self.topic = listed_expertise(field.data)
        if self.topic is None:
            raise ValidationError("We do not know this one yet. Pick one from the list, like Offer negotiation.")

    @property
    def terms(self) -> Terms:
        """Length and part of the day."""
        return Terms(int(self.length.data), self.part.data)

    @property
    def chosen(self) -> dict[str, Any]:
        """All that was chosen, for an address that leads back to it."""
        return {name: value[:100] for name, value in self.data.items() if value and value != "0"}
