"""What the rules turn down: a verb raises one of these, and a page says it in one sentence. And bad settings."""

from __future__ import annotations


class SettingsError(Exception):
    """A setting is missing or cannot be used. The message names it and says what would be right."""


class Refusal(Exception):
    """A request the rules do not allow. `str(refusal)` is safe to show; `status` is the HTTP status."""

    status = 409


class Missing(Refusal):
    """There is no such thing, or it is not this person's to see: both look the same."""

    status = 404

    def __init__(self) -> None:
        super().__init__("There is nothing at this address.")


class Stale(Refusal):
    """The page acted on something that has changed since it was shown."""


class OpeningTaken(Refusal):
    """The time is no longer free: somebody was faster, or the mentor's hours changed."""


class TooManyUpcoming(Refusal):
    """The mentee has as many upcoming sessions as the programme allows."""


class NotAllowedNow(Refusal):
    """The action exists, but not in this state or at this time."""


class Paused(NotAllowedNow):
    """A coordinator lets this person book nothing for a while."""


class ShutOut(Refusal):
    """A coordinator has suspended the account, or it is erased."""

    status = 403


class TooMany(Refusal):
    """That was done too often. In `seconds` it can be done again."""

    status = 429

    def __init__(self, sentence: str, seconds: int) -> None:
        super().__init__(f"{sentence} Try again in {_in_words(seconds)}.")
        self.seconds = seconds


def _in_words(seconds: int) -> str:
    """ "40 seconds", "3 minutes", "5 hours": never less than it takes."""
    unit, length = ("second", 1) if seconds < 90 else ("minute", 60) if seconds < 90 * 60 else ("hour", 3600)
    count = -(-seconds // length)
    return f"{count} {unit}{'s' if count != 1 else ''}"
