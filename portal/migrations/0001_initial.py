"""All tables of the first version."""

from typing import Any

from portal.database import is_postgres
from portal.directory import text_postgres, text_sqlite
from portal.schema import TABLES


def up(_migrator: object, db: Any) -> None:
    db.create_tables(TABLES, safe=False)
    for statement in (text_postgres if is_postgres() else text_sqlite).CREATE:
        db.execute_sql(statement)
