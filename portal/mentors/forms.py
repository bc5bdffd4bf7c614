"""The profile form."""

from __future__ import annotations

import re
from typing import Any

from werkzeug.datastructures import CombinedMultiDict, FileStorage, MultiDict
from wtforms import BooleanField, FileField, HiddenField, ValidationError

from portal.forms import Form, Ticks, is_web_link, line_field, text_field
from portal.mentors import topics
from portal.mentors.languages import LANGUAGES
from portal.mentors.models import FORMATS, KINDS
from portal.mentors.pictures import MOST_BYTES, BadPicture, photo_from
from portal.mentors.profile import Profile

MOST_EXPERTISE = 8
EXPERTISE_LIMIT = 60


def _at_least_one(message: str) -> Any:
    def check(_form: Form, field: Any) -> None:
        if not field.data:
            raise ValidationError(message)

    return check


class ProfileForm(Form):
    """What a mentor says of themselves, and a picture that becomes their photo."""

    photo = FileField("Photo", description=f"Optional. A JPEG, PNG or WebP, at most {MOST_BYTES // 1024**2} MB.")
    kept_photo = HiddenField()
    """The hash of the photo that the form shows."""
    remove_photo = BooleanField("Remove photo")
    name = line_field("Your name", limit=80, required="Type the name mentees should see.")
    pronouns = line_field("Pronouns", limit=30, hint="Optional")
    headline = line_field("What you do", limit=120, required="Say in a few words what you do, like: Product lead.")
    expertise = line_field(
        "What you can help with",
        limit=400,
        required="Name at least one thing you can help with.",
        hint="Up to 8, separated by commas. Choose known words where you can.",
    )
    kinds = Ticks("What sessions are about", choices=KINDS, validators=[_at_least_one("Tick at least one.")])
    about = text_field("About you", limit=1200, hint="What should people bring? What will they leave with?")
    languages = line_field(
        "Languages", limit=200, required="Name at least one language, like: English.", hint="Separated by commas."
    )
    formats = Ticks("How people can meet you", choices=FORMATS, validators=[_at_least_one("Tick at least one.")])
    video_link = line_field("Video link", limit=300, hint="Only people with a session see it.")
    phone = line_field("Phone number", limit=40, hint="Only people with a session see it.")
    place = line_field("Where to meet", limit=160, hint="Only people with a session see it.")

    new_photo: bytes | None = None
    """What became of the picture."""

    def validate_photo(self, field: Any) -> None:
        """A picture that can be a photo, where there is one."""
        picture = field.data
        if isinstance(picture, FileStorage) and picture.filename:
            try:
                self.new_photo = photo_from(picture.stream.read(MOST_BYTES + 1))
            except BadPicture as bad:
                raise ValidationError(str(bad)) from bad

    def validate_expertise(self, field: Any) -> None:
        """Up to eight names."""
        names = [name for name in re.split(r"[,;]", field.data) if name.strip()]
        if len(names) > MOST_EXPERTISE:
            raise ValidationError(f"At most {MOST_EXPERTISE}; there are {len(names)}. Keep the ones you like best.")
        if any(len(name) > EXPERTISE_LIMIT or not topics.key_of(name) for name in names):
            raise ValidationError(f"Each is a few words, at most {EXPERTISE_LIMIT} characters.")

    def validate_languages(self, field: Any) -> None:
        """Languages we know, by name or code."""
        unknown = [word for word in _split(field.data) if word.casefold() not in _CODES]
        if unknown:
            raise ValidationError(f"We do not know “{unknown[0]}”. Write languages in English, like: German.")

    def validate_video_link(self, field: Any) -> None:
        """Needed for video, and safe to click."""
        is_web_link(self, field)
        self._needs("video", field, "Add the link people join, like https://meet.example.org/you.")

    def validate_phone(self, field: Any) -> None:
        """Needed for phone."""
        if field.data and not re.fullmatch(r"\+?[0-9 ()/.-]{5,40}", field.data):
            raise ValidationError("This is not a phone number. It looks like +49 30 1234567.")
        self._needs("phone", field, "Add the number people call.")

    def validate_place(self, field: Any) -> None:
        """Needed for meeting in person."""
        self._needs("in_person", field, "Add where people find you.")

    def _needs(self, format_: str, field: Any, message: str) -> None:
        if format_ in (self.formats.data or []) and not field.data:
            raise ValidationError(message)

    @property
    def profile(self) -> Profile:
        """What the form says, with known names for expertise and codes for languages. The photo is the one it shows."""
        given = dict(self.data)
        del given["remove_photo"]
        given["photo"] = given.pop("kept_photo")
        given["expertise"] = topics.canonical(re.split(r"[,;]", given["expertise"]))
        given["languages"] = tuple(dict.fromkeys(_CODES[word.casefold()] for word in _split(given["languages"])))
        given["kinds"], given["formats"] = (tuple(given["kinds"]), tuple(given["formats"]))
        return Profile(**given)

    @classmethod
    def of(cls, profile: Profile) -> ProfileForm:
        """The form that says this profile."""
        given = dict(profile.__dict__)
        given["expertise"] = ", ".join(profile.expertise)
        given["languages"] = ", ".join(LANGUAGES.get(code, code) for code in profile.languages)
        given["kept_photo"] = given.pop("photo")
        return cls(data=given)

    @classmethod
    def read(cls, typed: MultiDict[str, str], files: MultiDict[str, FileStorage]) -> ProfileForm:
        """The form as it was sent. A file in place of a text is none."""
        photo = MultiDict([("photo", file) for file in files.getlist("photo")])
        return cls(CombinedMultiDict([photo, typed]))


_CODES = {spelling.casefold(): code for code, name in LANGUAGES.items() for spelling in (code, name)}


def _split(typed: str) -> list[str]:
    return [word.strip() for word in re.split(r"[,;]", typed) if word.strip()]
