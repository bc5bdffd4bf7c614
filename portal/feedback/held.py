"""What ratings, wishes and certificates hold about people."""

from __future__ import annotations

from typing import Any

import peewee

from portal.feedback.models import Certificate, FollowUp, Rating, Standing, Wish
from portal.held import STAYS, Fading, Part, Who, holds
from portal.sessions.held import in_sessions_of
from portal.sessions.models import Session

_given = in_sessions_of(Rating.session, Session.mentee)
_got = in_sessions_of(Rating.session, Session.mentor)
_SHOWN = peewee.Case(None, [(Rating.line_status == "shown", Rating.line)], "")
_SHOWN_OR_NONE = peewee.Case(None, [(Rating.line_status == "shown", Rating.line_status)], "none")
_WORDS_TO_MENTOR = {"line": "", "line_status": "none", "thank_you": ""}


def _thanks(who: Who) -> Any:
    return _got(who) & (Rating.thank_you != "")


def _lines(who: Who) -> Any:
    return _got(who) & (Rating.line_status == "shown")


holds(
    Rating,
    Part(
        "ratings_given",
        _given,
        shows="session reached stars next_step line line_status thank_you created_at",
        erased={"next_step": "", **_WORDS_TO_MENTOR},
    ),
    # Not what else was answered, nor, of a line for others, in which session: that is told to nobody.
    Part("thank_yous", _thanks, shows="session thank_you", erased=STAYS),
    Part("lines_about_you", _lines, shows="line", erased=STAYS),
    Part("", _got, erased=_WORDS_TO_MENTOR),
    # A line that nobody has let through is decided on no more.
    fades=Fading(
        Rating.session,
        {"next_step": "", "thank_you": "", "line": _SHOWN, "line_status": _SHOWN_OR_NONE},
    ),
)
holds(
    Standing,
    Part(
        "",
        Standing.mentor,
        untold=dict.fromkeys(("ratings", "stars", "reached"), "below three ratings it would tell who gave them"),
        erased=STAYS,
    ),
)
holds(
    FollowUp,
    Part(
        "follow_ups",
        in_sessions_of(FollowUp.session, Session.mentee),
        shows="session done_at asked_at helped helped_at",
        erased=STAYS,
    ),
)
holds(Wish, Part("wishes", Wish.person, shows="session again at"))
holds(
    Certificate,
    Part("certificates", Certificate.mentor, shows="code name sessions minutes reached since issued_at"),
)
