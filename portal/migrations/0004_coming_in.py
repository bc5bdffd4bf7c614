"""The browsers that people are signed in with, and their accounts at a provider of single sign-on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from portal.dialect import statements

STEPS = Path(__file__).with_suffix(".sql")


def up(_migrator: object, db: Any) -> None:
    for statement in statements(STEPS):
        db.execute_sql(statement)
