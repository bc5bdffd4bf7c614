"""The form of inviting people."""

from __future__ import annotations

from typing import Any

from wtforms import RadioField, ValidationError

from portal.forms import Form, text_field
from portal.programme.inviting import Pasted, read

MOST_AT_ONCE = 500


class InviteForm(Form):
    """Addresses as they were pasted, and what for."""

    role = RadioField("Invite them", choices={"mentor": "as mentors", "member": "as members"}, default="mentor")
    addresses = text_field(
        "Their e-mail addresses",
        limit=60_000,
        required="Paste at least one address, like name@example.org.",
        hint=f"Up to {MOST_AT_ONCE}, one on each line or separated by commas. Names may stand beside them.",
    )
    pasted: Pasted

    def validate_addresses(self, field: Any) -> None:
        """As many as can be looked over."""
        self.pasted = read(field.data)
        if len(self.pasted) > MOST_AT_ONCE:
            raise ValidationError(f"At most {MOST_AT_ONCE} at once; there are {len(self.pasted)}. Nobody was invited.")
