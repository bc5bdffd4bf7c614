"""How large a proof is: `make test` runs each at a size that shows a break, `make prove` at its full size."""

from __future__ import annotations

import os

IS_FULL = os.environ.get("PROVE") == "full"


def size(full: int, *, usual: int) -> int:
    """So many rounds, kills or lives."""
    return full if IS_FULL else usual
