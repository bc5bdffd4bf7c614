"""Addresses as people paste them."""

from __future__ import annotations

import time

import pytest

from portal.people.invitations import Guest
from portal.programme.inviting import read

ANA = Guest("ana@example.org", "Ana Lima")
BARE = Guest("ana@example.org")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ana@example.org", [BARE]),
        ("  ANA@Example.ORG. ", [BARE]),
        ("Ana Lima <ana@example.org>", [ANA]),
        ('"Ana Lima" <ana@example.org>;', [ANA]),
        ("'Ana Lima' <ana@example.org>,", [ANA]),
        ("<ana@example.org>", [BARE]),
        ("mailto:ana@example.org", [BARE]),
        ("ana@example.org (Ana Lima)", [ANA]),
        ("Ana Lima (ana@example.org)", [ANA]),
        ("Ana Lima,ana@example.org", [ANA]),
        ("ana@example.org,Ana Lima", [ANA]),
        ("Ana Lima\tana@example.org", [ANA]),
        ("ana@example.org\tAna Lima", [ANA]),
        ("- ana@example.org", [BARE]),
        ("• Ana Lima – ana@example.org", [ANA]),
        ("1. ana@example.org", [BARE]),
        ("2) Ana Lima: ana@example.org", [ANA]),
        ("To: ana@example.org", [BARE]),
        ("[ana@example.org](mailto:ana@example.org)", [BARE, BARE]),
        ("“Ana Lima” <ana@example.org>", [ANA]),
        ('"Lima, Ana" <ana@example.org>', [Guest("ana@example.org", "Lima, Ana")]),
        ("\u200bana@example.org\ufeff", [BARE]),
        ("ana@example.org\r\n\r\nbo@example.org\r", [BARE, Guest("bo@example.org")]),
        ("ana@example.org bo@example.org", [BARE, Guest("bo@example.org")]),
        (
            "ana@example.org, Bo Chen <bo@example.org>; cy@example.org",
            [BARE, Guest("bo@example.org", "Bo Chen"), Guest("cy@example.org")],
        ),
        ("ana@example.org and bo@example.org", [BARE, Guest("bo@example.org")]),
        ("ana+mentor@example.org", [Guest("ana+mentor@example.org")]),
        ("ana@bücher.example", [Guest("ana@bücher.example")]),
        (f"{'x' * 81} <ana@example.org>", [BARE]),
        ("Ana\x00 Lima\x1b <ana@example.org>", [ANA]),
        ("---\n\n  \n\u2028\n,,,", []),
    ],
)
def test_read_finds_each_with_the_name_beside_it(text: str, found: list[Guest]) -> None:
    pasted = read(text)
    assert ([guest for _, guest in pasted.guests], pasted.bad) == (found, [])


def test_read_tells_what_is_no_address_by_its_line() -> None:
    lines = "Name,Email", "Ana Lima <ana@example.org>", "", "bo@", "@example.org", "cy@example"
    pasted = read("\n".join([*lines, "=?utf-8?q?d@example.org?=", "d@example.org, eve"]))
    assert [(line, guest.email) for line, guest in pasted.guests] == [(2, "ana@example.org"), (8, "d@example.org")]
    assert [(bad.line, bad.typed, bad.reason) for bad in pasted.bad] == [
        (1, "Name,Email", "there is no e-mail address with it"),
        (4, "bo@", "this is no e-mail address"),
        (5, "@example.org", "this is no e-mail address"),
        (6, "cy@example", "this is no e-mail address"),
        (7, "=?utf-8?q?d@example.org?=", "this is no e-mail address"),
    ]


@pytest.mark.parametrize(
    "text", ["x" * 60_000, "@" * 60_000, "a@" * 30_000, "<" * 60_000, "a@b." * 15_000, " ." * 30_000, "1. " * 20_000]
)
def test_read_takes_no_time_for_what_is_nothing(text: str) -> None:
    began = time.process_time()
    read(text)
    assert time.process_time() - began < 2
