"""The booking form, and the smaller forms of a booked session."""

from __future__ import annotations

import re
from typing import Any

from wtforms import RadioField, ValidationError

from portal.forms import Form, is_web_link, line_field, text_field
from portal.mentors.models import FORMATS, KINDS, Mentor
from portal.mentors.topics import usual_kind
from portal.sessions.booking import Request
from portal.text import EMAIL, clean_line

OBJECTIVE_LIMIT = 160
QUESTION_LIMIT = 300
MOST_QUESTIONS = 3
_NAMED = re.compile(r"(?:\"[^\"\n]*\"\s*|[^<>@\",;\n]*)<([^<>\n]*)>")
"""An address as mail programs copy it, behind the name of whose it is."""
_NUMBERING = re.compile(r"^\s*(?:\d{1,2}[.)]|[-*•])(?:\s+|$)")

EXAMPLES = {
    "skill": ("A query that no longer times out", "Why is this join slow?"),
    "project": ("An order for the first three features", "What would you leave out?"),
    "career": ("A counter-offer I can send tomorrow", "They offered 8% below my ask. Is a counter normal?"),
    "studies": ("A way to read this regression table", "Which of these p-values matters?"),
}
"""For each kind an objective and a question, as examples in the form."""


def questions_of(typed: str) -> tuple[str, ...]:
    """One question a line, without numbering and blank lines."""
    lines = (clean_line(_NUMBERING.sub("", row)) for row in typed.split("\n"))
    return tuple(row for row in lines if row)


def _one_to_three(_form: Form, field: Any) -> None:
    questions = questions_of(field.data)
    if not questions:
        raise ValidationError("Write at least one question, so that your mentor can prepare.")
    if len(questions) > MOST_QUESTIONS:
        raise ValidationError(f"At most {MOST_QUESTIONS} questions, one on each line; there are {len(questions)}.")
    if any(len(question) > QUESTION_LIMIT for question in questions):
        raise ValidationError(f"A question is at most {QUESTION_LIMIT} characters.")


class QuestionsForm(Form):
    """One to three questions, one on each line."""

    questions = text_field(
        "Your questions", limit=1000, required="Write at least one question, so that your mentor can prepare."
    )

    validate_questions = _one_to_three


class BookingForm(QuestionsForm):
    """What a mentee asks for."""

    objective = line_field(
        "What do you want to walk away with?",
        limit=OBJECTIVE_LIMIT,
        required="Say in one sentence what you want to walk away with.",
    )
    kind = RadioField("What is it about?", validate_choice=True)
    format = RadioField("How do you want to meet?", validate_choice=True)
    link = line_field("A link to look at before", limit=500, hint="Optional, for example a draft or a repository.")
    context = line_field("From the last time", limit=200)

    def validate_link(self, field: Any) -> None:
        """A link that is safe to click."""
        is_web_link(self, field)

    def for_mentor(self, mentor: Mentor, *, strict: bool) -> BookingForm:
        """Offer the kinds and formats of this mentor. Where none is chosen, and, unless `strict`, where the one wished
        for is not offered, it is the kind of what this mentor names first, and the first format.
        """
        usual = "" if self.kind.data in mentor.kinds else usual_kind(mentor)
        for field, offered, labels in ((self.kind, mentor.kinds, KINDS), (self.format, mentor.formats, FORMATS)):
            field.choices = {
                value: label.removeprefix("A ").capitalize() for value, label in labels.items() if value in offered
            }
            if field.data not in field.choices and (not field.data or not strict):
                field.data = usual if usual in field.choices else next(iter(field.choices), None)
        return self

    @property
    def request(self) -> Request:
        """What the form says."""
        return Request(
            objective=self.objective.data,
            questions=questions_of(self.questions.data),
            kind=self.kind.data,
            format=self.format.data,
            link=self.link.data,
            context=self.context.data,
        )


class ReasonForm(Form):
    """A sentence to the other side."""

    reason = line_field("A sentence to them", limit=300, required="Write a sentence, so that they know why.")


class MoveRequestForm(Form):
    """Why the mentor asks for another time."""

    request = line_field("Why another time?", limit=300, required="Write a sentence, so that they know why.")


class ObjectionForm(Form):
    """The answer to "they did not come"."""

    objection = line_field(
        "What happened, from your side?", limit=300, required="Write a sentence: you came, or why you could not."
    )


class TeammatesForm(Form):
    """Whom to invite: e-mail addresses, however they were typed or pasted."""

    emails = text_field(
        "Their e-mail addresses", limit=1500, required="Type at least one e-mail address, like name@example.org."
    )

    def validate_emails(self, _field: Any) -> None:
        """Each of them can be written to."""
        for email in self.addresses:
            if len(email) > 254 or not EMAIL.fullmatch(email):
                raise ValidationError(f"“{email[:60]}” is not an e-mail address. It looks like name@example.org.")
        if not self.addresses:
            raise ValidationError("Type at least one e-mail address, like name@example.org.")

    @property
    def addresses(self) -> list[str]:
        """One spelling each."""
        bare = _NAMED.sub(r" \1 ", self.emails.data)
        parts = (part.strip("<>()'\".").lower().removeprefix("mailto:") for part in re.split(r"[\s,;]+", bare))
        return list(dict.fromkeys(filter(None, parts)))


class TeamQuestionForm(Form):
    """A teammate's own question."""

    question = line_field("Your question", limit=QUESTION_LIMIT, required="Write your question.")
