"""A coordinator's decisions. Each is kept with who, when and why; a stale one is refused."""

from __future__ import annotations

from portal.availability import hours
from portal.clock import now
from portal.database import write
from portal.feedback import rating
from portal.feedback.models import Rating
from portal.mentors import profile, topics
from portal.mentors.models import Expertise, Mentor, Revision
from portal.moderation import mails
from portal.moderation.models import Decision
from portal.people.audit import What, record
from portal.people.models import Person

PROFILE_OUTCOMES = {"approve": "approved", "ask": "changes_asked", "reject": "rejected"}


@write
def decide_on_profile(revision: Revision, what: str, *, version: int, reason: str, coordinator: Person) -> None:
    """Approve a profile, ask for changes, or reject it. The mentor gets a mail. Raises Stale."""
    profile.decide(revision, PROFILE_OUTCOMES[what], version=version, reason=reason)
    if what == "approve":
        hours.begin(revision.mentor)
    name = profile.content_of(revision).name
    decision = keep(
        "profile", revision.mentor_id, about=name, what=PROFILE_OUTCOMES[what], coordinator=coordinator, reason=reason
    )
    mails.profile_decided(revision.mentor, decision)


@write
def hide(mentor: Mentor, *, reason: str, coordinator: Person) -> None:
    """Take a mentor out of the directory, with a reason the mentor gets."""
    profile.hide(mentor)
    decision = keep(
        "profile", mentor.person_id, about=mentor.name, what="hidden", coordinator=coordinator, reason=reason
    )
    mails.profile_decided(mentor, decision)


@write
def restore(mentor: Mentor, *, reason: str, coordinator: Person) -> None:
    """Put a hidden mentor back."""
    profile.restore(mentor)
    decision = keep(
        "profile", mentor.person_id, about=mentor.name, what="restored", coordinator=coordinator, reason=reason
    )
    mails.profile_decided(mentor, decision)


@write
def decide_on_line(about: Rating, *, is_fine: bool, coordinator: Person) -> None:
    """Let a line for others through, or keep it from them. Raises Stale."""
    (rating.let_through if is_fine else rating.refuse)(about)
    keep("line", about.session_id, about=about.line, what="shown" if is_fine else "refused", coordinator=coordinator)


@write
def list_expertise(proposal: Expertise, *, name: str, kind: str, coordinator: Person) -> None:
    """Put a proposed expertise on the list. Raises Stale."""
    topics.accept(proposal, name=name, kind=kind)
    keep("expertise", proposal.id, about=proposal.name, what=f"listed as {name}", coordinator=coordinator)


@write
def merge_expertise(proposal: Expertise, into: Expertise, *, coordinator: Person) -> None:
    """Make a proposed expertise an alias of a listed one. Raises Stale."""
    topics.merge(proposal, into)
    keep("expertise", proposal.id, about=proposal.name, what=f"merged into {into.name}", coordinator=coordinator)


@write
def retire_expertise(proposal: Expertise, *, coordinator: Person) -> None:
    """Leave a proposed expertise off the list. Raises Stale."""
    topics.retire(proposal)
    keep("expertise", proposal.id, about=proposal.name, what="not listed", coordinator=coordinator)


def keep(subject: str, subject_id: int, *, about: str, what: str, coordinator: Person, reason: str = "") -> Decision:
    """Write down who decided what, when and why, in the transaction of the decision. The audit leads to it."""
    decision: Decision = Decision.create(
        subject=subject, subject_id=subject_id, about=about, what=what, reason=reason, coordinator=coordinator, at=now()
    )
    whom = subject_id if subject in ("profile", "person") else None
    record(What.DECIDED, by=coordinator, about=whom, thing=f"decision {decision.id}", detail=subject)
    return decision


def decisions_on(subject: str, subject_id: int) -> list[Decision]:
    """All decisions on one thing, the latest first."""
    about = (Decision.subject == subject) & (Decision.subject_id == subject_id)
    return list(Decision.select(Decision, Person).join(Person).where(about).order_by(Decision.id.desc()))
