"""Sessions in one's own calendar: by mail, or by a private feed."""

from __future__ import annotations

from flask import Response, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from portal.clock import zone
from portal.mail.calendar import published
from portal.pages import page, see, settings
from portal.people.sign_in_views import fresh
from portal.sessions import feed
from portal.sessions.views import me, sessions


@sessions.get("/calendar")
@login_required
def calendars() -> Response:
    """How my sessions come to my calendar."""
    mine, portal_url = feed.feed_of(me()), settings().portal_url
    address = ""
    if mine is not None:
        token = feed.token_of(mine, settings().secret_key)
        address = portal_url + url_for("sessions.feed_file", token=token)
    webcal = address.replace(portal_url.split(":")[0], "webcal", 1)
    return page("sessions/calendars.html", feed=mine, address=address, webcal=webcal)


@sessions.post("/calendar/feed")
@login_required
def make_feed() -> AnyResponse:
    """A feed, or a new address for it."""
    feed.make(me())
    return see("sessions.calendars", "This is the address. Only you see it.")


@sessions.post("/calendar/feed/end")
@login_required
def end_feed() -> AnyResponse:
    """No feed any more."""
    feed.end(me())
    return see(
        "sessions.calendars",
        "It no longer works. Mails bring new bookings; add those you have from their pages.",
    )


@sessions.post("/you/sessions.ics")
@fresh
def all_in_calendar() -> AnyResponse:
    """All of my sessions that were not cancelled, as a file."""
    entries = feed.entries(me(), past=None)
    file = published(entries, zone=zone(me().time_zone), portal_url=settings().portal_url, name="Micro-mentoring")
    disposition = {"Content-Disposition": 'attachment; filename="my-sessions.ics"'}
    return Response(file, mimetype="text/calendar", headers=disposition)


@sessions.get("/calendar/<token>.ics")
def feed_file(token: str) -> Response:
    """What a calendar program reads, without signing in. Read again unchanged, it is not sent again."""
    person = feed.reader_of(token, settings().secret_key)
    entries = feed.entries(person)
    edition = feed.edition(entries, person.time_zone)
    response = Response(mimetype="text/calendar")
    response.set_etag(edition)
    response.cache_control.private = response.cache_control.no_cache = True
    response.headers["X-Robots-Tag"] = "noindex"
    if edition not in request.if_none_match:
        url = settings().portal_url
        response.set_data(published(entries, zone=zone(person.time_zone), portal_url=url, name="Micro-mentoring"))
    response.make_conditional(request)
    return response
