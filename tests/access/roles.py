"""Who asks, in the columns of the table."""

from __future__ import annotations

ROLES = (
    "visitor",
    "mentee",
    "other mentee",
    "mentor",
    "other mentor",
    "unapproved mentor",
    "suspended",
    "coordinator",
    "teammate",
)
