"""Inviting people: pasted, mailed once, taken back, forgotten; and who may sign up by it."""

from __future__ import annotations

import re
import threading
from dataclasses import replace

import pytest
from flask import Flask

from portal import create_app, database
from portal.clock import now
from portal.errors import Missing, NotAllowedNow
from portal.limits import Limits
from portal.mail import outbox, preferences
from portal.mail.delivery import deliver_due
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people import invitations, signing_in
from portal.people.address import change
from portal.people.codes import code_for
from portal.people.invitations import Guest, invite, take_back
from portal.people.invited import mailbox_of
from portal.people.mails import INVITATION
from portal.people.models import Audit, Invitation, Person, SignInCode
from portal.people.signing_in import WrongCode, may_enter, person_with, prove_code, request_code
from portal.settings import Settings
from tests.cast import Visitor, make_person
from tests.conftest import Time
from tests.letters import mail, text_of, told
from tests.people.signing import ask, read_code, type_code, who

pytestmark = pytest.mark.own_app
ANA = "ana@example.org"
PATH = "/coordinator/invitations"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, limits=Limits(by_invitation=True))


@pytest.fixture
def inga(app: Flask, coordinator: Person) -> Visitor:
    return Visitor(app, coordinator)


def paste(browser: Visitor, *lines: str, role: str = "mentor"):  # type: ignore[no-untyped-def]
    return browser.post(PATH, {"role": role, "addresses": "\n".join(lines)})


def invited() -> list[str]:
    return [row.email for row in Invitation.select().order_by(Invitation.id)]


def link_in_mail(app: Flask, to: str = "") -> str:
    found = re.search(r"http://portal.example.org(/invitations/\S+)", text_of(mail(app, "people/invitation", to)))
    assert found is not None
    return found[1]


def test_invite_sends_each_one_mail_with_a_button(app: Flask, inga: Visitor) -> None:
    answer = paste(inga, "Ana Lima <Ana@Example.org>", "bo@example.org")
    assert (answer.status_code, answer.location) == (303, PATH)
    (line,) = Audit.select().where(Audit.what == "invited")
    assert (line.person_id, line.detail) == (Person.get(Person.is_coordinator).id, "2 as mentors")
    page = inga.get(PATH).text
    assert ("2 invited. Each gets a mail." in page, "None came" in page, "Mentor · invited just now" in page) == (
        True,
    ) * 3
    assert told() == [("people/invitation", ANA), ("people/invitation", "bo@example.org")]
    letter = mail(app, "people/invitation")
    assert letter["Subject"] == "Inga Holm invites you to be a mentor"


def test_an_invited_mentor_signs_up_by_the_link_and_lands_on_the_profile(app: Flask, inga: Visitor) -> None:
    paste(inga, f"Ana Lima <{ANA}>")
    ana, before = Visitor(app), list(Invitation.select().tuples())
    link = link_in_mail(app)
    letter = outbox.lease(now())
    assert letter is not None
    outbox.mark_sent(letter)  # its words are kept no longer, and its link goes on working
    page = ana.get(link).text
    assert (f'value="{ANA}"' in page, 'name="next" value="/profile"' in page, "You are invited." in page) == (True,) * 3
    assert (list(Invitation.select().tuples()), SignInCode.select().count(), Person.select().count()) == (before, 0, 1)
    ask(ana, ANA, "/profile")
    assert type_code(ana, read_code(app), "/profile").location == "/you?next=/profile"
    assert 'value="Ana Lima"' in ana.get("/you?next=/profile").text
    described = ana.post("/you", {"name": "Ana L.", "headline": "", "time_zone": "Etc/UTC", "next": "/profile"})
    assert (described.location, ana.get("/profile").status_code, who(ana)) == ("/profile", 200, ANA)
    assert ("1 came" in inga.get(PATH).text, "Take back" in inga.get(PATH).text) == (True, False)


def test_without_the_link_an_invited_mentor_lands_there_the_first_time_alone(app: Flask, inga: Visitor) -> None:
    paste(inga, ANA)
    paste(inga, "bo@example.org", role="member")
    for email, first in ((ANA, "/you?next=/profile"), ("bo@example.org", "/you?next=/")):
        for landing in (first, "/you?next=/"):
            browser = Visitor(app)
            ask(browser, email)
            assert type_code(browser, read_code(app)).location == landing


