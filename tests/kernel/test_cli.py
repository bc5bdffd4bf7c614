"""The `portal` command: what it does, what it says, and how it ends."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal import cli, create_app, database
from portal.mail.outbox import Outbox
from portal.mentors.models import Mentor
from portal.people import suspensions
from portal.people.models import Audit, Person, SignIn
from portal.people.passkey_models import Passkey
from portal.people.sign_ins import begin
from portal.settings import Settings, from_environment
from tests.cast import Visitor, make_person
from tests.conftest import Engine, Time
from tests.engines import Sqlite, free_port
from tests.letters import told
from tests.people.signing import who
from tests.redis_server import redis_server

HEADER = "name,email,headline,expertise,languages,time_zone,formats"
GOOD = "Ana Lima,ana@example.org,Engineer,golang,en,Europe/Lisbon,video"
BAD = "Bo Chen,bo,Designer,Figma,en,Asia/Taipei,chat"
MIGRATIONS = ("0001_initial", "0002_life_of_a_session", "0003_mail_calendars_waiting", "0004_coming_in")


@pytest.fixture
def portal(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Runs the command in this test's environment: exit status, output, errors."""
    database.open_database(settings.database_url)  # for what a test looks up where the command opens none
    for name, value in {
        "SECRET_KEY": settings.secret_key,
        "PORTAL_URL": settings.portal_url,
        "MAIL_URL": settings.mail_url,
        "PORTAL_DATA": str(settings.data),
        "DATABASE_URL": settings.database_url,
    }.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            status = cli.main(arguments)
        except SystemExit as told:  # argparse's way to say that it was asked wrongly
            status = int(str(told.code))
        return status, *capsys.readouterr()

    return run


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def empty(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, portal: Run) -> Iterator[str]:
    """A database in which nothing is yet."""
    if isinstance(engine, Sqlite):
        url = f"sqlite:///{tmp_path}/new/portal.db"
    else:
        url = f"{engine.server}/{engine._create('template0')}"
    monkeypatch.setenv("DATABASE_URL", url)
    yield url
    database.disconnect()
    engine.drop(url)


def test_migrate_twice_does_nothing_the_second_time(empty: str, portal: Run) -> None:
    assert portal("migrate") == (0, "".join(f"{name}\n" for name in MIGRATIONS), "")
    assert portal("migrate") == (0, "nothing to do\n", "")
    assert portal("coordinator", "inga@example.org")[0] == 0


@pytest.mark.parametrize(
    "command",
    [("run",), ("work",), ("coordinator", "a@example.org"), ("sign-in-link", "a@example.org"), ("import-mentors", "x")],
)
def test_nothing_starts_on_a_database_that_is_not_up_to_date(empty: str, portal: Run, command: tuple[str, ...]) -> None:
    said = f"portal: the database is not up to date ({', '.join(MIGRATIONS)}); run: portal migrate\n"
    assert portal(*command) == (2, "", said)


COMMANDS = [("run",), ("work",), ("migrate",), ("doctor",), ("sign-in-link", "a@example.org")]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ["SECRET_KEY", "PORTAL_URL", "MAIL_URL"])
def test_missing_setting_is_named(
    portal: Run, monkeypatch: pytest.MonkeyPatch, name: str, command: tuple[str, ...]
) -> None:
    monkeypatch.delenv(name)
    status, said, wrong = portal(*command)
    assert (status, said, wrong.split(" ")[:2]) == (2, "", ["portal:", name])


