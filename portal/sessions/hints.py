"""Whether an objective is too big for the length of a session: rules that can be read. Pure."""

from __future__ import annotations

import re

WORDS = {15: 16, 30: 24, 60: 32}
"""So many words describe one thing of that length; more are most often several things."""
_ALL = re.compile(
    r"\b(?:everything|entire|whole|all about|from scratch|from zero|in depth|completely"
    # Not "complete a form", and not "a master's thesis".
    r"|(?<=\ba )complete|(?<=\bmy )complete|(?<=\bthe )complete"
    r"|(?:(?<=^)|(?<=\bto ))master(?!['’]|\s+(?:degree|program|studies|thesis)))\b",
    re.I,
)
_PART = re.compile(r"\b(?:first|one|part|chapter|section|page|line|paragraph|title|outline|plan|structure)\b", re.I)
_MAKE = re.compile(r"\b(learn|build|write|finish|create|develop|redesign|rewrite|implement|migrate)\b", re.I)
_BIG = re.compile(
    r"\b(thesis|dissertation|app|website|web site|business plan|portfolio|book|course|language|codebase"
    r"|platform|startup"
    r"|career)\b",
    re.I,
)
_MANY = re.compile(r"\s(?:and|plus|as well as)\s|[;+]|,\s", re.I)
_SENTENCE = re.compile(r"[.?!]\s+\S")


def too_big(objective: str, length: int) -> str:
    """One sentence of advice where it most likely does not fit into `length` minutes, else nothing."""
    if not objective:
        return ""
    if _SENTENCE.search(objective):
        return "This is more than one sentence. Which one thing matters most?"
    all_of = _ALL.search(objective)
    if all_of:
        return f"“{all_of[0]}” is a lot for {length} minutes. Which part would help you most now?"
    made, big = _MAKE.search(objective), _BIG.search(objective)
    if made and big and length < 60 and not _PART.search(objective):
        return f"To {made[0].lower()} a {big[0].lower()} takes longer than {length} minutes. What is its first step?"
    if len(_MANY.findall(objective)) >= (3 if length >= 60 else 2):
        return f"These are several things for {length} minutes. Which one comes first?"
    if len(objective.split()) > WORDS.get(length, 24):
        return "Long objectives are often several. Try it in fewer words."
    return ""
