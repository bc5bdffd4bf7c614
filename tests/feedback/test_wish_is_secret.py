"""A single yes is never shown to anyone: in no page, mail, file, count, size or statement."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask, Response
from flask_login import current_user
from jinja2 import ChoiceLoader, DictLoader

from portal.feedback import mails, wishes
from portal.feedback.models import Wish
from portal.sessions.models import Session
from portal.sessions.turns import Seat
from portal.settings import Settings
from tests.conftest import Engine, Time
from tests.feedback.secrecy import SINGLE, Laboratory, Leak, Wishes, differences, statements
from tests.proof.size import size

MENTEES = [Wishes(False, None), Wishes(True, None)]
MENTORS = [Wishes(None, False), Wishes(None, True)]


@pytest.fixture
def laboratory(engine: Engine, settings: Settings, time: Time, monkeypatch: pytest.MonkeyPatch) -> Laboratory:
    return Laboratory(engine, settings, time, monkeypatch)


def test_single_wish_is_seen_nowhere(laboratory: Laboratory, engine: Engine) -> None:
    """The pages ask both databases the same, so on PostgreSQL a few will do."""
    few = SINGLE[:: size(1, usual={"sqlite": 3, "postgres": 4}[engine.name])]
    worlds = [laboratory.see(wished) for wished in few]
    assert len(worlds) == {"sqlite": size(11, usual=4), "postgres": size(11, usual=3)}[engine.name]
    assert differences(worlds) == []


def test_looking_finds_what_there_is(laboratory: Laboratory) -> None:
    seen = laboratory.see(Wishes(True, None))
    statuses = {key: answer["status"] for key, answer in seen.answers.items()}
    session = next(request for _, name, request in statuses if request.endswith("/rating"))[: -len("/rating")]
    assert {name: statuses["at once", name, session] for name in ("mentee", "mentor", "teammate", "stranger")} == {
        "mentee": 200,
        "mentor": 200,
        "teammate": 200,
        "stranger": 404,
    }
    found = {name: sum(status == 200 for (_, who, _), status in statuses.items() if who == name) for name in PEOPLE}
    assert {name: count >= least for (name, least), count in zip(PEOPLE.items(), found.values(), strict=True)} == (
        dict.fromkeys(PEOPLE, True)
    )
    kinds = [letter["kind"] for letter in seen.letters]
    assert ("feedback/did_it_help" in kinds, "feedback/meet_again" in kinds) == (True, False)


PEOPLE = {"mentee": 20, "mentor": 20, "teammate": 11, "coordinator": 16, "stranger": 9, "visitor": 6}
"""At how many pages somebody gets something to see, at the least."""


def test_double_yes_is_told_from_a_single_one(laboratory: Laboratory) -> None:
    """What compares finds what is there to find."""
    both, one = laboratory.see(Wishes(True, True)), laboratory.see(Wishes(True, False))
    found = differences([one, both])
    assert [line for line in found if line.startswith("letters")] != []
    assert {name for name in PEOPLE for line in found if f"'{name}'" in line} == {"mentee", "mentor"}


def _in_template(template: str, text: str) -> Leak:
    def leak(app: Flask, _patch: pytest.MonkeyPatch) -> None:
        loader: Any = app.jinja_env.loader
        with app.app_context():
            source = loader.get_source(app.jinja_env, template)[0]
        app.jinja_env.loader = ChoiceLoader([DictLoader({template: source.replace("{% block main %}", text)}), loader])
        app.jinja_env.cache.clear()
        app.jinja_env.globals["wished"] = lambda: Wish.select().where(Wish.again).count()

    return leak


def _when_kept(told: Callable[[Seat, bool], None]) -> Leak:
    def leak(_app: Flask, patch: pytest.MonkeyPatch) -> None:
        keep = wishes.keep

        def leaky(seat: Seat, *, again: bool) -> None:
            keep(seat, again=again)
            told(seat, again)

        patch.setattr(wishes, "keep", leaky)

    return leak


def _tell_early(seat: Seat, again: bool) -> None:
    if again:
        mails.meet_again(seat.session)


def _raise_sequence(seat: Seat, again: bool) -> None:
    if again:
        Session.update(sequence=Session.sequence + 1).where(Session.id == seat.session.id).execute()


def _look_once_more(seat: Seat, again: bool) -> None:
    if again:
        seat.session.mentee.select().count()


def _count_in_a_header(app: Flask, _patch: pytest.MonkeyPatch) -> None:
    def count(response: Response) -> Response:
        if current_user.is_authenticated and current_user.is_coordinator:
            response.headers["X-Wishes"] = str(Wish.select().where(Wish.again).count())
        return response

    app.after_request(count)


def _answered_sooner(_app: Flask, patch: pytest.MonkeyPatch) -> None:
    """The letter that comes two weeks later has another time where there is a yes."""
    kept = mails.outbox.now
    early = datetime(2026, 11, 23, tzinfo=UTC)
    patch.setattr(mails.outbox, "now", lambda: early if Wish.select().where(Wish.again).exists() else kept())


LEAKS: dict[str, tuple[Leak, str]] = {
    "a number on the coordinator's page": (
        _in_template("programme/overview.html", "{% block main %}{{ wished() }}"),
        "'/coordinator', 'body'",
    ),
    "one blank on the sessions page": (
        _in_template("sessions/index.html", "{% block main %}{{ ' ' * wished() }}"),
        "'/sessions', 'size'",
    ),
    "the order of what the mentor has": (
        _in_template("feedback/impact.html", "{% block main %}{% if wished() %}<hr>{% endif %}"),
        "'mentor', '/impact'",
    ),
    "a mail at the first yes": (_when_kept(_tell_early), "letters"),
    "the calendar file": (_when_kept(_raise_sequence), "calendar.ics"),
    "one more statement": (_when_kept(_look_once_more), "'statements'"),
    "a header": (_count_in_a_header, "'coordinator', '/you', 'headers'"),
    "when a mail was written": (_answered_sooner, "letters"),
}


@pytest.mark.parametrize("name", list(LEAKS)[:: size(1, usual=2)])
def test_a_planted_leak_of_the_mentees_wish_is_found(laboratory: Laboratory, name: str) -> None:
    leak, where = LEAKS[name]
    found = differences([laboratory.see(wished, leak) for wished in MENTEES])
    assert [line for line in found if where in line] != []


@pytest.mark.parametrize("name", ["a mail at the first yes", "one more statement"])
def test_a_planted_leak_of_the_mentors_wish_is_found(laboratory: Laboratory, name: str) -> None:
    leak, where = LEAKS[name]
    found = differences([laboratory.see(wished, leak) for wished in MENTORS])
    assert [line for line in found if where in line] != []


def test_statements_are_recorded(world: Time) -> None:
    with statements() as run:
        Wish.select().count()
    assert len(run) == 1
    assert "COUNT" in run[0]
