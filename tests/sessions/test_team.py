"""A team: teammates invited by e-mail, what they see and do, and handing a session over."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask

from portal.availability.models import Claim
from portal.errors import Missing, NotAllowedNow, OpeningTaken, Stale, TooManyUpcoming
from portal.mentors.models import Mentor
from portal.people import blocks
from portal.people.models import Person
from portal.people.signing_in import person_with
from portal.sessions import attendance, team
from portal.sessions.booking import book
from portal.sessions.changes import cancel
from portal.sessions.models import Session, Teammate
from portal.sessions.turns import seat_at
from tests.cast import REQUEST, Visitor, make_mentor, make_person, make_session, opening, starts_of
from tests.conftest import Time
from tests.letters import told

LAILA, SAM = "laila.mansour@example.org", "sam.rivera@example.org"
NOOR, KAI = "noor.haddad@example.org", "kai@example.org"


@pytest.fixture
def session(mentor: Mentor, mentee: Person) -> Session:
    """Monday 10:00 to 10:30, about a project."""
    request = replace(REQUEST, kind="project")
    return book(opening(mentor, 4, 30), request, mentee=mentee, holder="a", hold_ref="a")


@pytest.fixture
def noor(session: Session, mentee: Person) -> Person:
    """A teammate with an account."""
    team.invite(session, [NOOR], mentee=mentee)
    return make_person("Noor Haddad", zone="Asia/Kolkata")


def emails(session: Session) -> list[str]:
    there = Teammate.select().where((Teammate.session == session) & Teammate.left_at.is_null())
    return [mate.email for mate in there.order_by(Teammate.id)]


def id_of(session: Session, email: str) -> int:
    return int(Teammate.get((Teammate.session == session) & (Teammate.email == email)).id)


@pytest.mark.parametrize(
    "typed",
    [
        f"{NOOR},{KAI}",
        f"{NOOR}; {KAI};",
        f"  {NOOR}\r\n\r\n{KAI}  ",
        f"{NOOR.upper()} {KAI.title()}",
        f"Noor Haddad <{NOOR}>, Kai <{KAI}>",
        f'"Haddad, Noor" <{NOOR}>; <{KAI}>',
        f"mailto:{NOOR}\tmailto:{KAI}",
        f"({NOOR}), '{KAI}'.",
        f"{NOOR}, {KAI}, {NOOR}, Noor <{NOOR}>",
    ],
)
def test_invite_takes_addresses_however_they_are_pasted(
    app: Flask, session: Session, mentee: Person, typed: str
) -> None:
    answer = Visitor(app, mentee).post(f"/sessions/{session.ref}/teammates", {"emails": typed})
    assert (answer.status_code, answer.location) == (303, f"/sessions/{session.ref}")
    assert emails(session) == [NOOR, KAI]
    assert told()[2:] == [("sessions/invited", NOOR), ("sessions/invited", KAI)]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Type at least one e-mail address, like name@example.org."),
        (" ,;\n", "Type at least one e-mail address, like name@example.org."),
        (f"{NOOR}, kai", "“kai” is not an e-mail address. It looks like name@example.org."),
        ("Noor Haddad", "“noor” is not an e-mail address. It looks like name@example.org."),
        ("Noor <noor>", "“noor” is not an e-mail address. It looks like name@example.org."),
        ("a@b@example.org", "“a@b@example.org” is not an e-mail address."),
        ("=?utf-8?q?a?=@example.org", "is not an e-mail address."),
        (f"{'a' * 250}@example.org", "is not an e-mail address."),
        ("x" * 1501, "At most 1500 characters, please."),
        (SAM, "You and your mentor are part of the session already. Invite others."),
        (f"{NOOR} {LAILA.upper()}", "You and your mentor are part of the session already. Invite others."),
        (" ".join(f"{n}@example.org" for n in range(6)), "You can invite 5 more, and these are 6."),
    ],
)
def test_invite_what_cannot_be_invited_invites_nobody_and_keeps_it(
    app: Flask, session: Session, mentee: Person, typed: str, said: str
) -> None:
    answer = Visitor(app, mentee).post(f"/sessions/{session.ref}/teammates", {"emails": typed})
    kept = typed.strip().replace("<", "&lt;").replace(">", "&gt;")
    assert (answer.status_code in (409, 422), said in answer.text, kept in answer.text) == (True, True, True)
    assert (emails(session), len(told())) == ([], 2)


@pytest.mark.parametrize(("more", "fits"), [(1, True), (2, True), (3, False)])
def test_invite_up_to_five_in_all(session: Session, mentee: Person, more: int, fits: bool) -> None:
    first, then = [f"{n}@example.org" for n in range(3)], [f"{n}@example.org" for n in range(10, 10 + more)]
    team.invite(session, first, mentee=mentee)
    if fits:
        team.invite(session, then, mentee=mentee)
    else:
        with pytest.raises(NotAllowedNow, match="You can invite 2 more, and these are 3"):
            team.invite(session, then, mentee=mentee)
    assert emails(session) == first + (then if fits else [])
    assert seat_at(session.ref, person=mentee).can("teammates") is (more < 2 or not fits)


def test_invite_a_sixth_is_refused_until_one_leaves(app: Flask, session: Session, mentee: Person, noor: Person) -> None:
    team.invite(session, [f"{n}@example.org" for n in range(4)], mentee=mentee)
    with pytest.raises(NotAllowedNow, match="A session has 5 teammates at the most"):
        team.invite(session, [KAI], mentee=mentee)
    assert "Invite teammates" not in Visitor(app, mentee).get(f"/sessions/{session.ref}").text
    team.leave(session, person=noor)
    team.invite(session, [KAI], mentee=mentee)
    assert len(emails(session)) == 5


def test_invite_as_many_as_there_is_room_for(session: Session, mentee: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team, "MOST_TEAMMATES", 1)
    with pytest.raises(NotAllowedNow, match="You can invite 1 more, and these are 2"):
        team.invite(session, [NOOR, KAI], mentee=mentee)
    team.invite(session, [NOOR], mentee=mentee)


def test_invite_twice_is_once(app: Flask, session: Session, mentee: Person) -> None:
    sam = Visitor(app, mentee)
    for typed in (NOOR, NOOR, f"{NOOR} {KAI}"):
        assert sam.post(f"/sessions/{session.ref}/teammates", {"emails": typed}).status_code == 303
    assert (emails(session), told()[2:]) == ([NOOR, KAI], [("sessions/invited", NOOR), ("sessions/invited", KAI)])


@pytest.mark.parametrize("kind", ["skill", "career", "studies"])
def test_invite_to_other_kinds_is_refused(app: Flask, mentor: Mentor, mentee: Person, kind: str) -> None:
    session = book(opening(mentor), replace(REQUEST, kind=kind), mentee=mentee, holder="a", hold_ref="a")
    with pytest.raises(NotAllowedNow, match="Only a session about a project can have teammates"):
        team.invite(session, [NOOR], mentee=mentee)
    assert "Invite teammates" not in Visitor(app, mentee).get(f"/sessions/{session.ref}").text


def test_invite_is_the_mentees_alone(app: Flask, session: Session, mentor: Mentor, noor: Person) -> None:
    for person in (mentor.person, noor):
        browser = Visitor(app, person)
        assert "Invite teammates" not in browser.get(f"/sessions/{session.ref}").text
        for name in ("teammates", "removal", "handover"):
            data = {"emails": KAI, "teammate": str(id_of(session, NOOR))}
            assert (name, browser.post(f"/sessions/{session.ref}/{name}", data).status_code) == (name, 404)
    assert emails(session) == [NOOR]


def test_a_teammate_sees_the_session_once_signed_in_with_the_address(
    app: Flask, session: Session, mentee: Person, stranger: Person
) -> None:
    team.invite(session, [NOOR], mentee=mentee)
    path = f"/sessions/{session.ref}"
    assert Visitor(app).get(path).status_code == 303
    new = Visitor(app, person_with(NOOR.title()))
    page = new.get(path).text
    for shown in ("Session with Laila Mansour", "A counter-offer I can send tomorrow", "<li>Is a counter normal?</li>"):
        assert (shown, shown in page) == (shown, True)
    assert (new.get(f"{path}/calendar.ics").status_code, session.ref in new.get("/sessions").text) == (200, True)
    for hidden in ("Cancel this session", "Edit the questions", "Move</a>", "Invite teammates", "Hand it over"):
        assert (hidden, hidden in page) == (hidden, False)
    assert Visitor(app, stranger).get(path).status_code == 404


@pytest.mark.parametrize("by", ["booker", "mentor"])
def test_both_sides_see_the_team(
    app: Flask, session: Session, mentor: Mentor, mentee: Person, noor: Person, by: str
) -> None:
    team.invite(session, [KAI], mentee=mentee)
    page = Visitor(app, mentee if by == "booker" else mentor.person).get(f"/sessions/{session.ref}").text
    names = re.findall(r'<li class="bar"><span>([^<]+)</span>', page)
    assert (names, page.count("take out</button>")) == (["Noor Haddad", KAI], 2 if by == "booker" else 0)


def test_ask_adds_one_question_and_changes_it(
    app: Flask, session: Session, mentor: Mentor, mentee: Person, noor: Person, world: Time
) -> None:
    path, browser = f"/sessions/{session.ref}", Visitor(app, noor)
    for typed, said in (("", "Write your question."), ("x" * 301, "At most 300 characters, please.")):
        answer = browser.post(f"{path}/team-question", {"question": typed})
        assert (answer.status_code, said in answer.text, f'value="{typed}"' in answer.text) == (422, True, True)
    world.pass_(minutes=5)
    assert browser.post(f"{path}/team-question", {"question": "What  about <tests>?"}).status_code == 303
    for person in (mentor.person, mentee, noor):
        page = Visitor(app, person).get(path).text
        assert '<span class="muted">Noor Haddad asks</span><br>What about &lt;tests&gt;?' in page
    assert Session.get_by_id(session.id).questions_at == world.now
    browser.post(f"{path}/team-question", {"question": "And then?"})
    page = Visitor(app, mentor.person).get(path).text
    assert ("And then?" in page, "What about" in page) == (True, False)
    assert Session.get_by_id(session.id).question_list == ["Is a counter normal?"]
    world.set(session.start)
    late = browser.post(f"{path}/team-question", {"question": "Late?"})
    said = "This session has started, so it is too late to ask something."
    assert (late.status_code, said in late.text) == (409, True)
    for person in (mentor.person, mentee):
        assert Visitor(app, person).post(f"{path}/team-question", {"question": "Mine?"}).status_code == 404


@pytest.mark.parametrize("how", ["leaves", "is taken out"])
def test_who_is_no_longer_part_sees_nothing_and_breaks_nothing(
    app: Flask, session: Session, mentor: Mentor, mentee: Person, noor: Person, how: str
) -> None:
    team.ask(session, "What about tests?", person=noor)
    path, browser = f"/sessions/{session.ref}", Visitor(app, noor)
    if how == "leaves":
        answer = browser.post(f"{path}/departure")
    else:
        answer = Visitor(app, mentee).post(f"{path}/removal", {"teammate": str(id_of(session, NOOR))})
    assert (answer.status_code, told()[3:]) == (303, [("sessions/no_longer_part", NOOR)])
    assert (browser.get(path).status_code, browser.get(f"{path}/calendar.ics").status_code) == (404, 404)
    assert session.ref not in browser.get("/sessions").text
    for person in (mentor.person, mentee):
        page = Visitor(app, person).get(path).text
        assert ("Is a counter normal?" in page, "Noor" in page) == (True, False)
    fresh = Session.get_by_id(session.id)
    assert (fresh.start, fresh.is_cancelled, Claim.select().count()) == (session.start, False, 4)
    assert browser.post(f"{path}/departure").status_code == 404


def test_invite_again_who_has_left(app: Flask, session: Session, mentee: Person, noor: Person) -> None:
    """In the same second: each of the three mails goes, and the last version is the one to come."""
    team.leave(session, person=noor)
    team.invite(session, [NOOR], mentee=mentee)
    assert [kind for kind, _ in told()[2:]] == ["sessions/invited", "sessions/no_longer_part", "sessions/invited"]
    assert (Visitor(app, noor).get(f"/sessions/{session.ref}").status_code, emails(session)) == (200, [NOOR])


def test_take_out_who_is_not_there_says_so(app: Flask, session: Session, mentee: Person, noor: Person) -> None:
    other = book(
        opening(make_mentor("Omar Aziz"), 20), replace(REQUEST, kind="project"), mentee=noor, holder="b", hold_ref="b"
    )
    team.invite(other, [KAI], mentee=noor)
    sam, path = Visitor(app, mentee), f"/sessions/{session.ref}/removal"
    for given in ("", "x", "0", "-1", "99999", "9" * 40, "١", str(id_of(other, KAI))):
        answer = sam.post(path, {"teammate": given})
        said = "This teammate has left meanwhile. Nothing was done."
        assert (given, answer.status_code, said in answer.text) == (given, 409, True)
    assert (emails(session), emails(other)) == ([NOOR], [KAI])
    team.remove(session, id_of(session, NOOR), mentee=mentee)
    with pytest.raises(NotAllowedNow, match="There is no teammate to take out"):
        team.remove(session, id_of(session, NOOR), mentee=mentee)


def test_leave_until_the_end(session: Session, mentee: Person, noor: Person, world: Time) -> None:
    world.set(session.end)
    with pytest.raises(NotAllowedNow, match="This session is over"):
        team.leave(session, person=noor)
    world.set(session.start)
    with pytest.raises(NotAllowedNow, match="too late to take anyone out"):
        team.remove(session, id_of(session, NOOR), mentee=mentee)
    with pytest.raises(NotAllowedNow, match="too late to invite anyone"):
        team.invite(session, [KAI], mentee=mentee)
    team.leave(session, person=noor)
    assert emails(session) == []


@pytest.mark.parametrize("by", ["booker", "mentor"])
def test_cancel_tells_everybody(
    app: Flask, session: Session, mentor: Mentor, mentee: Person, noor: Person, by: str
) -> None:
    team.invite(session, [KAI, "gone@example.org"], mentee=mentee)
    team.remove(session, id_of(session, "gone@example.org"), mentee=mentee)
    before = len(told())
    cancel(session, person=mentee if by == "booker" else mentor.person, reason="Ill")
    assert told()[before:] == [("sessions/cancelled", who) for who in (LAILA, SAM, NOOR, KAI)]
    page = Visitor(app, noor).get(f"/sessions/{session.ref}").text
    assert f"Cancelled late by {'Sam Rivera' if by == 'booker' else 'Laila Mansour'}: “Ill”" in page
    assert ("Leave this session" in page, "in one tap" in page) == (False, False)


def test_hand_over_gives_the_session_and_its_time_to_a_teammate(
    app: Flask, session: Session, mentor: Mentor, mentee: Person, noor: Person
) -> None:
    team.invite(session, [KAI], mentee=mentee)
    path, before = f"/sessions/{session.ref}", len(told())
    sam = Visitor(app, mentee)
    page = sam.get(path).text
    offered = re.findall(r'name="teammate" value="(\d+)">([^<]+)</button>', page.split("Hand it over")[1])
    assert offered == [(str(id_of(session, NOOR)), "Noor Haddad")]
    answer = sam.post(f"{path}/handover", {"teammate": offered[0][0]})
    assert (answer.status_code, answer.location) == (303, "/sessions")
    fresh = Session.get_by_id(session.id)
    assert (fresh.mentee_id, fresh.start, fresh.sequence > session.sequence) == (noor.id, session.start, True)
    assert {row.person_id for row in Claim.select()} == {mentor.person_id, noor.id}
    assert (Claim.select().count(), emails(session)) == (4, [KAI])
    assert told()[before:] == [("sessions/handed_over", who) for who in (LAILA, NOOR, KAI, SAM)]
    assert (sam.get(path).status_code, session.ref in sam.get("/sessions").text) == (404, False)
    page = Visitor(app, noor).get(path).text
    assert ("You want to walk away with" in page, "Cancel this session" in page) == (True, True)
    again = sam.post(f"{path}/handover", {"teammate": offered[0][0]})
    assert (again.status_code, len(told())) == (404, before + 4)
    make_session(make_mentor("Omar Aziz"), mentee, number=4)


def test_hand_over_between_people_who_are_mentors_derives_their_openings(mentor: Mentor) -> None:
    giver, taker = make_mentor("Omar Aziz"), make_mentor("Ines Costa")
    request = replace(REQUEST, kind="project")
    session = book(opening(mentor, 4), request, mentee=giver.person, holder="a", hold_ref="a")
    team.invite(session, [taker.person.email], mentee=giver.person)
    assert (session.start in starts_of(giver), session.start in starts_of(taker)) == (False, True)
    team.hand_over(session, id_of(session, taker.person.email), mentee=giver.person)
    assert (session.start in starts_of(giver), session.start in starts_of(taker)) == (True, False)


@pytest.mark.parametrize("why", ["busy", "has enough", "paused", "blocked", "blocks", "no account", "no name", "left"])
def test_hand_over_to_who_cannot_have_it_changes_nothing(
    app: Flask, session: Session, mentor: Mentor, mentee: Person, noor: Person, world: Time, why: str
) -> None:
    team.invite(session, [KAI], mentee=mentee)
    chosen, omar = id_of(session, NOOR), make_mentor("Omar Aziz")
    expected: tuple[type[Exception], str] = (NotAllowedNow, "They cannot have this session")
    if why == "busy":
        make_session(omar, noor, number=5)
        expected = (OpeningTaken, "They have another session at this time.")
    elif why == "has enough":
        for number in (20, 21, 22):
            make_session(omar, noor, number=number)
        expected = (TooManyUpcoming, "They have 3 upcoming sessions already.")
    elif why == "paused":
        Person.update(paused_until=session.end).where(Person.id == noor.id).execute()
    elif why == "blocked":
        blocks.block(noor, person=mentor.person)
    elif why == "blocks":
        blocks.block(mentor.person, person=noor)
    elif why == "left":
        team.leave(session, person=noor)
        make_person("Kai")
        expected = (Stale, "This teammate has left meanwhile. Nothing was done.")
    else:
        chosen = id_of(session, KAI)
        expected = (NotAllowedNow, f"{KAI} has not signed in yet. Ask them to, then hand it over.")
        if why == "no name":
            person_with(KAI)
    before, letters, claims = Session.get_by_id(session.id), len(told()), set(Claim.select().tuples())
    with pytest.raises(expected[0], match=re.escape(expected[1])):
        team.hand_over(session, chosen, mentee=mentee)
    answer = Visitor(app, mentee).post(f"/sessions/{session.ref}/handover", {"teammate": str(chosen)})
    assert (answer.status_code, expected[1] in answer.text) == (409, True)
    after = Session.get_by_id(session.id)
    assert (after.mentee_id, after.sequence, len(told())) == (mentee.id, before.sequence, letters)
    assert set(Claim.select().tuples()) == claims


def test_hand_over_waits_for_a_teammate_with_an_account(app: Flask, session: Session, mentee: Person) -> None:
    team.invite(session, [KAI], mentee=mentee)
    sam, path = Visitor(app, mentee), f"/sessions/{session.ref}"
    answer = sam.post(f"{path}/handover", {"teammate": str(id_of(session, KAI))})
    said = "Hand it over to a teammate who has signed in once. None of them has yet."
    assert (answer.status_code, said in answer.text, "Hand it over" in sam.get(path).text) == (409, True, False)


def test_hand_over_until_the_start(session: Session, mentee: Person, noor: Person, world: Time) -> None:
    world.set(session.start)
    with pytest.raises(NotAllowedNow, match="too late to hand it over"):
        team.hand_over(session, id_of(session, NOOR), mentee=mentee)
    world.pass_(seconds=-1)
    team.hand_over(session, id_of(session, NOOR), mentee=mentee)
    with pytest.raises(Missing):
        team.hand_over(session, id_of(session, NOOR), mentee=mentee)


def test_teammate_does_not_read_that_they_said_somebody_did_not_come(
    app: Flask, session: Session, mentor: Mentor, mentee: Person, noor: Person, world: Time
) -> None:
    world.set(session.end)
    attendance.mark_absent(session, person=mentee)
    attendance.object_to(session, person=mentor.person, objection="The room was locked.")
    pages = [Visitor(app, person).get(f"/sessions/{session.ref}").text for person in (mentee, noor)]
    assert ["You said that Laila did not come." in page for page in pages] == [True, False]
    assert ["The room was locked." in page for page in pages] == [True, False]
