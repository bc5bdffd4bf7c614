"""What attackers type, and how their answers are judged."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

from werkzeug.test import TestResponse

EVIL = "<img src=x onerror=alert(1)>\"'</textarea><script>alert(2)</script>"
BCC = "=?utf-8?q?x=0d=0aBcc:_evil@example.com=0d=0a=0d=0aPay_here?="
EVENT = "x\r\nATTENDEE:mailto:evil@example.com\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:evil"
UNSEEN = "\u200b\u2060\ufeff\u00ad\u3164\u2800\u115f\U000e0041 \u2028\t"

TEXTS = {
    "markup": EVIL + " {{ 7 * 7 }}{% for x in y %} %(x)s%n{0} ```\n</code></pre><svg/onload=alert(3)>\n```\n"
    'javascript:alert(4) https://e.org/"><script> http://[::1 http://xn--0 https://e.org℀x',
    "lines and marks": BCC + EVENT + "\u202egpj.exe\u202c \u2066x \u200fשלום 👩‍💻🏳️‍🌈 \x1b[2J\x07\x85\x9b31m\x7f",
    "search words": "\"NEAR(* AND ) OR NOT 'x' -- ; & | ! :* <-> %_\\ //evil.example/../..%2f",
    "unseen": UNSEEN,
    "huge": str(2**63),
    "other digits": "٣٣²",
    "long": "a" * 100_000,
    "accents": "a" + "\u0345\u0334" * 10_000,
}
"""Of each kind one; whatever is typed, none of it may do more than be read."""
SAID = re.compile(r'<p class="(?:refusal|error)[^>]*>([^<]+)</p>|<p>([A-Z][^<]+\.)</p>')
FORM = "application/x-www-form-urlencoded"


class _Reader(HTMLParser):
    """Notes what would run, or load something from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        is_bad = tag in ("iframe", "object", "embed", "base") or (tag == "script" and "src" not in has)
        is_bad |= tag == "img" and not re.fullmatch(r"/photos/[0-9a-f]{32}\.jpg", has.get("src", ""))
        leads = [has.get(name, "") for name in ("href", "src", "action", "formaction", "xlink:href")]
        is_bad |= any(name.startswith("on") for name in has)
        is_bad |= any(re.match(r"\W*(?:javascript|data:text|vbscript)", link, re.I) for link in leads)
        if is_bad:
            self.found.append(self.get_starttag_text() or tag)


def runs(page: str) -> list[str]:
    """What in a page or a mail would run."""
    reader = _Reader()
    reader.feed(page)
    return reader.found


def refusal(answer: TestResponse) -> str:
    """The sentence in which an answer says no."""
    return next((html.unescape(one or other).strip() for one, other in SAID.findall(answer.text)), "")


def fault(answer: TestResponse) -> str:
    """What is wrong with an answer to nonsense: it is neither a page, nor a way on, nor a refusal with a sentence."""
    if answer.status_code in (200, 204, 303):
        return ""
    if answer.status_code not in (400, 403, 404, 405, 409, 413, 422, 429):
        return str(answer.status_code)
    return "" if re.fullmatch(r"(?s)\S.* .*[.]", refusal(answer)) else f"{answer.status_code} without a sentence"
