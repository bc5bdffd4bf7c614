"""Pages of passkeys: signing in with one, showing that it is still you, making, naming, removing; and the offer."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from portal.mentors.models import Mentor
from portal.people import suspensions
from portal.people.models import Person, SignIn
from portal.people.passkey_models import Challenge, Passkey
from portal.people.passkeys import MOST
from tests.cast import Visitor, opening
from tests.conftest import Time
from tests.letters import mail, text_of, told
from tests.people.device import Device, at_localhost, make_with, sign_in_with  # noqa: F401  # a fixture
from tests.people.signing import SAM, ask, read_code, type_code, who

OFFER = "data-passkey-offer"


@pytest.fixture
def sam(app: Flask, mentee: Person) -> Visitor:
    return Visitor(app, mentee)


@pytest.fixture
def device(sam: Visitor) -> Device:
    """Sam's, with one passkey."""
    device = Device()
    make_with(device, sam)
    return device


def listed(browser: Visitor) -> list[str]:
    rows = re.findall(r'<a class="row bar"[^>]*>(.*?)</a>', browser.get("/you/passkeys").text, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()).removesuffix(" ›") for row in rows]


def test_make_one_and_sign_in_with_it_without_a_name(app: Flask, sam: Visitor, world: Time) -> None:
    device, laptop = Device(), Visitor(app)
    assert "Passkeys" in sam.get("/you").text
    made = make_with(device, sam)
    assert (made.status_code, made.location) == (303, "/you/passkeys")
    assert "Your passkey is made: A browser." in sam.get("/you/passkeys").text
    assert listed(sam) == ["A browser Made today · not used yet"]
    world.pass_(days=1)
    entered = sign_in_with(device, laptop, next="/sessions")
    assert (entered.status_code, entered.location, who(laptop)) == (303, "/sessions", SAM)
    assert SignIn.select(SignIn.way).order_by(SignIn.id.desc()).scalar() == "passkey"
    assert listed(laptop) == ["A browser Made yesterday · last used today"]
    assert told() == [("people/passkey_added", SAM)]
    assert "“A browser”" in text_of(mail(app, "people/passkey_added"))


def test_who_is_suspended_has_no_way_in(app: Flask, device: Device, mentee: Person) -> None:
    suspensions.suspend(mentee)
    laptop = Visitor(app)
    answer = sign_in_with(device, laptop)
    assert (answer.status_code, "Your account is suspended." in answer.text, who(laptop)) == (403, True, None)
    suspensions.lift(mentee)
    assert (sign_in_with(device, laptop).status_code, who(laptop)) == (303, SAM)


def test_who_is_paused_signs_in_as_by_a_code(app: Flask, device: Device, world: Time) -> None:
    Person.update(paused_until=world.now + timedelta(days=7)).execute()
    assert sign_in_with(device, Visitor(app)).status_code == 303


def test_sign_in_never_leads_off_site(app: Flask, device: Device) -> None:
    assert sign_in_with(device, Visitor(app), next="//evil.example").location == "/"


def test_sign_in_page_has_the_button_where_there_are_passkeys(app: Flask, visitor: Visitor) -> None:
    page = visitor.get("/sign-in?next=/sessions").text
    form = re.findall(r'<form[^>]*data-passkey="get"[^>]* hidden>.*?</form>', page, re.DOTALL)
    assert (len(form), 'name="next" value="/sessions"' in form[0], page.count("passkeys.js")) == (1, True, 1)
    assert "passkeys.js" not in visitor.get("/").text


def test_sign_in_with_what_is_wrong_says_so_and_keeps_the_way(app: Flask, device: Device) -> None:
    laptop = Visitor(app)
    answer = sign_in_with(device.but(sees_who=False), laptop, next="/sessions")
    assert (answer.status_code, answer.text.count("did not work here")) == (422, 1)
    assert answer.text.count('name="next" value="/sessions"') == 2
    assert (who(laptop), sign_in_with(device, laptop).status_code) == (None, 303)


