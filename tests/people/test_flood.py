"""Whoever floods an address with requests for codes, or with wrong ones, stops nobody and gets in nowhere."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal import rates
from portal.mail.outbox import Outbox
from portal.people import code_views, proving
from portal.people.codes import DIGITS, LONG, code_for, new_token
from portal.people.models import Person, SignInCode
from portal.people.proving import CODE_TRIES, OWN_CODES, WrongCode
from portal.people.signing_in import prove_code, request_code
from portal.rates import CODES, WRONG_CODES, WRONG_CODES_ANYWHERE
from tests.cast import Visitor
from tests.conftest import Time
from tests.letters import mail
from tests.people.signing import SAM, ask, read_code, type_code, who, wrong

KEY = "k" * 32
HOME, ELSEWHERE = "198.51.100.7", "203.0.113.9"
ANA = "ana@example.org"


class At(Visitor):
    """A browser at a network address."""

    def __init__(self, app: Flask, address: str) -> None:
        super().__init__(app)
        self.client.environ_base["REMOTE_ADDR"] = address


def sign_in(app: Flask, browser: Visitor, email: str = SAM) -> str:
    """Returns the code that did it."""
    assert ask(browser, email).status_code == 303
    code = read_code(app)
    assert type_code(browser, code).status_code == 303, code
    return code


def letters_to(email: str) -> int:
    return Outbox.select().where(Outbox.recipient == email).count()


def flood(app: Flask, email: str, *, sources: int, each: int) -> None:
    """From each source a browser that asks, guesses, and asks again."""
    for number in range(sources):
        browser = At(app, f"192.0.2.{number}")
        token = browser.token()
        for _ in range(each):
            browser.client.post("/sign-in", data={"csrf_token": token, "email": email})
            with browser.client.session_transaction() as cookie:
                guess = "1" * cookie["sign_in"]["digits"]
            browser.client.post("/sign-in/code", data={"csrf_token": token, "code": guess})


def test_a_thousand_attempts_keep_the_owner_from_nothing(app: Flask, mentee: Person, world: Time) -> None:
    known, waiting = At(app, HOME), At(app, ELSEWHERE)
    sign_in(app, known)
    known.post("/sign-out")
    ask(waiting)
    sent_before = read_code(app)
    letters = letters_to(SAM)
    flood(app, SAM, sources=50, each=10)  # each asks ten times and guesses ten times
    assert letters_to(SAM) - letters <= OWN_CODES
    assert type_code(waiting, sent_before).status_code == 303
    assert len(sign_in(app, At(app, ELSEWHERE))) == LONG
    assert len(sign_in(app, known)) == DIGITS
    assert (who(known), who(waiting)) == (SAM, SAM)


def test_a_day_of_flood_sends_few_mails(app: Flask, mentee: Person, world: Time) -> None:
    for _ in range(24 * 6):
        for number in range(3):
            request_code(SAM, browser=f"{number}", zone="Etc/UTC")
        world.pass_(minutes=10)
    assert letters_to(SAM) <= OWN_CODES + 24 * 6


def test_without_one_mail_for_all_a_flood_sends_one_each(world: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "_shared_seed", lambda kind, email: new_token())
    for number in range(3 * OWN_CODES):
        request_code(SAM, browser=f"{number}", zone="Etc/UTC")
    assert letters_to(SAM) == 3 * OWN_CODES


def test_in_one_line_with_strangers_a_known_browser_would_get_a_long_code(
    app: Flask, mentee: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = At(app, HOME)
    sign_in(app, known)
    monkeypatch.setattr(code_views, "_known_as", lambda email: "")
    flood(app, SAM, sources=OWN_CODES, each=1)
    assert len(sign_in(app, known)) == LONG


def test_the_owner_in_a_new_browser_reads_a_mail_that_a_stranger_asked_for(
    app: Flask, mentee: Person, world: Time
) -> None:
    flood(app, SAM, sources=OWN_CODES, each=1)
    stranger, owner = At(app, "192.0.2.77"), At(app, ELSEWHERE)
    ask(stranger)
    letters = letters_to(SAM)
    world.pass_(minutes=4)
    said = ask(owner)
    page = owner.get(said.location).text
    assert ("a 12-digit code is on its way" in page, "look for the latest with 12 digits" in page) == (True, True)
    assert 'data-digits="12"' in page
    assert letters_to(SAM) == letters
    assert type_code(owner, read_code(app)).status_code == 303
    assert who(owner) == SAM


def test_of_two_long_codes_either_counts_in_a_browser_that_asked(app: Flask, mentee: Person, world: Time) -> None:
    flood(app, SAM, sources=OWN_CODES, each=1)
    owner, stranger = At(app, ELSEWHERE), At(app, "192.0.2.77")
    ask(owner)
    world.pass_(minutes=9)
    ask(stranger)  # the next ten minutes on the clock: another mail, on top of the owner's
    world.pass_(seconds=50)
    assert type_code(owner, read_code(app)).status_code == 303


def test_a_long_code_counts_once(app: Flask, mentee: Person, world: Time) -> None:
    flood(app, SAM, sources=OWN_CODES, each=1)
    owner, thief, late = At(app, ELSEWHERE), At(app, "192.0.2.77"), At(app, "192.0.2.78")
    ask(thief)
    code = sign_in(app, owner)
    assert type_code(thief, code).status_code == 422
    ask(late)
    assert type_code(late, code).status_code == 422
    assert read_code(app) != code


def test_a_long_code_counts_for_its_address_alone(world: Time) -> None:
    for number in range(OWN_CODES + 1):
        for email in (SAM, ANA):
            request_code(email, browser=f"{email} {number}", zone="Etc/UTC")
    seed = SignInCode.get((SignInCode.email == SAM) & (SignInCode.digits == LONG)).seed
    code = code_for(seed, KEY, LONG)
    with pytest.raises(WrongCode):
        prove_code(code, browser=f"{ANA} {OWN_CODES}", secret_key=KEY)
    with pytest.raises(WrongCode):  # this one has six digits of its own
        prove_code(code, browser=f"{SAM} 0", secret_key=KEY)
    assert prove_code(code, browser=f"{SAM} {OWN_CODES}", secret_key=KEY).email == SAM


def test_known_and_unknown_addresses_get_the_same_answers(app: Flask, mentee: Person) -> None:
    def story(email: str) -> list[str]:
        browser, answers = At(app, HOME), []
        for _ in range(OWN_CODES + 2):
            asked = ask(browser, email)
            page = browser.get(asked.location)
            tried = type_code(browser, "1" * (LONG if "12-digit" in page.text else DIGITS))
            answers += [f"{asked.status_code} {asked.location}", bare(page, email), bare(tried, email)]
        return answers

    def bare(answer: TestResponse, email: str) -> str:
        text = re.sub(r'(name="csrf_token" value=|"X-CSRFToken": )"[^"]+"', "", answer.text)
        return f"{answer.status_code} {text.replace(email, 'somebody')}"

    assert story(SAM) == story("nobody@example.org")


def test_wrong_codes_from_one_network_make_its_codes_long_and_close_nothing(app: Flask, mentee: Person) -> None:
    known, before = At(app, HOME), At(app, HOME)
    sign_in(app, known)
    ask(before, ANA)
    earlier = read_code(app)
    for _ in range(WRONG_CODES.source):
        rates.count(WRONG_CODES, f"{HOME}")
    said = type_code(before, earlier)
    assert said.status_code == 422
    assert "Ask for a new code: it will be a longer one." in said.text
    assert len(sign_in(app, before, ANA)) == LONG
    assert len(sign_in(app, At(app, ELSEWHERE), ANA)) == DIGITS
    assert len(sign_in(app, known)) == DIGITS


def test_wrong_codes_are_counted_unless_a_known_browser_types_them(app: Flask, mentee: Person) -> None:
    known, stranger = At(app, HOME), At(app, HOME)
    sign_in(app, known)
    counted = {}
    for name, browser in (("known", known), ("stranger", stranger)):
        ask(browser)
        before = rates._tally.read(rates._span(WRONG_CODES, HOME)[0])
        type_code(browser, wrong(read_code(app)))
        counted[name] = rates._tally.read(rates._span(WRONG_CODES, HOME)[0]) - before
    assert counted == {"known": 0, "stranger": 1}


def test_wrong_codes_from_everywhere_make_the_codes_of_strangers_long(app: Flask, mentee: Person) -> None:
    known = At(app, HOME)
    sign_in(app, known)
    for _ in range(WRONG_CODES_ANYWHERE.source):
        rates.count(WRONG_CODES_ANYWHERE, "anybody")
    assert (len(sign_in(app, At(app, ELSEWHERE))), len(sign_in(app, known))) == (LONG, DIGITS)


def test_a_new_address_is_proved_by_a_long_code_too(app: Flask, mentee: Person) -> None:
    flood(app, ANA, sources=OWN_CODES, each=1)
    sam = Visitor(app, mentee)
    sam.post("/you/address", {"email": ANA})
    code = str(mail(app, "people/address_code")["Subject"]).split(" ")[0]
    assert len(code) == LONG
    assert sam.post("/you/address/code", {"code": code}).location == "/you"
    assert Person.get_by_id(mentee.id).email == ANA


def test_the_odds_of_guessing_are_small() -> None:
    """As `portal.people.proving` says them."""
    short, long = 10**DIGITS, 10**LONG
    assert OWN_CODES * CODE_TRIES / short == 0.00005
    assert WRONG_CODES.source / short == 0.0001
    assert WRONG_CODES_ANYWHERE.source / short == 0.001
    assert round(1000 * CODES.source * 24 * CODE_TRIES * 4 / long, 5) == 0.00029
    said = proving.__doc__ or ""
    assert [f"{odds} %" in " ".join(said.split()) for odds in ("0.005", "0.01", "0.1", "0.03")] == [True] * 4


def tries_in_a_day(world: Time) -> int:
    """At codes of six digits, by whoever asks and guesses all day."""
    tried = 0
    for _ in range(24):
        for number in range(5):
            code = request_code(SAM, browser=f"{world.now} {number}", zone="Etc/UTC")
            for _ in range(CODE_TRIES if code.digits == DIGITS else 0):
                with pytest.raises(WrongCode):
                    prove_code("x", browser=f"{world.now} {number}", secret_key=KEY)
                tried += 1
        world.pass_(minutes=59)
    return tried


def test_guessing_all_day_at_one_account_gets_so_many_tries(world: Time) -> None:
    assert tries_in_a_day(world) == OWN_CODES * CODE_TRIES
    world.pass_(days=1)
    assert request_code(SAM, browser="the next day", zone="Etc/UTC").digits == DIGITS


def test_without_a_limit_it_would_get_more(world: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "OWN_CODES", 10**6)
    assert tries_in_a_day(world) == 24 * 5 * CODE_TRIES
