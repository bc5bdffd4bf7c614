"""Who asks too often gets 429: when to try again, and nothing that was typed is lost."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal import rates
from portal.askers import source
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.preparation.models import Message
from portal.rates import BOOKINGS, CODES, HOLDS, MESSAGES, SEARCHES, WRITES, Rate
from portal.sessions.models import Session
from tests.cast import BOOKING, Visitor, make_session, opening, value_of
from tests.conftest import Time

HERE = "source 127.0.0.1"


def use_up(rate: Rate, who: str) -> None:
    """As if it had been done as often as it may be."""
    for _ in range(rate.source if who.startswith("source") else rate.person):
        rates.count(rate, who)


def refusal(answer: TestResponse) -> str:
    """The sentence, in an answer that is right in all else."""
    assert answer.status_code == 429
    assert re.fullmatch("[1-9][0-9]*", answer.headers["Retry-After"])
    found = re.search(r'class="(?:refusal|error)[^>]*>([^<]*Try again in [^<]+)<', answer.text)
    assert found is not None, answer.text
    return html.unescape(found[1])


def test_asking_for_codes_too_often_keeps_the_address(app: Flask, visitor: Visitor, world: Time) -> None:
    world.pass_(minutes=57)
    use_up(CODES, HERE)
    answer = visitor.post("/sign-in", {"email": "Sam@example.org", "next": "/waiting"})
    assert refusal(answer) == "Too many codes were asked for. Try again in 3 minutes."
    assert answer.headers["Retry-After"] == "180"
    assert ('value="sam@example.org"' in answer.text, 'name="next" value="/waiting"' in answer.text) == (True, True)
    assert Outbox.select().count() == 0
    world.pass_(minutes=3)
    assert visitor.post("/sign-in", {"email": "sam@example.org"}).status_code == 303


def test_one_source_stops_no_other(app: Flask, visitor: Visitor) -> None:
    use_up(CODES, HERE)
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    answer = visitor.post("/sign-in", {"email": "sam@example.org"}, environ_overrides=elsewhere)
    assert answer.status_code == 303


def test_who_is_signed_in_is_counted_alone(app: Flask, mentee: Person, stranger: Person) -> None:
    for rate in (CODES, HOLDS, SEARCHES, WRITES):
        use_up(rate, HERE)
        use_up(rate, f"person {stranger.id}")
    sam, mallory = Visitor(app, mentee), Visitor(app, stranger)
    assert (sam.get("/").status_code, mallory.get("/").status_code) == (200, 429)
    assert sam.post("/sign-in/again").status_code == 303
    assert mallory.post("/sign-in/again").status_code == 429


@pytest.mark.parametrize("q", ["offer", ""])
def test_searching_too_often_is_said_in_the_place_of_the_results(app: Flask, visitor: Visitor, q: str) -> None:
    use_up(SEARCHES, HERE)
    part, whole = visitor.part(f"/?q={q}"), visitor.get(f"/?q={q}")
    assert refusal(part) == refusal(whole) == "Those were many searches at once. Try again in 60 seconds."
    assert part.text.strip().startswith('<section id="results"')
    assert f'value="{q}"' in whole.text


def test_holding_too_often_keeps_all_that_was_sent(app: Flask, visitor: Visitor, mentor: Mentor) -> None:
    use_up(HOLDS, HERE)
    wanted = opening(mentor)
    answer = visitor.hold(wanted, objective='A "counter-offer" & more')
    assert refusal(answer) == "Too many times were asked for at once. Try again in 10 minutes."
    kept = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', answer.text))
    assert kept.pop("csrf_token")
    assert {name: html.unescape(value) for name, value in kept.items()} == {
        "opening": value_of(wanted),
        "objective": 'A "counter-offer" & more',
    }


def test_booking_too_often_keeps_the_form(app: Flask, mentor: Mentor, mentee: Person) -> None:
    use_up(BOOKINGS, f"person {mentee.id}")
    sam, wanted = Visitor(app, mentee), opening(mentor)
    ref = sam.hold(wanted).location.rpartition("/")[2]
    answer = sam.post("/sessions", {**BOOKING, "opening": value_of(wanted), "hold": ref})
    assert refusal(answer) == "You sent this form too often. Try again in 60 minutes."
    assert ('value="A counter-offer"' in answer.text, Session.select().count()) == (True, 0)


def test_a_visitor_who_asks_too_often_keeps_the_form(app: Flask, mentor: Mentor, visitor: Visitor) -> None:
    wanted = opening(mentor)
    ref = visitor.hold(wanted).location.rpartition("/")[2]
    use_up(CODES, HERE)
    filled = {**BOOKING, "opening": value_of(wanted), "hold": ref, "name": "Noor", "email": "noor@example.org"}
    answer = visitor.post("/sessions", filled)
    assert refusal(answer) == "Too many codes were asked for. Try again in 60 minutes."
    assert ('value="A counter-offer"' in answer.text, 'value="noor@example.org"' in answer.text) == (True, True)


def test_writing_too_often_keeps_the_message(app: Flask, mentor: Mentor, mentee: Person) -> None:
    path = f"/sessions/{make_session(mentor, mentee).ref}/messages"
    sam = Visitor(app, mentee)
    for _ in range(MESSAGES.person):
        rates.count(MESSAGES, f"person {mentee.id}")
    whole = sam.post(path, {"text": "Hello again"})
    assert refusal(whole) == "You wrote many messages at once. Try again in 10 minutes."
    assert "Hello again</textarea>" in whole.text
    part = sam.post(path, {"text": "Hello again"}, headers={"HX-Request": "true"})
    assert refusal(part) == refusal(whole)
    assert ('id="say-error"' in part.text, Message.select().count()) == (True, 0)


def test_whatever_else_is_done_too_often_is_refused(app: Flask, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    use_up(WRITES, f"person {mentee.id}")
    answer = sam.post("/you", {"name": "Samuel", "headline": "", "time_zone": "Etc/UTC"})
    assert refusal(answer) == "That was a lot at once. Try again in 60 minutes."
    assert ('name="name" value="Samuel"' in answer.text, Person.get_by_id(mentee.id).name) == (True, "Sam Rivera")
    part = sam.post("/you", {"name": "Samuel"}, headers={"HX-Request": "true"})
    assert (refusal(part), "<form" in part.text) == (refusal(answer), False)
    assert sam.get("/you").status_code == 200


def test_nothing_counts_that_was_refused_before(app: Flask, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    token = sam.token()
    for _ in range(WRITES.person - 1):
        rates.count(WRITES, f"person {mentee.id}")
    for _ in range(3):
        # What another site makes a browser send would else shut out who sits before it.
        assert sam.client.post("/you", headers={"Origin": "https://evil.example"}).status_code == 403
        assert sam.client.post("/you", data={"csrf_token": "x"}).status_code == 400
    filled = {"csrf_token": token, "name": "Samuel", "headline": "", "time_zone": "Etc/UTC"}
    assert [sam.client.post("/you", data=filled).status_code for _ in range(2)] == [303, 429]


def test_a_programme_may_allow_more(app: Flask, visitor: Visitor) -> None:
    use_up(SEARCHES, HERE)
    assert visitor.get("/").status_code == 429
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], rate_factor=2)
    assert visitor.get("/").status_code == 200


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix:/tmp/x", "unix:/tmp/x"),
    ],
)
def test_source_of_ipv6_is_a_network(app: Flask, address: str, counted: str) -> None:
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert source() == counted


def test_a_classroom_of_200_comes_in_within_the_hour(app: Flask, world: Time) -> None:
    """Each searches, looks at a mentor, holds, and asks for a code; some do it twice."""
    for rate, each in ((CODES, 2), (HOLDS, 2), (WRITES, 30)):
        assert 200 * each <= rate.source, rate.name
    for number in range(200):
        answer = Visitor(app).post("/sign-in", {"email": f"student-{number}@example.org"})
        assert answer.status_code == 303
