"""Fetching a calendar: what is refused, each with its own sentence, and what the same host gives where it may."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest
import requests

from portal.availability import busy_fetch, public_hosts
from portal.availability.busy_fetch import Fetched, Rules, address, fetch
from portal.availability.busy_file import Unreadable
from portal.availability.public_hosts import is_public
from tests.availability.hosts import (
    Answer,
    Host,
    drips,
    host,
    leads_to,
    named,
    says,
    trusted_host,
    without_end,
)

CALENDAR = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
MB = 1024 * 1024


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Host, Rules]]:
    """A host with a calendar, and rules that let it be asked."""
    with trusted_host(tmp_path_factory.mktemp("authority")) as (server, authority):
        server.answers["/basic.ics"] = says(CALENDAR, ETag='"1"')
        yield server, Rules(loopback=True, trusted=authority)


def problem(url: str, rules: Rules) -> str:
    """The sentence to the mentor."""
    with pytest.raises(Unreadable) as refused:
        fetch(url, rules=rules)
    return str(refused.value)


def test_fetch_reads_what_is_there(place: tuple[Host, Rules]) -> None:
    server, rules = place
    for name in ("localhost", "127.0.0.1"):
        assert fetch(server.url("/basic.ics", name), rules=rules) == Fetched(CALENDAR, '"1"')


def test_fetch_tells_no_more_of_us_than_it_must(place: tuple[Host, Rules], monkeypatch: pytest.MonkeyPatch) -> None:
    server, rules = place
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    server.answers["/cookie"] = says(b"", 302, Location="/basic.ics", Set_Cookie="who=mentor")
    fetch(server.url("/cookie"), rules=rules)
    sent = {
        "Host": f"localhost:{server.server_port}",
        "User-Agent": "Micro-mentoring portal (reads calendars)",
        "Accept-Encoding": "identity",
        "Accept": "text/calendar",
        "Connection": "keep-alive",
    }
    assert server.asked[-2:] == [("/cookie", sent), ("/basic.ics", sent)]


def test_fetch_of_what_has_not_changed_brings_nothing(place: tuple[Host, Rules]) -> None:
    server, rules = place
    server.answers["/named"] = named(CALENDAR, '"a"')
    url = server.url("/named")
    assert [fetch(url, etag=etag, rules=rules) for etag in ("", '"b"', '"a"')] == [
        Fetched(CALENDAR, '"a"'),
        Fetched(CALENDAR, '"a"'),
        None,
    ]


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "127.1", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]"])
def test_fetch_never_asks_this_machine(place: tuple[Host, Rules], name: str) -> None:
    server, rules = place
    asked = len(server.asked)
    assert problem(server.url("/basic.ics", name), replace(rules, loopback=False)) == busy_fetch.NOT_PUBLIC
    assert len(server.asked) == asked


@pytest.mark.parametrize(
    "name",
    [
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[fe80::1]",
        "[fec0::1]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "[ff02::1]",
        "[::ffff:10.0.0.1]",
        "[::10.0.0.1]",
        "[64:ff9b::a00:1]",
        "[2002:a00:1::]",
        "[2001:db8::1]",
    ],
)
def test_fetch_enters_no_private_network(name: str) -> None:
    assert problem(f"https://{name}/basic.ics", Rules()) == busy_fetch.NOT_PUBLIC
    # Also where this very machine may be asked, as in these tests.
    assert name == "[::1]" or problem(f"https://{name}/basic.ics", Rules(loopback=True)) == busy_fetch.NOT_PUBLIC


@pytest.mark.parametrize(
    ("ip", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("::ffff:8.8.8.8", True),
        ("::ffff:169.254.1.1", False),
        ("126.255.255.255", True),
        ("128.0.0.1", True),
        ("9.255.255.255", True),
        ("11.0.0.0", True),
        ("100.63.255.255", True),
        ("100.128.0.0", True),
        ("fec0::1", False),
        ("fe80::1%eth0", False),
    ],
)
def test_public_addresses_are_told_from_others(ip: str, public: bool) -> None:
    assert is_public(ip_address(ip)) == public


@pytest.mark.parametrize(
    "target",
    ["https://127.0.0.1:{port}/basic.ics", "https://localhost:{port}/basic.ics", "https://[::1]:{port}/basic.ics"],
)
def test_fetch_is_not_led_to_this_machine(
    place: tuple[Host, Rules], monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    server, rules = place
    server.answers["/there"] = leads_to(target.format(port=server.server_port))
    url = server.url("/there", "127.0.0.1")
    outside(monkeypatch)
    assert problem(url, replace(rules, loopback=False)) == busy_fetch.NOT_PUBLIC
    assert server.asked[-1][0] == "/there"


def test_fetch_with_the_filter_off_is_led_to_this_machine(
    place: tuple[Host, Rules], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same host and the same hop are followed where the second look is left out."""
    server, rules = place
    server.answers["/there"] = leads_to(server.url("/basic.ics"))
    outside(monkeypatch)
    assert fetch(server.url("/there", "127.0.0.1"), rules=rules) == Fetched(CALENDAR, '"1"')


