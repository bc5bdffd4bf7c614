"""Mentors from a CSV file: good rows go in whole, bad ones are told by line, column and reason."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TextIO

from portal.availability import hours
from portal.availability.hours import Plan, merge
from portal.availability.models import LENGTHS
from portal.clock import zone_names
from portal.database import write
from portal.forms import EMAIL, clean, clean_line
from portal.mentors import profile, topics
from portal.mentors.languages import LANGUAGES
from portal.mentors.models import FORMATS, KINDS
from portal.mentors.profile import Profile, mentor_of, published_content
from portal.people.models import Person
from portal.people.signing_in import normal_email, person_with

NEEDED = ("name", "email", "headline", "expertise", "languages", "time_zone", "formats")
OPTIONAL = (
    "about",
    "kinds",
    "lengths",
    "hours",
    "pronouns",
    "video_link",
    "phone",
    "place",
)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_INTERVAL = re.compile(
    r"(mon|tue|wed|thu|fri|sat|sun) (\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})",
    re.ASCII,
)


@dataclass(frozen=True)
class Problem:
    """Why a row, or the file, did not go in. `line` is the line in the file."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        """ "line 7, time_zone: …" """
        return f"line {self.line}, {self.column}: {self.reason}"


@dataclass
class Report:
    """What an import did."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)


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


def import_mentors(file: TextIO, *, publish: bool) -> Report:
    """Bring in every good row of a CSV file; each in a transaction of its own.

    With `publish` the profiles are public at once, else they wait for a coordinator. Doing it twice
    changes nothing.
    """
    report = Report()
    for line, cells in _rows(file, report):
        try:
            row = _read(cells)
        except BadCell as bad:
            report.problems.append(Problem(line, bad.column, bad.reason))
            continue
        outcome = _bring_in(row, publish=publish)
        setattr(report, outcome, getattr(report, outcome) + 1)
    return report


def _rows(file: TextIO, report: Report) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(file, strict=True)
    try:
        missing = [name for name in NEEDED if name not in (reader.fieldnames or [])]
        unknown = [name for name in reader.fieldnames or [] if name not in NEEDED + OPTIONAL]
        for column, reason in [(n, "this column is missing") for n in missing] + [
            (n, f"no such column; there are {', '.join(NEEDED + OPTIONAL)}") for n in unknown
        ]:
            report.problems.append(Problem(1, column, reason))
        if not report.problems:
            for cells in reader:
                if None in cells or None in cells.values():
                    report.problems.append(
                        Problem(
                            reader.line_num,
                            "row",
                            "it has more or fewer cells than the first line",
                        )
                    )
                else:
                    yield reader.line_num, cells
    except csv.Error as error:
        report.problems.append(Problem(reader.line_num, "row", f"it is not CSV: {error}"))
    except UnicodeDecodeError:
        report.problems.append(
            Problem(
                reader.line_num + 1,
                "row",
                "it is not UTF-8; save the file as CSV UTF-8",
            )
        )


def _read(cells: dict[str, str]) -> MentorRow:
    text = {name: clean_line(value) for name, value in cells.items()}
    for column, limit in (
        ("name", 80),
        ("headline", 120),
        ("email", 254),
        ("pronouns", 30),
    ):
        _check(column, len(text.get(column, "")) <= limit, f"at most {limit} characters")
    for column in ("name", "headline"):
        _check(column, bool(text[column]), "this must not be empty")
    email = normal_email(text["email"])
    _check("email", bool(EMAIL.fullmatch(email)), f"{email!r} is not an e-mail address")
    _check(
        "time_zone",
        text["time_zone"] in zone_names(),
        f"{text['time_zone']!r} is not a zone like Europe/Berlin",
    )
    expertise = topics.canonical(_words(text["expertise"]))
    _check("expertise", bool(expertise), "name at least one")
    _check(
        "expertise",
        all(len(name) <= 60 for name in expertise),
        "each is at most 60 characters",
    )
    return MentorRow(
        email=email,
        time_zone=text["time_zone"],
        profile=Profile(
            name=text["name"],
            headline=text["headline"],
            about=clean(cells.get("about"))[:1200],
            pronouns=text.get("pronouns", ""),
            expertise=expertise,
            kinds=_choices(
                "kinds",
                text.get("kinds") or "; ".join(KINDS),
                {kind: kind for kind in KINDS},
            ),
            languages=_choices("languages", text["languages"], _LANGUAGES),
            formats=_choices("formats", text["formats"], _FORMATS),
            video_link=_link(text.get("video_link", "")),
            phone=text.get("phone", "")[:40],
            place=text.get("place", "")[:160],
        ),
        plan=_plan(text),
    )


