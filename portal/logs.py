"""What is logged: which page was asked for and what failed, never who, where mail goes, or what was written.

An address of ours can name a mentor or hold a secret, and the message of an error can quote what was typed: so a line
has the name of a page instead of its address, and of an error what kind it is and where it happened.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from flask import Flask, Response, g, request
from flask.logging import default_handler

access = logging.getLogger("portal.access")
Raised = tuple[type, BaseException, TracebackType | None] | tuple[None, None, None]


class Discreet(logging.Formatter):
    """Tells of an exception without its message."""

    def format(self, record: logging.LogRecord) -> str:
        """Not as another formatter has told it before."""
        record.exc_text = None
        return super().format(record)

    def formatException(self, ei: Raised) -> str:  # noqa: N802  # logging calls it so
        """Where it happened, and what kind it is; the same of what caused it, first."""
        return "".join(_lines(ei[1])).rstrip()


def _lines(error: BaseException | None) -> Iterator[str]:
    if error is None:
        return
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    yield from _lines(before)
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__qualname__}\n"


def to_console() -> None:
    """Let this process, one of our own, print its log."""
    handler = logging.StreamHandler()
    handler.setFormatter(Discreet("%(asctime)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def install(app: Flask) -> None:
    """Let the app log what it does."""
    default_handler.setFormatter(Discreet("%(asctime)s %(name)s %(message)s"))
    app.before_request(_begin)
    app.after_request(_end)
    app.log_exception = _failed(app)  # type: ignore[method-assign]


def _begin() -> None:
    g.begun = time.perf_counter()


def _end(response: Response) -> Response:
    milliseconds = (time.perf_counter() - g.begun) * 1000 if "begun" in g else 0
    access.info("%s %s %s %.1f ms", request.method, request.endpoint or "-", response.status_code, milliseconds)
    return response


def _failed(app: Flask) -> Any:
    def log(exc_info: Raised) -> None:
        app.logger.error("exception in %s [%s]", request.endpoint or "-", request.method, exc_info=exc_info)

    return log