def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first hop counts as public, as a host in the open internet would: only where it leads to is looked at."""
    looked: list[object] = []
    real, real_filter = public_hosts.is_public, public_hosts.IPFilterAdapter.build_connection_pool_key_attributes

    def is_public_or_first(ip: object) -> bool:
        looked.append(ip)
        return len(looked) == 1 or real(ip)  # type: ignore[arg-type]

    def let_first_through(self: object, *args: object, **kwargs: object) -> object:
        self._allow_loopback = not looked or self._loopback  # type: ignore[attr-defined]
        return real_filter(self, *args, **kwargs)

    monkeypatch.setattr(public_hosts, "is_public", is_public_or_first)
    monkeypatch.setattr(public_hosts.IPFilterAdapter, "build_connection_pool_key_attributes", let_first_through)


@pytest.mark.parametrize("target", ["https://10.0.0.1/x", "https://169.254.169.254/latest", "//192.168.0.1/x"])
def test_fetch_is_not_led_into_a_private_network(place: tuple[Host, Rules], target: str) -> None:
    server, rules = place
    server.answers["/inside"] = leads_to(target)
    assert problem(server.url("/inside"), rules) == busy_fetch.NOT_PUBLIC


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("file:///etc/passwd", busy_fetch.LEADS_TO_HTTP),
        ("ftp://example.org/x", busy_fetch.LEADS_TO_HTTP),
        ("https://me:secret@localhost/x", busy_fetch.WITH_LOGIN),
        ("https://" + "a" * 2000, busy_fetch.NO_ADDRESS),
        ("https://[::1", busy_fetch.LEADS_NOWHERE),
    ],
)
def test_fetch_is_led_to_calendars_only(place: tuple[Host, Rules], target: str, said: str) -> None:
    server, rules = place
    server.answers["/away"] = leads_to(target)
    assert problem(server.url("/away"), rules) == said


def test_fetch_is_never_led_to_where_others_can_listen(place: tuple[Host, Rules]) -> None:
    server, rules = place
    with host(None) as plain:
        plain.answers["/basic.ics"] = says(CALENDAR)
        server.answers["/plain"] = leads_to(plain.url("/basic.ics"))
        assert problem(server.url("/plain"), rules) == busy_fetch.LEADS_TO_HTTP
        assert plain.asked == []


@pytest.mark.parametrize(("hops", "fetched"), [(4, True), (5, True), (6, False)])
def test_fetch_follows_five_hops(place: tuple[Host, Rules], hops: int, fetched: bool) -> None:
    server, rules = place
    server.answers["/0"] = says(CALENDAR)
    for hop in range(1, hops + 1):
        server.answers[f"/{hop}"] = leads_to(f"/{hop - 1}", 301 + hop % 2)
    url = server.url(f"/{hops}")
    if fetched:
        assert fetch(url, rules=rules) == Fetched(CALENDAR, "")
    else:
        assert problem(url, rules) == busy_fetch.TOO_MANY_HOPS


def test_fetch_reads_nothing_of_a_page_that_leads_on(place: tuple[Host, Rules]) -> None:
    server, rules = place
    server.answers["/on"] = drips(b"HTTP/1.0 302 Found\r\nLocation: /basic.ics\r\n\r\n", b"x" * 1000)
    began = time.monotonic()
    assert fetch(server.url("/on"), rules=rules) == Fetched(CALENDAR, '"1"')
    assert time.monotonic() - began < 3.5


def test_fetch_ends_a_circle(place: tuple[Host, Rules]) -> None:
    server, rules = place
    server.answers["/round"] = leads_to("/round")
    asked = len(server.asked)
    assert (problem(server.url("/round"), rules), len(server.asked) - asked) == (busy_fetch.TOO_MANY_HOPS, 6)


@pytest.mark.parametrize(
    "answer",
    [
        says(b" " * 10 * MB),
        without_end(10 * MB),
        without_end(200 * MB, encoding="gzip"),
        says(b"", 200, Content_Length=str(10**30)),
    ],
    ids=["said to be big", "without a size", "packed", "said to be huge"],
)
def test_fetch_stops_at_two_megabytes(place: tuple[Host, Rules], answer: Answer) -> None:
    server, rules = place
    server.answers["/big"] = answer
    said = "This calendar is bigger than 2 MB. Give the address of a smaller one, for example without its past."
    assert problem(server.url("/big"), rules) == said


@pytest.mark.parametrize(("size", "fetched"), [(-1, True), (0, True), (1, False)])
def test_fetch_takes_what_is_just_small_enough(place: tuple[Host, Rules], size: int, fetched: bool) -> None:
    server, rules = place
    body = b"x" * (2 * MB + size)
    server.answers["/size"] = says(body)
    url = server.url("/size")
    if fetched:
        assert fetch(url, rules=rules) == Fetched(body, "")
    else:
        assert problem(url, rules) == busy_fetch.TOO_BIG.format(2)


def test_fetch_takes_no_more_than_the_host_said(place: tuple[Host, Rules]) -> None:
    server, rules = place
    server.answers["/small"] = says(CALENDAR + b"x" * 5 * MB, Content_Length=str(len(CALENDAR)))
    assert fetch(server.url("/small"), rules=rules) == Fetched(CALENDAR, "")


def test_fetch_reads_what_is_packed_although_we_did_not_ask(place: tuple[Host, Rules]) -> None:
    server, rules = place
    server.answers["/packed"] = without_end(100, encoding="gzip")
    assert fetch(server.url("/packed"), rules=rules) == Fetched(b"BEGIN:VCALENDAR\r\n" + b" " * 100, "")


@pytest.mark.parametrize(
    ("first", "drop"),
    [
        (b"HTTP/1.0 200 OK\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        (b"", b"H"),
    ],
    ids=["body", "chunks", "headers", "status"],
)
def test_fetch_waits_no_longer_for_a_host_that_drips(place: tuple[Host, Rules], first: bytes, drop: bytes) -> None:
    server, rules = place
    server.answers["/drip"] = drips(first, drop)
    began = time.monotonic()
    assert problem(server.url("/drip"), replace(rules, seconds=0.5)) == busy_fetch.TOO_SLOW
    assert 0.4 < time.monotonic() - began < 3.5


def test_fetch_waits_for_a_host_that_drips_for_a_while(place: tuple[Host, Rules]) -> None:
    """The control: the same drops are read where they end in time."""
    server, rules = place
    server.answers["/drip"] = drips(b"HTTP/1.0 200 OK\r\n\r\n", b"x", seconds=0.2)
    fetched = fetch(server.url("/drip"), rules=replace(rules, seconds=5))
    assert fetched is not None
    assert set(fetched.body) == set(b"x")


def test_fetch_waits_no_longer_for_a_silent_host() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        began = time.monotonic()
        assert problem(url, Rules(loopback=True, seconds=0.5)) == busy_fetch.TOO_SLOW
        assert time.monotonic() - began < 3.5


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (404, busy_fetch.NOTHING_THERE),
        (410, busy_fetch.NOTHING_THERE),
        (401, busy_fetch.SIGN_IN),
        (403, busy_fetch.SIGN_IN),
        (429, "The host of this calendar has a problem of its own (it says 429). We try again by ourselves."),
        (500, "The host of this calendar has a problem of its own (it says 500). We try again by ourselves."),
        (503, "The host of this calendar has a problem of its own (it says 503). We try again by ourselves."),
        (204, "The host of this calendar gave an answer that we do not know (204). Copy the address once more."),
        (302, "The host of this calendar gave an answer that we do not know (302). Copy the address once more."),
        (418, "The host of this calendar gave an answer that we do not know (418). Copy the address once more."),
    ],
)
def test_fetch_says_what_the_host_said(place: tuple[Host, Rules], status: int, said: str) -> None:
    server, rules = place
    server.answers["/status"] = says(b"", status)
    assert problem(server.url("/status"), rules) == said


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (says(b"BEGIN", Content_Length="100"), busy_fetch.CUT_SHORT),
        (says(b"not packed", Content_Encoding="gzip"), busy_fetch.CUT_SHORT),
        (lambda handler: None, busy_fetch.NO_ANSWER),
        (lambda handler: handler.wfile.write(b"SSH-2.0\r\n"), busy_fetch.NO_ANSWER),
    ],
    ids=["cut short", "wrongly packed", "nothing", "another protocol"],
)
def test_fetch_says_when_the_talk_goes_wrong(place: tuple[Host, Rules], answer: Answer, said: str) -> None:
    server, rules = place
    server.answers["/wrong"] = answer
    assert problem(server.url("/wrong"), rules) == said


def test_fetch_trusts_nobody_without_a_proof(place: tuple[Host, Rules], tmp_path: Path) -> None:
    server, rules = place
    assert problem(server.url("/basic.ics"), replace(rules, trusted="")) == busy_fetch.NOT_TRUSTED
    with trusted_host(tmp_path) as (_, other):
        assert problem(server.url("/basic.ics"), replace(rules, trusted=other)) == busy_fetch.NOT_TRUSTED


def test_fetch_trusts_the_usual_authorities(place: tuple[Host, Rules], monkeypatch: pytest.MonkeyPatch) -> None:
    """The host's own counts as one of them here."""
    server, rules = place
    monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", rules.trusted)
    assert fetch(server.url("/basic.ics"), rules=replace(rules, trusted="")) == Fetched(CALENDAR, '"1"')


