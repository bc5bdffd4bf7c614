"""The pages of waiting: joining by a form, one's lines, an offer from the mail to the session, saved mentors."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from portal.availability.models import Hold
from portal.directory.finding import PAGE
from portal.mail import preferences
from portal.mail.outbox import Outbox
from portal.mentors.models import Expertise, Mentor, SavedMentor
from portal.mentors.profile import hide
from portal.people import blocks, pauses
from portal.people.models import Person
from portal.sessions.models import Session
from portal.waiting.models import Offer, Watch
from portal.waiting.watching import Terms, wait_for_expertise, wait_for_mentor
from tests.cast import BOOKING, Visitor, make_person
from tests.conftest import Time
from tests.feedback.secrecy import statements
from tests.letters import html_of, mail, text_of
from tests.sessions.agreement import digest
from tests.waiting.lines import TUESDAY, full_mentor, offered, open_all_week, open_at, outcomes, work
from tests.waiting.test_line import topic

WAIT = {"mentor": "laila-mansour", "length": "30", "part": "evenings"}
NO_LONGER = "This time is no longer held for you."


@pytest.fixture
def sams(app: Flask, mentee: Person) -> Visitor:
    return Visitor(app, mentee)


@pytest.fixture
def offer(laila: Mentor, mentee: Person, ben: Person) -> Offer:
    """To Sam, with Ben next in line."""
    for person in (mentee, ben):
        wait_for_mentor(laila, Terms(), person=person)
    open_at(laila, TUESDAY)
    work()
    made: Offer = Offer.get()
    return made


def lines(page: str) -> list[str]:
    """The rows of what somebody waits for, as read."""
    rows = re.findall(r'<li class="bar">(.*?)</form>', page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]


def test_wait_from_the_mentors_page_without_openings(sams: Visitor, laila: Mentor, ben: Person) -> None:
    wait_for_mentor(laila, Terms(), person=ben)
    page = sams.get("/mentors/laila-mansour").text
    assert re.search(r"<details[^>]* open><summary[^>]*>Nothing fits\? Wait for an opening", page)
    for _ in range(2):  # a double tap
        assert sams.post("/waiting", WAIT).location == "/waiting"
    assert [(row.length, row.part) for row in Watch.select().where(Watch.person == sams.person)] == [(30, "evenings")]
    assert lines(sams.get("/waiting").text) == ["Laila Mansour 30 min · Evenings 1 person is before you Leave"]
    page = sams.get("/mentors/laila-mansour").text
    assert ("You wait for an opening. 1 person is before you" in page, "Nothing fits?" in page) == (True, False)


def test_wait_from_the_mentors_page_with_openings_is_folded_in(sams: Visitor, laila: Mentor, visitor: Visitor) -> None:
    open_all_week(laila)
    for who in (sams, visitor):
        page = who.get("/mentors/laila-mansour").text
        assert re.search(r"<details class=\"gap\"><summary[^>]*>Nothing fits\? Wait for an opening", page)
    assert "Nothing fits?" not in Visitor(sams.client.application, laila.person).get("/mentors/laila-mansour").text


def test_leave_in_one_tap(sams: Visitor, laila: Mentor, stranger: Person) -> None:
    sams.post("/waiting", WAIT)
    path = re.search(r"/waiting/\d+/end", sams.get("/waiting").text)
    assert path is not None
    Visitor(sams.client.application, stranger).post(path[0])
    assert Watch.select().count() == 1
    for _ in range(2):
        assert (sams.post(path[0]).status_code, Watch.select().count()) == (303, 0)
    assert sams.post("/waiting/99999999999999999999/end").status_code == 404


def test_a_visitor_signs_in_and_comes_back_to_what_was_chosen(app: Flask, laila: Mentor, visitor: Visitor) -> None:
    sent = visitor.post("/waiting", WAIT)
    there = "/waiting?mentor%3Dlaila-mansour%26length%3D30%26part%3Devenings"
    assert sent.location == f"/sign-in?next={there}"
    sam = Visitor(app, make_person("Sam Rivera"))
    page = sam.get("/waiting?mentor=laila-mansour&length=30&part=evenings").text
    for chosen in ('<option value="30" selected>', '<option value="evenings" selected>', ">Wait for Laila</button>"):
        assert (chosen, chosen in page) == (chosen, True)
    assert Watch.select().count() == 0
    assert visitor.get("/waiting?expertise=R").location == "/sign-in?next=/waiting?expertise%3DR"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Type what they should know"),
        ({"expertise": "xyzzy"}, "We do not know this one yet."),
        ({"expertise": "x" * 61}, "At most 60 characters, please."),
        ({"expertise": "R", "length": "45"}, "Choose any length, or 15, 30 or 60 minutes."),
        ({"expertise": "R", "length": "x"}, "Choose any length, or 15, 30 or 60 minutes."),
        ({"expertise": "R", "part": "nights"}, "Choose any time, or a part of the day, or the weekend."),
    ],
)
def test_wait_with_what_is_not_there_says_what_would_be_right(sams: Visitor, typed: dict[str, str], said: str) -> None:
    answer = sams.post("/waiting", typed)
    assert (answer.status_code, said in answer.text, Watch.select().count()) == (422, True, 0)
    kept = re.findall(r'<input [^>]*id="expertise"[^>]* value="([^"]*)"', answer.text)
    assert kept == [typed.get("expertise", "")]


def test_wait_for_an_expertise_by_any_of_its_names(sams: Visitor, laila: Mentor) -> None:
    assert sams.post("/waiting", {"expertise": "OFFER-negotiation"}).status_code == 303
    assert lines(sams.get("/waiting").text) == ["Offer negotiation Any length · Any time Nobody is before you Leave"]


def test_wait_for_a_mentor_who_is_not_there(sams: Visitor, laila: Mentor) -> None:
    hide(laila)
    for slug in ("laila-mansour", "nobody", "x" * 5000):
        assert sams.post("/waiting", {"mentor": slug}).status_code == 404
        assert sams.get(f"/waiting?mentor={slug}").status_code == 404


def test_own_page_and_own_line_are_refused_in_a_sentence(app: Flask, laila: Mentor) -> None:
    answer = Visitor(app, laila.person).post("/waiting", WAIT)
    assert (answer.status_code, "You cannot wait for yourself." in answer.text) == (409, True)


def test_ten_is_said_before_it_is_hit(sams: Visitor, laila: Mentor) -> None:
    assert "You can wait for 10 at a time." in sams.get("/waiting").text
    assert sams.person is not None
    for row in Expertise.select().limit(10):
        wait_for_expertise(row, Terms(), person=sams.person)
    page = sams.get("/waiting").text
    assert ("You wait for 10 already" in page, 'name="expertise"' in page) == (True, False)
    answer = sams.post("/waiting", WAIT)
    assert (answer.status_code, "You wait for 10 already" in answer.text, Watch.select().count()) == (409, True, 10)


def test_page_says_who_is_passed_over_and_why(sams: Visitor, laila: Mentor, world: Time) -> None:
    assert sams.person is not None
    sams.post("/waiting", WAIT)
    preferences.stop("waiting/offer", recipient=sams.person.email)
    pauses.pause(sams.person, world.now.date() + timedelta(days=3))
    page = sams.get("/waiting").text
    for said in ("You get no mails about openings", "A coordinator has paused your bookings.", "you keep your place"):
        assert (said, said in page) == (said, True)
    assert sams.post("/waiting/mail").status_code == 303
    assert "You get no mails about openings" not in sams.get("/waiting").text


def test_mail_says_what_is_held_until_when_and_why(app: Flask, mentee: Person, offer: Offer) -> None:
    message = mail(app, "waiting/offer")
    assert message["Subject"] == "Laila Mansour has an opening: Tuesday 24 November 2026, 11:00–11:15 (Berlin time)"
    assert message["To"] == mentee.email
    text = text_of(message)
    for said in (
        "An opening with Laila Mansour is held for you.",
        "It is yours until 11:00 on 23 November 2026 (Berlin time). After that it goes to the next in line.",
        f"See it and book:\nhttp://portal.example.org/waiting/offers/{offer.ref}\n",
        "You get this mail because you wait for Laila Mansour.",
    ):
        assert (said, said in text) == (said, True)
    assert "not used" not in text
    assert (html_of(message).count("<a "), "No more of these" in html_of(message)) == (2, True)


def test_mail_of_the_third_in_a_row_says_that_it_is_the_last(
    app: Flask, laila: Mentor, ana: Person, world: Time
) -> None:
    wait_for_expertise(topic(), Terms(), person=ana)
    open_at(laila, *(TUESDAY + timedelta(minutes=15 * number) for number in range(4)))
    said = []
    for _ in range(3):
        work()
        said.append("you are no longer in line" in text_of(mail(app, "waiting/offer")))
        world.pass_(hours=2)
    assert said == [False, False, True]
    assert "because you wait for Offer negotiation." in text_of(mail(app, "waiting/offer"))


@pytest.mark.parametrize(("seconds", "why"), [(7199, ""), (7200, "it is no longer held")])
def test_mail_that_comes_too_late_is_not_sent(offer: Offer, world: Time, seconds: int, why: str) -> None:
    world.pass_(seconds=seconds)
    assert preferences.why_not(Outbox.get()) == why


def test_mail_of_an_offer_that_was_let_go_is_not_sent(sams: Visitor, offer: Offer) -> None:
    letter = Outbox.get()
    sams.post(f"/waiting/offers/{offer.ref}/end")
    assert preferences.why_not(letter) == "it is no longer held"


def test_from_the_mail_to_the_session(sams: Visitor, offer: Offer, world: Time) -> None:
    path = f"/waiting/offers/{offer.ref}"
    page = sams.get(path)
    shown = ("Laila Mansour<br>Tomorrow 11:00–11:15", "Held for you until 11:00. After that", ">Book it</button>")
    assert (page.status_code, [what for what in shown if what not in page.text]) == (200, [])
    assert "is held for you until 11:00 (Berlin time)." in sams.get("/mentors/laila-mansour").text
    world.pass_(minutes=100)
    for _ in range(2):
        taken = sams.post(f"{path}/hold")
        assert (taken.status_code, taken.location) == (303, f"/holds/{offer.hold_ref}")
    assert "Held for you, <span" in sams.get(taken.location).text
    opening = f"laila-mansour {TUESDAY:%Y-%m-%dT%H:%M:%SZ} 15"
    for _ in range(2):
        booked = sams.post("/sessions", {"opening": opening, "hold": offer.hold_ref, **BOOKING})
        assert booked.status_code == 303
    assert (Session.select().count(), Session.get().start) == (1, TUESDAY)
    assert lines(sams.get("/waiting").text) == []  # before the worker comes along
    assert (work(), outcomes(), [row.person.first_name for row in Watch.select()]) == (0, [("Sam", "booked")], ["Ben"])
    for answer in (sams.get(path), sams.get(taken.location)):
        assert answer.location == f"/sessions/{Session.get().ref}"
    assert sams.post(f"{path}/hold").location == taken.location
    assert (sams.post(f"{path}/end").status_code, Session.get().is_cancelled) == (303, False)


def test_the_form_says_until_when_while_that_is_long(sams: Visitor, offer: Offer) -> None:
    form = sams.get(sams.post(f"/waiting/offers/{offer.ref}/hold").location).text
    assert ("Held for you until 11:00 · with Laila Mansour" in form, "data-seconds" in form) == (True, False)


def test_the_form_says_the_truth_once_two_hours_are_over(sams: Visitor, offer: Offer, world: Time) -> None:
    taken = sams.post(f"/waiting/offers/{offer.ref}/hold").location
    world.pass_(hours=2)
    page = sams.get(taken)
    said = "The 2 hours are over. Take the time again if it is still free."
    assert (page.status_code, said in page.text) == (409, True)
    assert work() == 1
    assert offered() == [("Ben", TUESDAY)]


def test_offer_that_is_over_says_so_with_a_next_step(sams: Visitor, offer: Offer, laila: Mentor, world: Time) -> None:
    path = f"/waiting/offers/{offer.ref}"
    world.pass_(hours=2)
    for ended in (False, True):
        for answer in (sams.get(path), sams.post(f"{path}/hold")):
            said = (NO_LONGER in answer.text, "You are still in line for another time." in answer.text)
            assert (answer.status_code, *said) == (409, True, True)
        if not ended:
            open_at(laila, TUESDAY, TUESDAY + timedelta(hours=3))
            work()
    assert value_of_start(TUESDAY + timedelta(hours=3)) not in sams.get(path).text  # it is Sam's next offer
    assert [who for who, _ in offered()] == ["Ben", "Sam"]


def value_of_start(start: object) -> str:
    return f"laila-mansour {start:%Y-%m-%dT%H:%M:%SZ} 15"


def test_let_it_go_in_one_tap(sams: Visitor, offer: Offer) -> None:
    for _ in range(2):
        assert sams.post(f"/waiting/offers/{offer.ref}/end").location == "/waiting"
    assert (outcomes(), NO_LONGER in sams.get(f"/waiting/offers/{offer.ref}").text) == (
        [("Sam", "passed"), ("Ben", "open")],
        True,
    )


def test_an_offer_is_its_persons_alone(app: Flask, offer: Offer, stranger: Person, ben: Person) -> None:
    before, path = digest(), f"/waiting/offers/{offer.ref}"
    for person in (stranger, ben, offer.mentor.person):
        other = Visitor(app, person)
        answers = [other.get(path), other.post(f"{path}/hold"), other.post(f"{path}/end"), other.get("/holds/x")]
        assert [answer.status_code for answer in answers] == [404] * 4
        assert other.get(f"/holds/{offer.hold_ref}").status_code == 404
        assert "Held for you" not in other.get("/waiting").text
    nobody = Visitor(app)
    assert [nobody.get(path).status_code, nobody.post(f"{path}/hold").status_code] == [303, 303]
    assert digest() == before


def test_looking_at_an_offer_changes_nothing(sams: Visitor, offer: Offer, world: Time) -> None:
    sams.get("/")
    before = digest()
    for path in ("/waiting", f"/waiting/offers/{offer.ref}", "/mentors/laila-mansour", "/waiting?expertise=R"):
        assert sams.get(path).status_code == 200
    for method in ("HEAD", "OPTIONS"):
        sams.client.open(f"/waiting/offers/{offer.ref}", method=method)
    assert (digest(), sams.client.get(f"/waiting/offers/{offer.ref}/hold").status_code) == (before, 405)


def test_a_hold_moves_with_its_person_to_another_browser(app: Flask, sams: Visitor, offer: Offer) -> None:
    other = Visitor(app, sams.person)
    path = f"/waiting/offers/{offer.ref}/hold"
    first, second = sams.post(path).location, other.post(path).location
    assert (first, second) == (f"/holds/{offer.hold_ref}",) * 2
    assert (sams.get(first).status_code, other.get(second).status_code) == (404, 200)
    assert Hold.select().where(~Hold.is_released).count() == 1


def as_read(page: str) -> str:
    return re.sub(r'name="(?:csrf_token|hold|key)"[^>]*value="[^"]+"|X-CSRFToken": "[^"]+"', "", page)


def test_block_looks_like_no_openings(app: Flask, sams: Visitor, laila: Mentor, world: Time) -> None:
    """To whoever was blocked: no answer and no statement of waiting and saving differs."""
    assert sams.person is not None

    def tries() -> list[tuple[int, str, list[str]]]:
        found, token = [], sams.token()
        for path, data in (("/waiting", WAIT), ("/waiting", None), ("/mentors/laila-mansour", None)):
            with statements() as run:
                sent = {"csrf_token": token, **data} if data is not None else None
                answer = sams.client.post(path, data=sent) if sent else sams.get(path)
            found.append((answer.status_code, as_read(answer.text), run))
        return found

    sams.post("/waiting", WAIT)
    closed = tries()
    assert work() == 0
    blocks.block(sams.person, person=laila.person)
    open_all_week(laila)
    assert (tries(), work()) == (closed, 0)


def test_block_ends_an_offer_without_a_word(sams: Visitor, offer: Offer, laila: Mentor) -> None:
    assert sams.person is not None
    blocks.block(sams.person, person=laila.person)
    page = sams.get(f"/waiting/offers/{offer.ref}")
    assert (page.status_code, NO_LONGER in page.text, "block" in page.text.lower()) == (409, True, False)
    assert "Held for you" not in sams.get("/waiting").text
    assert sams.post(f"/waiting/offers/{offer.ref}/hold").status_code == 409


def test_saving_a_mentor_and_no_longer(app: Flask, sams: Visitor, laila: Mentor, visitor: Visitor) -> None:
    path = "/mentors/laila-mansour"
    assert visitor.post(f"{path}/saving", headers={"Referer": f"http://localhost{path}"}).location == (
        f"/sign-in?next={path}"
    )
    for _ in range(2):
        assert sams.post(f"{path}/saving").location == path
    assert (SavedMentor.select().count(), "♥ Saved" in sams.get(path).text) == (1, True)
    assert lines(sams.get("/waiting").text) == ["LM Laila Mansour Product lead Remove"]
    hide(laila)
    assert lines(sams.get("/waiting").text) == ["LM Laila Mansour Takes no bookings right now Remove"]
    for _ in range(2):
        assert sams.post(f"{path}/saving/end", {"on": "list"}).location == "/waiting"
    assert (SavedMentor.select().count(), sams.post(f"{path}/saving").status_code) == (0, 404)
    assert sams.post("/mentors/nobody/saving").status_code == 404


def test_saving_oneself_is_refused(app: Flask, laila: Mentor) -> None:
    own = Visitor(app, laila.person)
    assert "♡ Save" not in own.get("/mentors/laila-mansour").text
    assert own.post("/mentors/laila-mansour/saving").status_code == 409


@pytest.mark.parametrize("query", ["q=offer+negotiation&length=30&when=evenings", "expertise=offer-negotiation"])
def test_find_leads_to_waiting_where_nothing_opens_soon(
    app: Flask, visitor: Visitor, laila: Mentor, world: Time, query: str
) -> None:
    more = "&amp;length=30&amp;part=evenings" if "length" in query else ""
    link = f'href="/waiting?expertise=Offer+negotiation{more}"'
    soon, late = (world.now.replace(hour=18) + timedelta(days=days) for days in (6, 9))
    for start, is_there in ((None, True), (late, True), (soon, False)):
        if start is not None:
            open_at(laila, start, length=30)
        assert (start, link in visitor.get(f"/?{query}").text) == (start, is_there)
    for other in ("/", "/?q=product+lead", "/?q=xyzzy"):
        assert (other, "/waiting?expertise" in visitor.get(other).text) == (other, False)
    assert 'href="/waiting"' in visitor.get("/?q=xyzzy").text


def test_find_does_not_lead_to_waiting_where_a_later_page_has_an_opening_soon(
    visitor: Visitor, laila: Mentor, world: Time
) -> None:
    """The best answers come first, whenever they have time."""
    for number in range(PAGE):
        far = full_mentor(f"Far {number:02}", expertise=("Offer negotiation", "Salary negotiation"))
        open_at(far, world.now.replace(hour=18) + timedelta(days=9))
    assert "/waiting?expertise" in visitor.get("/?q=offer+negotiation+salary").text
    near = full_mentor("Near by")
    open_at(near, world.now.replace(hour=18) + timedelta(days=1))
    page = visitor.get("/?q=offer+negotiation+salary").text
    assert ("Near by" in page, "/waiting?expertise" in page) == (False, False)
    assert "Near by" in visitor.get("/?q=offer+negotiation+salary&page=2").text


def test_sessions_and_you_lead_to_waiting(sams: Visitor) -> None:
    assert ['href="/waiting"' in sams.get(path).text for path in ("/sessions", "/you")] == [True, True]
