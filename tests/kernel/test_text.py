"""Text as it is stored, addresses that mail can reach, links that are safe to click."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import getaddresses

import pytest

from portal.forms import Form, is_web_link, line_field
from portal.text import EMAIL, clean, clean_line


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (None, ""),
        ("", ""),
        (" \t\n ", ""),
        ("  a  b  ", "a  b"),
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\tb", "a\tb"),
        ("a\x00b\x07c\x0bd\x0ce\x1bf\x7f", "abcdef"),
        ("e\u0301", "é"),
        ("\u202eexe.fdp\u202c", "exe.fdp"),
        ("\u2066a\u2067b\u2068c\u2069", "abc"),
        ("a\u2028b\u2029c", "abc"),
        ("\u200b\u2060 \ufeff", ""),
        ("\u3164\u2800\u00ad", ""),
        ("a\x80\x9fb", "ab"),
        ("שלום, 你好, नमस्ते, 👩‍💻", "שלום, 你好, नमस्ते, 👩‍💻"),
        ("<b>&amp;'\"", "<b>&amp;'\""),
    ],
)
def test_clean_keeps_what_is_text(typed: str | None, kept: str) -> None:
    assert clean(typed) == kept
    assert clean(kept) == kept


def test_clean_line_is_one_line() -> None:
    for typed in ("a b", " a \r\n  b ", "a\tb", "a\n\n\nb", "a\u0085b", "a\u00a0b", "a\n\x00 b"):
        assert (typed, clean_line(typed)) == (typed, "a b")


GOOD_ADDRESSES = [
    "name@example.org",
    "first.last+tag@sub.example.co.uk",
    "o'brien@example.org",
    "a=b@example.org",
    "a?b@example.org",
    "a..b@example.org",
    "user/department@example.org",
    "jörg@müller.example",
    "用户@例子.广告",
    "x" * 64 + "@example.org",
]
BAD_ADDRESSES = [
    "",
    "name",
    "name@",
    "@example.org",
    "name@example",
    "name@example.",
    "name@.org",
    "name@.example.org",
    "name@example..org",
    "two@at@example.org",
    "na me@example.org",
    "name@exa mple.org",
    "name@example.org\n",
    "name@example.org\r\nBcc: all@example.org",
    "Name <name@example.org>",
    '"a b"@example.org',
    "a,b@example.org",
    "a;b@example.org",
    "group:a@example.org",
    "name@[127.0.0.1]",
    "name(comment)@example.org",
    "a\\b@example.org",
    "na\u200bme@example.org",
    "name@exam\u00adple.org",
    "name\x80@example.org",
    "=?utf-8?q?victim?=@example.org",
    "=?utf-8?q?victim=40example.com=2C?=@example.org",
    "name@=?utf-8?q?evil.example?=.org",
    "x" * 65 + "@example.org",
]


@pytest.mark.parametrize("address", GOOD_ADDRESSES)
def test_email_of_an_address_reaches_it(address: str) -> None:
    assert EMAIL.fullmatch(address) is not None
    assert recipients(address) == [address]


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_email_of_anything_else_is_refused(address: str) -> None:
    assert EMAIL.fullmatch(address) is None


def test_an_encoded_address_would_reach_somebody_else() -> None:
    assert recipients("=?utf-8?q?victim?=@example.org") == ["victim@example.org"]


def recipients(address: str) -> list[str]:
    """Whom Python's mail client sends a message to that is addressed like this."""
    message = EmailMessage()
    message["To"] = address
    return [found for _, found in getaddresses([message["To"]])]


class LinkForm(Form):
    link = line_field("Link", limit=300)

    def validate_link(self, field: object) -> None:
        is_web_link(self, field)


@pytest.mark.parametrize(
    ("link", "accepted"),
    [
        ("", True),
        ("https://example.org", True),
        ("http://example.org:8080/a?b=c#d", True),
        ("HTTPS://EXAMPLE.ORG/", True),
        ("https://müller.example/ä", True),
        ("https://[::1]/", True),
        ("https://", False),
        ("https:///path", False),
        ("https:example.org", False),
        ("example.org", False),
        ("//example.org", False),
        ("/path", False),
        ("ftp://example.org", False),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt://example.org/%0aalert(1)", False),
        ("data:text/html,<script>alert(1)</script>", False),
        ("vbscript:x", False),
        ("file:///etc/passwd", False),
        ("mailto:a@example.org", False),
        ("https://example.org/a b", False),
        ("https://[::1", False),
        ("https://example.org:65535/", True),
        ("https://example.org:65536/", False),
        ("https://example.org:port/", False),
    ],
)
def test_web_link_is_one_that_is_safe_to_click(link: str, accepted: bool) -> None:
    form = LinkForm(data={"link": link})
    told = [] if accepted else ["This is not a web link. It starts with https:// and has no spaces."]
    assert (form.validate(), list(form.link.errors)) == (accepted, told)
