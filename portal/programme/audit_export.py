"""The audit as a sheet."""

from __future__ import annotations

import csv
from io import StringIO

from portal.database import write
from portal.people.audit import Wanted, What, record
from portal.people.models import Person
from portal.programme.audit_lines import lines
from portal.text import safe_cell

COLUMNS = ("time", "who", "what", "whom", "thing", "detail")
MOST = 10_000
"""Lines of one export: for more, choose days."""


@write
def export(wanted: Wanted, *, coordinator: Person) -> str:
    """These lines as CSV (RFC 4180), the newest first, times in UTC. Records that they were exported."""
    found = lines(wanted, most=MOST)
    record(What.AUDIT_EXPORTED, by=coordinator, detail=f"{len(found)} lines")
    file = StringIO()
    sheet = csv.writer(file)
    sheet.writerow(COLUMNS)
    for line in found:
        who, whom = line["name"] or line["email"], line["about_name"] or line["about_email"]
        cells = (f"{line['at']:%Y-%m-%dT%H:%M:%SZ}", who, line["what"], whom, line["thing"], line["detail"])
        sheet.writerow([safe_cell(cell or "") for cell in cells])
    return file.getvalue()
