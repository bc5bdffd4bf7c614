"""While all is imported, nobody looks for garbage: there is none, and looking takes a quarter of the time to start."""

from __future__ import annotations

import gc

_was_on = gc.isenabled()
gc.disable()


def again() -> None:
    """Look for it from now on, and never among what was imported."""
    gc.freeze()
    if _was_on:
        gc.enable()
