"""A session as a calendar entry (RFC 5545). Pure."""

from __future__ import annotations

from datetime import datetime

from icalendar import Calendar, Event

from portal.people.models import Person
from portal.sessions.models import Session


def calendar_of(session: Session, *, person: Person, url: str, where: str, stamp: datetime) -> bytes:
    """One session for one of its two people: the same UID each time, a SEQUENCE that only rises
    (RFC 5545 3.8.7.4), times in UTC, and CANCELLED once it is.
    """
    event = Event()
    event.add("uid", f"session-{session.ref}@portal")
    event.add("dtstamp", stamp)
    event.add("dtstart", session.start)
    event.add("dtend", session.end)
    event.add("sequence", session.sequence)
    event.add("summary", f"Session with {session.other_name(person)}")
    event.add("description", "\n".join([session.objective, "", *session.question_list, "", url]))
    event.add("url", url)
    if where:
        event.add("location", where)
    event.add("status", "CANCELLED" if session.is_cancelled else "CONFIRMED")
    calendar = Calendar()
    calendar.add("prodid", "-//Micro-mentoring portal//EN")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
