"""The audit: written with the deed, changed by nobody, and naming nobody who was erased."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from flask import Flask

from portal import database
from portal.database import db, write
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.moderation import private_part
from portal.moderation.decisions import hide
from portal.moderation.models import Decision
from portal.people import address, download, erasing, identities, passkeys, sign_ins
from portal.people.account import follow_claim, make_coordinator
from portal.people.audit import Wanted, What, record
from portal.people.codes import code_for
from portal.people.invitations import Guest, invite, take_back
from portal.people.models import Audit, Identity, Invitation, Person, SignInCode
from portal.people.passkey_proof import Made
from portal.people.provider import Said
from portal.people.proving import CODE_TRIES, WrongCode
from portal.people.signing_in import issue_link, prove_code, request_code
from portal.programme import audit_export, resending
from portal.programme.imports import import_mentors
from portal.sessions.models import SessionEvent
from tests.cast import MONDAY, Visitor, make_person, make_session
from tests.conftest import Engine, Time
from tests.moderation.reported import full_session, place, reported
from tests.people.erasing import erase

KEY = "k" * 32
CHANGES = (
    "update audit set what = 'nothing'",
    "update audit set at = 0",
    "update audit set detail = 'x', person_id = null",
    "update audit set person_id = null",
    "update audit set about_id = null",
    "update audit set about_id = person_id",
    "update audit set by_person = not by_person",
    "update audit set id = id + 1000",
    "delete from audit",
    "delete from audit where id = (select min(id) from audit)",
)
ON_SQLITE = (
    "insert or replace into audit (id, at, what, by_person, thing, detail) values (1, 0, 'nothing', 0, '', '')",
    "replace into audit (id, at, what, by_person, thing, detail) values (1, 0, 'nothing', 0, '', '')",
    "update or replace audit set id = 1",
)
ON_POSTGRES = (
    "truncate audit",
    "truncate person cascade",
    "insert into audit (id, at, what, by_person, thing, detail) values (1, 0, 'nothing', false, '', '')"
    " on conflict (id) do update set what = 'nothing'",
)


def stored() -> list[tuple[object, ...]]:
    return sorted(Audit.select().tuples())


def fill(mentee: Person, coordinator: Person) -> list[tuple[object, ...]]:
    record(What.DECIDED, by=coordinator, about=mentee, thing="decision 1", detail="person")
    record(What.SIGNED_IN, by=mentee, detail="code")
    return stored()


def test_audit_cannot_be_changed_by_sql(engine: Engine, mentee: Person, coordinator: Person) -> None:
    before = fill(mentee, coordinator)
    assert len(before) == 3  # being made a coordinator is one
    for change in (*CHANGES, *(ON_SQLITE if engine.name == "sqlite" else ON_POSTGRES)):
        with pytest.raises(database.peewee.IntegrityError, match="kept"), db.atomic():
            db.execute_sql(change)
        assert (change, stored()) == (change, before)


@pytest.mark.parametrize("change", CHANGES[:1] + CHANGES[-2:])
def test_without_its_triggers_the_audit_could_be_changed(
    engine: Engine, mentee: Person, coordinator: Person, change: str
) -> None:
    before = fill(mentee, coordinator)
    names = ("update", "delete") if engine.name == "sqlite" else ("kept",)
    for name in names:
        db.execute_sql(f"drop trigger audit_{name}" + (" on audit" if engine.name == "postgres" else ""))
    db.execute_sql(change)
    assert stored() != before


def test_decisions_and_histories_cannot_be_replaced_or_emptied(
    engine: Engine, mentor: Mentor, mentee: Person, coordinator: Person
) -> None:
    make_session(mentor, mentee)
    hide(mentor, reason="Reported", coordinator=coordinator)
    replace = (
        "insert or replace into decision select id, subject, subject_id, '', '', '', coordinator_id, 0 from decision",
        "insert or replace into session_event select id, session_id, person_id, 'x', 0 from session_event",
    )
    before = sorted(Decision.select().tuples()), sorted(SessionEvent.select().tuples())
    for change in replace if engine.name == "sqlite" else ("truncate decision", "truncate session_event"):
        with pytest.raises(database.peewee.IntegrityError, match="kept"), db.atomic():
            db.execute_sql(change)
    assert (sorted(Decision.select().tuples()), sorted(SessionEvent.select().tuples())) == before


def test_audit_stays_while_a_person_goes(mentee: Person, coordinator: Person) -> None:
    fill(mentee, coordinator)
    record(What.SIGNED_OUT, by=mentee, about=mentee)
    erase(mentee)
    assert [(row.what, row.person_id, row.by_person, row.about_id) for row in Audit.select().order_by(Audit.id)] == [
        ("made a coordinator", None, False, coordinator.id),
        ("decided", coordinator.id, True, None),
        ("signed in", None, True, None),
        ("signed out", None, True, None),
    ]
    with pytest.raises(database.peewee.IntegrityError, match="kept"), db.atomic():
        db.execute_sql(f"update audit set about_id = null where about_id = {coordinator.id}")


def test_record_is_undone_with_the_deed(mentee: Person, world: Time) -> None:
    @write
    def fail() -> None:
        address._change.__wrapped__(mentee, "sam@new.example.org")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (Audit.select().count(), Person.get_by_id(mentee.id).email) == (0, mentee.email)
    address._change(mentee, "sam@new.example.org")
    assert [row.what for row in Audit.select()] == ["address changed"]


def wrong_code(email: str, tries: int) -> None:
    request_code(email, browser=email, zone="Etc/UTC")
    right = code_for(SignInCode.select().order_by(SignInCode.id.desc()).get().seed, KEY)
    for _ in range(tries):
        with pytest.raises(WrongCode):
            prove_code("000000" if right != "000000" else "000001", browser=email, secret_key=KEY)


@pytest.mark.parametrize("tries", [CODE_TRIES - 1, CODE_TRIES, CODE_TRIES + 1])
def test_wrong_codes_are_one_line_for_all_tries(mentee: Person, world: Time, tries: int) -> None:
    for email in (mentee.email, "nobody@example.org"):
        wrong_code(email, tries)
    expected = [("code refused", None, False, about, "", "5 tries") for about in (mentee.id, None)]
    rows = Audit.select(Audit.what, Audit.person, Audit.by_person, Audit.about, Audit.thing, Audit.detail)
    assert list(rows.order_by(Audit.id).tuples()) == expected * (tries >= CODE_TRIES)


def live(mentor: Mentor, mentee: Person, coordinator: Person, world: Time) -> dict[What, Callable[[], object]]:
    """For each kind, the deed that it is written with."""
    session = full_session(mentor, mentee, world)
    report = reported(place(session, "mentor"), mentee, words="Sam said so")
    make_person("Ada Import")
    dead = [Outbox.create(**{**LETTER, "subject": str(n), "recipient": mentee.email}) for n in (1, 2)]
    sam = sign_ins.begin(mentee, way="code", agent="")
    other = sign_ins.begin(Person.get_by_id(mentee.id), way="link", agent="")
    csv = "name,email,headline,expertise,languages,time_zone,formats\nAda Novak,ada@example.org,H,R,en,Etc/UTC,chat\n"
    return {
        What.SIGNED_IN: lambda: sign_ins.begin(mentee, way="code", agent=""),
        What.SIGNED_OUT: lambda: sign_ins.end(other.sign_in.id if other.sign_in else 0, person=sam),
        What.PROVED_AGAIN: lambda: sign_ins.prove_again(sam, way="passkey"),
        What.PASSKEY_MADE: lambda: passkeys._keep(Made("id", "key", 0, ()), person=mentee, agent=""),
        What.PASSKEY_REMOVED: lambda: passkeys.forget_passkeys(mentee),
        What.CODE_REFUSED: lambda: wrong_code(mentee.email, CODE_TRIES),
        What.ADDRESS_CHANGED: lambda: address._change(mentee, "sam@new.example.org"),
        What.LINK_MADE: lambda: issue_link(mentor.person.email),
        What.ACCOUNT_CONNECTED: lambda: identities.connect(SAID, person=mentee),
        What.ACCOUNT_ENDED: lambda: identities.disconnect(Identity.get().id, person=mentee, only_way=None),
        What.COORDINATOR_MADE: lambda: make_coordinator(mentor.person),
        What.COORDINATOR_NO_LONGER: lambda: [follow_claim(mentee, is_coordinator=made) for made in (True, False)],
        What.INVITED: lambda: invite([Guest("ana@example.org", "Ana")], as_mentor=True, coordinator=coordinator),
        What.INVITATION_ENDED: lambda: take_back(Invitation.get().id, coordinator=coordinator),
        What.IMPORTED: lambda: import_mentors(StringIO(csv), publish=True),
        What.DECIDED: lambda: hide(mentor, reason="Laila sells", coordinator=coordinator),
        What.PRIVATE_SEEN: lambda: private_part.open_private_part(report, coordinator=coordinator),
        What.MAIL_AGAIN: lambda: resending.send_again(dead[0].id, coordinator=coordinator),
        What.MAIL_LEFT: lambda: resending.leave(dead[1].id, coordinator=coordinator),
        What.AUDIT_EXPORTED: lambda: audit_export.export(Wanted(), coordinator=coordinator),
        What.DATA_DOWNLOADED: lambda: download.file_of(mentee, portal_url=""),
        What.ACCOUNT_ERASED: lambda: erasing.erase(make_person("Mona Adel")),
    }


SAID = Said("Sam's", "https://sam.example.org", "sam", "", "Sam", is_coordinator=False, proved_at=None)
LETTER = {
    "kind": "sessions/cancelled",
    "zone": "Etc/UTC",
    "words": "{}",
    "created_at": MONDAY,
    "due_at": MONDAY,
    "next_at": MONDAY,
    "tries": 8,
    "state": "dead",
}


def test_each_kind_is_recorded_with_its_deed_and_names_nobody(
    mentor: Mentor, mentee: Person, coordinator: Person, world: Time
) -> None:
    deeds = live(mentor, mentee, coordinator, world)
    assert set(deeds) == set(What)
    for what, deed in deeds.items():
        last = Audit.select().order_by(Audit.id.desc()).get().id
        deed()
        new = {row.what: row for row in Audit.select().where(Audit.id > last)}
        assert what in new, what
    said = " ".join(f"{row.thing} {row.detail}" for row in Audit.select()).lower()
    names = ("sam", "laila", "inga", "ada", "@", "mansour", "rivera", "sells")
    assert [name for name in names if name in said] == []
    assert [name for name in names if name in "sam@example.org sells"] == ["sam", "@", "sells"]
    allowed = r"(report|decision|letter|invitation) \d+|"
    assert [row.thing for row in Audit.select() if not re.fullmatch(allowed, row.thing)] == []


def test_every_kind_is_written_somewhere() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in Path("portal").rglob("*.py"))
    assert [what.name for what in What if f"What.{what.name}" not in source] == []


def test_signing_out_says_which_browser(app: Flask, mentee: Person) -> None:
    here, there, third = (Visitor(app, mentee) for _ in range(3))
    here.post("/you/sign-ins/end")
    assert (there.get("/you").status_code, third.get("/you").status_code) == (303, 303)
    other = sign_ins.begin(Person.get_by_id(mentee.id), way="code", agent="").sign_in
    here.post(f"/you/sign-ins/{other.id if other else 0}/end")
    here.post("/sign-out")
    ended = Audit.select().where(Audit.what == What.SIGNED_OUT).order_by(Audit.id)
    assert [(row.person_id, row.detail) for row in ended] == [
        (mentee.id, "all others: 2"),
        (mentee.id, "another browser"),
        (mentee.id, ""),
    ]
