"""The rating form."""

from __future__ import annotations

from wtforms import RadioField

from portal.feedback.models import REACHED
from portal.feedback.rating import Answer
from portal.forms import Form, line_field, needed, text_field


class RatingForm(Form):
    """Did it help, how good was it, what is next."""

    reached = RadioField(
        "Did you get what you came for?", choices=REACHED, validators=[needed("Choose yes, partly or no.")]
    )
    stars = RadioField(
        "Rate the session",
        choices={str(stars): f"{stars} star{'s' * (stars > 1)}" for stars in range(1, 6)},
        validators=[needed("Choose one to five stars.")],
    )
    next_step = line_field("Your next step", limit=200, hint="What you will do now. You find it under Sessions.")
    line = line_field("A line for others", limit=200, hint="Shown without your name, after a coordinator has seen it.")
    thank_you = text_field("Private thank-you", limit=500)

    @property
    def answer(self) -> Answer:
        """What the form says."""
        return Answer(
            reached=self.reached.data,
            stars=int(self.stars.data),
            next_step=self.next_step.data,
            line=self.line.data,
            thank_you=self.thank_you.data,
        )
