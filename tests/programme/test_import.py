"""Mentors from a CSV file: good rows go in whole, bad ones are told by line, column and reason."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

from portal.availability import hours
from portal.availability.hours import Plan
from portal.mentors.models import Mentor, Revision
from portal.mentors.profile import content_of, published_content
from portal.people.models import Person
from portal.programme.imports import Report, import_mentors
from tests.conftest import Time
from tests.directory.shows import import_shows, rows_of_the_file

HEADER = "name,email,headline,expertise,languages,time_zone,formats"
ROW = "Ana Lima,ana@example.org,Engineer,golang; Zorbology,en; German,Europe/Lisbon,video; in person"
SECOND = "Bo Chen,bo@example.org,Designer,Figma,en,Asia/Taipei,chat"


def bring(*lines: str, publish: bool = True) -> Report:
    return import_mentors(io.StringIO("\r\n".join(lines) + "\r\n", newline=""), publish=publish)


def told(report: Report) -> list[str]:
    return [str(problem) for problem in report.problems]


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, len(report.problems)


def nobody() -> bool:
    return Person.select().count() == Mentor.select().count() == Revision.select().count() == 0


def test_import_a_row_becomes_a_public_mentor(world: Time) -> None:
    assert counts(bring(HEADER, ROW)) == (1, 0, 0, 0)
    mentor, person = Mentor.get(), Person.get()
    profile = published_content(mentor)
    assert (person.email, person.name, person.time_zone) == ("ana@example.org", "Ana Lima", "Europe/Lisbon")
    assert (profile.expertise, profile.languages) == (("Go", "Zorbology"), ("en", "de"))
    assert (profile.formats, profile.kinds) == (("video", "in_person"), ("skill", "project", "career", "studies"))
    assert hours.plan_of(mentor) == Plan("Europe/Lisbon")  # no hours yet, and in the directory all the same


def test_import_without_publishing_waits_for_a_coordinator(world: Time) -> None:
    assert counts(bring(HEADER, ROW, publish=False)) == (1, 0, 0, 0)
    assert (Mentor.get().status, Revision.get().status) == ("applying", "submitted")
    assert counts(bring(HEADER, ROW, publish=False)) == (0, 0, 1, 0)
    assert counts(bring(HEADER, ROW, publish=True)) == (0, 1, 0, 0)
    assert (Mentor.get().status, Revision.get().status) == ("published", "approved")
    assert counts(bring(HEADER, ROW, publish=True)) == (0, 0, 1, 0)


def test_import_twice_changes_nothing(world: Time) -> None:
    lines = (f"{HEADER},hours,lengths", f"{ROW},mon 09:00-12:00,30; 15", f"{SECOND},,")
    assert counts(bring(*lines)) == (2, 0, 0, 0)
    before = list(Mentor.select().tuples()), list(Revision.select().tuples())
    world.pass_(days=1)
    assert counts(bring(*lines)) == (0, 0, 2, 0)
    assert (list(Mentor.select().tuples()), list(Revision.select().tuples())) == before


def test_import_the_file_of_200_twice(world: Time) -> None:
    first, second = import_shows(), import_shows()
    assert (counts(first), counts(second)) == ((200, 0, 0, 0), (0, 0, 200, 0))
    assert told(first) == []
    names = sorted(mentor.name for mentor in Mentor.select().where(Mentor.status == "published"))
    assert names == sorted(row["name"] for row in rows_of_the_file())


def test_import_a_changed_row_changes_that_mentor(world: Time) -> None:
    bring(HEADER, ROW, SECOND)
    assert counts(bring(HEADER, ROW.replace("Engineer", "Architect"), SECOND)) == (0, 1, 1, 0)
    assert sorted(mentor.headline for mentor in Mentor.select()) == ["Architect", "Designer"]


def test_import_leaves_what_the_mentor_has_set(world: Time) -> None:
    lines = (f"{HEADER},hours", f"{ROW},mon 09:00-12:00")
    bring(*lines)
    plan = hours.plan_of(Mentor.get())
    assert plan is not None
    own = replace(plan, notice=1440, gap=15, weekly_cap=2, off=((date(2026, 12, 24), date(2026, 12, 31), "Holidays"),))
    hours.save(own, mentor=Mentor.get())
    assert counts(bring(lines[0], f"{ROW.replace('Engineer', 'Architect')},tue 10:00-11:00")) == (0, 1, 0, 0)
    assert hours.plan_of(Mentor.get()) == replace(own, weekly=((1, 600, 660),))


def test_import_keeps_the_name_a_person_has(world: Time) -> None:
    Person.create(email="ana@example.org", name="Ana L.", time_zone="Etc/UTC", created_at=world.now)
    bring(HEADER, ROW.replace("ana@example.org", " ANA@Example.org "))
    assert [(person.name, person.time_zone) for person in Person.select()] == [("Ana L.", "Etc/UTC")]
    assert Mentor.get().name == "Ana Lima"


BAD_CELLS = [
    ("name", "", "this must not be empty"),
    ("name", "x" * 81, "at most 80 characters"),
    ("email", "", "'' is not an e-mail address"),
    ("email", "ana", "'ana' is not an e-mail address"),
    ("email", "a" * 250 + "@b.org", "at most 254 characters"),
    ("headline", "\u202e", "this must not be empty"),
    ("headline", "x" * 121, "at most 120 characters"),
    ("expertise", " ; ;", "name at least one"),
    ("expertise", "!!!", "name at least one"),
    ("expertise", "x" * 61, "each is at most 60 characters"),
    ("languages", "", "name at least one"),
    ("languages", "en; Klingon", "'Klingon' is not one of: en, english, af, afrikaans, sq, albanian"),
    ("time_zone", "Lisbon", "'Lisbon' is not a zone like Europe/Berlin"),
    ("formats", "video; pigeon", "'pigeon' is not one of: video, phone, in_person, chat, in person, coffee"),
    ("kinds", "skill; fun", "'fun' is not one of: skill, project, career, studies"),
    ("lengths", "20", "'20' is not one of: 15, 30, 60"),
    ("pronouns", "x" * 31, "at most 30 characters"),
    ("video_link", "http://meet.example.org", "a link starts with https://"),
    ("video_link", "javascript:alert(1)", "a link starts with https://"),
    ("hours", "monday 9-5", "'monday 9-5' is not like: mon 09:00-12:00"),
    ("hours", "mon 09:10-12:00", "must end after it starts, on quarter hours, within one day"),
    ("hours", "mon 12:00-09:00", "must end after it starts, on quarter hours, within one day"),
    ("hours", "mon 23:00-25:00", "must end after it starts, on quarter hours, within one day"),
    ("hours", "mon 09:00-09:75", "must end after it starts, on quarter hours, within one day"),
    ("hours", "mon 09:00-12:00; x", "'x' is not like: mon 09:00-12:00"),
]


def test_import_a_bad_cell_is_told_and_nothing_of_its_row_goes_in(world: Time) -> None:
    names = [*HEADER.split(","), "kinds", "lengths", "pronouns", "video_link", "hours"]
    good = [*ROW.split(","), "", "", "", "", ""]
    for column, value, reason in BAD_CELLS:
        cells = [value if name == column else cell for name, cell in zip(names, good, strict=True)]
        report = bring(",".join(names), ",".join(cells))
        assert (column, value[:20], counts(report), nobody()) == (column, value[:20], (0, 0, 0, 1), True)
        assert (told(report)[0].startswith(f"line 2, {column}: "), reason in told(report)[0]) == (True, True), told(
            report
        )


def test_import_takes_the_good_rows_around_a_bad_one(world: Time) -> None:
    report = bring(HEADER, ROW, "", "Bad,bad,Row,Go,en,Etc/UTC,chat", "x,y", SECOND, "a,b,c,d,e,f,g,h")
    assert counts(report) == (2, 0, 0, 3)
    assert told(report) == [
        "line 4, email: 'bad' is not an e-mail address",
        "line 5, row: it has more or fewer cells than the first line",
        "line 7, row: it has more or fewer cells than the first line",
    ]
    assert sorted(mentor.name for mentor in Mentor.select()) == ["Ana Lima", "Bo Chen"]


def test_import_needs_its_columns_and_no_others(world: Time) -> None:
    report = bring("name,email,headline,expertise,languages,zone", "Ana,ana@example.org,x,Go,en,Etc/UTC")
    known = "name, email, headline, expertise, languages, time_zone, formats, about, kinds, lengths, hours, pronouns"
    assert told(report) == [
        "line 1, time_zone: this column is missing",
        "line 1, formats: this column is missing",
        f"line 1, zone: no such column; there are {known}, video_link, phone, place",
    ]
    assert nobody()


def test_import_takes_the_columns_in_any_order(world: Time) -> None:
    names, cells = HEADER.split(","), ROW.split(",")
    assert counts(bring(",".join(names[::-1]), ",".join(cells[::-1]))) == (1, 0, 0, 0)
    assert Mentor.get().headline == "Engineer"


def test_import_an_empty_file_says_what_is_missing(world: Time) -> None:
    report = import_mentors(io.StringIO(""), publish=True)
    assert told(report)[0] == "line 1, name: this column is missing"
    assert counts(bring(HEADER)) == (0, 0, 0, 0)


def test_import_reads_quotes_commas_and_lines_in_cells(world: Time) -> None:
    about = 'First "line", and\na second.'
    report = bring(f"{HEADER},about", f'"Lima, Ana",{ROW.split(",", 1)[1]},"{about.replace(chr(34), chr(34) * 2)}"')
    assert counts(report) == (1, 0, 0, 0)
    assert (Mentor.get().name, Mentor.get().about) == ("Lima, Ana", about)


def test_import_broken_quotes_are_told_and_what_came_before_is_kept(world: Time) -> None:
    report = bring(HEADER, ROW, '"Bo" Chen,bo@example.org,Designer,Figma,en,Asia/Taipei,chat', SECOND)
    assert counts(report) == (1, 0, 0, 1)
    assert told(report)[0].startswith("line 3, row: it is not CSV: ")


def test_import_a_nul_is_no_part_of_a_text(world: Time) -> None:
    report = bring(HEADER, ROW.replace("Engineer", "Engi\0neer"))
    assert counts(report) == (1, 0, 0, 0)
    assert Mentor.get().headline == "Engineer"


def test_import_what_is_no_utf8_is_told_by_line(world: Time, tmp_path: Path) -> None:
    path = tmp_path / "mentors.csv"
    path.write_bytes(f"{HEADER}\r\n{ROW.replace('Lima', 'Müller')}\r\n".encode("latin-1"))
    with path.open(encoding="utf-8-sig", newline="") as file:
        report = import_mentors(file, publish=True)
    assert ([problem.column for problem in report.problems], nobody()) == (["row"], True)
    assert "it is not UTF-8; save the file as CSV UTF-8" in told(report)[0]


def test_import_hours(world: Time) -> None:
    for cell, weekly in (
        ("mon 09:00-12:00", ((0, 540, 720),)),
        ("Mon 9:00 – 12:00; SUN 22:00-24:00", ((0, 540, 720), (6, 1320, 1440))),
        ("mon 09:00-10:00; mon 10:00-11:00; mon 10:30-12:15", ((0, 540, 735),)),
        ("fri 00:00-00:15", ((4, 0, 15),)),
    ):
        assert bring(f"{HEADER},hours,lengths", f"{ROW},{cell},60; 15; 15").problems == []
        plan = hours.plan_of(Mentor.get())
        assert plan is not None
        assert (cell, plan.weekly, plan.lengths) == (cell, weekly, (15, 60))
    assert (plan.time_zone, plan.notice) == ("Europe/Lisbon", 240)


def test_import_cuts_what_has_no_limit_of_its_own(world: Time) -> None:
    columns = f"{HEADER},about,phone,place,video_link"
    bring(columns, f"{ROW},{'a' * 1300},{'1' * 50},{'p' * 200},https://{'x' * 400}", publish=False)
    kept = content_of(Revision.get())
    assert [len(text) for text in (kept.about, kept.phone, kept.place, kept.video_link)] == [1200, 40, 160, 300]
