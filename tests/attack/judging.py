"""What is wrong with the answer to a submission: it broke, took too long, or refused and changed something."""

from __future__ import annotations

import io
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from werkzeug.test import TestResponse, create_environ, run_wsgi_app
from werkzeug.wrappers import Request

from portal.database import db, is_postgres
from tests.attack.arena import Arena
from tests.attack.arms import fault, runs
from tests.attack.submissions import Submission
from tests.sessions.agreement import digest

LONGEST = 1.0
"""Seconds of this thread's own time: what others do on the machine doesn't count."""
COUNTED = "sign_in_code"
"""Where a wrong code counts as a try: the one thing that a refusal may change."""
FINE = {200, 204, 206, 303, 304, 412, 416}
"""The last two are for programs that ask for a part of a file, or for one that has not changed."""


@dataclass
class Judge:
    """Sends submissions, each in a transaction that is undone, and keeps count."""

    arena: Arena
    sent: int = 0
    accepted: int = 0
    refused: int = 0
    slowest: list[tuple[float, str]] = field(default_factory=list)
    before: dict[str, str] = field(default_factory=dict)
    guilty: dict[str, list[str]] = field(default_factory=dict)
    """What was found with it: when the same is sent once more, its change has already been made."""

    def faults(self, submission: Submission) -> list[str]:
        """As it is for the app: what breaks in the transaction around it is tried again without one, because there
        a verb undoes what it did before it refused, and in one that stands already it can't.
        """
        if known := self.guilty.get(repr(submission)):
            return known
        self.sent += 1
        with db.atomic() as tried:
            found, has_changed = self._try(submission)
            tried.rollback()
        if found or has_changed:
            self.before = digest()
            found, _ = self._try(submission)
            found += self._changes()
        if found:
            self.guilty[repr(submission)] = found
        return found

    def _try(self, submission: Submission) -> tuple[list[str], bool]:
        count = _writes()
        taken, answer, broke = self.send(submission)
        found = [broke] if broke else list(answer_faults(submission, answer))
        if taken > LONGEST:
            found.append(f"{taken:.1f} s")
        refused = answer is not None and answer.status_code >= 400
        has_changed = refused and _writes() != count
        self.refused_now = refused
        self._note(taken, submission, refused)
        if not broke and answer is not None and answer.status_code == 303 and submission.method == "POST":
            found += self._next_page(submission, answer)
        return found, has_changed

    def _changes(self) -> list[str]:
        after = digest()
        changed = [table for table in after if after[table] != self.before[table] and table != COUNTED]
        return [f"refused, and changed {', '.join(changed)}"] if changed and self.refused_now else []

    def _next_page(self, submission: Submission, answer: TestResponse) -> Iterator[str]:
        cookie = submission.headers["Cookie"]
        for header in answer.headers.getlist("Set-Cookie"):
            cookie = header.partition(";")[0] + "; zone=Etc/UTC"
        after = Submission(submission.role, "GET", answer.location.encode(), {"Cookie": cookie}, b"", "")
        _, shown, broke = self.send(after)
        for what in [broke] if broke else answer_faults(after, shown):
            yield f"next page {after.address!r}: {what}"

    def _note(self, taken: float, submission: Submission, refused: bool) -> None:
        self.refused += refused
        self.accepted += not refused
        self.slowest = sorted([*self.slowest, (taken, repr(submission)[:400])], reverse=True)[:3]

    def send(self, submission: Submission) -> tuple[float, TestResponse | None, str]:
        """Seconds taken, the answer, and what it broke with."""
        environ = environ_of(submission)
        begun = time.thread_time()
        try:
            parts, status, headers = run_wsgi_app(self.arena.app, environ, buffered=True)
        except Exception as error:  # whatever it is
            where = traceback.extract_tb(error.__traceback__)[-1]
            return (
                time.thread_time() - begun,
                None,
                f"{type(error).__name__} in {where.filename}:{where.lineno}: {str(error)[:300]}",
            )
        taken = time.thread_time() - begun
        return taken, TestResponse(parts, status, headers, Request(environ)), ""


def _writes() -> object:
    """Something that differs once this connection has written."""
    if is_postgres():
        return db.execute_sql("select pg_current_xact_id_if_assigned()").fetchone()[0]
    return db.connection().total_changes()


def environ_of(submission: Submission) -> dict[str, object]:
    """As a server hands it on: bytes as Latin-1, the path decoded, the query not."""
    path, _, query = submission.address.partition(b"?")
    environ: dict[str, object] = create_environ("/", method=submission.method, input_stream=io.BytesIO(submission.body))
    environ["PATH_INFO"] = unquote_to_bytes(path).decode("latin-1")
    environ["QUERY_STRING"] = query.decode("latin-1")
    environ["CONTENT_TYPE"] = submission.kind
    environ["CONTENT_LENGTH"] = str(len(submission.body))
    environ["REMOTE_ADDR"] = "127.0.0.1"
    for name, value in submission.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    return environ


def answer_faults(submission: Submission, answer: TestResponse | None) -> Iterator[str]:
    """Of one answer by itself."""
    assert answer is not None
    if answer.status_code >= 500:
        yield f"{answer.status_code}: {answer.text[:300]}"
    elif answer.status_code not in FINE and not answer.content_encoding and submission.method in ("GET", "POST"):
        said = fault(answer)
        yield from [said] if said else []
    if _leads_away(answer):
        yield f"leads to {answer.location!r}"
    if answer.mimetype == "text/html" and not answer.content_encoding:
        yield from runs(answer.text)
    if not answer.headers.get("Content-Security-Policy"):
        yield "has no Content-Security-Policy"


def _leads_away(answer: TestResponse) -> bool:
    leads = [answer.headers.get(name, "/") for name in ("Location", "HX-Redirect", "HX-Location")]
    return any(not lead.startswith("/") or lead.startswith(("//", "/\\")) for lead in leads)
