"""What a person says of themselves."""

from __future__ import annotations

import re

from flask import Flask

from portal.people.models import Person, SignIn
from tests.cast import Visitor

GOOD = {"name": "Sam Rivera", "headline": "Economics student", "time_zone": "Asia/Kolkata"}


def kept(person: Person) -> tuple[str, str, str]:
    fresh = Person.get_by_id(person.id)
    return fresh.name, fresh.headline, fresh.time_zone


def test_describe_keeps_it_and_shows_times_there(app: Flask, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    saved = sam.post("/you", {**GOOD, "name": "  Sam \u202e  Rivera\x07 "})
    assert (saved.status_code, saved.location, kept(mentee)) == (303, "/you", tuple(GOOD.values()))
    assert "Saved." in sam.get("/you").text
    assert "Times in Kolkata" in sam.get("/").text


def test_describe_with_bad_input_says_so_keeps_what_was_typed_and_changes_nothing(app: Flask, mentee: Person) -> None:
    sam, before = Visitor(app, mentee), kept(mentee)
    for field, value, said in (
        ("name", "", "Type the name people should call you by."),
        ("name", "\u202e \x07", "Type the name people should call you by."),
        ("name", "x" * 81, "At most 80 characters, please."),
        ("headline", "x" * 121, "At most 120 characters, please."),
        ("time_zone", "", "Type a time zone, like Europe/Berlin."),
        ("time_zone", "Mars/Olympus", "We do not know this time zone. Pick one like Europe/Berlin or Asia/Kolkata."),
        (
            "time_zone",
            "../../etc/passwd",
            "We do not know this time zone. Pick one like Europe/Berlin or Asia/Kolkata.",
        ),
        ("time_zone", "europe/berlin", "We do not know this time zone. Pick one like Europe/Berlin or Asia/Kolkata."),
    ):
        answer = sam.post("/you", {**GOOD, field: value})
        wrong = re.search(rf'id="{field}-error">([^<]+)<', answer.text)
        assert (answer.status_code, wrong and wrong[1]) == (422, said)
        assert [f'value="{typed}"' in answer.text for name, typed in GOOD.items() if name != field] == [True, True]
    assert kept(mentee) == before


def test_describe_up_to_the_limits(app: Flask, mentee: Person) -> None:
    longest = {"name": "ü" * 80, "headline": "本" * 120, "time_zone": "America/Argentina/ComodRivadavia"}
    assert Visitor(app, mentee).post("/you", longest).status_code == 303
    assert kept(mentee) == tuple(longest.values())


def test_describe_cannot_be_more_than_oneself(app: Flask, mentee: Person) -> None:
    sneaky = {**GOOD, "is_coordinator": "1", "id": "1", "email": "inga.holm@example.org"}
    assert Visitor(app, mentee).post("/you", sneaky).status_code == 303
    fresh = Person.get_by_id(mentee.id)
    assert (fresh.is_coordinator, fresh.email) == (False, "sam.rivera@example.org")


def test_you_is_for_the_signed_in(app: Flask, visitor: Visitor) -> None:
    for answer in (visitor.get("/you"), visitor.post("/you", GOOD)):
        assert (answer.status_code, answer.location.split("?")[0]) == (303, "/sign-in")


def test_a_name_is_text_on_every_page(app: Flask, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    assert sam.post("/you", {**GOOD, "name": "<b>x</b>{{7*142857}}"}).status_code == 303
    page = sam.get("/you").text
    assert ("<b>x</b>" in page, "999999" in page, "&lt;b&gt;x&lt;/b&gt;{{7*142857}}" in page) == (False, False, True)


def test_sign_out_forgets_everything(app: Flask, visitor: Visitor, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    with sam.client.session_transaction() as cookie:
        cookie["holder"] = "mine"
    left = sam.post("/sign-out")
    assert (left.status_code, left.location) == (303, "/")
    assert "You are signed out." in sam.get("/").text
    assert sam.get("/you").location == "/sign-in?next=/you"
    with sam.client.session_transaction() as cookie:
        assert [name in cookie for name in ("holder", "_user_id")] == [False, False]


def test_sign_out_is_no_link(app: Flask, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    assert (sam.get("/sign-out").status_code, sam.client.post("/sign-out").status_code) == (405, 400)
    assert sam.get("/you").status_code == 200


def test_who_was_signed_out_elsewhere_is_nobody(app: Flask, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    SignIn.delete().execute()
    assert sam.get("/you").location == "/sign-in?next=/you"
    assert sam.get("/").status_code == 200
