"""Mails about decisions."""

from __future__ import annotations

from portal.mail import outbox
from portal.mentors.models import Mentor
from portal.moderation.models import Decision


def profile_decided(mentor: Mentor, decision: Decision) -> None:
    """To the mentor: what was decided on the profile, and why."""
    outbox.put(
        "moderation/profile_decided",
        subject=f"decision {decision.id}",
        to=mentor.person.email,
        zone=mentor.person.time_zone,
        words={"what": decision.what, "reason": decision.reason, "slug": mentor.slug, "name": decision.about},
    )
