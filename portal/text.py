"""Text as it is stored: clean, in one form. Pure."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 10_000
"""Characters; all that is kept is shorter."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_UNSEEN = (
    r"\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u206f\u2800\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff"
)
"""Joiners, marks of direction, blanks that are no spaces: alone they show nothing."""
_SEEN = re.compile(rf"[^\s{_UNSEEN}]")
# Not with "=?": a mail client decodes what begins like that, and writes to somebody else. Not with letters that
# nobody sees: the address looks like another.
EMAIL = re.compile(
    rf"(?!.*(?:=\?|[\x80-\x9f{_UNSEEN}]))"
    r"[^@\s<>\"(),:;\[\]\\]{1,64}@(?:[^@\s<>\"(),:;\[\]\\.]+\.)+[^@\s<>\"(),:;\[\]\\.]+"
)


def clean(text: str | None) -> str:
    """Text as it is stored: one form for each letter, no control characters, no blank ends; nothing where there is
    nothing to see.
    """
    text = text or ""
    if len(text) <= LONGEST:  # accents are sorted in the square of their number; longer texts are refused
        text = unicodedata.normalize("NFC", text)
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return text if _SEEN.search(text) else ""


def clean_line(text: str | None) -> str:
    """The same in one line."""
    return " ".join(clean(text).split())


def safe_cell(text: str) -> str:
    """Text for a cell of a sheet: what a program would take for a formula gets a quote in front (OWASP, CSV
    injection).
    """
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text
