"""The `portal` command."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import apsw
import peewee
import tzdata

from portal import create_app, database, schema, server
from portal.errors import Refusal, SettingsError
from portal.mail.outbox import backlog
from portal.mail.undelivered import count_undelivered
from portal.people import account, download, erasing, passkeys, signing_in
from portal.programme.imports import import_mentors
from portal.rates import open_rates
from portal.settings import Settings, for_demo, from_environment
from portal.text import EMAIL

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status."""
    given = _parser().parse_args(arguments)
    command: Command = given.command
    try:
        return command(given)
    except (SettingsError, Refusal) as error:
        print(f"portal: {error}", file=sys.stderr)
        return 2
    except peewee.OperationalError as error:
        print(f"portal: the database cannot be used: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="portal", description="A micro-mentoring portal.")
    commands = parser.add_subparsers(required=True, metavar="command")

    def add(name: str, command: Command, help: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help, description=help)
        added.set_defaults(command=command)
        return added

    _add_servers(add)
    add("migrate", migrate, "bring the database up to this version")
    coordinator = add("coordinator", make_coordinator, "make the person with this address a coordinator")
    coordinator.add_argument("email", type=_email)
    forget = "remove all their passkeys and sign them out everywhere, so that they make a new one: for a lost device"
    coordinator.add_argument("--forget-passkeys", action="store_true", help=forget)
    link = add("sign-in-link", print_link, "print a one-time link that signs this person in; made if new")
    link.add_argument("email", type=_email)
    data = add("data", print_data, "print all that is held about this person, as JSON: for who cannot sign in")
    data.add_argument("email", type=_email)
    erase = add("erase", erase_person, "erase the account of this person, at once and for good")
    erase.add_argument("email", type=_email)
    mentors = add("import-mentors", run_import, "bring mentors in from a CSV file")
    mentors.add_argument("file", type=Path)
    mentors.add_argument("--publish", action="store_true", help="publish at once, without a coordinator's look")
    add("doctor", examine, "check settings, database, versions")
    return parser


def _email(typed: str) -> str:
    if not EMAIL.fullmatch(typed.strip()):
        raise argparse.ArgumentTypeError(f"{typed!r} is not an e-mail address like name@example.org")
    return typed


def _add_servers(add: Callable[[str, Command, str], argparse.ArgumentParser]) -> None:
    demo = add("demo", run_demo, "serve a demo programme with people, openings and a clock to move")
    demo.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    demo.add_argument("--data", type=Path, default=None, help="keep the demo here; a fresh throw-away one otherwise")
    run = add("run", run_server, "serve the portal")
    run.add_argument("--host", default="127.0.0.1")
    run.add_argument("--port", type=int, default=8000)
    run.add_argument("--workers", type=int, default=2)
    run.add_argument("--no-work", action="store_true", help="do not start the worker beside it")
    add("work", run_worker, "deliver mails, remind, offer openings and read calendars, until stopped")


def _open() -> Settings:
    settings = from_environment(os.environ)
    database.open_database(settings.database_url)
    database.connect()
    pending = schema.pending()
    if pending:
        raise SettingsError(f"the database is not up to date ({', '.join(pending)}); run: portal migrate")
    return settings


def run_demo(given: argparse.Namespace) -> int:
    """Serve a demo programme."""
    from portal.demo.seed import seed

    with tempfile.TemporaryDirectory(prefix="portal-demo-") as throw_away:
        data = given.data or Path(throw_away)
        data.mkdir(parents=True, exist_ok=True)
        settings = for_demo(data=data, port=given.port)
        database.open_database(settings.database_url)
        database.connect()
        if schema.migrate():
            seed()
        database.disconnect()
        print(f"\n  The demo programme is at {settings.portal_url}\n", flush=True)
        server.serve(settings, host="127.0.0.1", port=given.port, workers=1, with_worker=True)
    return 0


def run_server(given: argparse.Namespace) -> int:
    """Serve the portal."""
    settings = _open()
    database.disconnect()
    server.serve(settings, host=given.host, port=given.port, workers=given.workers, with_worker=not given.no_work)
    return 0


def run_worker(_given: argparse.Namespace) -> int:
    """Deliver mails, go the rounds, offer openings and read calendars, until stopped."""
    settings = _open()
    database.disconnect()
    server.work(settings)
    return 0


def migrate(_given: argparse.Namespace) -> int:
    """Bring the database up to this version."""
    settings = from_environment(os.environ)
    database.open_database(settings.database_url)
    database.connect()
    ran = schema.migrate()
    print("\n".join(ran) or "nothing to do")
    return 0


def make_coordinator(given: argparse.Namespace) -> int:
    """Make a person a coordinator."""
    _open()
    person = signing_in.person_with(given.email)
    account.make_coordinator(person)
    print(f"{person.email} is a coordinator")
    if given.forget_passkeys:
        print(f"passkeys removed: {passkeys.forget_passkeys(person)}; signed out everywhere")
    return 0


def print_link(given: argparse.Namespace) -> int:
    """Print a one-time sign-in link."""
    settings = _open()
    print(f"{settings.portal_url}/sign-in/link/{signing_in.issue_link(given.email)}")
    return 0


def print_data(given: argparse.Namespace) -> int:
    """Print all that is held about a person."""
    settings = _open()
    print(download.file_of(signing_in.known(given.email), portal_url=settings.portal_url, on_server=True))
    return 0


def erase_person(given: argparse.Namespace) -> int:
    """Erase an account."""
    _open()
    erasing.erase(signing_in.known(given.email), on_server=True)
    print(f"{given.email} is erased; a last mail says so")
    return 0


def run_import(given: argparse.Namespace) -> int:
    """Bring mentors in from a CSV file."""
    _open()
    try:
        with given.file.open(encoding="utf-8-sig", newline="") as file:
            report = import_mentors(file, publish=given.publish)
    except OSError as error:
        print(f"portal: {given.file}: {error.strerror}", file=sys.stderr)
        return 2
    for problem in report.problems:
        print(problem, file=sys.stderr)
    print(
        f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged, {len(report.problems)} refused"
    )
    return 1 if report.problems else 0


def examine(_given: argparse.Namespace) -> int:
    """Say what runs here, and what is wrong with it."""
    settings = from_environment(os.environ)
    print("settings: fine")
    database.open_database(settings.database_url)
    database.connect()
    engine = "PostgreSQL" if database.is_postgres() else f"SQLite {apsw.sqlite_lib_version()}"
    print(f"database: {engine}, reachable")
    fixed = database.is_postgres() or tuple(map(int, apsw.sqlite_lib_version().split("."))) >= (3, 51, 3)
    print("SQLite WAL-reset fix: " + ("yes" if fixed else "NO, update apsw"))
    print(f"time zone rules: tzdata {tzdata.IANA_VERSION}")
    print(f"passkeys: {_passkeys(settings)}")
    pending = schema.pending()
    print("schema: " + (f"not up to date ({', '.join(pending)}); run: portal migrate" if pending else "up to date"))
    print(f"limits: {_limits(settings)}")
    create_app(settings)
    if not pending:
        database.connect()
        print(f"mails: {_mails()}")
    return 0 if fixed and not pending else 1


def _limits(settings: Settings) -> str:
    if not settings.redis_url:
        return "counted by each process for itself"
    return "counted in Redis" + ("" if open_rates(settings.redis_url).answers() else ", WHICH DOES NOT ANSWER")


def _passkeys(settings: Settings) -> str:
    if settings.passkey_host:
        return f"made for {settings.passkey_host}"
    none = "none, since PORTAL_URL is not https with a name"
    locked_out = settings.limits.coordinators_need == "passkey"
    return f"{none}; COORDINATORS_NEED=code lets coordinators do without" if locked_out else none


def _mails() -> str:
    waiting, oldest = backlog()
    minutes = int(oldest.total_seconds()) // 60
    since = f", the oldest for {minutes} minutes: does `portal work` run?" if minutes > 10 else ""
    return f"{waiting or 'none'} waiting{since}; {count_undelivered() or 'none'} given up"


if __name__ == "__main__":
    sys.exit(main())
