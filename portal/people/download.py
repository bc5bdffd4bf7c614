"""Everything that is held about a person, for that person."""

from __future__ import annotations

import json

from portal.clock import now
from portal.database import write
from portal.held import Who, everything
from portal.people.audit import What, record
from portal.people.models import Person

HOW_TO_READ = {
    "instants": "UTC, ISO 8601",
    "length, notice, gap": "minutes",
    "starts, ends": "minutes after midnight in the time zone of the hours",
    "weekday": "0 is Monday",
    "horizon": "days",
    "session": "the last part of its address in the portal",
    "not in here": "what others alone may know: their wishes, whom they blocked, what they said of you to coordinators;"
    " and what would sign in as you",
}


@write
def file_of(person: Person, *, portal_url: str, on_server: bool = False) -> str:
    """One JSON text: what they gave, wrote and did, and what others wrote to them where they can read it. Records that
    it was made, by them or by those who run the server.
    """
    record(What.DATA_DOWNLOADED, by=None if on_server else person, about=person if on_server else None)
    head = {"portal": portal_url, "made_at": f"{now():%Y-%m-%dT%H:%M:%SZ}", "how_to_read": HOW_TO_READ}
    found = everything(Who(person.id, person.email))
    return json.dumps({**head, "account": found.pop("account"), **found}, ensure_ascii=False, indent=1)
