"""Words as search compares them."""

from __future__ import annotations

import pytest

from portal.mentors.wording import STOP_WORDS, stem, stems, words


@pytest.mark.parametrize(
    "family",
    [
        ("negotiate", "negotiating", "negotiation", "negotiated"),
        ("salary", "salaries"),
        ("test", "tests", "testing", "tested"),
    ],
)
def test_stem_is_one_for_a_family(family: tuple[str, ...]) -> None:
    assert len({stem(word) for word in family}) == 1


def test_stem_keeps_apart_what_differs() -> None:
    assert len({stem(word) for word in ("react", "redux", "rust", "ruby", "r", "c", "cplusplus")}) == 7


def test_stems_leave_out_words_that_say_nothing() -> None:
    assert stems("How do I negotiate a Job-Offer?") == ["negoti", "job", "offer"]
    assert stems(" ".join(STOP_WORDS)) == []


def test_words_are_in_order_and_in_normal_form() -> None:
    assert words("C++ & .NET, Café!") == ["cplusplus", "dotnet", "cafe"]
