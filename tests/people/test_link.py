"""A one-time link from the help desk: looking does not use it, the first tap on its button does."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.people.models import Person, SignInLink
from portal.people.signing_in import is_link_valid, issue_link
from tests.cast import Visitor
from tests.conftest import Time
from tests.people.signing import SAM, stored_text, who


def test_link_is_not_used_by_looking_at_it(app: Flask, visitor: Visitor, mentee: Person) -> None:
    path = f"/sign-in/link/{issue_link(SAM)}"
    for look in (visitor.client.get, visitor.client.head, visitor.client.options, visitor.client.get):
        assert look(path).status_code == 200
    assert (SignInLink.get().used_at, who(visitor)) == (None, None)
    assert visitor.client.head(path).data == b""


def test_use_link_signs_in_once(app: Flask, mentee: Person) -> None:
    path = f"/sign-in/link/{issue_link(' Sam.Rivera@Example.org')}"
    first, second = Visitor(app), Visitor(app)
    used = first.post(path)
    again = second.post(path)
    assert (used.status_code, used.location, who(first)) == (303, "/", SAM)
    assert (again.status_code, who(second)) == (422, None)
    assert "This link has been used or has expired. Sign in with your e-mail instead." in again.text
    assert "This link no longer counts" in second.get(path).text


@pytest.mark.parametrize(("seconds", "counts"), [(3599, True), (3600, False), (3601, False)])
def test_link_counts_for_an_hour(
    app: Flask, visitor: Visitor, mentee: Person, world: Time, seconds: int, counts: bool
) -> None:
    token = issue_link(SAM)
    world.pass_(seconds=seconds)
    assert is_link_valid(token) is counts
    assert visitor.post(f"/sign-in/link/{token}").status_code == (303 if counts else 422)
    assert who(visitor) == (SAM if counts else None)


def test_link_of_a_new_person_asks_for_a_name(app: Flask, visitor: Visitor) -> None:
    used = visitor.post(f"/sign-in/link/{issue_link('new@example.org')}")
    assert (used.status_code, used.location) == (303, "/you?next=/")


def test_link_that_never_was_says_so(app: Flask, visitor: Visitor) -> None:
    for token in ("x", "%20", "\u202e", "a" * 5000):
        shown, used = visitor.get(f"/sign-in/link/{token}"), visitor.post(f"/sign-in/link/{token}")
        assert (shown.status_code, used.status_code) == (200, 422)
        assert "This link no longer counts" in shown.text


def test_link_needs_the_token_of_its_page(app: Flask, visitor: Visitor, mentee: Person) -> None:
    path = f"/sign-in/link/{issue_link(SAM)}"
    assert visitor.client.post(path).status_code == 400
    assert (SignInLink.get().used_at, who(visitor)) == (None, None)


def test_database_holds_no_link(world: Time) -> None:
    token = issue_link(SAM)
    assert token not in stored_text()
    SignInLink.update(token_hash=token).execute()  # what a careless table would hold
    assert token in stored_text()
