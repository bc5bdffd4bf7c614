"""What all forms and templates share."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import FieldList, FormField

from portal.forms import Form, is_email, line_field, text_field
from portal.templating import HUES, hue, initials
from portal.text import clean


class Short(Form):
    line = line_field("Line", limit=5, required="Type it.")
    text = text_field("Text", limit=5)


class Address(Form):
    email = line_field("E-mail", limit=999)
    validate_email = is_email


class Several(Form):
    parts = FieldList(FormField(Short), min_entries=1)


def errors(form: type[Form], **typed: str) -> dict[str, list[str]]:
    filled = form(MultiDict(typed))
    filled.validate()
    return dict(filled.errors)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\r\nb\rc\n", "a\nb\nc"),
        ("a\tb", "a\tb"),
        ("a\0b\x07\x1b[31mc\x7f", "ab[31mc"),
        ("\u202eabc\u202c\u2066d\u2069", "abcd"),
        ("a\u2028b\u2029c", "abc"),
        ("e\u0301", "é"),
        ("👩‍💻", "👩‍💻"),
    ],
)
def test_clean_leaves_only_what_is_text(typed: str, kept: str) -> None:
    assert clean(typed) == kept


def test_a_field_is_cleaned_before_it_is_measured() -> None:
    form = Short(MultiDict({"line": "  a \u202e b  \n", "text": "\r\nabc\r\n"}))
    assert (form.validate(), form.line.data, form.text.data, form.first_error) == (True, "a b", "abc", "")
    assert errors(Short, line=" \u202e ") == {"line": ["Type it."]}


@pytest.mark.parametrize(("length", "wrong"), [(4, []), (5, []), (6, ["At most 5 characters, please."])])
def test_a_field_has_a_limit(length: int, wrong: list[str]) -> None:
    assert errors(Short, line="ü" * length).get("line", []) == wrong
    assert errors(Short, line="a", text="ü" * length).get("text", []) == wrong


@pytest.mark.parametrize(("length", "is_fine"), [(253, True), (254, True), (255, False)])
def test_an_address_has_a_limit(length: int, is_fine: bool) -> None:
    assert ("email" not in errors(Address, email=f"a@{'b' * (length - 6)}.org")) is is_fine


def test_first_error_is_found_however_deep() -> None:
    form = Several(MultiDict({"parts-0-line": ""}))
    assert (form.validate(), form.first_error) == (False, "Type it.")


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Laila Mansour", "LM"), ("Ana", "A"), ("Ana de la Cruz", "AC"), ("", ""), ("(x) Zoe", "Z"), ("李 雷", "李雷")],
)
def test_initials_are_of_the_first_and_the_last_word(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_hue_is_always_the_same_and_one_of_twelve() -> None:
    found = [hue(f"name {number}") for number in range(200)]
    assert (set(found), found) == (set(range(HUES)), [hue(f"name {number}") for number in range(200)])
