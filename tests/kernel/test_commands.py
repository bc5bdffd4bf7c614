"""The `portal` command: what it prints, what it does, and how it ends."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from runpy import run_path

import pytest

from portal import cli, database, schema, server
from portal.mentors.models import Mentor
from portal.people.models import Person
from portal.people.signing_in import request_code
from portal.settings import from_environment
from tests.engines import free_port
from tests.people.signing import SAM

ROOT = Path(__file__).parents[2]
Run = Callable[..., tuple[int, str, str]]
Stopping = Callable[[Callable[[], bool]], None]
GOOD = (
    "name,email,headline,expertise,languages,time_zone,formats\nAna Lima,ana@example.org,Engineer,Go,en,Etc/UTC,chat\n"
)


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Run a command as on a server. Gives its exit status and what it printed on both channels."""
    for name, value in {
        "SECRET_KEY": "k" * 32,
        "PORTAL_URL": "https://mentoring.example.org",
        "MAIL_URL": "console:",
        "DATABASE_URL": database_url,
    }.items():
        monkeypatch.setenv(name, value)

    def command(*words: str) -> tuple[int, str, str]:
        status = cli.main(words)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    yield command
    database.disconnect()


def test_migrate_has_nothing_to_do_the_second_time(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("migrate") == (0, "nothing to do\n", "")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/new/portal.db")
    status, first, _ = run("migrate")
    assert (status, first.split(), run("migrate")[1]) == (0, ["0001_initial"], "nothing to do\n")
    assert schema.pending() == []


def test_doctor_says_what_runs_here(run: Run) -> None:
    status, said, _ = run("doctor")
    engine = "PostgreSQL" if database.is_postgres() else "SQLite 3."
    assert status == 0
    for line in (
        "settings: fine\n",
        f"database: {engine}",
        ", reachable\n",
        "fix: yes\n",
        "tzdata 20",
        "schema: up to date\n",
    ):
        assert (line, line in said) == (line, True)


def test_doctor_finds_a_database_that_is_not_up_to_date(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/old.db")
    status, said, _ = run("doctor")
    assert (status, "schema: not up to date (0001_initial); run: portal migrate\n" in said) == (1, True)


@pytest.mark.parametrize(
    "words", [["coordinator", SAM], ["sign-in-link", SAM], ["import-mentors", "x.csv"], ["run"], ["work"]]
)
def test_commands_want_a_database_that_is_up_to_date(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/old.db")
    said = "portal: the database is not up to date (0001_initial); run: portal migrate\n"
    assert run(*words) == (2, "", said)


@pytest.mark.parametrize("words", [["doctor"], ["migrate"], ["coordinator", SAM], ["run"], ["work"]])
def test_commands_name_a_setting_that_is_wrong(run: Run, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    monkeypatch.setenv("SECRET_KEY", "short")
    status, out, error = run(*words)
    assert (status, out, error.startswith("portal: SECRET_KEY must be set")) == (2, "", True)


def test_coordinator_is_made_once_however_the_address_is_written(run: Run) -> None:
    for email in ("Inga.Holm@example.org", " inga.holm@EXAMPLE.org"):
        assert run("coordinator", email) == (0, "inga.holm@example.org is a coordinator\n", "")
    assert [(person.email, person.is_coordinator) for person in Person.select()] == [("inga.holm@example.org", True)]


def test_sign_in_link_signs_in_once(run: Run) -> None:
    status, link, _ = run("sign-in-link", SAM)
    assert (status, link.startswith("https://mentoring.example.org/sign-in/link/")) == (0, True)
    app = run_path(str(ROOT / "wsgi.py"))["app"]
    browser = app.test_client()
    path = link.strip().removeprefix("https://mentoring.example.org")
    page = browser.get(path, base_url="https://mentoring.example.org")
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    more = {"base_url": "https://mentoring.example.org", "headers": {"Referer": "https://mentoring.example.org/"}}
    used = [browser.post(path, data={"csrf_token": token}, **more).status_code for _ in range(2)]
    assert (used[0], used[1] >= 400) == (303, True)


def test_import_mentors_says_what_went_in_and_what_did_not(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mentors.csv"
    path.write_bytes(b"\xef\xbb\xbf" + f"{GOOD}Bo,bo,x,Go,en,Etc/UTC,chat\n".encode())
    status, out, error = run("import-mentors", str(path))
    assert (status, error) == (1, "line 3, email: 'bo' is not an e-mail address\n")
    assert out.startswith("1 added, 0 changed, 0 unchanged, 1 ")
    assert Mentor.get().status == "applying"
    path.write_text(GOOD)
    assert run("import-mentors", "--publish", str(path))[0] == 0
    assert Mentor.get().status == "published"
    assert run("import-mentors", "--publish", str(path))[1].startswith("0 added, 0 changed, 1 unchanged, 0 ")


def test_import_mentors_of_what_is_no_file_says_so(run: Run, tmp_path: Path) -> None:
    assert run("import-mentors", str(tmp_path)) == (2, "", f"portal: {tmp_path}: Is a directory\n")
    missing = tmp_path / "nothing.csv"
    assert run("import-mentors", str(missing)) == (2, "", f"portal: {missing}: No such file or directory\n")


@pytest.mark.parametrize("words", [[], ["dance"], ["coordinator"], ["run", "--port", "http"]])
def test_unknown_words_are_told_with_the_usage(run: Run, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert (ended.value.code, "usage: portal" in capsys.readouterr().err) == (2, True)


@pytest.fixture
def stopping() -> Iterator[Stopping]:
    """Asks this process to stop, as a server's manager does, once something is true."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    watches: list[threading.Thread] = []

    def watch(is_done: Callable[[], bool]) -> None:
        def ask() -> None:
            end = time.monotonic() + 60
            while not is_done() and time.monotonic() < end:
                time.sleep(0.05)
            if callable(signal.getsignal(signal.SIGTERM)):
                os.kill(os.getpid(), signal.SIGTERM)

        watches.append(threading.Thread(target=ask))
        watches[-1].start()

    yield watch
    for thread in watches:
        thread.join()
    for number, handler in before.items():
        signal.signal(number, handler)


def test_work_delivers_what_is_due_until_it_is_asked_to_stop(run: Run, database_url: str, stopping: Stopping) -> None:
    database.open_database(database_url)
    database.connect()
    request_code(SAM, browser="one", zone="Etc/UTC")
    database.disconnect()
    stopping(lambda: f"--- mail to {SAM}: " in sys.stderr.getvalue())  # type: ignore[attr-defined]
    status, _, error = run("work")
    assert (status, error.count(f"--- mail to {SAM}: ")) == (0, 1)


def test_work_outlives_a_database_that_is_away(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    stopping: Stopping,
    run: Run,
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://postgres@127.0.0.1:{free_port()}/portal")
    stopping(lambda: "work failed; trying again" in caplog.text)
    server.work(from_environment(os.environ))
    assert "work failed; trying again" in caplog.text
