"""A message as HTML: paragraphs, line breaks, links and code blocks, and nothing else. Pure.

Code blocks are CommonMark's fences (4.5); all other marks stay the letters they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

REL = "nofollow noopener noreferrer ugc"
REMEMBERED = 1000
"""Messages whose HTML is kept: a conversation is read more often than written."""


@lru_cache(REMEMBERED)
def html_of(text: str) -> str:
    """Safe HTML, whatever the text: every letter of it that is no link and no line break is escaped."""
    return str(_MARKDOWN.render(text))


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("zero", {"html": False, "linkify": True, "breaks": True})
    markdown.enable(["fence", "linkify", "newline"])
    linkify: Any = markdown.linkify
    linkify.set({"fuzzy_email": False, "fuzzy_ip": False})
    for scheme in ("ftp:", "mailto:", "//"):
        linkify.add(scheme, None)
    rules: Any = markdown
    rules.validateLink = _is_web
    rules.normalizeLinkText = str  # as typed: decoded, an address could hold letters that turn the line around
    markdown.add_render_rule("link_open", _link)
    markdown.add_render_rule("fence", _code)
    return markdown


def _is_web(url: str) -> bool:
    return url.lower().startswith(("http://", "https://"))


def _link(_renderer: object, tokens: Sequence[Token], index: int, *_: object) -> str:
    return f'<a href="{escape(str(tokens[index].attrs["href"]))}" rel="{REL}">'


def _code(_renderer: object, tokens: Sequence[Token], index: int, *_: object) -> str:
    """Without the language that was named: nothing here colours code."""
    return f"<pre><code>{escape(tokens[index].content)}</code></pre>\n"


_MARKDOWN = _markdown()
