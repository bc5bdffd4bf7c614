"""What the tests of waiting share: a line, what is offered, what was told."""

from __future__ import annotations

from datetime import datetime, timedelta

from portal.availability import hours
from portal.availability.derived import freshen
from portal.availability.hours import Plan
from portal.availability.models import Claim, Hold
from portal.availability.openings import instant_of
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.waiting.models import Offer
from portal.waiting.offering import offer_due
from tests.cast import ALL_WEEK, MONDAY, make_mentor
from tests.letters import told

NONE = Plan("Etc/UTC", (), lengths=(15, 30, 60), notice=0)
TUESDAY = MONDAY.replace(day=24, hour=10)
"""When the one opening is, unless a test says otherwise."""


def full_mentor(name: str = "Laila Mansour", **changes: object) -> Mentor:
    """A mentor with no opening at all."""
    return make_mentor(name, plan=NONE, **changes)


def open_at(mentor: Mentor, *starts: datetime, length: int = 15, **more: object) -> None:
    """The mentor opens exactly these, and says so by changing the hours."""
    extra = tuple((start.date(), _minute(start), _minute(start) + length) for start in starts)
    hours.save(Plan("Etc/UTC", (), extra=extra, lengths=(15, 30, 60), notice=0, **more), mentor=mentor)  # type: ignore[arg-type]


def open_all_week(mentor: Mentor) -> None:
    hours.save(Plan("Etc/UTC", ALL_WEEK, lengths=(15, 30, 60), notice=0), mentor=mentor)


def _minute(start: datetime) -> int:
    return start.hour * 60 + start.minute


def work() -> int:
    """A round of the worker, but for the mails."""
    freshen()
    return offer_due()


def offered(outcome: str = "open") -> list[tuple[str, datetime]]:
    """Whom what is offered now, in the order in which it was."""
    made = Offer.select(Offer, Person).join(Person).where(Offer.outcome == outcome).order_by(Offer.id)
    return [(offer.person.first_name, offer.start) for offer in made]


def outcomes() -> list[tuple[str, str]]:
    made = Offer.select(Offer, Person).join(Person).order_by(Offer.id)
    return [(offer.person.first_name, offer.outcome) for offer in made]


def held() -> list[tuple[int, datetime]]:
    """The quarters that holds take now: whose, and when."""
    claims = Claim.select().join(Hold).where(~Hold.is_released).order_by(Claim.quarter)
    return [(claim.person_id, instant_of(claim.quarter)) for claim in claims]


def mails() -> list[str]:
    """To whom an opening was offered by mail, in order."""
    return [to.split(".")[0].capitalize() for kind, to in told() if kind == "waiting/offer"]


TWO_HOURS = timedelta(hours=2)
