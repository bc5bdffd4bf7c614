"""Where somebody is signed in: listed, ended, forgotten; and once more before what matters."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask, Response
from flask_login import current_user

from portal.people import sign_ins
from portal.people.models import FRESH, LIFE, LONGEST, Person, SignIn
from portal.people.sign_in_views import fresh
from tests.cast import Visitor
from tests.conftest import Time
from tests.people.signing import SAM, ask, read_code, stored_text, type_code, who

PHONE = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Mobile Safari/537.36"
)
LAPTOP = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SECOND = timedelta(seconds=1)


def signed_in(app: Flask, agent: str, email: str = SAM) -> Visitor:
    """A browser in which somebody has typed the code."""
    browser = Visitor(app)
    ask(browser, email)
    assert (
        browser.post("/sign-in/code", {"code": read_code(app), "next": "/"}, headers={"User-Agent": agent}).status_code
        == 303
    )
    return browser


def listed(browser: Visitor) -> list[str]:
    rows = re.findall(r'<li class="bar">(.*?)</li>', browser.get("/you/sign-ins").text, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]


def test_sign_ins_are_listed_with_browser_and_time(app: Flask, mentee: Person, stranger: Person, world: Time) -> None:
    laptop = signed_in(app, LAPTOP)
    world.pass_(days=1, hours=1)
    phone = signed_in(app, PHONE)
    signed_in(app, "", stranger.email)
    assert listed(phone) == [
        "Chrome on Android This one, since today 10:00 Sign out",
        "Firefox on Linux Since yesterday 09:00 · last seen yesterday End",
    ]
    assert who(laptop) == SAM


def test_end_one_signs_that_browser_out_and_no_other(app: Flask, mentee: Person) -> None:
    phone, laptop = signed_in(app, PHONE), signed_in(app, LAPTOP)
    key = SignIn.get(SignIn.browser == "Firefox on Linux").id
    for _ in range(2):  # a double tap
        assert phone.post(f"/you/sign-ins/{key}/end").location == "/you/sign-ins"
    assert (who(phone), who(laptop), len(listed(phone))) == (SAM, None, 1)


def test_end_this_one_is_signing_out(app: Flask, mentee: Person) -> None:
    phone = signed_in(app, PHONE)
    assert phone.post(f"/you/sign-ins/{SignIn.get().id}/end").location == "/"
    assert (who(phone), SignIn.select().count()) == (None, 0)


def test_end_all_others(app: Flask, mentee: Person, stranger: Person) -> None:
    phone, laptop, theirs = signed_in(app, PHONE), signed_in(app, LAPTOP), signed_in(app, LAPTOP, stranger.email)
    assert phone.post("/you/sign-ins/end").location == "/you/sign-ins"
    assert (who(phone), who(laptop), who(theirs)) == (SAM, None, stranger.email)


def test_nobody_ends_what_is_somebody_elses(app: Flask, mentee: Person, stranger: Person) -> None:
    phone = signed_in(app, PHONE)
    key = SignIn.get().id
    Visitor(app, stranger).post(f"/you/sign-ins/{key}/end")
    assert Visitor(app).post(f"/you/sign-ins/{key}/end").location.startswith("/sign-in")
    assert (who(phone), "Android" in Visitor(app, stranger).get("/you/sign-ins").text) == (SAM, False)


def test_a_cookie_that_was_copied_is_worth_nothing_after_signing_out(app: Flask, mentee: Person) -> None:
    phone, thief = signed_in(app, PHONE), Visitor(app)
    copied = phone.client.get_cookie("portal")
    assert copied is not None
    thief.client.set_cookie("portal", copied.value)
    assert who(thief) == SAM
    phone.post("/sign-out")
    thief.client.set_cookie("portal", copied.value)
    assert who(thief) is None


def test_signing_in_again_ends_what_the_browser_had(app: Flask, mentee: Person, stranger: Person) -> None:
    phone = signed_in(app, PHONE)
    ask(phone, stranger.email)
    type_code(phone, read_code(app))
    assert (who(phone), [row.person_id for row in SignIn.select()]) == (stranger.email, [stranger.id])


def test_database_holds_no_cookie(app: Flask, mentee: Person) -> None:
    phone = signed_in(app, PHONE)
    with phone.client.session_transaction() as cookie:
        token = cookie["_user_id"]
    assert (len(token) > 20, token in stored_text()) == (True, False)


@pytest.mark.parametrize(("after", "stands"), [(LIFE - SECOND, True), (LIFE, False), (LIFE + SECOND, False)])
def test_a_browser_counts_for_thirty_days_after_it_was_seen(
    world: Time, mentee: Person, after: timedelta, stands: bool
) -> None:
    token = sign_ins.begin(mentee, way="code", agent="").token
    world.set(world.now + after)
    assert (len(sign_ins.sign_ins_of(mentee)), sign_ins.person_of(token)) == (stands, mentee if stands else None)
    sign_ins.forget_old()
    assert SignIn.select().count() == stands


def test_a_browser_that_is_seen_every_day_counts_for_half_a_year(world: Time, mentee: Person) -> None:
    token = sign_ins.begin(mentee, way="code", agent="").token
    begun = world.now
    while world.now < begun + LONGEST - timedelta(days=1):
        world.pass_(days=1)
        assert sign_ins.person_of(token) == mentee
    world.set(begun + LONGEST - SECOND)
    assert (len(sign_ins.sign_ins_of(mentee)), sign_ins.person_of(token)) == (1, mentee)
    world.set(begun + LONGEST)
    assert (sign_ins.sign_ins_of(mentee), sign_ins.person_of(token)) == ([], None)
    sign_ins.forget_old()
    assert SignIn.select().count() == 0


def test_a_proof_takes_a_new_cookie_and_the_old_one_is_worth_nothing(app: Flask, world: Time, mentee: Person) -> None:
    phone = signed_in(app, PHONE)
    with phone.client.session_transaction() as cookie:
        before = cookie["_user_id"]
    world.pass_(hours=1)
    phone.post("/sign-in/again")
    type_code(phone, read_code(app))
    with phone.client.session_transaction() as cookie:
        after = cookie["_user_id"]
    assert (sign_ins.person_of(before), sign_ins.person_of(after), SignIn.select().count()) == (None, mentee, 1)


@pytest.mark.parametrize(
    ("after", "seen"), [(timedelta(days=1) - SECOND, False), (timedelta(days=1), True), (timedelta(days=2), True)]
)
def test_being_seen_is_noted_once_a_day(world: Time, mentee: Person, after: timedelta, seen: bool) -> None:
    token = sign_ins.begin(mentee, way="code", agent="").token
    world.set(world.now + after)
    sign_ins.person_of(token)
    assert (SignIn.get().seen_at == world.now) is seen


@pytest.fixture
def guarded(app: Flask) -> str:
    """A page that only its owner may touch."""
    app.add_url_rule("/guarded", "guarded", fresh(lambda: Response(current_user.email)), methods=["GET", "POST"])
    return "/guarded"


@pytest.mark.own_app
@pytest.mark.parametrize(("after", "is_fresh"), [(FRESH - SECOND, True), (FRESH, False), (FRESH + SECOND, False)])
def test_what_matters_asks_again_after_a_quarter_of_an_hour(
    app: Flask, world: Time, mentee: Person, guarded: str, after: timedelta, is_fresh: bool
) -> None:
    phone = Visitor(app, mentee)
    world.set(world.now + after)
    answer = phone.get(f"{guarded}?a=1")
    assert (answer.text == SAM, answer.location) == (
        is_fresh,
        None if is_fresh else "/sign-in/again?next=/guarded?a%3D1",
    )


@pytest.mark.own_app
def test_a_code_once_more_leads_back_and_keeps_the_sign_in(
    app: Flask, world: Time, mentee: Person, guarded: str
) -> None:
    phone = Visitor(app, mentee)
    key = SignIn.get().id
    world.pass_(hours=1)
    asked = phone.post(guarded, headers={"Referer": "http://localhost/you"})
    assert asked.location == "/sign-in/again?next=/you"
    assert SAM in phone.get(asked.location).text
    assert phone.post("/sign-in/again", {"next": guarded}).location == f"/sign-in/code?next={guarded}"
    assert type_code(phone, read_code(app), next=guarded).location == guarded
    assert (phone.get(guarded).text, [row.id for row in SignIn.select()]) == (SAM, [key])


@pytest.mark.own_app
def test_a_code_of_somebody_else_makes_nobody_fresh(
    app: Flask, world: Time, mentee: Person, stranger: Person, guarded: str
) -> None:
    phone = Visitor(app, mentee)
    world.pass_(hours=1)
    ask(phone, stranger.email)
    type_code(phone, read_code(app), next=guarded)
    assert phone.get(guarded).text == stranger.email


def test_who_is_not_signed_in_is_asked_to(app: Flask, visitor: Visitor) -> None:
    for path in ("/you/sign-ins", "/sign-in/again"):
        assert visitor.get(path).location == f"/sign-in?next={path}"
    assert visitor.post("/you/sign-ins/end").status_code == 303
