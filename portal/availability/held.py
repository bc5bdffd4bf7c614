"""What hours and holds hold about people."""

from __future__ import annotations

import json
from typing import Any

from portal.availability.models import (
    Availability,
    BusyCalendar,
    Claim,
    DaysOff,
    ExtraHours,
    Hold,
    Openings,
    WeeklyHours,
)
from portal.held import KEY, Part, Who, holds

FOLLOWS = "it follows from hours, sessions and the own calendar"
holds(
    Availability,
    Part(
        "hours",
        Availability.mentor,
        shows="time_zone lengths notice gap horizon weekly_cap paused_until closed_until"
        " confirmed_at asked_at is_lapsed",
        untold=dict.fromkeys(("base", "hours", "busy_base", "busy", "expand_at"), FOLLOWS),
    ),
)
holds(WeeklyHours, Part("weekly_hours", WeeklyHours.mentor, shows="weekday starts ends"), plain={"id": KEY})
holds(DaysOff, Part("days_off", DaysOff.mentor, shows="first last note"), plain={"id": KEY})
holds(ExtraHours, Part("extra_hours", ExtraHours.mentor, shows="date starts ends"), plain={"id": KEY})
holds(
    BusyCalendar,
    Part("own_calendar", BusyCalendar.mentor, shows="url fetched_at good_at failures problem"),
    plain={"etag": "names an edition of the file", "due_at": "when the worker looks next"},
)


def held_by(who: Who) -> Any:
    """As far as it is known: a visitor has given an address, and has no account yet."""
    return (Hold.person == who.id) | Hold.draft.contains(f'"email": {json.dumps(who.email)}')


holds(
    Hold,
    Part(
        "holds",
        held_by,
        shows="mentor start length draft held_at expires_at",
        as_json="draft",
        untold={"person": "that is you", **dict.fromkeys(("ref", "holder"), "it stands for the browser that holds it")},
    ),
    Part("", Hold.mentor),
    plain={"id": KEY, "is_released": "whether it is over"},
)
holds(
    Claim,
    Part("", Claim.person, untold=dict.fromkeys(("quarter", "hold", "session", "begins"), "sessions and holds say it")),
)
holds(
    Openings,
    Part(
        "",
        Openings.mentor,
        untold=dict.fromkeys(
            ("length", "is_shortest", "notice", "horizon", "base", "starts", "next", "stale_at", "load"), FOLLOWS
        ),
    ),
)
