"""The three people of the demo that anyone may be."""

from __future__ import annotations

ROLES = {
    "mentee": "sam.rivera@example.org",
    "mentor": "laila.mansour@example.org",
    "coordinator": "inga.holm@example.org",
}
"""Role to address. Laila is the first mentor of the cast."""
NAMES = {"mentee": "Sam Rivera", "mentor": "Laila Mansour", "coordinator": "Inga Holm"}
