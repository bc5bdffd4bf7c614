"""Moves, teams, attendance, preparation, conversation, wishes, follow-ups, certificates, blocks and
pauses: what happens to a session after it is booked.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from portal.database import is_postgres

STEPS = Path(__file__).with_suffix(".sql")
TYPES = {"serial": "integer", "bigint": "integer", "boolean": "integer"}
"""What SQLite calls PostgreSQL's types."""


def up(_migrator: object, db: Any) -> None:
    sql = STEPS.read_text(encoding="utf-8")
    if not is_postgres():
        sql = re.sub(r"\b(" + "|".join(TYPES) + r")\b", lambda found: TYPES[found[0]], sql)
    for statement in filter(str.strip, sql.split(";")):
        db.execute_sql(statement)
