"""Coordinators need a passkey, or single sign-on, beside the code: a mailbox alone opens none of their pages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from portal.limits import Limits, set_limits
from portal.mentors.models import Mentor
from portal.mentors.profile import hide
from portal.people import passkeys, sign_ins
from portal.people.models import Person, SignIn
from portal.people.passkey_models import Passkey
from tests.cast import Visitor
from tests.conftest import Time
from tests.letters import mail, text_of, told
from tests.people.device import Device, at_localhost, make_with, sign_in_with  # noqa: F401  # a fixture
from tests.people.signing import ask, read_code, type_code, who

INGA = "inga.holm@example.org"
PAGES = ("/coordinator", "/coordinator/mails", "/certificates")
PROOF, NEW = "/sign-in/proof?next=", "/you/passkeys/new?next="


def entered(app: Flask, person: Person, way: str) -> Visitor:
    """A browser in which somebody signed in this way."""
    token = sign_ins.begin(person, way=way, agent="").get_id()
    return Visitor(app, person, kept={"_user_id": token, "_fresh": True})


@pytest.fixture
def inga(app: Flask, coordinator: Person) -> Visitor:
    """Signed in by a code."""
    return entered(app, coordinator, "code")


@pytest.mark.parametrize(("way", "opens"), [("code", 303), ("link", 303), ("passkey", 200), ("sso", 200)])
def test_which_way_opens_a_coordinators_pages(app: Flask, coordinator: Person, way: str, opens: int) -> None:
    inga = entered(app, coordinator, way)
    assert [inga.get(path).status_code for path in PAGES] == [opens] * len(PAGES)
    assert [inga.get(path).status_code for path in ("/", "/sessions", "/you")] == [200] * 3


@pytest.mark.parametrize("way", ["code", "passkey", "sso"])
def test_others_find_no_such_pages_whatever_their_way(app: Flask, stranger: Person, way: str) -> None:
    assert [entered(app, stranger, way).get(path).status_code for path in PAGES] == [404] * len(PAGES)


def test_a_setting_lets_a_code_be_enough(app: Flask, inga: Visitor) -> None:
    set_limits(Limits(coordinators_need="code"))
    assert inga.get("/coordinator").status_code == 200


def test_who_has_none_makes_one_now_and_goes_on(app: Flask, inga: Visitor) -> None:
    led = inga.get("/coordinator")
    assert (led.status_code, led.location) == (303, f"{PROOF}/coordinator")
    led = inga.get(led.location)
    assert (led.status_code, led.location) == (303, f"{NEW}/coordinator")
    page = inga.get(led.location).text
    assert ("Coordinators need one" in page, 'name="next" value="/coordinator"' in page) == (True, True)
    assert make_with(Device(), inga, next="/coordinator").location == "/coordinator"
    assert inga.get("/coordinator").status_code == 200
    assert inga.get(f"{PROOF}/coordinator").location == "/coordinator"


def test_who_has_one_uses_it_and_a_code_is_too_little(app: Flask, inga: Visitor, coordinator: Person) -> None:
    device = Device()
    make_with(device, inga)
    later = entered(app, coordinator, "code")
    page = later.get(later.get("/coordinator/mails").location).text
    assert ("Your passkey, please" in page, "Send me a code" in page) == (True, False)
    failed = sign_in_with(device.but(origin="http://evil.example"), later, next="/coordinator/mails")
    assert (failed.status_code, "Your passkey, please" in failed.text) == (422, True)
    assert sign_in_with(device, later, next="/coordinator/mails").location == "/coordinator/mails"
    assert later.get("/coordinator/mails").status_code == 200


def test_a_form_is_not_done_before_the_passkey(app: Flask, inga: Visitor) -> None:
    led = inga.post("/coordinator/mails/1/again", headers={"Referer": "http://localhost/coordinator/mails"})
    assert led.location == f"{PROOF}/coordinator/mails"
    part = inga.part("/coordinator")
    assert part.headers["HX-Redirect"] == f"{PROOF}/coordinator"


def test_what_only_coordinators_see_elsewhere_needs_it_too(
    app: Flask, inga: Visitor, coordinator: Person, mentor: Mentor
) -> None:
    hide(mentor)
    path = f"/mentors/{mentor.slug}"
    assert (inga.get(path).status_code, entered(app, coordinator, "passkey").get(path).status_code) == (404, 200)


def test_whoever_reads_a_coordinators_mail_adds_and_removes_nothing(
    app: Flask, inga: Visitor, coordinator: Person
) -> None:
    make_with(Device(), inga)
    key = Passkey.get().id
    thief = Visitor(app)
    ask(thief, INGA)
    type_code(thief, read_code(app))
    assert who(thief) == INGA
    assert thief.get("/you/passkeys/new").location == f"{PROOF}/you/passkeys/new"
    for path in ("/you/passkeys/options", "/you/passkeys", f"/you/passkeys/{key}/removal"):
        assert thief.post(path).location == f"{PROOF}/"
    thief.post("/sign-in/again")
    type_code(thief, read_code(app))  # a fresh code makes it no better
    assert thief.get("/coordinator").location == f"{PROOF}/coordinator"
    assert [row.id for row in Passkey.select()] == [key]


def test_a_code_once_more_takes_nothing_from_a_sign_in_by_passkey(app: Flask, coordinator: Person, world: Time) -> None:
    inga = entered(app, coordinator, "passkey")
    world.pass_(hours=1)
    inga.post("/sign-in/again")
    type_code(inga, read_code(app))
    assert (inga.get("/coordinator").status_code, SignIn.get().way) == (200, "passkey")


def test_the_last_one_stays_where_it_is_needed(app: Flask, inga: Visitor) -> None:
    make_with(Device(), inga)
    path = f"/you/passkeys/{Passkey.get().id}"
    page = inga.get(path).text
    assert ("this is your last" in page, "Remove this passkey" in page) == (True, False)
    refused = inga.post(f"{path}/removal")
    assert (refused.status_code, "Make another one first." in refused.text) == (409, True)
    make_with(Device(), inga)
    assert inga.post(f"{path}/removal").status_code == 303
    assert (Passkey.select().count(), inga.get(path).status_code) == (1, 404)


def test_the_last_one_goes_where_there_is_another_way(app: Flask, coordinator: Person) -> None:
    inga = entered(app, coordinator, "sso")
    make_with(Device(), inga)
    assert SignIn.get().way == "sso"
    assert inga.post(f"/you/passkeys/{Passkey.get().id}/removal").status_code == 303
    set_limits(Limits(coordinators_need="code"))
    inga = entered(app, coordinator, "code")
    make_with(Device(), inga)
    assert inga.post(f"/you/passkeys/{Passkey.get().id}/removal").status_code == 303


def test_a_lost_device_is_forgotten_and_signed_out(app: Flask, inga: Visitor, coordinator: Person) -> None:
    device = Device()
    make_with(device, inga)
    make_with(Device(), inga)
    assert passkeys.forget_passkeys(coordinator) == 2
    assert (who(inga), sign_in_with(device, inga).status_code) == (None, 422)
    assert told()[-1] == ("people/passkeys_removed", INGA)
    assert "“A browser 2”, “A browser”" in text_of(mail(app, "people/passkeys_removed"))
    ask(inga, INGA)
    type_code(inga, read_code(app))
    assert make_with(Device(), inga, next="/coordinator").location == "/coordinator"
    assert inga.get("/coordinator").status_code == 200


@pytest.mark.own_app
def test_where_browsers_make_none_the_page_says_who_can_change_that(app: Flask, inga: Visitor) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], portal_url="http://portal.example.org")
    page = inga.get(f"{NEW}/coordinator").text
    assert ("Whoever runs it can change that" in page, "data-passkey" in page) == (True, False)
