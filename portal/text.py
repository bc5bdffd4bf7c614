"""Text as it is stored: clean, in one form. Pure."""

from __future__ import annotations

import re
import unicodedata

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# Not with "=?": a mail client decodes what begins like that, and writes to somebody else.
EMAIL = re.compile(r"(?!.*=\?)[^@\s<>\"(),:;\[\]\\]{1,64}@(?:[^@\s<>\"(),:;\[\]\\.]+\.)+[^@\s<>\"(),:;\[\]\\.]+")


def clean(text: str | None) -> str:
    """Text as it is stored: one form for each letter, no control characters, no blank ends."""
    text = unicodedata.normalize("NFC", text or "").replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", text).strip()


def clean_line(text: str | None) -> str:
    """The same in one line."""
    return " ".join(clean(text).split())
