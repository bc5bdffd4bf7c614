"""The rating form, and the small forms of what comes after."""

from __future__ import annotations

from wtforms import RadioField
from wtforms.validators import Optional

from portal.feedback.models import REACHED
from portal.feedback.rating import Answer
from portal.forms import Form, line_field, needed, text_field

AGAIN = {"yes": "I’d like to", "no": "Not needed"}


class RatingForm(Form):
    """Did it help, how good was it, what is next, and whether to meet again."""

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
    again = RadioField("Meet again?", choices=AGAIN, validators=[Optional()])

    @property
    def answer(self) -> Answer:
        """What the form says."""
        return Answer(
            reached=self.reached.data,
            stars=int(self.stars.data),
            next_step=self.next_step.data,
            line=self.line.data,
            thank_you=self.thank_you.data,
            again=self.again.data == "yes" if self.again.data else None,
        )


class WishForm(Form):
    """The mentor's side of "meet again?"."""

    again = RadioField("Meet again?", choices=AGAIN, validators=[needed("Choose one of the two.")])


class TickForm(Form):
    """A tick at the next step, or none."""

    done = RadioField("Done?", choices={"yes": "Done", "no": "Not done"}, validators=[needed("Tap the step.")])


class OutcomeForm(Form):
    """Two weeks later."""

    helped = RadioField("Did it help?", choices=REACHED, validators=[needed("Choose yes, partly or no.")])
