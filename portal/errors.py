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
