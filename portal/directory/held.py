"""What searching holds: nothing about anybody."""

from __future__ import annotations

from portal.directory.models import Asked
from portal.held import derived, holds

NOBODYS = "kept without the person, who is a hash that changes every week and leads back to nobody"
holds(Asked, plain=dict.fromkeys(("week", "need", "asker", "offered", "soon"), NOBODYS))
derived(
    *("mentor_text", "mentor_text_data", "mentor_text_idx", "mentor_text_docsize", "mentor_text_config"),
    why="the words of profiles, as the rows of `mentor` have them: triggers take them out with secure-delete",
)
