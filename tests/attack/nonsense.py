"""Values, headers and bytes that nobody thought of when a form was made."""

from __future__ import annotations

from tests.attack.arms import EVIL, TEXTS, UNSEEN

NUMBERS = (
    *("0", "-1", "-0", "1e309", "NaN", "Infinity", "0x10", "1_000", "٣٣²", "½", "⑤", "1.5", " 7 ", "+7", "007"),
    *(str(2**31 - 1), str(2**31), str(2**63 - 1), str(2**63), str(-(2**63) - 1), str(10**400), "9" * 5_000),
)
DATES = (
    *("2026-02-30", "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "-001-01-01", "2026-W53-1", "2026-12"),
    *("20261201", "2026-12-01T25:61", "24:00", "23:60", "02:30", "2026-03-29T02:30", "٢٠٢٦-١٢-٠١", "now", "1970-01-01"),
    *("laila-mansour 9999-12-31T23:59:59Z 15", "laila-mansour 0001-01-01T00:00:00Z 15", "laila-mansour x 15"),
    *("laila-mansour 2026-11-24T09:00:00Z 99999999999999999999", "laila-mansour 2026-11-24T09:00:00+99:99 15", "a b"),
)
ZONES = (
    *("Europe/Nowhere", "../../etc/passwd", "/etc/localtime", "Europe", "Europe/", "europe/berlin", "Etc/GMT+14"),
    *("localtime", "posixrules", "posix/Europe/Berlin", "Factory", "zone.tab", "tzdata.zi", "C:\\", "Europe\\Berlin"),
    *("Europe/Berlin\x00", "Pacific/Kiritimati", "x" * 300, "Europe/" + "Berlin/" * 900, "\ud83d/x", "."),
)
LINKS = (
    *("javascript:alert(1)", "http://[::1", "http://e.org℀x", "http://xn--0", "https://u:p@h:99999/", "//evil.example"),
    *("/\\evil.example", "/x\r\nSet-Cookie: a=b", "https://" + "a." * 5_000 + "org", "data:text/html,x", "http://٣/"),
    *("https://example.org/\x7f", "HTTPS://EXAMPLE.ORG", "https://\u202eexample.org", "https://a b", "https://[v1.a]/"),
    *("/sign-in?next=/sign-in?next=//x", "///", "https:example.org", "https:///x", "https://example.org:port/"),
)
WORDS = (
    *(
        "",
        " ",
        "\x00",
        "a\x00b",
        "\ud83d",
        "\udfff\ud800",
        "\ufffe\uffff",
        "\U0010ffff",
        "\x1b[2J\x07\x85",
        "\r",
        "\n" * 9_000,
    ),
    *(
        "\u202egpj.exe\u202c",
        "\u2066x",
        UNSEEN,
        "e\u0301" * 40,
        "ﷺ" * 500,
        "ı" * 60 + "İ",
        "ǰ" * 90,
        "'\"`;--",
        "%s%n%(x)s{0}",
    ),
    *("{{7*7}}{% x %}", "(" * 2_000, "[" * 2_000, "a*" * 500, "\\" * 301, "a" * 79 + "😀", "a" * 5_000, "ab " * 20_000),
    *(
        "true",
        "null",
        "undefined",
        "[]",
        "on",
        "yes",
        "no",
        "admin",
        "__class__",
        "a@" * 4_000,
        "`" * 9_000,
        "> " * 4_000,
    ),
    *(
        "http://a.b/" * 2_000,
        "www." * 3_000,
        "*_" * 3_000,
        "<" * 9_000,
        "&#0;&#x110000;",
        "x@y.z," * 2_000,
        ";;;;",
        "\t=1+1",
    ),
    *("-" * 9_000 + "@a.b", ("a" * 60 + ".") * 100, '"NEAR(* AND ) OR', "١" * 6, "1" * 6, "123456", EVIL),
)
BIG = (
    "x" * 1_000_000,
    "é" * 100_000,
    "a " * 100_000,
    "1" * 200_000,
    "\u0301" * 60_000,
    "a@b.c " * 30_000,
    "\n- " * 60_000,
)
NONSENSE: tuple[str, ...] = (*NUMBERS, *DATES, *ZONES, *LINKS, *WORDS, *TEXTS.values())
KINDS_OF = (NUMBERS, DATES, ZONES, LINKS)
NASTIEST = ("\x00", "a\x00b", "\ud83d", "a" * 10_000, str(2**31), str(2**63), "-1", "2026-02-30", "Europe", UNSEEN)
"""Of each kind what breaks programs most often: nearly half of all nonsense."""
RAW = (
    b"%",
    b"%zz",
    b"%u1234",
    b"%C0%80",
    b"%ED%A0%80",
    b"%00",
    b"+%2B+",
    b"\xff\xfe",
    b"%F4%90%80%80",
    b"%0d%0aX:y",
    b"\xc3",
)
"""Ends of a query or a body that no browser writes."""
BOUNDARIES = ("b", "", '"b', "b" * 300, "b\x00", "-", "=_?", "ü")
FILENAMES = ("a", "../../x", "a\x00.png", '"; name="y', "\ud83d.svg", "x" * 9_000, "C:\\a", "=?utf-8?q?x?=", ".", "CON")
HEADERS: dict[str, tuple[str, ...]] = {
    "Accept-Encoding": ("gzip", "br;q=9", "*;q=0", ";;;,q=", "identity;q=0", "gzip;q=x", "br," * 3_000, "\xff"),
    "Accept-Language": ("xx-" * 900, "*;q=NaN", "\xff"),
    "Accept": ("application/json", "*/*;q=x", "text/html;" * 2_000),
    "HX-Request": ("true", "false", "\xff"),
    "HX-Boosted": ("true",),
    "HX-Target": ("results", "\xff" * 99, "#a b"),
    "HX-Trigger": ("{", "\xff"),
    "HX-Prompt": ("x" * 9_000,),
    "HX-Current-URL": ("javascript:1", "http://[", "\xff", "http://localhost/?" + "a=b&" * 3_000),
    "HX-History-Restore-Request": ("true",),
    "HX-Request-Type": ("partial", "full", "\xff"),
    "HX-Source": ("button#x", "<>"),
    "If-None-Match": ("*", 'W/"x"', '"', '"a",' * 3_000, "\xff"),
    "If-Modified-Since": ("Thu, 31 Feb 9999 99:99:99 GMT", "0", "\xff"),
    "If-Match": ('"x"', "*"),
    "If-Range": ('"x"', "yesterday"),
    "Range": (
        "bytes=0-",
        "bytes=-1",
        "bytes=99999999999999999999-",
        "bytes=a-b",
        "bytes=5-1",
        "bytes=" + "0-0," * 2_000,
    ),
    "X-Forwarded-For": ("", ",", "::1%eth0", "999.1.1.1", "\xff", "1.2.3.4," * 2_000, "<script>"),
    "X-Forwarded-Proto": ("https", "javascript", "", ",", "\xff"),
    "X-Forwarded-Host": ("evil.example", "a b", "\xff", "["),
    "X-Forwarded-Prefix": ("/x", "//evil.example"),
    "X-Forwarded-Port": ("99999999", "x"),
    "Host": ("evil.example", "", "a b", "[::1", "localhost:99999", "\xff", "xn--0"),
    "Origin": ("null", "http://evil.example", "http://localhost", "\xff", "http://["),
    "Referer": ("http://localhost//evil.example", "http://localhost/\\evil.example", "http://[", "\xff", "/" * 9_000),
    "Sec-Fetch-Site": ("cross-site", "same-origin", "x"),
    "User-Agent": ("", "\xff" * 99, "Mozilla/5.0 (" + "(" * 9_000, "x" * 9_000, "a/9999999999999999999999 Chrome/1"),
    "Content-Type": (
        "",
        "text/plain",
        "application/x-www-form-urlencoded; charset=utf-7",
        "a/b; c",
        "multipart/form-data",
        "\xff",
    ),
    "Content-Length": ("-1", "x", "99999999999999999999", "0"),
    "Content-Encoding": ("gzip", "br"),
    "Transfer-Encoding": ("chunked",),
    "Authorization": ("Basic !!!!", "Bearer x", "\xff"),
    "X-CSRFToken": ("x", "\xff"),
    "X-HTTP-Method-Override": ("DELETE", "x"),
}
ZONE_COOKIES = (
    "Europe/Berlin",
    *(zone for zone in ZONES if zone.isascii() and "\x00" not in zone),
    "\xff",
    '"',
    "%00",
    "=",
)
