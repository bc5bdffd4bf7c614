"""The two databases the tests run on: a SQLite file, and a PostgreSQL server started for the run."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from portal import database, schema

SETTINGS = (
    *("listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300"),
    *("fsync=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0", "autovacuum=off"),
    *("jit=off", "synchronous_commit=off", "max_parallel_workers_per_gather=0"),
)
"""Of a server whose databases live for a moment: no power cut of it is played, and nobody tidies up."""
HOW = "PostgreSQL: apt-get install postgresql, or set TEST_POSTGRES_URL=postgresql://…"


def unavailable(how: str) -> None:
    """Skip, saying how to have it; where skips are forbidden, fail."""
    if os.environ.get("FORBID_SKIPS"):
        pytest.fail(f"not found, and skips are forbidden. {how}")
    pytest.skip(f"not found. {how}")


class Sqlite:
    """A fresh migrated file for each test, copied from one made once."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.template = folder / "template.db"

    def make(self) -> str:
        if not self.template.exists():
            _migrate(f"sqlite:///{self.template}")
        path = self.folder / f"{uuid.uuid4().hex}.db"
        shutil.copy(self.template, path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + suffix).unlink(missing_ok=True)


@contextmanager
def sqlite() -> Iterator[Sqlite]:
    with tempfile.TemporaryDirectory(prefix="portal-sqlite-", dir=in_memory()) as folder:
        yield Sqlite(Path(folder))


class Postgres:
    """A fresh database for each test, from a migrated template, over one connection that is kept for that."""

    name = "postgres"

    def __init__(self, server: str, maintenance: psycopg.Connection) -> None:
        self.server = server.rstrip("/")
        self.maintenance = maintenance
        self.template = ""

    def make(self) -> str:
        if not self.template:
            self.template = self._create("template0")
            _migrate(f"{self.server}/{self.template}")
        return f"{self.server}/{self._create(self.template)}"

    def drop(self, url: str) -> None:
        self._run(f"drop database if exists {url.rsplit('/', 1)[1]} with (force)")

    def _create(self, template: str) -> str:
        name = f"portal_{uuid.uuid4().hex[:12]}"
        # Copied as files: through the log, which is how it is since 15, costs twice as much.
        how = "strategy file_copy" if self.maintenance.info.server_version >= 150_000 else ""
        self._run(f"create database {name} template {template} encoding 'UTF8' {how}")
        return name

    def _run(self, statement: str) -> None:
        self.maintenance.execute(statement)


@contextmanager
def postgres() -> Iterator[Postgres]:
    with postgres_server() as server, psycopg.connect(f"{server.rstrip('/')}/postgres", autocommit=True) as kept:
        yield Postgres(server, kept)


def _migrate(url: str) -> None:
    database.open_database(url)
    database.connect()
    schema.migrate()
    if url.startswith("sqlite"):
        database.connect()
        database.db.execute_sql("pragma wal_checkpoint(truncate)")
    database.disconnect()


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server: the one that is named, else one of our own."""
    named = os.environ.get("TEST_POSTGRES_URL")
    if named:
        yield named
        return
    binaries = _binaries()
    if binaries is None:
        unavailable(HOW)
        return
    with tempfile.TemporaryDirectory(prefix="portal-pg-", dir=in_memory()) as folder:
        data = Path(folder) / "data"
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
            Path(folder).chmod(0o755)
        _as_server_user([binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync"])
        port = _free_port()
        options = f"-p {port} {' '.join(f'-c {setting}' for setting in SETTINGS)}"
        _as_server_user([binaries / "pg_ctl", "-D", data, "-w", "-l", Path(folder) / "log", "-o", options, "start"])
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}"
        finally:
            _as_server_user([binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop"])


def in_memory() -> str | None:
    """Where files need no disk, if there is room: hundreds of small databases come and go."""
    shm = Path("/dev/shm")
    return str(shm) if shm.is_dir() and shutil.disk_usage(shm).free > 2**31 else None


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def _as_server_user(command: list[object]) -> None:
    words = [str(word) for word in command]
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        words = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *words]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd="/")


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


free_port = _free_port
