"""The browsers that people are signed in with, mentors' photos, and invitations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from portal.dialect import statements

STEPS = Path(__file__).with_suffix(".sql")


def up(_migrator: object, db: Any) -> None:
    for statement in statements(STEPS):
        db.execute_sql(statement)
