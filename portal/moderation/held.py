"""What decisions hold about people."""

from __future__ import annotations

from typing import Any

import peewee

from portal.database import write
from portal.held import KEY, STAYS, Fading, Part, Who, holds, leaving
from portal.moderation import mails
from portal.moderation.models import Decision, Report
from portal.people.models import Person
from portal.sessions.held import SIDES, in_sessions_of


def _on_person(who: Who) -> Any:
    return (Decision.subject << ("profile", "person")) & (Decision.subject_id == who.id)


def _on_lines(who: Who) -> Any:
    return (Decision.subject == "line") & in_sessions_of(Decision.subject_id, *SIDES)(who)


def _on_own_lines(who: Who) -> Any:
    return (Decision.subject == "line") & in_sessions_of(Decision.subject_id, SIDES[1])(who)


def _on_reports(who: Who) -> Any:
    about = Report.select(Report.id).where((Report.person == who.id) | (Report.mentor == who.id))
    return (Decision.subject == "report") & (Decision.subject_id << about)


holds(
    Decision,
    Part("decisions_on_you", _on_person, shows="subject about what reason at", erased={"about": "", "reason": ""}),
    Part("decisions_on_your_lines", _on_own_lines, shows="about what reason at", erased=STAYS),
    Part("", _on_lines, erased={"about": "", "reason": ""}),
    Part("", _on_reports, erased={"about": "", "reason": ""}),
    # Not whom it was about. Who decided stays, as somebody who left.
    Part("decisions_you_made", Decision.coordinator, shows="subject what reason at", erased=STAYS),
    plain={"id": KEY, "subject_id": KEY},
    fades=Fading(
        Decision.subject_id,
        {"about": peewee.Case(None, [(Decision.subject == "line", "")], Decision.about)},
    ),
)

TOLD_TO_NOBODY = "who is reported is not told that somebody did"
_DECIDED = Report.decided_at.is_null(False)
holds(
    Report,
    Part(
        "reports_by_you",
        Report.reporter,
        shows="kind reason words at decided_at",
        erased={"words": "", "reporter": None},  # which closes the session that it opened
    ),
    Part("", Report.person, untold=dict.fromkeys(("thing", "session", "text"), TOLD_TO_NOBODY)),
    Part("", Report.mentor),
    plain={"id": KEY},
    fades=Fading(
        Report.session,
        {
            "words": peewee.Case(None, [(_DECIDED, "")], Report.words),
            "text": peewee.Case(None, [(_DECIDED, "")], Report.text),
        },
    ),
)


@leaving
@write
def _close(who: Who) -> None:
    """Nobody can decide any more on a report about somebody who left: who reported them is told that it is closed."""
    about = ((Report.person == who.id) | (Report.mentor == who.id)) & Report.decided_at.is_null()
    for report in (
        Report.select(Report, Person).join(Person, on=Report.reporter == Person.id, attr="reporter").where(about)
    ):
        mails.gone(report)
