"""The coordinator's page; to all others it does not exist."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.directory import demand
from portal.mail.outbox import backlog
from portal.mail.undelivered import count_undelivered
from portal.mentors import topics
from portal.mentors.models import KINDS
from portal.moderation.queue import queue
from portal.pages import only_coordinators, page, reader
from portal.programme.report import this_month
from portal.sessions.views import me

programme = Blueprint("programme", __name__)
programme.before_request(only_coordinators)


@programme.get("/coordinator")
def overview() -> Response:
    """How it goes, what waits, what is asked for and not offered."""
    return page(
        "programme/overview.html",
        month=this_month(reader()),
        queue=queue(me()),
        demand=demand.not_offered(),
        kinds=KINDS,
        listed=topics.listed_names(),
        undelivered=count_undelivered(),
        waiting_hours=int(backlog()[1].total_seconds()) // 3600,
    )
