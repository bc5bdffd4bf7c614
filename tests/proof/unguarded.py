"""The portal without its guard, as a server: bookings look at no claim and write none.

Only a control: a race that this server wins too would prove nothing.
"""

from __future__ import annotations

import sys

from flask import Flask

from portal import cli, create_app, server
from portal.availability import claims
from portal.availability.mentor_time import Time
from portal.availability.models import Availability
from portal.availability.openings import from_bytes
from portal.settings import Settings


def unguarded_app(settings: Settings) -> Flask:
    """The app of each worker process."""
    claims.time_of = _all_of_the_hours  # type: ignore[attr-defined]
    claims.busy = lambda *_: 0
    claims.insert_many = lambda *_: None  # type: ignore[attr-defined]
    return create_app(settings)


def _all_of_the_hours(availability: Availability) -> Time:
    return Time(availability.base, from_bytes(availability.hours), taken=0, load=0)


def main() -> int:
    """`portal`, with this app."""
    server.create_app = unguarded_app  # type: ignore[attr-defined]
    return cli.main()


if __name__ == "__main__":
    # Worker processes find the app by the name of its module, which is not __main__ to them.
    from tests.proof.unguarded import main as run

    sys.exit(run())