def test_an_answer_counts_in_the_browser_that_asked(app: Flask, device: Device) -> None:
    laptop, thief = Visitor(app), Visitor(app)
    credential = device.use(laptop.post("/sign-in/passkey/options").text)
    thief.post("/sign-in/passkey/options")
    assert thief.post("/sign-in/passkey", {"credential": credential}).status_code == 422
    assert laptop.post("/sign-in/passkey", {"credential": credential}).status_code == 303
    assert (who(thief), who(laptop)) == (None, SAM)


def test_a_passkey_shows_that_it_is_still_you(app: Flask, sam: Visitor, device: Device, world: Time) -> None:
    world.pass_(hours=1)
    key = SignIn.get().id
    assert sam.get("/you/address").location == "/sign-in/again?next=/you/address"
    assert 'data-passkey="get"' in sam.get("/sign-in/again").text
    assert sign_in_with(device, sam, next="/you/address").location == "/you/address"
    assert (sam.get("/you/address").status_code, [row.id for row in SignIn.select()]) == (200, [key])


def test_who_has_none_is_asked_for_a_code_alone(app: Flask, sam: Visitor, world: Time) -> None:
    world.pass_(hours=1)
    page = sam.get("/sign-in/again").text
    assert ("Send me a code" in page, "data-passkey" in page) == (True, False)


def test_a_passkey_of_somebody_else_makes_nobody_fresh(app: Flask, sam: Visitor, stranger: Person) -> None:
    mallorys = Device()
    make_with(mallorys, Visitor(app, stranger))
    sign_in_with(mallorys, sam)
    assert who(sam) == stranger.email


def test_making_and_removing_need_a_fresh_proof(app: Flask, sam: Visitor, device: Device, world: Time) -> None:
    key = Passkey.get().id
    world.pass_(minutes=15)
    assert sam.get("/you/passkeys/new").location == "/sign-in/again?next=/you/passkeys/new"
    for path in ("/you/passkeys", "/you/passkeys/options", f"/you/passkeys/{key}/removal"):
        assert sam.post(path).location == "/sign-in/again?next=/"
    assert (Passkey.select().count(), Challenge.select().count()) == (1, 0)
    sign_in_with(device, sam)
    assert sam.post(f"/you/passkeys/{key}/removal").location == "/you/passkeys"


def test_rename(app: Flask, sam: Visitor, device: Device) -> None:
    path = f"/you/passkeys/{Passkey.get().id}"
    assert 'value="A browser"' in sam.get(path).text
    assert sam.post(path, {"name": "  My  phone "}).location == "/you/passkeys"
    assert listed(sam) == ["My phone Made today · not used yet"]
    for name in ("", " \u200b", "x" * 81):
        answer = sam.post(path, {"name": name})
        assert (answer.status_code, 'id="name-error">' in answer.text) == (422, True)
    assert ("x" * 81 in answer.text, Passkey.get().name) == (True, "My phone")


def test_remove_the_last_one_where_a_code_is_another_way(app: Flask, sam: Visitor, device: Device) -> None:
    path = f"/you/passkeys/{Passkey.get().id}"
    assert [sam.post(f"{path}/removal").status_code for _ in range(2)] == [303, 404]  # a double tap
    assert (listed(sam), sign_in_with(device, Visitor(app)).status_code) == ([], 422)
    assert told() == [("people/passkey_added", SAM), ("people/passkeys_removed", SAM)]


def test_nobody_sees_or_changes_what_is_somebody_elses(app: Flask, device: Device, stranger: Person) -> None:
    path = f"/you/passkeys/{Passkey.get().id}"
    mallory, visitor = Visitor(app, stranger), Visitor(app)
    answers = [mallory.get(path), mallory.post(path, {"name": "Mine"}), mallory.post(f"{path}/removal")]
    assert ([answer.status_code for answer in answers], listed(mallory)) == ([404] * 3, [])
    for answer in (visitor.get(path), visitor.post(f"{path}/removal"), visitor.post("/you/passkeys/not-now")):
        assert answer.location.startswith("/sign-in?")
    assert [row.name for row in Passkey.select()] == ["A browser"]


