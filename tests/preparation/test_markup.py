"""A message shows text, links and code; nothing in it runs, and nothing makes it slow."""

from __future__ import annotations

import time
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from portal.preparation.markup import REL, html_of

ALLOWED = {"p": set(), "br": set(), "pre": set(), "code": set(), "a": {"href", "rel"}}
LONGEST = 4000
PATIENCE = 1.0
"""Seconds; the slowest of them takes 0.01 on a quiet machine, and what grows with the square takes many."""
NASTY = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!-- --><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "JaVaScRiPt://example.org/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x file:///etc/passwd ftp://example.org mailto:a@example.org //example.org",
    "[x](javascript:alert(1)) <javascript:alert(1)> ![x](https://example.org/x.png)",
    "[x]: javascript:alert(1)\n[x]",
    'https://example.org/"onmouseover="alert(1)',
    "https://example.org/'onmouseover='alert(1)",
    "https://example.org/<script>alert(1)</script>",
    "https://example.org/`x`\x00\x1b",
    "http://javascript:alert(1)@example.org",
    "http://[ http://[::1 http://a:b:c http://example.org:99999999",
    '```" onload=alert(1)\n<script>alert(1)</script>\n```',
    "~~~<script>\n</code></pre><script>alert(1)</script>",
    "&lt;script&gt; &#106;avascript:alert(1) &NewLine;",
    "# h\n> q\n- l\n1. o\n| a | b |\n|---|---|\n*e* **s** `c`\n***\n<b>b</b>",
)


class Strict(HTMLParser):
    """Complains of everything that a message may not hold."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.text = ""
        self.links: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED or {name for name, _ in attrs} != ALLOWED[tag]:
            self.wrong.append(f"<{tag} {attrs}>")
        given = dict(attrs)
        if tag == "a":
            self.links.append(given["href"] or "")
            if urlsplit(self.links[-1]).scheme not in ("http", "https") or given["rel"] != REL:
                self.wrong.append(f"<a {attrs}>")

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"<!--{data}-->")

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("nasty", NASTY)
def test_nothing_runs(nasty: str) -> None:
    assert Strict(html_of(nasty)).wrong == []


@given(st.lists(st.sampled_from((*NASTY, "\n", " ", "\n\n", "```", "https://", "www.", '"', "\\", "x")), max_size=12))
def test_nothing_runs_in_any_order(pieces: list[str]) -> None:
    assert Strict(html_of("".join(pieces))).wrong == []


@given(st.text(max_size=300))
def test_every_letter_is_shown(text: str) -> None:
    shown = Strict(html_of(f"```\n{text}"))
    assert shown.wrong == []
    assert Strict(html_of(text)).wrong == []


def test_a_renderer_that_lets_html_through_is_found() -> None:
    loose = MarkdownIt("commonmark", {"html": True})
    assert [bool(Strict(loose.render(nasty)).wrong) for nasty in NASTY[:2]] == [True, True]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One\ntwo\n\nthree", "<p>One<br>\ntwo</p>\n<p>three</p>\n"),
        ("```python\nif a < b:\n    pass\n```", "<pre><code>if a &lt; b:\n    pass\n</code></pre>\n"),
        ("# a *b* `c`", "<p># a *b* `c`</p>\n"),
        ("See https://example.org/a?b=1&c=2.", f'<p>See <a href="https://example.org/a?b=1&amp;c=2" rel="{REL}">'
         "https://example.org/a?b=1&amp;c=2</a>.</p>\n"),
        ("www.example.org", f'<p><a href="http://www.example.org" rel="{REL}">www.example.org</a></p>\n'),
        ("https://example.org/%E2%80%AE", f'<p><a href="https://example.org/%E2%80%AE" rel="{REL}">'
         "https://example.org/%E2%80%AE</a></p>\n"),
        ("write to a@example.org", "<p>write to a@example.org</p>\n"),
    ],
)  # fmt: skip
def test_a_message_shows_paragraphs_links_and_code(text: str, html: str) -> None:
    assert html_of(text) == html


@pytest.mark.parametrize(
    "piece",
    [
        "a.",
        "http://",
        "www.",
        "```\n",
        "~~~\n",
        "`",
        "\n",
        "a@",
        "(",
        "http://a.bc ",
        "http://a.bc/?",
        '"',
        "[",
        "*",
        ":/",
    ],
)
def test_long_messages_stay_fast(piece: str) -> None:
    long = [("http://a.bc/" + piece * LONGEST)[:LONGEST], (piece * LONGEST)[:LONGEST]]
    begun = time.perf_counter()
    for text in long:
        html_of(text)
    assert time.perf_counter() - begun < PATIENCE
