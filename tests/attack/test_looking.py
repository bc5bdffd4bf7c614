"""Looking changes nothing, whoever looks and by whatever method: link scanners open every link of a mail."""

from __future__ import annotations

import re
from collections import defaultdict

from portal.database import db
from portal.preparation.models import Reading
from tests.attack.arms import fault
from tests.attack.conftest import Place
from tests.attack.test_outsiders import PAGES
from tests.sessions.agreement import digest

OTHERS = (
    "/",
    "/?q=plan",
    "/sessions",
    "/impact",
    "/certificates",
    "/you",
    "/coordinator",
    "/hint?objective=x",
    "/waiting",
    "/waiting?expertise=R",
)
LINK = re.compile(r'(?:href|hx-get)="(/[^"#]*)')
METHODS = {"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE"}
READ = "reading"
"""How far somebody has read is noted when they look: the one thing that may change."""


def changed(before: dict[str, str]) -> list[str]:
    after = digest()
    return [table for table in before if before[table] != after[table] and table != READ]


def everything(place: Place) -> list[str]:
    under = [place.path(session) + page for session in ("ahead", "over") for page in PAGES]
    record = f"/moderation/people/{place.cast['mentee'].id}"
    reports = (f"/moderation/reports/{place.report.id}", f"/report{place.path('over')}/mentee", "/audit?who=sam")
    more = (*reports, place.path("cancelled"), place.path("away"), "/mentors/laila-mansour", record)
    return [*under, *OTHERS, *more, f"/certificates/{place.certificate.code}"]


def test_looking_changes_nothing(place: Place) -> None:
    place.get("visitor", "/")  # brings up to date for all what is open by now
    before = digest()
    for who in ("visitor", "mentee", "mentor", "coordinator"):
        assert [path for path in everything(place) if fault(place.get(who, path))] == []
    assert changed(before) == []


def test_looking_notes_how_far_one_has_read(place: Place) -> None:
    path = place.path("ahead")
    with db.atomic() as tried:
        place.post("mentor", f"{path}/messages", {"text": "Hello", "key": "a"})
        known = Reading.select().count()
        assert ("Hello" in place.get("mate", path).text, Reading.select().count()) == (True, known + 1)
        tried.rollback()


def test_a_scanner_follows_every_link_and_changes_nothing(place: Place) -> None:
    before, seen, waiting = digest(), set(), {"/sessions"}
    while waiting:
        path = waiting.pop()
        seen.add(path)
        answer = place.get("mentee", path)
        assert (path, fault(answer)) == (path, "")
        links = {link.replace("&amp;", "&") for link in LINK.findall(answer.text)}
        waiting |= {link for link in links - seen if link.startswith("/sessions") and "day=" not in link}
    assert (len(seen) > 12, changed(before)) == (True, [])


def test_other_methods_are_refused_and_change_nothing(place: Place) -> None:
    before, known = digest(), defaultdict(set)
    for rule in place.app.url_map.iter_rules():
        if rule.rule.startswith("/sessions/<ref>/"):
            known[rule.rule.replace("/sessions/<ref>", place.path("ahead"))] |= rule.methods or set()
    client = place.hand("mentee").client
    for path, methods in known.items():
        for method in METHODS - (methods & {"GET", "POST"}):
            answer = client.open(path, method=method)
            assert (path, method, answer.status_code == 405) == (path, method, method not in methods)
    assert (len(known) > 20, changed(before)) == (True, [])