def test_only_who_is_invited_signs_up_and_all_read_the_same(app: Flask, inga: Visitor) -> None:
    paste(inga, ANA)
    person_with("has@example.org")
    pages = set()
    for email in (ANA, "has@example.org", "mal@example.org"):
        browser = Visitor(app)
        asked = ask(browser, email)
        text = re.sub(r'"[^"]*"', "", browser.get(asked.location).text).replace(email, "…")
        pages.add((asked.status_code, asked.location, text))
    assert len(pages) == 1
    assert told()[1:] == [
        ("people/code", ANA),
        ("people/code", "has@example.org"),
        ("people/not_open", "mal@example.org"),
    ]
    text = " ".join(text_of(mail(app, "people/not_open")).split())
    assert "new ones are for people who are invited. If you have an account or an invitation at another address" in text
    code = code_for(SignInCode.select().order_by(SignInCode.id.desc()).get().seed, app.config["SECRET_KEY"])
    assert (type_code(browser, code).status_code, who(browser)) == (422, None)
    assert "once you are invited" in Visitor(app).get("/sign-in").text


@pytest.mark.parametrize(
    ("asked_with", "is_same"),
    [
        ("ANA@EXAMPLE.ORG", True),
        ("ana@example.org", True),
        ("ana+x@example.org", False),
        ("an.a@example.org", False),
        ("ana@sub.example.org", False),
        ("ana@example.org.evil.example", False),
    ],
)
def test_an_invitation_is_for_one_address_in_whatever_case(
    app: Flask, coordinator: Person, asked_with: str, is_same: bool
) -> None:
    invite([Guest(ANA)], as_mentor=False, coordinator=coordinator)
    assert may_enter(asked_with.lower()) is is_same


def test_an_address_with_letters_beyond_ascii_is_one_in_both_spellings(app: Flask, coordinator: Person) -> None:
    assert mailbox_of("Ana@BÜCHER.example") == mailbox_of("ana@xn--bcher-kva.example") == "ana@xn--bcher-kva.example"
    assert mailbox_of("ana@_x..y") == "ana@_x..y"
    invite([Guest("ana@bücher.example")], as_mentor=False, coordinator=coordinator)
    assert (may_enter("ana@xn--bcher-kva.example"), may_enter("ana@bucher.example")) == (True, False)
    again = invite([Guest("ana@xn--bcher-kva.example")], as_mentor=False, coordinator=coordinator)
    assert list(again.values()) == ["is invited already"]


def test_bad_lines_are_told_and_good_ones_go_in(app: Flask, inga: Visitor) -> None:
    make_person("Sam Rivera")
    paste(inga, "was@example.org")
    preferences.stop(INVITATION.name, recipient="no@example.org")
    lines = (
        "Name",
        ANA,
        "cy@",
        "ANA@example.org",
        "sam.rivera@example.org",
        "was@example.org",
        "no@example.org",
        "bo@example.org",
    )
    answer = paste(inga, *lines)
    said = re.findall(r"<li><p>Line (\d+): “([^<]*)” <span class=\"muted\">([^<]+)<", answer.text)
    assert answer.status_code == 200
    assert said == [
        ("1", "Name", "there is no e-mail address with it"),
        ("3", "cy@", "this is no e-mail address"),
        ("4", ANA, "the same as on line 2"),
        ("5", "sam.rivera@example.org", "has an account already"),
        ("6", "was@example.org", "is invited already"),
        ("7", "no@example.org", "has asked for no more invitations"),
    ]
    assert ("2 invited." in answer.text, invited()) == (True, ["was@example.org", ANA, "bo@example.org"])
    typed = re.findall(r"<textarea[^>]*>([^<]*)</textarea>", answer.text)
    assert (ANA in typed[0], "Name" in typed[0]) == (False, True)
    again = paste(inga, ANA)
    assert (again.status_code, "Nobody was invited. 1 was not." in again.text, len(told())) == (422, True, 3)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"addresses": "", "role": "mentor"}, "Paste at least one address, like name@example.org."),
        ({"addresses": "\u200b", "role": "mentor"}, "Paste at least one address, like name@example.org."),
        ({"addresses": "x" * 60_001, "role": "mentor"}, "At most 60000 characters, please."),
        (
            {"addresses": "\n".join(f"p{n}@example.org" for n in range(501)), "role": "mentor"},
            "At most 500 at once; there are 501. Nobody was invited.",
        ),
        ({"addresses": ANA, "role": "king"}, "Not a valid choice."),
    ],
    ids=range(5),
)
def test_invite_with_bad_input_invites_nobody(inga: Visitor, typed: dict[str, str], said: str) -> None:
    answer = inga.post(PATH, typed)
    assert (answer.status_code, said in answer.text, invited(), told()) == (422, True, [], [])


