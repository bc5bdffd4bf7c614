"""Mails about decisions."""

from __future__ import annotations

from portal.mail import outbox
from portal.mail.kinds import Kind, kind
from portal.mentors.models import Mentor
from portal.moderation.models import Decision, Report
from portal.people.models import Person

PROFILE_DECIDED = kind("moderation/profile_decided", "A decision on your profile", readers="mentor")
PAUSED = kind("moderation/paused", "Your bookings or hours are paused", needed=True)
REPORT_LOOKED_AT = kind("moderation/report_looked_at", "A report of yours was looked at")
PAUSE_ENDED = kind("moderation/pause_ended", "A pause is over", needed=True)
SUSPENDED = kind("moderation/suspended", "Your account is suspended", needed=True)
SUSPENSION_LIFTED = kind("moderation/suspension_lifted", "A suspension is lifted", needed=True)


def profile_decided(mentor: Mentor, decision: Decision) -> None:
    """To the mentor: what was decided on the profile, and why."""
    outbox.put(
        PROFILE_DECIDED,
        subject=f"decision {decision.id}",
        to=mentor.person.email,
        zone=mentor.person.time_zone,
        words={"what": decision.what, "reason": decision.reason, "slug": mentor.slug, "name": decision.about},
    )


def paused(person: Person, decision: Decision, *, bookings: bool, hours: bool, absent: bool) -> None:
    """To somebody, who may have been `absent`: what is paused until when, and why. Nothing of a report."""
    _to_person(PAUSED, person, decision, what=decision.what, bookings=bookings, hours=hours, other=not absent)


def pause_ended(person: Person, decision: Decision) -> None:
    """To somebody who was paused: that it is over."""
    _to_person(PAUSE_ENDED, person, decision)


def suspended(person: Person, decision: Decision) -> None:
    """To somebody who is shut out: why."""
    _to_person(SUSPENDED, person, decision)


def suspension_lifted(person: Person, decision: Decision, *, is_hidden: bool) -> None:
    """To somebody who may come in again, whether or not their profile `is_hidden`."""
    _to_person(SUSPENSION_LIFTED, person, decision, is_hidden=is_hidden)


def looked_at(report: Report) -> None:
    """To who reported it: a coordinator has. Nothing of what was decided."""
    _to_reporter(report, is_gone=False)


def gone(report: Report) -> None:
    """To who reported it: nobody decides on it any more. Nothing of who it was."""
    _to_reporter(report, is_gone=True)


def _to_reporter(report: Report, *, is_gone: bool) -> None:
    reader = report.reporter
    if reader is not None:
        words = {"at": int(report.at.timestamp()), "is_gone": is_gone}
        outbox.put(REPORT_LOOKED_AT, subject=f"report {report.id}", to=reader.email, zone=reader.time_zone, words=words)


def _to_person(kind: Kind, person: Person, decision: Decision, **more: object) -> None:
    words = {"reason": decision.reason, **more}
    outbox.put(kind, subject=f"decision {decision.id}", to=person.email, zone=person.time_zone, words=words)
