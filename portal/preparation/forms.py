"""The mentor's preparation, and a message."""

from __future__ import annotations

from typing import Any

from wtforms import StringField, ValidationError

from portal.forms import Form, is_web_address, line_field, text_field
from portal.preparation.preparing import Prepared
from portal.text import clean_line

MOST_LINKS = 3
LONGEST_LINK = 500
LONGEST_MESSAGE = 4000


class PreparationForm(Form):
    """What the mentor ticks and writes back."""

    read = StringField("I have read it")
    """The edition of the questions that was shown beside the box; empty where it is not ticked."""
    line = line_field("A line back", limit=300, hint="Optional. For example what to bring.")
    links = text_field("Links to look at before", limit=2000, hint="Up to three, one on each line.")

    def validate_links(self, _field: Any) -> None:
        """Up to three that are safe to click."""
        if len(self.link_list) > MOST_LINKS:
            raise ValidationError(f"At most {MOST_LINKS} links, one on each line; there are {len(self.link_list)}.")
        for link in self.link_list:
            if not is_web_address(link):
                raise ValidationError(f"“{link[:60]}” is not a web link. It starts with https:// and has no spaces.")
            if len(link) > LONGEST_LINK:
                raise ValidationError(f"A link is at most {LONGEST_LINK} characters.")

    @property
    def link_list(self) -> tuple[str, ...]:
        """One on each line, without blank lines."""
        return tuple(link for link in map(clean_line, self.links.data.split("\n")) if link)


def preparation_form(kept: Prepared) -> PreparationForm:
    """The form as it was last saved."""
    read = kept.edition if kept.has_read else ""
    return PreparationForm(data={"read": read, "line": kept.line, "links": "\n".join(kept.links)})


class MessageForm(Form):
    """A message."""

    text = text_field("Your message", limit=LONGEST_MESSAGE, required="Write something first.")
