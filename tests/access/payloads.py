"""Addresses that try to lead elsewhere, and where a browser would go."""

from __future__ import annotations

from ada_url import URL

EVIL = "evil.example"
HERE = "http://localhost/sign-in"
_HOSTS = (EVIL, f"user@{EVIL}", f"localhost@{EVIL}", f"localhost.{EVIL}", f"{EVIL}:80", f"{EVIL}%23.localhost")
_STARTS = (
    *("//", "///", "////", "\\\\", "/\\", "\\/", "//\\", "/\\/", "\\\\/", "/\t/", "/\n/", "/\r/", "\t//", "\n//"),
    *("\r\n//", " //", "\x0b//", "\x00//", "/\x00/", "\u00a0//", "\u3000//", "\ufeff//", "/\t\\", "/\r\n\\", "/ /"),
    *("http:", "https:", "HTTPS:", "http:/", "https:/", "http://", "https://", "HtTp://", "http:\\\\", "https:\\"),
    *("ht\ttp://", "h\nttps://", " https://", "\thttps://", "\x01https://", "http:////", "ftp://", "ws://", "blob:"),
)
_WORDS = (
    *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "java\nscript:alert(1)"),
    *(" javascript:alert(1)", "\x01javascript:alert(1)", "javascript://%0aalert(1)", "javascript:/*/alert(1)"),
    *("data:text/html,<script>alert(1)</script>", "data:;base64,PHNjcmlwdD4=", "vbscript:msgbox(1)", "file:///etc"),
    *("mailto:a@evil.example", "tel:112", "about:blank", "view-source:http://evil.example", "intent://evil.example"),
    *("//\u2100.example", "//evil\uff0eexample", "//evil\u3002example", "\uff0f\uff0fevil.example"),
    *("\u2215\u2215evil.example", "\u2044\u2044evil.example", "/\uff0fevil.example", "/\u2215evil.example"),
    *("//[::1]", "//[", "//[evil", "//2130706433", "//0x7f.1", "//127.1", "//evil.example/%2f..", "//%65vil.example"),
    *("/%2fevil.example", "/%2f%2fevil.example", "%2f%2fevil.example", "/%5cevil.example", "%5c%5cevil.example"),
    *("/%09/evil.example", "/%0a/evil.example", "/%0d%0aLocation:%20//evil.example", "%0d%0a//evil.example"),
    *("/a\r\nLocation: //evil.example", "/a\nSet-Cookie: a=b", "/\r\n\r\n<script>alert(1)</script>", "/a\r\n\r\nb"),
    *("/..//evil.example", "/.//evil.example", "/./\\evil.example", "/a/..//evil.example", "/%2e%2e//evil.example"),
    *("/../../..//evil.example", "/;//evil.example", "/?//evil.example", "/#//evil.example", "/@evil.example"),
    *("@evil.example", ".evil.example", ":80", ":evil", "?next=//evil.example", "#//evil.example", "evil.example"),
    *("www.evil.example", "evil.example/sessions", "sessions", "", " ", "\x00", "\\"),
    *("/" + "a" * 5_000, "//" + "a" * 5_000, "/" * 300 + EVIL, "\\" * 300 + EVIL, "http:" + "/" * 300 + EVIL),
    *("http://localhost/", "http://localhost:1/", "https://localhost/", "//localhost:1/", "http://portal.example.org/"),
    *("/sessions\u202e//evil", "/sessions\u2028//evil.example", "\u2028//evil.example", "//evil\u00adexample"),
    *("//ev\u0131l.example", "//xn--evil-.example", "//evil.example:http", "//:@evil.example", "//@evil.example"),
    *("//evil.example\\@localhost", "//localhost\\@evil.example", "http://localhost#@evil.example/", "/\x7f/evil"),
)
PAYLOADS = tuple(dict.fromkeys([*(start + host for start in _STARTS for host in _HOSTS[:3]), *_WORDS]))
"""More than 200."""


def origin_in_a_browser(location: str) -> str:
    """Of the page that a browser goes on to from HERE, by the rules it follows (WHATWG URL); "null" of what is no page,
    and nothing where it cannot be read, so that the browser stays.
    """
    try:
        return str(URL(location, base=HERE).origin)
    except ValueError:
        return ""
