"""The life of a session in one table: every action, who may take it, in which states, at which times.

Written from the words of the product, not from the rules in the portal. Whatever the table does not
allow is refused: with a sentence to those who may take the action at some other time, as if nothing
were there to everybody else, and with the way to sign in to visitors.

`from` is the first second at which an action can be taken, `until` the first at which it no longer
can; empty is at any time. A session has all facts under `only if` and none of those under `never if`.
With a fact in brackets the way there is shown all the same and ends where there is nothing to tap: across
a block everybody sees what they would see of somebody without openings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

ACTIONS = """
action        | who           | from          | until          | only if     | never if
--------------+---------------+---------------+----------------+-------------+------------------------------------
questions     | mentee        |               | start          |             | cancelled
preparation   | mentor        |               | end            |             | cancelled
readiness     | mentee        |               | start          |             | cancelled
messages      | mentor mentee |               | end +7 d       |             | cancelled
messages      | teammate      |               | end +7 d       |             | cancelled

cancellation  | mentor mentee |               | start          |             | cancelled
move          | mentee        |               | start          |             | cancelled, moved enough, (apart)
move-request  | mentor        |               | start          |             | cancelled, moved enough, move asked
rebooking     | mentee        |               |                | cancelled   | paused, booked up

late-notice   | mentor        | start -15 min | start +10 min  |             | cancelled, mentor is late
late-notice   | mentee        | start -15 min | start +10 min  |             | cancelled, mentee is late
absence       | mentor        | start +10 min | end +1 d       |             | cancelled, mentee away, rated
absence       | mentee        | start +10 min | end +1 d       |             | cancelled, mentor away, rated
objection     | mentor        |               | end +14 d      | mentor away | mentor objected
objection     | mentee        |               | end +14 d      | mentee away | mentee objected

teammates     | mentee        |               | start          | project     | cancelled, full
removal       | mentee        |               | start          | team        | cancelled
departure     | teammate      |               | end            |             | cancelled
team-question | teammate      |               | start          |             | cancelled
handover      | mentee        |               | start          | named       | cancelled, (mate blocked)

rating        | mentee        | end           | end +14 d +1 s |             | cancelled, not held, rated
wish          | mentor        | end           | end +14 d +1 s |             | cancelled, not held, mentor wished
next-step     | mentee        |               |                | next step   |
outcome       | mentee        | end +14 d     | end +42 d +1 s | rated       | outcome said

block         | mentor        |               |                |             | mentor blocked
block         | mentee        |               |                |             | mentee blocked
block         | teammate      |               |                |             | mate blocked
"""

STATES = """
state                    | seen from     | facts                              | made by
-------------------------+---------------+------------------------------------+-----------------------------------------
booked                   |               |                                    |
asked to move            |               | move asked                         | mentor move-request
moved as often as can be |               | moved enough                       | mentee move, mentee move, mentee move
the mentor prepared      |               |                                    | mentor preparation
the mentee is ready      |               |                                    | mentee readiness
messages are written     |               |                                    | mentee messages, mentor messages
the mentee is paused     |               | paused                             |

cancelled by the mentor  |               | cancelled                          | mentor cancellation
cancelled by the mentee  |               | cancelled                          | mentee cancellation
asked, then cancelled    |               | cancelled                          | mentor move-request, mentee cancellation
cancelled, mentee paused |               | cancelled, paused                  | mentor cancellation
cancelled, has enough    |               | cancelled, booked up               | mentor cancellation

the mentor is late       | start -15 min | mentor is late                     | mentor late-notice
the mentee is late       | start -15 min | mentee is late                     | mentee late-notice
the mentor stayed away   | start +10 min | mentor away, not held              | mentee absence
the mentee stayed away   | start +10 min | mentee away, not held              | mentor absence
each says other is away  | start +10 min | mentor away, mentee away, not held | mentee absence, mentor absence
the mentor objects       | start +10 min | mentor away, mentor objected       | mentee absence, mentor objection
the mentee objects       | start +10 min | mentee away, mentee objected       | mentor absence, mentee objection

a project, its team left |               | project                            |
a team                   |               | project, team, named               |
a team without a name    |               | project, team                      |
a full team              |               | project, team, named, full         |
a team with a question   |               | project, team, named               | teammate team-question
a team, one blocked      |               | project, team, named, mate blocked | teammate block, teammate block
a team, cancelled        |               | project, team, named, cancelled    | mentee cancellation
a team, handed over      |               | project, team, named, handed over  |

rated                    | end           | rated                              | mentee rating
rated with a next step   | end           | rated, next step                   | mentee rating
the next step is done    | end           | rated, next step                   | mentee rating, mentee next-step
the mentor wished        | end           | mentor wished                      | mentor wish
both wished              | end           | rated, next step, mentor wished    | mentor wish, mentee rating
said whether it helped   | end +14 d     | rated, next step, outcome said     | mentee rating at end, mentee outcome

