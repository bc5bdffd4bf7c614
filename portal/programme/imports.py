"""Mentors from a CSV file: good rows go in whole, bad ones are told by line, column and reason."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TextIO

from portal.availability import hours
from portal.database import write
from portal.errors import NotAllowedNow
from portal.mentors import profile
from portal.mentors.models import Mentor
from portal.mentors.profile import Profile, mentor_of, published_content
from portal.people.audit import What, record
from portal.people.models import Person
from portal.people.signing_in import person_with
from portal.programme.mentor_row import NEEDED, OPTIONAL, BadCell, MentorRow, read


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


def import_mentors(file: TextIO, *, publish: bool) -> Report:
    """Bring in every good row of a CSV file; each in a transaction of its own.

    With `publish` the profiles are public at once, else they wait for a coordinator. Doing it twice
    changes nothing.
    """
    report = Report()
    for line, cells in _rows(file, report):
        try:
            row = read(cells)
        except BadCell as bad:
            report.problems.append(Problem(line, bad.column, bad.reason))
            continue
        try:
            outcome = _bring_in(row, publish=publish)
        except NotAllowedNow as refusal:
            report.problems.append(Problem(line, "email", str(refusal)))
            continue
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
                        Problem(reader.line_num, "row", "it has more or fewer cells than the first line")
                    )
                else:
                    yield reader.line_num, cells
    except csv.Error as error:
        report.problems.append(Problem(reader.reader.line_num, "row", f"it is not CSV: {error}"))
    except UnicodeDecodeError:
        report.problems.append(Problem(reader.line_num + 1, "row", "it is not UTF-8; save the file as CSV UTF-8"))


@write
def _bring_in(row: MentorRow, *, publish: bool) -> str:
    person = person_with(row.email, zone=row.time_zone)
    mentor = mentor_of(person)
    if mentor is not None:  # the photo that the mentor has chosen stays
        row = replace(row, profile=replace(row.profile, photo=_current(mentor).photo))
    if mentor is not None and _same(mentor, row) and not (publish and profile.open_revision(mentor)):
        return "unchanged"
    if not person.name:
        person.name, person.time_zone = row.profile.name, row.time_zone
        person.save(only=[Person.name, Person.time_zone])
    revision = profile.save_draft(row.profile, person=person)
    profile.submit(revision, person=person)
    if publish:
        profile.decide(revision, "approved", version=revision.version)
    made = revision.mentor
    hours.begin(made)
    if row.plan is not None:
        plan = hours.plan_of(made) or row.plan  # limits and days off that the mentor has set stay
        weekly, lengths = row.plan.weekly, row.plan.lengths
        hours.save(replace(plan, time_zone=row.time_zone, weekly=weekly, lengths=lengths), mentor=made)
    outcome = "changed" if mentor else "added"
    record(What.IMPORTED, by=None, about=person, detail=outcome)
    return outcome


def _same(mentor: Mentor, row: MentorRow) -> bool:
    plan = hours.plan_of(mentor)
    return _current(mentor) == row.profile and (
        row.plan is None or (plan is not None and plan.weekly == row.plan.weekly and plan.lengths == row.plan.lengths)
    )


def _current(mentor: Mentor) -> Profile:
    revision = profile.open_revision(mentor)
    return profile.content_of(revision) if revision else published_content(mentor)
