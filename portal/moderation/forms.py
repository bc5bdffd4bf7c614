"""Forms of decisions."""

from __future__ import annotations

import re
from typing import Any

from wtforms import HiddenField, IntegerField, RadioField, ValidationError
from wtforms.validators import InputRequired, NumberRange

from portal.forms import Form, line_field
from portal.mentors.models import KINDS
from portal.mentors.topics import key_of


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
