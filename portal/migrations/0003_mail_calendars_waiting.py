"""Letters in order and out of it, feeds, busy times, reminders, hours that are still good, and waiting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from portal.clock import now
from portal.database import is_postgres
from portal.dialect import statements

STEPS = Path(__file__).with_suffix(".sql")


def up(_migrator: object, db: Any) -> None:
    for statement in statements(STEPS):
        db.execute_sql(statement)
    # Whoever has hours now is asked in four weeks whether they are still good.
    mark = "%s" if is_postgres() else "?"
    db.execute_sql(f"update availability set confirmed_at = {mark}", (int(now().timestamp()),))  # noqa: S608