def test_the_page_says_that_twenty_are_the_most(app: Flask, sam: Visitor, mentee: Person) -> None:
    for number in range(MOST):
        assert "Make a" in sam.get("/you/passkeys").text
        words = {"public_key": "", "sign_count": 0, "transports": (), "name": str(number)}
        Passkey.create(person=mentee, credential_id=str(number), made_at=mentee.created_at, **words)
    assert ("Make a" in sam.get("/you/passkeys").text, sam.post("/you/passkeys/options").status_code) == (False, 409)


def signed_in_by_code(app: Flask, email: str = SAM) -> Visitor:
    browser = Visitor(app)
    ask(browser, email)
    type_code(browser, read_code(app))
    return browser


def test_the_first_page_after_a_code_offers_a_passkey_once(app: Flask, mentee: Person) -> None:
    sam = signed_in_by_code(app)
    assert [OFFER in sam.get(path).text for path in ("/you", "/sessions", "/sessions", "/")] == [
        False,
        True,
        False,
        False,
    ]
    assert OFFER in signed_in_by_code(app).get("/").text


def test_not_now_is_remembered(app: Flask, mentee: Person) -> None:
    sam = signed_in_by_code(app)
    assert 'name="next" value="/sessions?past=1"' in sam.get("/sessions?past=1").text
    assert sam.post("/you/passkeys/not-now", {"next": "/sessions?past=1"}).location == "/sessions?past=1"
    assert OFFER not in signed_in_by_code(app).get("/").text
    assert "Make a passkey" in sam.get("/you/passkeys").text


def test_who_has_one_or_used_one_is_offered_none(app: Flask, device: Device) -> None:
    laptop = Visitor(app)
    sign_in_with(device, laptop)
    assert [OFFER in browser.get("/").text for browser in (laptop, signed_in_by_code(app))] == [False, False]


def test_a_new_person_is_offered_one_after_saying_who_they_are(app: Flask) -> None:
    noor = signed_in_by_code(app, "noor@example.org")
    noor.get("/you?next=/")
    noor.post("/you", {"name": "Noor Haddad", "headline": "", "time_zone": "Etc/UTC", "next": "/"})
    assert OFFER in noor.get("/").text


def test_who_books_first_is_offered_one_on_the_page_of_the_session(app: Flask, mentor: Mentor) -> None:
    noor = Visitor(app)
    held = noor.hold(opening(mentor)).location
    brief = {"objective": "A plan", "questions": "What first?", "kind": "career", "format": "video"}
    value = re.search(r'name="opening" value="([^"]+)"', noor.get(held).text)
    assert value is not None
    sent = {**brief, "opening": value[1], "hold": held.rsplit("/", 1)[-1], "name": "Noor", "email": "noor@example.org"}
    coded = noor.post("/sessions", sent).location
    booked = noor.post(coded, {"code": read_code(app)}).location
    page = noor.get(booked).text
    assert ("Booked." in page, OFFER in page) == (True, True)


@pytest.mark.parametrize("host", ["http://portal.example.org", "https://192.0.2.7"])
@pytest.mark.own_app
def test_where_browsers_make_none_nothing_is_offered(app: Flask, mentee: Person, host: str) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], portal_url=host)
    sam = signed_in_by_code(app)
    assert OFFER not in sam.get("/").text
    assert ("Passkeys" in sam.get("/you").text, "data-passkey" in sam.get("/sign-in").text) == (False, False)
    assert "only where the portal is reached over https" in sam.get("/you/passkeys").text
    for path in ("/sign-in/passkey/options", "/sign-in/passkey", "/you/passkeys/options", "/you/passkeys"):
        answer = sam.post(path)
        assert (answer.status_code, "over https" in answer.text) == (409, True)
