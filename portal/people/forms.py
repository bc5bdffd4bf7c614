"""Forms of accounts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import ValidationError

from portal.clock import zone_names
from portal.forms import Form, Ticks, is_email, line_field
from portal.limits import limits
from portal.people.codes import DIGITS
from portal.people.models import NAME_LIMIT

HEADLINE_LIMIT = 120
PASSKEY_LIMIT = 80


class EmailForm(Form):
    """Where the code goes."""

    email = line_field("Your e-mail", limit=254, required="Type your e-mail address, like name@example.org.")

    def validate_email(self, field: Any) -> None:
        """An address, in one spelling."""
        field.data = field.data.lower()
        is_email(self, field)


class AddressForm(EmailForm):
    """Another address of somebody who has an account."""

    def validate_email(self, field: Any) -> None:
        """An address with which one may sign up."""
        super().validate_email(field)
        if not limits().may_change_to(field.data):
            raise ValidationError(f"Use an address at {' or '.join(limits().domains)}.")


class EraseForm(Form):
    """Typed, so that no tap alone erases an account."""

    email = line_field("Your e-mail address, to confirm", limit=254, required="Type your address to confirm.")
    own = ""

    @classmethod
    def of(cls, own: str, given: MultiDict[str, str]) -> EraseForm:
        """The form as somebody with this address sent it."""
        form = cls(given)
        form.own = own
        return form

    def validate_email(self, field: Any) -> None:
        """One's own address."""
        if field.data.lower() != self.own:
            raise ValidationError(f"This is not your address. Type {self.own} to erase the account.")


class VisitorForm(EmailForm):
    """Who books without having signed in."""

    name = line_field("Your name", limit=NAME_LIMIT, required="Type the name people should call you by.")


class CodeForm(Form):
    """The code from the mail, however it was pasted."""

    code = line_field("The 6-digit code", limit=40, required="Type the digits from the mail.")
    digits = DIGITS

    @classmethod
    def of(cls, digits: int, given: MultiDict[str, str] | None = None) -> CodeForm:
        """The form for a code of so many digits."""
        form = cls(given)
        form.digits = digits
        form.code.label.text = f"The {digits}-digit code"
        return form

    def validate_code(self, field: Any) -> None:
        """So many digits; blanks and dashes between them do not count."""
        field.data = re.sub(r"[\s-]", "", field.data)
        if not re.fullmatch(f"[0-9]{{{self.digits}}}", field.data):
            raise ValidationError(f"The code is {self.digits} digits, like {'042137904286'[: self.digits]}.")


class PasskeyForm(Form):
    """What somebody calls one of their passkeys."""

    name = line_field("Its name", limit=PASSKEY_LIMIT, required="Type a name you will know it by, like My phone.")


class PersonForm(Form):
    """What mentors see of a mentee, and the zone of all times."""

    name = line_field("Your name", limit=NAME_LIMIT, required="Type the name people should call you by.")
    headline = line_field(
        "What you do", limit=HEADLINE_LIMIT, hint="One line, for example: Biology student, third year."
    )
    time_zone = line_field("Your time zone", limit=64, required="Type a time zone, like Europe/Berlin.")

    def validate_time_zone(self, field: Any) -> None:
        """A zone the clock knows."""
        if field.data not in zone_names():
            raise ValidationError("We do not know this time zone. Pick one like Europe/Berlin or Asia/Kolkata.")


class MailsForm(Form):
    """The mails that somebody wants, of those they can do without."""

    wanted = Ticks("Send me", choices={})

    @classmethod
    def of(cls, offered: Mapping[str, str], *, wanted: Iterable[str]) -> MailsForm:
        """The form that says this."""
        return cls(data={"wanted": list(wanted)})._offer(offered)

    @classmethod
    def read(cls, offered: Mapping[str, str], given: MultiDict[str, str]) -> MailsForm:
        """The form as it was sent."""
        return cls(given)._offer(offered)

    def _offer(self, offered: Mapping[str, str]) -> MailsForm:
        self.wanted.choices = dict(offered)
        return self
