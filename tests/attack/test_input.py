"""Submissions that nobody would think of, to every address there is: each is done, or refused in a sentence without
changing anything, and none takes long.

What can be sent is found by looking round, so that a new form is part of it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from zlib import crc32

import pytest
from flask import Blueprint, Flask, abort, request
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from portal import pages
from portal.database import db
from portal.mentors.models import Revision
from portal.people.models import Person
from tests.attack.arena import ROLES, Arena, standing
from tests.attack.arms import UNSEEN, fault
from tests.attack.conftest import Place
from tests.attack.judging import LONGEST, Judge, answer_faults
from tests.attack.submissions import Submission, submission
from tests.attack.targets import Target, targets
from tests.conftest import Engine
from tests.proof.size import size
from tests.sessions.agreement import digest

SUBMISSIONS = {"sqlite": size(10_000, usual=1_500), "postgres": size(2_500, usual=400)}
"""PostgreSQL differs in few things, in what it takes as a text or a number, and is slower."""
SENTENCES = {
    "questions": ("mentee", "questions"),
    "cancellation": ("mentee", "reason"),
    "move-request": ("mentor", "request"),
    "objection": ("mentee", "objection"),
    "team-question": ("mate", "question"),
    "messages": ("mate", "text"),
    "teammates": ("mentee", "emails"),
}


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def arena(
    request: pytest.FixtureRequest, engines: dict[str, Engine], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Arena]:
    with standing(engines[request.param], tmp_path_factory.mktemp("data")) as made:
        yield made


def attack(judge: Judge, target: Target, count: int) -> None:
    """Send so many, always the same. Chance is even: drawn one by one, what is nasty would be rare and come in rows."""

    @seed(crc32(target.name.encode()))
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
        report_multiple_bugs=False,
    )
    @given(st.randoms(use_true_random=True))
    def is_answered_as_it_should(chance: Random) -> None:
        made = submission(chance, target, judge.arena)
        assert (target.name, judge.faults(made), made) == (target.name, [], made)

    is_answered_as_it_should()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of a file that the parser gave up on
def test_whatever_is_sent_is_done_or_refused(arena: Arena, request: pytest.FixtureRequest) -> None:
    judge, there = Judge(arena), targets(arena)
    count = SUBMISSIONS[request.node.callspec.params["arena"]]
    for target in there:
        attack(judge, target, -(-count // len(there)))
    print(f"\n{judge.sent} submissions, {judge.accepted} accepted; the slowest took {judge.slowest[0]}")
    assert (judge.sent >= count, judge.accepted > count / 4, judge.refused > count / 4) == (True, True, True)


def test_the_forms_of_all_are_found(arena: Arena) -> None:
    """Nearly all that can be sent is sent from a form: what is not here needs a time that is not now, a device, or a
    provider.
    """
    without = {target.rule for target in targets(arena) if target.method == "POST" and not target.forms}
    without = {rule for rule in without if not re.search("/passkeys?/?|/sso", rule)}
    assert without <= {
        "/hours/confirmation",
        "/hours/still-good/<token>",
        "/mentors/<slug>/saving/end",
        *(f"/moderation/people/<int(max=2147483647):key>/{what}/end" for what in ("pause", "suspension")),
        "/sessions/<ref>/outcome",
        "/sessions/<ref>/wish",
        "/waiting/mail",
        "/you/sign-ins/end",
    }
    assert {role for role, seen in arena.seen.items() if len(seen.forms) > 100} == set(ROLES)


@pytest.mark.parametrize(
    ("address", "headers", "body", "status"),
    [
        (b"/sessions?q=\xff", {}, b"", 400),
        (b"/?q\xc3=a", {"HX-Request": "true"}, b"", 400),
        (b"/you", {"Host": "xn--0"}, b"", 303),
        (b"/sign-in", {}, b"--b\r\nContent-Disposition: form-data; x\r\n\r\ny\r\n--b--", 400),
        (b"/sign-in", {}, b'--b\r\nContent-Disposition: form-data; name="\0"; filename=a\r\n\r\ny\r\n--b--', 400),
    ],
    ids=["no text", "no text in a name", "no host", "a part without a name", "a file with a NUL for a name"],
)
def test_what_was_found(arena: Arena, address: bytes, headers: dict[str, str], body: bytes, status: int) -> None:
    method, kind = ("POST", "multipart/form-data; boundary=b") if body else ("GET", "")
    sent = Submission("visitor", method, address, {"Cookie": "", **headers}, body, kind)
    judge = Judge(arena)
    _, answer, broke = judge.send(sent)
    assert answer is not None, broke
    assert (answer.status_code, list(answer_faults(sent, answer))) == (status, [])


def test_a_message_is_not_kept_where_what_was_seen_before_is_none(arena: Arena) -> None:
    path, before = f"{arena.place.path('ahead')}/messages", digest()["message"]
    data = {"csrf_token": arena.tokens["mentor"], "text": "Hello", "key": "k", "after": str(10**17)}
    answer = arena.hands["mentor"].client.post(path, data=data, headers={"HX-Request": "true"})
    assert (answer.status_code, digest()["message"] == before) == (400, True)


def test_a_decision_that_is_none_on_what_was_decided_is_refused_in_a_sentence(arena: Arena) -> None:
    decided = next(rule for rule in arena.seen["coordinator"].pages if rule.startswith("/moderation/profiles/"))
    data = {"csrf_token": arena.tokens["coordinator"], "version": "x", "what": "null"}
    with db.atomic() as tried:
        Revision.update(status="rejected").execute()
        answer = arena.hands["coordinator"].client.post(f"{decided}/decision", data=data)
        tried.rollback()
    assert (answer.status_code, fault(answer)) == (422, "")


FORM = """<form method="post" action="/planted/{}"><input type="hidden" name="csrf_token" value="x">
<input name="text"><input type="number" name="number"></form>"""


def plant(app: Flask) -> None:
    """A page with three forms: one breaks on a NUL, one is slow for what is long, one changes what it refuses."""
    app.before_request_funcs[None].remove(pages._refuse_what_is_no_text)
    planted = Blueprint("planted", __name__)

    @planted.get("/planted")
    def shown() -> str:
        return "".join(FORM.format(name) for name in ("breaks", "slow", "changes"))

    @planted.post("/planted/breaks")
    def breaks() -> str:
        return str([int(text.index("\x00") * "x") for text in request.form.values() if "\x00" in text])

    @planted.post("/planted/slow")
    def slow() -> str:
        begun = time.thread_time()
        while len(request.form.get("text", "")) > 9_000 and time.thread_time() < begun + LONGEST:
            pass
        return "Done."

    @planted.post("/planted/changes")
    def changes() -> str:
        if not request.form.get("number", "").isdigit():
            Person.update(headline=request.form.get("text", "").replace("\x00", "")[:9]).execute()
            abort(409, "This did not work, but it did.")
        return "Done."

    app.register_blueprint(planted)


def test_what_is_planted_is_found(engines: dict[str, Engine], tmp_path: Path) -> None:
    with standing(engines["sqlite"], tmp_path, each=1, plant=plant) as arena:
        said = {}
        for target in targets(arena):
            if target.rule.startswith("/planted/"):
                with pytest.raises(AssertionError) as found:
                    attack(Judge(arena), target, 1_000)
                said[target.rule] = str(found.value)
    expected = {"breaks": "ValueError in ", "slow": " s'", "changes": "refused, and changed person"}
    assert [name for name, what in expected.items() if what not in said[f"/planted/{name}"]] == []


@pytest.mark.parametrize("turn", SENTENCES)
def test_a_sentence_that_nobody_sees_is_none(place: Place, turn: str) -> None:
    who, field = SENTENCES[turn]
    session = "away" if turn == "objection" else "ahead"
    before = digest()
    answer = place.post(who, f"{place.path(session)}/{turn}", {field: UNSEEN})
    assert (answer.status_code, fault(answer), digest() == before) == (422, "", True)
