"""Moves, teams, attendance, preparation, conversation, wishes, follow-ups, certificates, blocks and
pauses: what happens to a session after it is booked.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from portal.dialect import statements

STEPS = Path(__file__).with_suffix(".sql")


def up(_migrator: object, db: Any) -> None:
    for statement in statements(STEPS):
        db.execute_sql(statement)