_LANGUAGES = {spelling: code for code, name in LANGUAGES.items() for spelling in (code, name.lower())}
_FORMATS = {
    **{name: name for name in FORMATS},
    "in person": "in_person",
    "coffee": "in_person",
}


def _words(cell: str) -> list[str]:
    return [word.strip() for word in cell.split(";") if word.strip()]


def _choices(column: str, cell: str, known: dict[str, str]) -> tuple[str, ...]:
    chosen = []
    for word in _words(cell):
        _check(
            column,
            word.lower() in known,
            f"{word!r} is not one of: {', '.join(list(known)[:12])}",
        )
        chosen.append(known[word.lower()])
    _check(column, bool(chosen), "name at least one")
    return tuple(dict.fromkeys(chosen))


def _link(cell: str) -> str:
    _check(
        "video_link",
        not cell or cell.startswith("https://"),
        "a link starts with https://",
    )
    return cell[:300]


def _plan(text: dict[str, str]) -> Plan | None:
    lengths = _choices("lengths", text.get("lengths") or "15; 30", {str(n): str(n) for n in LENGTHS})
    intervals = merge(_interval(part) for part in _words(text.get("hours", "").lower()))
    if not intervals:
        return None
    return Plan(
        time_zone=text["time_zone"],
        weekly=intervals,
        lengths=tuple(sorted(int(length) for length in lengths)),
    )


def _interval(part: str) -> tuple[int, int, int]:
    found = _INTERVAL.fullmatch(part)
    _check("hours", found is not None, f"{part!r} is not like: mon 09:00-12:00")
    assert found is not None
    starts, ends = (int(found[h]) * 60 + int(found[h + 1]) for h in (2, 4))
    fits = starts % 15 == ends % 15 == 0 and starts < ends <= 1440 and int(found[3]) < 60 and int(found[5]) < 60
    _check(
        "hours",
        fits,
        f"{part!r} must end after it starts, on quarter hours, within one day",
    )
    return _DAYS.index(found[1]), starts, ends


def _check(column: str, is_fine: bool, reason: str) -> None:
    if not is_fine:
        raise BadCell(column, reason)


@write
def _bring_in(row: MentorRow, *, publish: bool) -> str:
    person = person_with(row.email, zone=row.time_zone)
    mentor = mentor_of(person)
    if mentor is not None and _same(person, row):
        return "unchanged"
    if not person.name:
        person.name, person.time_zone = row.profile.name, row.time_zone
        person.save(only=[Person.name, Person.time_zone])
    revision = profile.save_draft(row.profile, person=person)
    profile.submit(revision, person=person)
    if publish:
        profile.decide(revision, "approved", version=revision.version)
    made = mentor_of(person)
    if row.plan is not None and made is not None:
        hours.save(row.plan, mentor=made)
    return "changed" if mentor else "added"


def _same(person: Person, row: MentorRow) -> bool:
    mentor = mentor_of(person)
    assert mentor is not None
    revision = profile.open_revision(mentor)
    current = profile.content_of(revision) if revision else published_content(mentor)
    plan = hours.plan_of(mentor)
    return current == row.profile and (
        row.plan is None or (plan is not None and plan.weekly == row.plan.weekly and plan.lengths == row.plan.lengths)
    )
