"""The demo's clock: how far ahead of the real one it runs, kept in a file all processes read."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from portal import clock
from portal.settings import Settings


def _file(settings: Settings) -> Path:
    return settings.data / "demo-clock"


def follow(settings: Settings) -> timedelta:
    """Set this process's clock to the demo's."""
    try:
        ahead = timedelta(seconds=int(_file(settings).read_text()))
    except (FileNotFoundError, ValueError):
        ahead = timedelta()
    clock.set_ahead(ahead)
    return ahead


def move_on(settings: Settings, by: timedelta) -> None:
    """Let the demo's time pass."""
    ahead = follow(settings) + by
    _file(settings).write_text(str(int(ahead.total_seconds())))
    clock.set_ahead(ahead)
