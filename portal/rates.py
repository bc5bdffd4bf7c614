"""How often something may be done: so many times in a span of time, by each who does it.

Spans begin on the clock (an hour at the full hour), so that every process agrees on them and anyone can be told when
the next one begins; across that moment twice as much is possible. Counted in memory, each process for itself, or for
all of them in Redis. Where Redis is away nobody is turned away and nothing fails: it is counted in memory until it is
back.

Each rate has two numbers. A person's own is what nobody reaches by hand. That of a source, a network address, is for
people who are not signed in and must fit a classroom: 200 students behind one address who come in within one hour.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from portal.clock import now
from portal.errors import TooMany

Result = TypeVar("Result")

log = logging.getLogger(__name__)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Rate:
    """What may be done `person` times in a `span` by a person or a browser that is known, `source` times by all
    others at one network address.
    """

    name: str
    refusal: str
    span: timedelta
    person: int = 0
    source: int = 0


CODES = Rate("codes", "Too many codes were asked for.", HOUR, person=20, source=600)
"""Three for each of 200 students. What one address is sent is limited beside it: see `portal.people.proving`."""
HOLDS = Rate("holds", "Too many times were asked for at once.", timedelta(minutes=10), person=60, source=400)
"""Two for each of 200 students who choose at the same moment. A browser holds one at a time, but one that keeps no
cookie is a new one each time, and could hold everything.
"""
BOOKINGS = Rate("bookings", "You sent this form too often.", HOUR, person=60)
"""Forms that are not complete count as well."""
MESSAGES = Rate("messages", "You wrote many messages at once.", timedelta(minutes=10), person=100)
"""One every six seconds, in a session that is a chat."""
SEARCHES = Rate("searches", "Those were many searches at once.", MINUTE, person=240, source=6000)
"""While somebody types there are up to three a second; 200 students type, and read, at the same time."""
WRITES = Rate("writes", "That was a lot at once.", HOUR, person=1000, source=10_000)
"""Whatever else changes something."""
WRONG_CODES = Rate("wrong codes", "", DAY, source=100)
"""One in two of 200 students mistypes. Whoever guesses hits one code of six digits with 100 / 1,000,000."""
WRONG_CODES_ANYWHERE = Rate("wrong codes anywhere", "", DAY, source=1000)
"""From all sources together, so that many who guess at many accounts hit one of them with 1,000 / 1,000,000."""


def check(rate: Rate, who: str, most: int) -> None:
    """Count that `who` does it once more. Raises TooMany beyond `most` in this span."""
    key, left = _span(rate, who)
    if _tally.add(key, left) > most:
        raise TooMany(rate.refusal, left)


def count(rate: Rate, who: str) -> None:
    """Count it, and refuse nothing."""
    _tally.add(*_span(rate, who))


def is_spent(rate: Rate, who: str) -> bool:
    """Whether a source has done it as often as it may. Asking does not count."""
    return _tally.read(_span(rate, who)[0]) >= rate.source


def _span(rate: Rate, who: str) -> tuple[str, int]:
    """The name of this span for `who`, and the seconds that are left of it."""
    length = int(rate.span.total_seconds())
    number, into = divmod(int(now().timestamp()), length)
    return f"portal {rate.name} {number} {who}", length - into


class Memory:
    """What was counted, kept in this process."""

    LARGEST = 100_000
    """Who has more addresses than this is not stopped by counting them, and must not fill the memory."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.ends: dict[str, float] = {}
        self.lock = threading.Lock()

    def add(self, key: str, seconds: int) -> int:
        """How often by now. Forgotten after so many seconds."""
        with self.lock:
            if key not in self.counts:
                self._make_room()
                self.ends[key] = now().timestamp() + seconds
            self.counts[key] = self.counts.get(key, 0) + 1
            return self.counts[key]

    def read(self, key: str) -> int:
        """How often so far."""
        return self.counts.get(key, 0)

    def _make_room(self) -> None:
        if len(self.counts) < self.LARGEST:
            return
        instant = now().timestamp()
        self.ends = {key: end for key, end in self.ends.items() if end > instant}
        if len(self.ends) > self.LARGEST // 2:
            self.ends = {}
        self.counts = {key: self.counts[key] for key in self.ends}


class Redis:
    """What was counted, kept for all processes."""

    PATIENCE = 0.3
    """Seconds: pages wait for it."""

    def __init__(self, url: str) -> None:
        import redis  # takes 0.3 seconds, so only where it is used
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        self.away: type[Exception] = redis.RedisError
        self.client: Any = redis.Redis.from_url(
            url, socket_timeout=self.PATIENCE, socket_connect_timeout=self.PATIENCE, retry=Retry(NoBackoff(), 0)
        )

    def add(self, key: str, seconds: int) -> int:
        """How often by now. Forgotten after so many seconds."""
        return int(self.client.pipeline().incr(key).expire(key, seconds).execute()[0])

    def read(self, key: str) -> int:
        """How often so far."""
        return int(self.client.get(key) or 0)


class Tally:
    """What was counted: in Redis where there is one and it answers, else in memory."""

    PAUSE = 10.0
    """Seconds until Redis is asked again: where it hangs, each try makes somebody wait."""

    def __init__(self, redis_url: str = "") -> None:
        self.memory = Memory()
        self.redis = Redis(redis_url) if redis_url else None
        self.ask_again_at = 0.0
        self.is_away = False

    def add(self, key: str, seconds: int) -> int:
        """How often by now."""
        return self._ask(lambda kept: kept.add(key, seconds))

    def read(self, key: str) -> int:
        """How often so far."""
        return self._ask(lambda kept: kept.read(key))

    def answers(self) -> bool:
        """Whether Redis does, where there is one."""
        self.read("")
        return not self.is_away

    def _ask(self, question: Callable[[Memory | Redis], Result]) -> Result:
        if self.redis is None or time.monotonic() < self.ask_again_at:
            return question(self.memory)
        try:
            answer = question(self.redis)
        except self.redis.away as error:
            self._miss(error)
            return question(self.memory)
        if self.is_away:
            log.warning("Redis is back: limits are counted there again")
            self.is_away = False
        return answer

    def _miss(self, error: Exception) -> None:
        """Its absence is said once, without its address, which may hold a password."""
        self.ask_again_at = time.monotonic() + self.PAUSE
        if not self.is_away:
            log.warning("Redis is away (%s): limits are counted by each process for itself", type(error).__name__)
            self.is_away = True


_tally = Tally()


def open_rates(redis_url: str = "") -> Tally:
    """Count from nothing on, in this Redis if one is named. One for each process, like its clock."""
    global _tally  # noqa: PLW0603  # one programme a process
    _tally = Tally(redis_url)
    return _tally
