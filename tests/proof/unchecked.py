"""The portal without the second look, as a server: a turn asks its rule before it waits for others, and not again.

Only a control: turns at the same moment that do no harm here would prove nothing.
"""

from __future__ import annotations

import sys

from flask import Flask

from portal import cli, create_app, server
from portal.people.models import Person
from portal.sessions import changes
from portal.sessions.models import Session
from portal.sessions.turns import Seat, seat_locked
from portal.settings import Settings


def unchecked_app(settings: Settings) -> Flask:
    """The app of each worker process."""
    changes.take = _take  # type: ignore[attr-defined]
    changes.check = lambda *_: None  # type: ignore[attr-defined]
    return create_app(settings)


def _take(_name: str, session: Session, *, person: Person, also: list[int] | None = None) -> Seat:
    return seat_locked(session, person=person, also=also)


def main() -> int:
    """`portal`, with this app."""
    server.create_app = unchecked_app  # type: ignore[attr-defined]
    return cli.main()


if __name__ == "__main__":
    # Worker processes find the app by the name of its module, which is not __main__ to them.
    from tests.proof.unchecked import main as run

    sys.exit(run())
