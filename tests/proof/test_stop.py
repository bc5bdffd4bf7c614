"""SIGTERM: the server and all it started are gone, and what it had answered is there."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people.codes import new_token
from portal.people.models import Person
from portal.sessions.models import Session
from portal.settings import Settings
from tests.cast import BOOKING, opening, value_of
from tests.proof import ledger
from tests.proof.server import Client, serving, signed_in


@pytest.mark.parametrize("with_mails", [False, True])
def test_stop_leaves_no_process_and_loses_nothing(
    app: Flask, mentor: Mentor, mentee: Person, settings: Settings, with_mails: bool
) -> None:
    with serving(settings, with_mails=with_mails) as server:
        sam = signed_in(app, mentee, server.port)
        booked = sam.post("/sessions", {"opening": value_of(opening(mentor, 40)), "hold": new_token(), **BOOKING})
    with pytest.raises(ConnectionRefusedError):
        Client(server.port).get("/")
    assert booked.location == f"/sessions/{Session.get().ref}"
    assert ledger.faults([Session.get().ref]) == []
    assert Outbox.select().count() == 2