@pytest.mark.parametrize("command", COMMANDS)
def test_database_out_of_reach_is_told_without_a_traceback(
    engine: Engine, settings: Settings, portal: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    away = f"sqlite:///{settings.data}" if engine.name == "sqlite" else f"postgresql://127.0.0.1:{free_port()}/x"
    monkeypatch.setenv("DATABASE_URL", away)
    status, _, wrong = portal(*command)
    assert (status, wrong.startswith("portal: the database cannot be used: ")) == (2, True)


def test_coordinator_is_made_once_whatever_the_spelling(portal: Run) -> None:
    for spelling in ("Inga@Example.org", " inga@example.org"):
        assert portal("coordinator", spelling) == (0, "inga@example.org is a coordinator\n", "")
    assert [(person.email, person.is_coordinator) for person in Person.select()] == [("inga@example.org", True)]


def test_passkeys_of_a_lost_device_are_forgotten(portal: Run) -> None:
    portal("coordinator", "inga@example.org")
    inga = begin(Person.get(), way="passkey", agent="")
    kept = {"public_key": "", "sign_count": 0, "transports": (), "made_at": inga.created_at}
    Passkey.create(person=inga, credential_id="a", name="My phone", **kept)
    said = "inga@example.org is a coordinator\npasskeys removed: {}; signed out everywhere\n"
    for number in (1, 0):
        assert portal("coordinator", "inga@example.org", "--forget-passkeys") == (0, said.format(number), "")
    assert (Passkey.select().count(), SignIn.select().count()) == (0, 0)
    assert told() == [("people/passkeys_removed", "inga@example.org")]


@pytest.mark.parametrize(
    ("url", "need", "said"),
    [
        ("https://portal.example.org", "", "made for portal.example.org"),
        ("http://10.0.0.7", "", "none, since PORTAL_URL is not https with a name; COORDINATORS_NEED=code lets"),
        ("http://10.0.0.7", "code", "none, since PORTAL_URL is not https with a name\n"),
    ],
)
def test_doctor_says_whether_there_can_be_passkeys(
    portal: Run, monkeypatch: pytest.MonkeyPatch, url: str, need: str, said: str
) -> None:
    monkeypatch.setenv("PORTAL_URL", url)
    monkeypatch.setenv("COORDINATORS_NEED", need)
    assert f"passkeys: {said}" in portal("doctor")[1]


def test_data_and_erasing_for_who_cannot_sign_in(portal: Run, world: Time) -> None:
    sam = make_person("Sam Rivera")
    suspensions.suspend(sam)
    status, said, wrong = portal("data", "Sam.Rivera@example.org")
    told_of = json.loads(said)["account"][0]
    assert (status, wrong, told_of["name"], told_of["suspended_at"]) == (0, "", "Sam Rivera", "2026-11-23T08:00:00Z")
    erased = (0, "sam.rivera@example.org is erased; a last mail says so\n", "")
    assert portal("erase", "sam.rivera@example.org") == erased
    assert (Person.get_by_id(sam.id).name, Person.get_by_id(sam.id).is_suspended) == ("Somebody who left", False)
    assert told() == [("people/erased", "sam.rivera@example.org")]
    recorded = [(line.what, line.by_person, line.about_id) for line in Audit.select().order_by(Audit.id)]
    assert recorded == [("own data downloaded", False, None), ("account erased", False, None)]
    for command in ("data", "erase"):
        nobody = (2, "", "portal: nobody here has the address sam.rivera@example.org\n")
        assert portal(command, "sam.rivera@example.org") == nobody


def test_who_is_suspended_is_not_made_a_coordinator(portal: Run, world: Time) -> None:
    suspensions.suspend(make_person("Sam Rivera"))
    said = "portal: the account of sam.rivera@example.org is suspended, which a coordinator can lift, or erased\n"
    assert portal("coordinator", "sam.rivera@example.org") == (2, "", said)
    assert not Person.get(Person.name == "Sam Rivera").is_coordinator


@pytest.mark.parametrize("command", ["coordinator", "sign-in-link", "data", "erase"])
@pytest.mark.parametrize("address", ["inga", "", "a@b\nBcc: all@example.org", "a b@example.org"])
def test_what_is_no_address_is_refused(portal: Run, command: str, address: str) -> None:
    status, said, wrong = portal(command, address)
    assert (status, said, "is not an e-mail address like name@example.org" in wrong) == (2, "", True)
    assert Person.select().count() == 0


def test_sign_in_link_signs_in_once(portal: Run) -> None:
    status, said, wrong = portal("sign-in-link", "sam@example.org")
    start = "http://portal.example.org/sign-in/link/"
    assert (status, said[: len(start)], said.count("\n"), wrong) == (0, start, 1, "")
    app = create_app(from_environment(os.environ))
    path = said.strip().removeprefix("http://portal.example.org")
    first, second = Visitor(app), Visitor(app)
    assert (first.get(path).status_code, first.post(path).status_code, who(first)) == (200, 303, "sam@example.org")
    assert (second.post(path).status_code, who(second)) == (422, None)


def test_import_mentors_says_what_it_did(portal: Run, tmp_path: Path) -> None:
    file = tmp_path / "mentors.csv"
    file.write_text(f"{HEADER}\n{GOOD}\n", encoding="utf-8-sig")
    assert portal("import-mentors", str(file)) == (0, "1 added, 0 changed, 0 unchanged, 0 refused\n", "")
    assert Mentor.get().status == "applying"
    assert portal("import-mentors", str(file), "--publish") == (0, "0 added, 1 changed, 0 unchanged, 0 refused\n", "")
    assert Mentor.get().status == "published"
    assert portal("import-mentors", str(file), "--publish")[1] == "0 added, 0 changed, 1 unchanged, 0 refused\n"


def test_import_mentors_lists_bad_rows_and_brings_in_the_good(portal: Run, tmp_path: Path) -> None:
    file = tmp_path / "mentors.csv"
    file.write_text(f"{HEADER}\n{BAD}\n{GOOD}\n")
    assert portal("import-mentors", str(file), "--publish") == (
        1,
        "1 added, 0 changed, 0 unchanged, 1 refused\n",
        "line 2, email: 'bo' is not an e-mail address\n",
    )
    assert [mentor.name for mentor in Mentor.select()] == ["Ana Lima"]


def test_import_mentors_of_what_cannot_be_read(portal: Run, tmp_path: Path) -> None:
    missing, folder, noise = tmp_path / "missing.csv", tmp_path, tmp_path / "noise.csv"
    noise.write_bytes(b"\xff\xfe\x00name")
    assert portal("import-mentors", str(missing)) == (2, "", f"portal: {missing}: No such file or directory\n")
    assert portal("import-mentors", str(folder)) == (2, "", f"portal: {folder}: Is a directory\n")
    assert portal("import-mentors", str(noise))[0] == 1
    assert Mentor.select().count() == 0


def test_doctor_is_content_where_all_is_well(engine: Engine, portal: Run) -> None:
    status, said, wrong = portal("doctor")
    lines = dict(line.split(": ", 1) for line in said.splitlines())
    assert (status, wrong) == (0, "")
    assert (lines["settings"], lines["schema"], lines["SQLite WAL-reset fix"]) == ("fine", "up to date", "yes")
    assert lines["database"].split(" ")[0].rstrip(",") == {"sqlite": "SQLite", "postgres": "PostgreSQL"}[engine.name]
    assert lines["time zone rules"].startswith("tzdata 20")


def test_doctor_says_where_limits_are_counted(portal: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "limits: counted by each process for itself\n" in portal("doctor")[1]
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    assert "limits: counted in Redis, WHICH DOES NOT ANSWER\n" in portal("doctor")[1]
    with redis_server() as server:
        monkeypatch.setenv("REDIS_URL", server.url)
        assert "limits: counted in Redis\n" in portal("doctor")[1]


def test_doctor_says_that_mails_wait(portal: Run) -> None:
    assert "mails: none waiting; none given up\n" in portal("doctor")[1]
    letter = {"kind": "people/code", "subject": "a", "recipient": "a@example.org", "zone": "Etc/UTC", "words": "{}"}
    long_ago = {"created_at": 1, "due_at": 1, "next_at": 1}
    Outbox.create(**letter, **long_ago)
    Outbox.create(**{**letter, "subject": "b"}, **long_ago, state="dead")
    said = portal("doctor")[1]
    assert re.search(r"mails: 1 waiting, the oldest for \d+ minutes: does `portal work` run\?; 1 given up\n", said)


def test_doctor_finds_a_database_that_is_not_up_to_date(empty: str, portal: Run) -> None:
    status, said, _ = portal("doctor")
    assert (status, f"schema: not up to date ({', '.join(MIGRATIONS)}); run: portal migrate\n" in said) == (1, True)
    portal("migrate")
    assert portal("doctor")[0] == 0


@pytest.mark.parametrize("arguments", [(), ("nothing",), ("run", "--port", "eighty"), ("coordinator",)])
def test_wrong_words_are_told_with_the_right_ones(portal: Run, arguments: tuple[str, ...]) -> None:
    status, said, wrong = portal(*arguments)
    assert (status, said, wrong.startswith("usage: portal")) == (2, "", True)
