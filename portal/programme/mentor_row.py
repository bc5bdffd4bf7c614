"""One row of a mentors' CSV file: every cell checked, or the first bad one told."""

from __future__ import annotations

import re
from dataclasses import dataclass

from portal.availability.hours import Plan, merge
from portal.availability.models import LENGTHS
from portal.clock import zone_names
from portal.mentors import topics
from portal.mentors.languages import LANGUAGES
from portal.mentors.models import FORMATS, KINDS
from portal.mentors.profile import Profile
from portal.people.signing_in import normal_email
from portal.text import EMAIL, clean, clean_line

NEEDED = ("name", "email", "headline", "expertise", "languages", "time_zone", "formats")
OPTIONAL = ("about", "kinds", "lengths", "hours", "pronouns", "video_link", "phone", "place")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_INTERVAL = re.compile(r"(mon|tue|wed|thu|fri|sat|sun) (\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})", re.ASCII)


@dataclass(frozen=True)
class MentorRow:
    """A good row as values."""

    email: str
    time_zone: str
    profile: Profile
    plan: Plan | None


class BadCell(ValueError):
    """One cell that cannot be used."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.reason = column, reason


def read(cells: dict[str, str]) -> MentorRow:
    """The values of a row. Raises BadCell."""
    text = {name: clean_line(value) for name, value in cells.items()}
    for column, limit in (("name", 80), ("headline", 120), ("email", 254), ("pronouns", 30)):
        _check(column, len(text.get(column, "")) <= limit, f"at most {limit} characters")
    for column in ("name", "headline"):
        _check(column, bool(text[column]), "this must not be empty")
    email = normal_email(text["email"])
    _check("email", bool(EMAIL.fullmatch(email)), f"{email!r} is not an e-mail address")
    _check("time_zone", text["time_zone"] in zone_names(), f"{text['time_zone']!r} is not a zone like Europe/Berlin")
    expertise = topics.canonical(_words(text["expertise"]))
    _check("expertise", bool(expertise), "name at least one")
    _check("expertise", all(len(name) <= 60 for name in expertise), "each is at most 60 characters")
    return MentorRow(
        email=email,
        time_zone=text["time_zone"],
        profile=Profile(
            name=text["name"],
            headline=text["headline"],
            about=clean(cells.get("about"))[:1200],
            pronouns=text.get("pronouns", ""),
            expertise=expertise,
            kinds=_choices("kinds", text.get("kinds") or "; ".join(KINDS), {kind: kind for kind in KINDS}),
            languages=_choices("languages", text["languages"], _LANGUAGES),
            formats=_choices("formats", text["formats"], _FORMATS),
            video_link=_link(text.get("video_link", "")),
            phone=text.get("phone", "")[:40],
            place=text.get("place", "")[:160],
        ),
        plan=_plan(text),
    )


_LANGUAGES = {spelling: code for code, name in LANGUAGES.items() for spelling in (code, name.lower())}
_FORMATS = {**{name: name for name in FORMATS}, "in person": "in_person", "coffee": "in_person"}


def _words(cell: str) -> list[str]:
    return [word.strip() for word in cell.split(";") if word.strip()]


def _choices(column: str, cell: str, known: dict[str, str]) -> tuple[str, ...]:
    chosen = []
    for word in _words(cell):
        _check(column, word.lower() in known, f"{word!r} is not one of: {', '.join(list(known)[:12])}")
        chosen.append(known[word.lower()])
    _check(column, bool(chosen), "name at least one")
    return tuple(dict.fromkeys(chosen))


def _link(cell: str) -> str:
    _check("video_link", not cell or cell.startswith("https://"), "a link starts with https://")
    return cell[:300]


def _plan(text: dict[str, str]) -> Plan | None:
    lengths = _choices("lengths", text.get("lengths") or "15; 30", {str(n): str(n) for n in LENGTHS})
    intervals = merge(_interval(part) for part in _words(text.get("hours", "").lower()))
    if not intervals:
        return None
    return Plan(time_zone=text["time_zone"], weekly=intervals, lengths=tuple(sorted(int(length) for length in lengths)))


def _interval(part: str) -> tuple[int, int, int]:
    found = _INTERVAL.fullmatch(part)
    if found is None:
        raise BadCell("hours", f"{part!r} is not like: mon 09:00-12:00")
    starts, ends = (int(found[h]) * 60 + int(found[h + 1]) for h in (2, 4))
    fits = starts % 15 == ends % 15 == 0 and starts < ends <= 1440 and int(found[3]) < 60 and int(found[5]) < 60
    _check("hours", fits, f"{part!r} must end after it starts, on quarter hours, within one day")
    return _DAYS.index(found[1]), starts, ends


def _check(column: str, is_fine: bool, reason: str) -> None:
    if not is_fine:
        raise BadCell(column, reason)