def test_five_hundred_at_once(inga: Visitor) -> None:
    assert paste(inga, *(f"p{n}@example.org" for n in range(500))).status_code == 303
    assert (Invitation.select().count(), Outbox.select().count()) == (500, 500)
    pages = [len(re.findall("Take back", inga.get(f"{PATH}?page={number}").text)) // 2 for number in (1, 5, 6)]
    assert pages == [100, 100, 0]


def test_a_name_is_never_a_header_or_markup(app: Flask, inga: Visitor) -> None:
    evil = '=?utf-8?q?x=0aBcc:_mal@example.org?= {{7*7}} "><img src=x>'
    inga.post(
        PATH,
        {
            "role": "member",
            "addresses": f"Bcc: x\r\n<script>alert(1)</script> {ANA}\r\nEvil\x0bName\u2028Bcc <bo@example.org>",
        },
    )
    assert [(row.email, row.name) for row in Invitation.select().order_by(Invitation.id)] == [
        (ANA, "script>alert(1)</script"),
        ("bo@example.org", "EvilNameBcc"),
    ]
    Invitation.delete().execute()
    Outbox.delete().execute()
    coordinator = Person.get(Person.is_coordinator)
    coordinator.name = evil
    coordinator.save()
    invite([Guest(ANA, evil)], as_mentor=True, coordinator=coordinator)
    letter = mail(app, "people/invitation")
    assert (letter["To"], letter["Bcc"], "\n" in str(letter["Subject"])) == (ANA, None, False)
    assert "{{7*7}}" in text_of(letter)
    assert "<img src=x" not in inga.get(PATH).text
    ana = Visitor(app)
    ask(ana, ANA)
    type_code(ana, read_code(app))
    assert "<img src=x" not in ana.get("/you").text


def test_invite_again_is_one_more_mail_a_day_and_counts_anew(
    app: Flask, world: Time, inga: Visitor, coordinator: Person
) -> None:
    paste(inga, ANA)
    key = Invitation.get().id
    for _ in range(2):
        assert inga.post(f"{PATH}/{key}/again").status_code == 409
    assert "Invite again" not in inga.get(PATH).text
    world.pass_(days=1)
    assert "Invite again" in inga.get(PATH).text
    assert [inga.post(f"{PATH}/{key}/again").status_code for _ in range(2)] == [303, 409]
    assert (len(told()), Invitation.get().at) == (2, world.now)
    world.pass_(days=59, hours=23)
    assert may_enter(ANA) is True
    preferences.stop(INVITATION.name, recipient=ANA)
    with pytest.raises(NotAllowedNow, match="has asked for no more invitations"):
        invitations.invite_again(key, coordinator=coordinator)


def test_taken_back_nobody_signs_up_and_no_mail_goes(
    app: Flask, settings: Settings, inga: Visitor, world: Time
) -> None:
    paste(inga, ANA, "bo@example.org")
    link, gone = (link_in_mail(app, to) for to in ("bo", "ana"))
    ana, bo = Invitation.select().order_by(Invitation.id)
    browser = Visitor(app)
    ask(browser, ANA)
    code = code_for(SignInCode.get().seed, app.config["SECRET_KEY"])
    assert inga.post(f"{PATH}/{ana.id}/end").status_code == 303
    assert inga.post(f"{PATH}/{ana.id}/end").status_code == 404
    assert (type_code(browser, code).status_code, Person.select().where(Person.email == ANA).count()) == (422, 0)
    assert [recipient for kind, recipient in told() if kind == "people/invitation"] == ["bo@example.org"]
    Outbox.update(tries=1).execute()
    invitations.take_back(bo.id, coordinator=inga.person)
    deliver_due(app, settings)
    letter = Outbox.get(Outbox.kind == "people/invitation")
    assert (letter.state, letter.error, invited()) == ("skipped", "they are invited no more", [])
    assert ("counts no more" in browser.get(link).text, browser.get(gone).status_code) == (True, 404)


def test_who_is_taken_back_and_invited_over_and_over_gets_two_mails_a_day(coordinator: Person, world: Time) -> None:
    guest = Guest("zed@example.org")
    said = []
    for _ in range(4):
        said.append(invite([guest], as_mentor=False, coordinator=coordinator))
        Outbox.update(state="sent").execute()
        for invitation in Invitation.select():
            take_back(invitation.id, coordinator=coordinator)
        world.pass_(seconds=1)
    enough = {"zed@example.org": "has got two invitations within a day"}
    assert (said, Outbox.select().count()) == ([{}, {}, enough, enough], 2)
    world.pass_(days=1)
    assert invite([guest], as_mentor=False, coordinator=coordinator) == {}


def test_who_has_come_is_not_taken_back(app: Flask, inga: Visitor) -> None:
    paste(inga, ANA)
    browser, key = Visitor(app), Invitation.get().id
    ask(browser, ANA)
    type_code(browser, read_code(app))
    answers = [inga.post(f"{PATH}/{key}/{what}") for what in ("end", "again")]
    assert [(answer.status_code, f"{ANA} has come by now" in answer.text) for answer in answers] == [(409, True)] * 2
    assert who(browser) == ANA


def test_an_invitation_ends_after_60_days_and_is_forgotten(
    app: Flask, world: Time, inga: Visitor, coordinator: Person
) -> None:
    paste(inga, ANA)
    link, key = link_in_mail(app), Invitation.get().id
    world.pass_(days=60, seconds=-1)
    assert may_enter(ANA) is True
    signing_in.forget_old()
    assert invited() == [ANA]
    world.pass_(seconds=1)
    assert (may_enter(ANA), ANA in Visitor(app, coordinator).get(PATH).text) == (False, False)
    page = Visitor(app).get(link).text
    assert ("This invitation counts no more." in page, "You are invited." in page) == (True, False)
    for act in (
        lambda: invitations.take_back(key, coordinator=coordinator),
        lambda: invitations.invite_again(key, coordinator=coordinator),
    ):
        with pytest.raises(Missing):
            act()
    invite([Guest(ANA, "Ana")], as_mentor=False, coordinator=coordinator)
    assert ([(row.name, row.at) for row in Invitation.select()], may_enter(ANA)) == ([("Ana", world.now)], True)
    world.pass_(days=60)
    signing_in.forget_old()
    assert invited() == []


def test_who_wants_no_more_says_so_by_the_mail(app: Flask, settings: Settings, inga: Visitor, world: Time) -> None:
    paste(inga, ANA)
    found = re.search(r"http://portal.example.org(/mails/stop/\S+)", text_of(mail(app, "people/invitation")))
    assert found is not None
    Visitor(app).post(found[1])
    deliver_due(app, settings)
    assert [(letter.state, letter.error) for letter in Outbox.select()] == [("skipped", "unwanted")]
    assert may_enter(ANA) is True  # they may still come
    key = Invitation.get().id
    world.pass_(days=1)
    assert inga.post(f"{PATH}/{key}/again").status_code == 409


def test_two_sign_ups_at_once_are_one_person(app: Flask, settings: Settings, coordinator: Person) -> None:
    invite([Guest(ANA)], as_mentor=True, coordinator=coordinator)
    for browser in ("a", "b"):
        request_code(ANA, browser=browser, zone="Etc/UTC")
    codes = {
        browser: code.seed for browser, code in zip("ab", SignInCode.select().order_by(SignInCode.id), strict=True)
    }
    came: list[int] = []

    def prove(browser: str) -> None:
        database.connect()
        came.append(prove_code(code_for(codes[browser], "k" * 32), browser=browser, secret_key="k" * 32).id)
        database.disconnect()

    at_once(prove)
    assert (len(came), len(set(came)), Person.select().where(Person.email == ANA).count()) == (2, 1, 1)


def test_two_coordinators_invite_nobody_twice(app: Flask, coordinator: Person) -> None:
    reasons: list[dict[str, str]] = []

    def send(_name: str) -> None:
        database.connect()
        reasons.append(invite([Guest(ANA), Guest("bo@example.org")], as_mentor=True, coordinator=coordinator))
        database.disconnect()

    at_once(send)
    assert sorted(map(len, reasons)) == [0, 2]
    assert (sorted(invited()), len(told())) == ([ANA, "bo@example.org"], 2)


def test_taken_back_while_they_come_is_one_or_the_other(app: Flask, coordinator: Person) -> None:
    invite([Guest(ANA)], as_mentor=True, coordinator=coordinator)
    request_code(ANA, browser="a", zone="Etc/UTC")
    code, key, outcomes = code_for(SignInCode.get().seed, "k" * 32), Invitation.get().id, []

    def act(what: str) -> None:
        database.connect()
        try:
            if what == "a":
                prove_code(code, browser="a", secret_key="k" * 32)
            else:
                invitations.take_back(key, coordinator=coordinator)
            outcomes.append(what)
        except (WrongCode, NotAllowedNow):
            pass
        database.disconnect()

    at_once(act)
    assert ("a" in outcomes) == Person.select().where(Person.email == ANA).exists()
    assert "b" in outcomes or "a" in outcomes


def at_once(act) -> None:  # type: ignore[no-untyped-def]
    start = threading.Barrier(2)

    def run(name: str) -> None:
        start.wait()
        act(name)

    threads = [threading.Thread(target=run, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_another_address_is_followed(app: Flask, coordinator: Person) -> None:
    invite([Guest(ANA), Guest("new@example.org")], as_mentor=True, coordinator=coordinator)
    ana = person_with(ANA)
    Visitor(app, ana)
    request_code("new@example.org", browser="b", zone="Etc/UTC")
    ana.sign_in = None
    change(ana, code_for(SignInCode.get().seed, "k" * 32), browser="b", secret_key="k" * 32)
    assert [(row.email, row.came_at is not None) for row in Invitation.select()] == [("new@example.org", True)]


def test_an_account_made_by_command_or_import_counts_as_invited(app: Flask, world: Time) -> None:
    person_with("made@example.org")
    assert may_enter("made@example.org") is True


@pytest.mark.parametrize(
    ("limits", "email", "is_in"),
    [
        (Limits(), "x@anywhere.example", True),
        (Limits(by_invitation=True), "x@anywhere.example", False),
        (Limits(by_invitation=True), ANA, True),
        (Limits(domains=("example.edu",)), ANA, True),
        (Limits(domains=("example.edu",)), "x@anywhere.example", False),
        (Limits(domains=("example.edu",), by_invitation=True), "x@example.edu", True),
        (Limits(domains=("example.edu",), by_invitation=True), "x@anywhere.example", False),
    ],
)
def test_the_rules_together(settings: Settings, coordinator: Person, limits: Limits, email: str, is_in: bool) -> None:
    invite([Guest(ANA)], as_mentor=False, coordinator=coordinator)
    create_app(replace(settings, limits=limits))
    database.connect()
    assert may_enter(email) is is_in


def test_others_do_not_find_the_page(
    app: Flask, visitor: Visitor, stranger: Person, mentor: Mentor, coordinator: Person
) -> None:
    invite([Guest(ANA)], as_mentor=False, coordinator=coordinator)
    key = Invitation.get().id
    for browser in (visitor, Visitor(app, stranger), Visitor(app, mentor.person)):
        answers = [
            browser.get(PATH),
            paste(browser, "x@example.org"),
            *(browser.post(f"{PATH}/{key}/{what}") for what in ("again", "end")),
        ]
        assert [answer.status_code for answer in answers] == [404] * 4
    assert invited() == [ANA]
    assert [
        visitor.get(path).status_code
        for path in ("/invitations/x", "/invitations/WzEsMl0.x", f"/invitations/{'x' * 5000}")
    ] == [404] * 3
