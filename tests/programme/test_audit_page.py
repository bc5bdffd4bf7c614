"""The page of the audit: found by who, what and when, a page at a time, and as a sheet."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from io import StringIO

import pytest
from flask import Flask

from portal.mentors.models import Mentor
from portal.moderation.decisions import hide
from portal.people.account import describe
from portal.people.audit import PAGE, What, record
from portal.people.models import Audit, Person
from portal.text import safe_cell
from tests.cast import Visitor, make_person
from tests.conftest import Time
from tests.people.erasing import erase

LINE = re.compile(
    r'<b>([^<]+)</b>(?:: <a href="/moderation/people/\d+">([^<]+)</a>)?</p>\s*'
    r'<p class="muted">By (?:<a href="/moderation/people/\d+">)?([^<]+?)(?:</a>)? · ([^<]+)</p>'
)


@pytest.fixture
def inga(app: Flask, coordinator: Person) -> Visitor:
    return Visitor(app, coordinator)


def shown(browser: Visitor, query: str = "") -> list[tuple[str, str, str]]:
    """What, whom, who."""
    answer = browser.get(f"/audit{query}")
    assert answer.status_code == 200
    return [(what, whom, who) for what, whom, who, _ in LINE.findall(answer.text)]


def test_audit_shows_the_newest_first(inga: Visitor, mentor: Mentor, coordinator: Person) -> None:
    hide(mentor, reason="Reported", coordinator=coordinator)
    assert shown(inga) == [
        ("Decided", "Laila Mansour", "Inga Holm"),
        ("Signed in", "", "Inga Holm"),
        ("Made a coordinator", "Inga Holm", "nobody who was signed in"),
    ]
    assert "today 08:00 · decision 1 · profile: hidden" in inga.get("/audit").text
    assert "Audit</a>" in inga.get("/coordinator").text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?who=RIVERA", {"sam"}),
        ("?who=sam.rivera@", {"sam"}),
        ("?who=noor", {"noor"}),
        ("?who=%25", set()),
        ("?who=_", set()),
        ("?who=&what=signed+in", {"sam", "noor", "inga"}),
        ("?what=signed+out", {"sam"}),
        ("?what=imported", set()),
        ("?since=2026-11-24", {"noor"}),
        ("?since=2026-11-23&until=2026-11-23", {"sam", "inga"}),
        ("?until=2026-11-22", set()),
        ("?who=rivera&since=2026-11-24", set()),
    ],
)
def test_audit_is_searched(
    app: Flask, inga: Visitor, mentee: Person, world: Time, query: str, expected: set[str]
) -> None:
    noor = make_person("Noor Haddad")
    record(What.SIGNED_IN, by=mentee, detail="code")
    record(What.SIGNED_OUT, by=mentee)
    world.pass_(hours=16)  # midnight, on which the next day begins
    record(What.SIGNED_IN, by=noor, detail="code")
    names = {"Sam Rivera": "sam", "Noor Haddad": "noor", "Inga Holm": "inga"}
    found = shown(inga, query)
    assert {names[whom or who] for _, whom, who in found} == expected
    if not expected:
        assert "No line says that." in inga.get(f"/audit{query}").text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("since=yesterday", "It looks like 2026-11-23."),
        ("since=0001-01-01", "Choose a day of this century"),
        ("until=9999-12-31", "Choose a day of this century"),
        ("since=2026-11-24&until=2026-11-23", "This is before the first day."),
        ("what=nothing", "Not a valid choice"),
        (f"who={'x' * 300}", "At most 254 characters"),
    ],
)
def test_audit_says_what_is_wrong_with_a_question(inga: Visitor, query: str, said: str) -> None:
    answer = inga.get(f"/audit?{query}")
    assert (answer.status_code, said in answer.text, LINE.findall(answer.text)) == (422, True, [])
    for before in ("x", "-1", "0", "1e3"):
        assert inga.get(f"/audit?before={before}").status_code == 400


def test_audit_is_paged_by_key(inga: Visitor, mentee: Person) -> None:
    for number in range(2 * PAGE):
        record(What.SIGNED_IN, by=mentee, detail=f"number {number}")
    first = inga.get("/audit?who=rivera").text
    older = re.search(r'href="(/audit\?[^"]*before=[^"]*)">Older', first)
    assert older is not None
    record(What.SIGNED_OUT, by=mentee)  # what comes meanwhile moves nothing
    second = inga.get(older[1].replace("&amp;", "&")).text
    numbers = [int(number) for number in re.findall(r"number (\d+)", first + second)]
    assert numbers == list(reversed(range(2 * PAGE)))
    assert ("Older" in second, "signed out" in second.lower().split("<ul")[1]) == (False, False)


def test_audit_export_is_recorded_and_safe_in_a_sheet(app: Flask, inga: Visitor, mentee: Person) -> None:
    describe(mentee, name='=HYPERLINK("https://evil.example","x")', headline="", time_zone="Etc/UTC")
    record(What.SIGNED_IN, by=mentee, detail="code")
    answer = inga.post("/audit/export", {"who": "hyperlink"})
    assert (answer.mimetype, answer.headers["Content-Disposition"]) == (
        "text/csv",
        'attachment; filename="audit-2026-11-23.csv"',
    )
    assert list(csv.reader(StringIO(answer.text))) == [
        ["time", "who", "what", "whom", "thing", "detail"],
        ["2026-11-23T08:00:00Z", '\'=HYPERLINK("https://evil.example","x")', "signed in", "", "", "code"],
    ]
    last = Audit.select().order_by(Audit.id.desc()).get()
    assert (last.what, last.detail, last.person.name) == ("audit exported", "1 lines", "Inga Holm")
    wrong = inga.post("/audit/export", {"since": "x"})
    assert (wrong.status_code, Audit.select().order_by(Audit.id.desc()).get().id) == (422, last.id)


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_safe_cell_defuses_a_formula(first: str) -> None:
    assert (safe_cell(f"{first}1"), safe_cell(f"1{first}")) == (f"'{first}1", f"1{first}")


def test_audit_names_who_left_by_nothing(inga: Visitor, mentee: Person, world: Time) -> None:
    record(What.SIGNED_IN, by=mentee, detail="code")
    world.pass_(seconds=timedelta(hours=1).seconds)
    erase(mentee)
    assert shown(inga, "?what=signed+in")[0] == ("Signed in", "", "somebody who left")