def test_fetch_trusts_nobody_with_the_proof_of_another(place: tuple[Host, Rules]) -> None:
    """Its certificate is for other names than the one that is asked for."""
    server, rules = place
    assert problem(server.url("/basic.ics", "127.1"), rules) == busy_fetch.NOT_TRUSTED


def test_fetch_from_a_host_without_tls() -> None:
    with host(None) as plain:
        url = plain.url("/basic.ics").replace("http:", "https:")
        assert problem(url, Rules(loopback=True)) == busy_fetch.NOT_TRUSTED


def test_fetch_from_where_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as there:
        port = there.getsockname()[1]
    assert problem(f"https://127.0.0.1:{port}/", Rules(loopback=True)) == busy_fetch.NO_ANSWER


@pytest.mark.parametrize("name", ["calendar.invalid", "a" * 64 + ".example.org", "a..b", ".", "*.example.org"])
def test_fetch_from_a_host_that_is_not_there(name: str) -> None:
    assert problem(f"https://{name}/basic.ics", Rules()) == busy_fetch.NOT_FOUND


def test_tls_is_as_strict_as_usual() -> None:
    adapter = public_hosts._Public(0, loopback=False)
    assert adapter._context.minimum_version == ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("https://example.org/basic.ics", "https://example.org/basic.ics"),
        ("  https://example.org:8443/a?b=c ", "https://example.org:8443/a?b=c"),
        ("webcal://example.org/basic.ics", "https://example.org/basic.ics"),
        ("WEBCAL://example.org/A", "https://example.org/A"),
        ("webcals://example.org/", "https://example.org/"),
        ("HTTPS://example.org/", "HTTPS://example.org/"),
        ("https://example.org/a@b.ics", "https://example.org/a@b.ics"),
    ],
)
def test_address_is_taken_from_what_is_typed(typed: str, url: str) -> None:
    assert address(typed) == url


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", busy_fetch.NO_ADDRESS),
        ("basic.ics", busy_fetch.NO_ADDRESS),
        ("example.org/basic.ics", busy_fetch.NO_ADDRESS),
        ("https://", busy_fetch.NO_ADDRESS),
        ("https:///basic.ics", busy_fetch.NO_ADDRESS),
        ("https://exa mple.org/", busy_fetch.NO_ADDRESS),
        ("https://example.org:99999/", busy_fetch.NO_ADDRESS),
        ("https://[::1/", busy_fetch.NO_ADDRESS),
        ("https://example.org/\u202e", busy_fetch.NO_ADDRESS),
        ("https://example.org/" + "a" * 1981, busy_fetch.NO_ADDRESS),
        ("http://example.org/basic.ics", busy_fetch.NOT_HTTPS),
        ("ftp://example.org/basic.ics", busy_fetch.NOT_HTTPS),
        ("https://me:secret@example.org/", busy_fetch.WITH_LOGIN),
        ("webcal://me@example.org/", busy_fetch.WITH_LOGIN),
    ],
)
def test_address_that_cannot_be_one_is_refused(typed: str, said: str) -> None:
    with pytest.raises(Unreadable) as refused:
        address(typed)
    assert str(refused.value) == said
