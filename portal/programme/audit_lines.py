"""Lines of the audit, with what was decided where one leads to a decision."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portal.database import tuples
from portal.moderation.models import Decision
from portal.people import audit
from portal.people.audit import PAGE, Wanted

DECISION = "decision "


def lines(wanted: Wanted, *, before: int | None = None, most: int = PAGE) -> list[dict[str, Any]]:
    """They, the newest first. Two statements."""
    found = audit.lines(wanted, before=before, most=most)
    leads_to = {line["id"]: int(line["thing"].removeprefix(DECISION)) for line in found if _is_decision(line)}
    decided = _decided(leads_to.values())
    for line in found:
        if line["id"] in leads_to:
            line["detail"] = f"{line['detail']}: {decided[leads_to[line['id']]]}"
    return found


def _is_decision(line: dict[str, Any]) -> bool:
    return bool(line["thing"].startswith(DECISION))


def _decided(keys: Iterable[int]) -> dict[int, str]:
    """By key, what was decided, in words."""
    decided = Decision.select(Decision.id, Decision.what).where(Decision.id << list(keys))
    return {key: what.replace("_", " ") for key, what in tuples(decided)}
