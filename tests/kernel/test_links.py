"""Links that people gave lead to the web alone, and neither praise nor trust what they lead to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from portal.forms import is_web_address

TEMPLATES = Path(__file__).parents[2] / "portal" / "templates"
WANTED = {"nofollow", "noopener", "ugc"}
OURS = re.compile(
    r"url_for\(|asset\(|filter\.url\(|(?:url|here|back|way|webcal|stop_url|lines\[-1\]|request\.full_path)$"
)
"""Made by us, from paths of ours or of the provider of single sign-on."""
LINK = re.compile(r"<a\s[^>]*?href=\"(https?:[^\"]*|\{\{\s*(.*?)\s*\}\}[^\"]*)\"[^>]*>", re.DOTALL)


def untrusting(tag: str) -> bool:
    rel = re.search(r'rel="([^"]*)"', tag)
    return rel is not None and set(rel[1].split()) >= WANTED


def trusting(html: str) -> list[str]:
    """Links to what somebody typed that are not marked so."""
    return [
        found[0]
        for found in LINK.finditer(html)
        if not (found[2] and OURS.match(found[2])) and not untrusting(found[0])
    ]


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_every_link_of_a_template_that_somebody_typed_is_marked(template: Path) -> None:
    assert trusting(template.read_text(encoding="utf-8")) == []


def test_there_are_such_links_and_a_bare_one_is_found() -> None:
    html = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html"))
    assert {"session.link", "session.place", "link"} <= {found[2] for found in LINK.finditer(html)}
    assert len(trusting(html.replace("nofollow ", ""))) >= 3
    assert trusting('<a class="x" href="{{ person.site }}" rel="noopener">') != []


@pytest.mark.parametrize(
    ("link", "is_one"),
    [
        ("https://example.org/a?b#c", True),
        ("http://example.org:8080", True),
        ("HTTPS://EXAMPLE.ORG", True),
        ("javascript:alert(1)", False),
        ("JavaScript://example.org/%0aalert(1)", False),
        ("data:text/html,x", False),
        ("vbscript:x", False),
        ("ftp://example.org", False),
        ("//example.org", False),
        ("/sessions", False),
        ("https://", False),
        ("https:example.org", False),
        ("https://example.org/a b", False),
        ("https://example.org:x", False),
        ("https://[::1", False),
        ("", False),
    ],
)
def test_only_http_and_https_with_a_host_are_links(link: str, is_one: bool) -> None:
    assert is_web_address(link) is is_one
