"""A sign-in code: six digits, ten minutes, five tries, one browser, once."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from portal.people.codes import code_for
from portal.people.models import Person, SignInCode
from portal.people.proving import WrongCode, _count_try, _use_code
from portal.people.signing_in import prove_code, request_code
from tests.cast import Visitor
from tests.conftest import Time
from tests.people.signing import SAM, ask, read_code, type_code, who, wrong

KEY = "k" * 32


def test_code_is_six_digits(app: Flask, visitor: Visitor, world: Time) -> None:
    codes = []
    for _ in range(20):
        world.pass_(hours=3)
        ask(visitor)
        codes.append(read_code(app))
    assert [re.fullmatch("[0-9]{6}", code) is not None for code in codes] == [True] * 20
    assert len(set(codes)) > 10


def test_prove_code_takes_it_however_it_was_pasted(app: Flask, mentee: Person) -> None:
    for pasted in ("{0} {1}", "{0}-{1}", "  {0}{1}\t", "{0}\u00a0{1}", "{0}\r\n{1}"):
        browser = Visitor(app)
        ask(browser)
        code = read_code(app)
        assert (pasted, type_code(browser, pasted.format(code[:3], code[3:])).status_code) == (pasted, 303)
        assert who(browser) == SAM


def test_prove_code_that_is_none_says_so_and_is_no_try(app: Flask, visitor: Visitor) -> None:
    ask(visitor)
    for typed in ("", "12345", "1234567", "12345a", "१२३४५६", "x" * 41):
        answer = type_code(visitor, typed)
        assert (typed, answer.status_code, 'id="code-error">' in answer.text) == (typed, 422, True)
    assert SignInCode.get().tries == 0


@pytest.mark.parametrize(
    ("age", "counts"),
    [({"minutes": 9, "seconds": 59}, True), ({"minutes": 10}, False), ({"minutes": 10, "seconds": 1}, False)],
)
def test_code_counts_for_ten_minutes(
    app: Flask, visitor: Visitor, mentee: Person, world: Time, age: dict[str, int], counts: bool
) -> None:
    ask(visitor)
    code = read_code(app)
    world.pass_(**age)
    answer = type_code(visitor, code)
    assert answer.status_code == (303 if counts else 422)
    assert ("This code has expired or was tried too often. Ask for a new one." in answer.text) is not counts
    assert who(visitor) == (SAM if counts else None)


@pytest.mark.parametrize(("failed", "counts"), [(3, True), (4, True), (5, False)])
def test_code_counts_for_five_tries(app: Flask, visitor: Visitor, mentee: Person, failed: int, counts: bool) -> None:
    ask(visitor)
    code = read_code(app)
    for _ in range(failed):
        assert type_code(visitor, wrong(code)).status_code == 422
    assert type_code(visitor, code).status_code == (303 if counts else 422)
    assert who(visitor) == (SAM if counts else None)


def test_prove_code_says_how_many_tries_are_left(app: Flask, visitor: Visitor) -> None:
    ask(visitor)
    code = read_code(app)
    said = [re.search(r'id="code-error">([^<]+)<', type_code(visitor, wrong(code)).text) for _ in range(6)]
    assert [found and found[1] for found in said] == [
        "This is not the code we sent. 4 tries left.",
        "This is not the code we sent. 3 tries left.",
        "This is not the code we sent. 2 tries left.",
        "This is not the code we sent. 1 try left.",
        "This is not the code we sent. Ask for a new one.",
        "This code has expired or was tried too often. Ask for a new one.",
    ]


def test_code_is_used_once(world: Time) -> None:
    request_code(SAM, browser="one", zone="Etc/UTC")
    code = _code_of(SignInCode.get())
    assert prove_code(code, browser="one", secret_key=KEY).email == SAM
    with pytest.raises(WrongCode):
        prove_code(code, browser="one", secret_key=KEY)


def test_code_counts_only_in_the_browser_that_asked(world: Time) -> None:
    request_code(SAM, browser="one", zone="Etc/UTC")
    request_code("mallory.quinn@example.org", browser="two", zone="Etc/UTC")
    first = _code_of(SignInCode.get(SignInCode.email == SAM))
    for browser in ("two", "three", ""):
        with pytest.raises(WrongCode):
            prove_code(first, browser=browser, secret_key=KEY)
    assert prove_code(first, browser="one", secret_key=KEY).email == SAM


def test_type_a_code_in_a_browser_that_never_asked(app: Flask, mentee: Person, stranger: Person) -> None:
    ask(Visitor(app))
    other = Visitor(app)
    answer = type_code(other, read_code(app))
    assert (answer.status_code, answer.location, who(other)) == (303, "/sign-in?next=/", None)


def test_ask_again_makes_the_first_code_worthless(app: Flask, visitor: Visitor, mentee: Person) -> None:
    ask(visitor)
    first = read_code(app)
    ask(visitor)
    second = read_code(app)
    assert type_code(visitor, first).status_code == 422
    assert type_code(visitor, second).status_code == 303


def _code_of(row: SignInCode) -> str:
    return code_for(row.seed, KEY)


def test_code_is_used_once_by_two_who_prove_it_at_the_same_moment(world: Time) -> None:
    request_code(SAM, browser="one", zone="Etc/UTC")
    first, second = _count_try("one"), _count_try("one")
    assert first is not None
    assert second is not None
    _use_code(first.seed)
    with pytest.raises(WrongCode, match="has been used"):
        _use_code(second.seed)
