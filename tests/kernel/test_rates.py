"""How often something may be done is counted for each who does it: in memory, or in Redis for all processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from portal import clock, rates
from portal.errors import TooMany, _in_words
from portal.rates import Memory, Rate, Tally, check, count, is_spent, open_rates
from tests.cast import Visitor
from tests.conftest import Time
from tests.redis_server import RedisServer, redis_server

TWICE = Rate("twice", "Too often.", timedelta(hours=1), person=2, source=2)


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture(params=["memory", "redis"])
def kept(request: pytest.FixtureRequest) -> Tally:
    """Counting, in each of the two places."""
    return open_rates(request.getfixturevalue("redis").url if request.param == "redis" else "")


def refused(who: str) -> int:
    """The seconds to wait; 0 where it is let through."""
    try:
        check(TWICE, who, TWICE.source)
    except TooMany as refusal:
        return refusal.seconds
    return 0


def test_check_refuses_until_the_span_is_over(time: Time, kept: Tally) -> None:
    time.pass_(minutes=40)
    who = f"sam in {type(kept.redis)}"
    assert [refused(who) for _ in range(4)] == [0, 0, 20 * 60, 20 * 60]
    time.pass_(minutes=19, seconds=59)
    assert refused(who) == 1
    time.pass_(seconds=1)
    assert refused(who) == 0


def test_check_counts_each_for_themselves(time: Time, kept: Tally) -> None:
    who = f"ana in {type(kept.redis)}"
    assert [refused(who) > 0 for _ in range(3)] == [False, False, True]
    assert refused(f"{who}, another") == 0


def test_is_spent_asks_and_does_not_count(time: Time, kept: Tally) -> None:
    who = f"kai in {type(kept.redis)}"
    assert [is_spent(TWICE, who) for _ in range(5)] == [False] * 5
    count(TWICE, who)
    assert not is_spent(TWICE, who)
    count(TWICE, who)
    assert is_spent(TWICE, who)


def test_redis_counts_for_all_processes(time: Time, redis: RedisServer) -> None:
    other = (
        "from datetime import timedelta; from tests.kernel.test_rates import TWICE; from tests.cast import MONDAY;"
        "from portal import clock, rates; clock._stopped = MONDAY;"
        f"rates.open_rates({redis.url!r}); rates.count(TWICE, 'noor'); rates.count(TWICE, 'noor')"
    )
    subprocess.run([sys.executable, "-c", other], check=True)
    open_rates()
    assert refused("noor") == 0
    open_rates(redis.url)
    assert refused("noor") > 0


def test_redis_forgets_what_is_over(time: Time, redis: RedisServer) -> None:
    kept = open_rates(redis.url)
    count(TWICE, "toni")
    assert kept.redis is not None
    (key,) = kept.redis.client.keys("*toni*")
    assert 0 < kept.redis.client.ttl(key) <= 3600


def test_where_redis_goes_away_it_is_counted_in_memory_and_said_once(
    time: Time, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Tally, "PAUSE", 0.0)
    with redis_server() as server:
        open_rates(server.url)
        assert refused("lee") == 0
        server.stop()
        assert [refused("lee") > 0 for _ in range(4)] == [False, False, True, True]
        server.start()
        assert refused("lee") == 0
        assert refused("lee") == 0
    said = [record.getMessage() for record in caplog.records if record.name == rates.__name__]
    assert said == [
        "Redis is away (ConnectionError): limits are counted by each process for itself",
        "Redis is back: limits are counted there again",
    ]


def test_while_redis_is_away_nobody_waits_for_it_each_time(time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = open_rates("redis://127.0.0.1:1")
    asked = []
    assert kept.redis is not None
    genuine = kept.redis.add
    monkeypatch.setattr(kept.redis, "add", lambda key, seconds: (asked.append(key), genuine(key, seconds))[1])
    for _ in range(5):
        count(TWICE, "bo")
    assert len(asked) == 1


def test_pages_answer_where_redis_is_away(app: Flask, visitor: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    open_rates("redis://:secret@127.0.0.1:1")
    assert visitor.get("/").status_code == 200
    assert visitor.post("/sign-in", {"email": "sam@example.org"}).status_code == 303
    assert ("Redis is away" in caplog.text, "secret" in caplog.text) == (True, False)


def test_memory_does_not_grow_without_end(time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Memory, "LARGEST", 10)
    memory = Memory()
    for number in range(100):
        memory.add(f"key {number}", 60)
        assert len(memory.counts) <= 10
    time.pass_(minutes=2)
    for number in range(4):
        memory.add(f"later {number}", 60)
    for _ in range(3):
        assert memory.add("sam", 3600) > 0
    assert memory.read("sam") == 3


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (89, "89 seconds"),
        (90, "2 minutes"),
        (181, "4 minutes"),
        (5399, "90 minutes"),
        (5400, "2 hours"),
        (86400, "24 hours"),
    ],
)
def test_how_long_is_said_in_words_and_never_too_short(seconds: int, words: str) -> None:
    assert _in_words(seconds) == words


def test_the_clock_that_counts_is_that_of_the_portal() -> None:
    with clock.stopped_at(clock.now() - timedelta(days=400)):
        open_rates()
        assert [refused("sam") > 0 for _ in range(3)] == [False, False, True]
    assert refused("sam") == 0