the mentee blocked       |               | mentee blocked, apart              | mentee block
the mentor blocked       |               | mentor blocked, apart              | mentor block
blocked and cancelled    |               | mentor blocked, apart, cancelled   | mentor block, mentor cancellation
"""

ROLES = ("mentee", "mentor", "teammate")
LIMITS = (
    "start -3 h",
    "start -15 min",
    "start",
    "start +10 min",
    "end",
    "end +1 d",
    "end +7 d",
    "end +14 d",
    "end +42 d",
)
"""Times at which something begins or ends. Each is looked at a second before, itself, and a second after."""
SECONDS = (" -1 s", " +1 s")
MOMENTS = ("start -1 d", *(f"{limit}{second}" for limit in LIMITS for second in (" -1 s", "", " +1 s")))

FEW = ("start -1 d", "start", "end", "end +14 d")
"""Where PostgreSQL is looked at: every rule is decided in Python, by the same code on both databases."""
TOUR = (*(("sqlite", moment) for moment in MOMENTS), *(("postgres", moment) for moment in FEW))

START = datetime.fromisoformat("2026-11-24T10:00:00Z")
END = START + timedelta(minutes=30)
UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    action: str
    who: frozenset[str]
    since: str
    until: str
    needs: frozenset[str]
    never: frozenset[str]
    silent: frozenset[str]

    def shows(self, actor: str, facts: frozenset[str], moment: str) -> bool:
        begun = not self.since or instant(moment) >= instant(self.since)
        ended = bool(self.until) and instant(moment) >= instant(self.until)
        return actor in self.who and begun and not ended and self.needs <= facts and not self.never & facts

    def allows(self, actor: str, facts: frozenset[str], moment: str) -> bool:
        return self.shows(actor, facts, moment) and not self.silent & facts


@dataclass(frozen=True)
class State:
    """What has happened to a session, and how: each step is an actor, an action, and a moment, which is the
    one it is seen from unless it says so; empty is at booking.
    """

    name: str
    since: str
    facts: frozenset[str]
    steps: tuple[tuple[str, str, str], ...]

    @property
    def moments(self) -> tuple[str, ...]:
        """A session is in this state from then on."""
        return tuple(moment for moment in MOMENTS if not self.since or instant(moment) >= instant(self.since))


def is_beside(moment: str) -> bool:
    """Whether it is a second before or after a limit."""
    return moment.endswith(SECONDS)


def limited_at(moment: str) -> set[str]:
    """The actions that begin or end with the limit that this moment is beside."""
    limit = moment.removesuffix(" -1 s").removesuffix(" +1 s")
    return {row.action for row in ROWS if limit in (row.since, row.until.removesuffix(" +1 s"))}


def cells(table: str) -> Iterable[list[str]]:
    """The lines below the head, each as its cells."""
    for line in table.strip().splitlines()[2:]:
        if line:
            yield [cell.strip() for cell in line.split("|")]


def words(cell: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in cell.split(",") if word.strip())


def instant(moment: str) -> datetime:
    """When "end +14 d +1 s" is."""
    anchor, *steps = re.split(r" (?=[+-])", moment)
    seconds = sum(int(number) * UNITS[unit] for number, unit in (step.split() for step in steps))
    return {"start": START, "end": END}[anchor] + timedelta(seconds=seconds)


def _step(step: str, since: str) -> tuple[str, str, str]:
    taken, _, moment = step.partition(" at ")
    actor, action = taken.rsplit(" ", 1)
    return actor, action, moment or since


def _row(action: str, who: str, since: str, until: str, needs: str, never: str) -> Row:
    silent = frozenset(fact.strip("()") for fact in words(never) if fact.startswith("("))
    plain = frozenset(fact for fact in words(never) if not fact.startswith("("))
    return Row(action, frozenset(who.split()), since, until, frozenset(words(needs)), plain, silent)


ROWS = tuple(_row(*line) for line in cells(ACTIONS))
ALL_STATES = tuple(
    State(name, since, frozenset(words(facts)), tuple(_step(step, since) for step in words(steps)))
    for name, since, facts, steps in cells(STATES)
)
NAMES = tuple(dict.fromkeys(row.action for row in ROWS))


def offered(actor: str, state: State, moment: str) -> set[str]:
    """What the page must offer, no less and no more."""
    return {row.action for row in ROWS if row.shows(actor, state.facts, moment)}


def answer(action: str, actor: str, state: State, moment: str) -> str:
    """What the server must answer: "accepted", "refused" with a sentence, "missing", or "sign in"."""
    if actor == "visitor":
        return "sign in"
    rows = [row for row in ROWS if row.action == action and actor in row.who]
    if not rows:
        return "missing"
    return "accepted" if any(row.allows(actor, state.facts, moment) for row in rows) else "refused"
