"""The line."""

from __future__ import annotations

from portal.waiting.models import Watch


def how_many_wait() -> int:
    """People who wait for an opening."""
    return int(Watch.select(Watch.person).distinct().count())
