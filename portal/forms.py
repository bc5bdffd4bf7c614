"""What all forms share: clean text, and messages that say what would be right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from wtforms import Form as WTForm
from wtforms import SelectMultipleField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length, StopValidation
from wtforms.widgets import CheckboxInput, ListWidget

from portal.text import EMAIL, clean, clean_line


class Form(WTForm):
    """A form whose fields hand over clean domain values. CSRF is checked once for all requests."""

    @property
    def first_error(self) -> str:
        """The first thing that is wrong, for places with room for one sentence."""
        return next((str(error) for errors in self.errors.values() for error in _flat(errors)), "")


def _flat(errors: Iterable[Any] | Mapping[str, Any]) -> Iterable[str]:
    for error in errors.values() if isinstance(errors, Mapping) else errors:
        if isinstance(error, str):
            yield error
        else:
            yield from _flat(error)


class Ticks(SelectMultipleField):
    """Boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def needed(message: str) -> InputRequired:
    """The field must be filled; `message` says with what."""
    return InputRequired(message)


def at_most(limit: int) -> Length:
    """The limit of a text, stated before it is hit through `maxlength`. Nothing else is checked of one beyond it:
    what is made for a few letters could take minutes for many.
    """
    return _AtMost(max=limit, message=f"At most {limit} characters, please.")


class _AtMost(Length):
    def __call__(self, form: WTForm, field: Any) -> None:
        try:
            super().__call__(form, field)
        except ValidationError as error:
            raise StopValidation(str(error)) from error


def line_field(label: str, *, limit: int, required: str = "", hint: str = "") -> StringField:
    """A one-line text."""
    validators = [_Filled(required)] if required else []
    return StringField(label, filters=[clean_line], validators=[*validators, at_most(limit)], description=hint)


def text_field(label: str, *, limit: int, required: str = "", hint: str = "") -> TextAreaField:
    """A text of several lines."""
    validators = [_Filled(required)] if required else []
    return TextAreaField(label, filters=[clean], validators=[*validators, at_most(limit)], description=hint)


class _Filled:
    """After cleaning, something must be left."""

    field_flags = {"required": True}

    def __init__(self, message: str) -> None:
        self.message = message

    def __call__(self, _form: WTForm, field: Any) -> None:
        if not field.data:
            raise StopValidation(self.message)


def is_email(_form: WTForm, field: Any) -> None:
    """An address that mail can be sent to."""
    if field.data and (len(field.data) > 254 or not EMAIL.fullmatch(field.data)):
        raise ValidationError("This is not an e-mail address. It looks like name@example.org.")


def is_web_link(_form: WTForm, field: Any) -> None:
    """A link that is safe to click, where there is one."""
    if field.data and not is_web_address(field.data):
        raise ValidationError("This is not a web link. It starts with https:// and has no spaces.")


def is_web_address(link: str) -> bool:
    """Whether it is http or https, with a host."""
    try:
        parts = urlsplit(link)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and " " not in link
