"""Pages of waiting: what one waits for and has saved, and an opening that is held."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_login import current_user, login_required
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from portal.availability.choices import next_openings
from portal.availability.models import LENGTHS
from portal.errors import Missing, NotAllowedNow, OpeningTaken
from portal.mentors.models import Mentor
from portal.mentors.saving import saved_by
from portal.mentors.topics import listed_names
from portal.pages import page, see
from portal.sessions.booking_views import holder
from portal.sessions.fairness import why_not_book
from portal.sessions.views import me
from portal.waiting import offering, offers, watching
from portal.waiting.fitting import HOURS
from portal.waiting.forms import TermsForm
from portal.waiting.models import Offer, Watch

waiting = Blueprint("waiting", __name__)
NEAR = 3


@waiting.get("/waiting")
@login_required
def index() -> Response:
    """What I wait for and have saved. An address may hold what is to be waited for: then one tap is left."""
    form = TermsForm(request.args or None)
    is_asked = bool(form.mentor.data or form.expertise.data)
    is_right = not is_asked or form.validate()
    return _page(form, status=200 if is_right else 422, is_asked=is_asked)


@waiting.post("/waiting")
def wait() -> AnyResponse:
    """Wait for a mentor or an expertise. Who is not signed in comes back to what they chose."""
    form = TermsForm(request.form)
    if not current_user.is_authenticated:
        return redirect(url_for("people.sign_in", next=url_for("waiting.index", **form.chosen)), 303)
    if not form.validate():
        return _page(form, status=422, is_asked=True)
    try:
        _wait(form)
    except NotAllowedNow as refusal:
        return _page(form, status=refusal.status, refusal=str(refusal))
    return see("waiting.index", "You are in line. We write to you when something opens.")


def _wait(form: TermsForm) -> Watch:
    if form.topic is not None:
        return watching.wait_for_expertise(form.topic, form.terms, person=me())
    return watching.wait_for_mentor(_mentor(form), form.terms, person=me())


def _mentor(form: TermsForm) -> Mentor:
    mentor: Mentor | None = Mentor.get_or_none((Mentor.slug == form.mentor.data) & (Mentor.status == "published"))
    if mentor is None:
        raise Missing
    return mentor


def _page(form: TermsForm, status: int = 200, refusal: str = "", *, is_asked: bool = False) -> Response:
    return page(
        "waiting/index.html",
        status=status,
        form=form,
        refusal=refusal,
        is_asked=is_asked,
        mentor=_mentor(form) if form.mentor.data else None,
        lines=watching.lines_of(me()),
        most=watching.MOST,
        enough=watching.ENOUGH,
        offer=offers.open_offer(me().id),
        stop=why_not_book(me()),
        is_silent=watching.is_silent(me()),
        saved=saved_by(me()),
        lengths=LENGTHS,
        hours=HOURS,
        names=listed_names(),
    )


@waiting.post("/waiting/<int(max=2147483647):key>/end")
@login_required
def leave(key: int) -> AnyResponse:
    """Leave a line. Of one that is not there, it says the same."""
    watching.leave(key, person=me())
    return see("waiting.index", "You are no longer in line.")


@waiting.post("/waiting/mail")
@login_required
def hear_again() -> AnyResponse:
    """Get the mail about openings again."""
    watching.hear_again(me())
    return see("waiting.index", "You get a mail again when something opens.")


@waiting.get("/waiting/offers/<ref>")
@login_required
def offer(ref: str) -> AnyResponse:
    """What is held for me, and until when. Looking changes nothing: programs open every link of a mail."""
    held = offers.find_offer(ref, person=me())
    booked = offers.session_of(held)
    if booked is not None:
        return redirect(url_for("sessions.show", ref=booked.ref), 303)
    if not offers.stands(held):
        return _over(held)
    return page("waiting/offer.html", offer=held, stop=why_not_book(me()))


@waiting.post("/waiting/offers/<ref>/hold")
@login_required
def take(ref: str) -> AnyResponse:
    """Take it into this browser, and go on to the form."""
    try:
        hold_ref = offers.take(ref, person=me(), holder=holder())
    except OpeningTaken:
        return _over(offers.find_offer(ref, person=me()))
    return redirect(url_for("sessions.form", ref=hold_ref), 303)


@waiting.post("/waiting/offers/<ref>/end")
@login_required
def let_go(ref: str) -> AnyResponse:
    """Let it go, to the next in line."""
    offering.let_go(ref, person=me())
    return see("waiting.index", "You let it go. You stay in line for another time.")


def _over(held: Offer) -> Response:
    """One sentence, and what can be booked instead."""
    nearby: list[Any] = next_openings(held.mentor_id, held.length, mentee_id=me().id, most=NEAR)
    is_in_line = offers.is_in_line(held)
    return page("waiting/over.html", status=409, offer=held, nearby=nearby, is_in_line=is_in_line)
