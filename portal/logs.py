"""What is logged holds no secret and nobody's words: requests by route, errors by place.

Secrets stand in addresses (calendar feeds, links in mails, sign-in links, holds), and what an exception says may quote
what somebody typed, so neither an address nor such a sentence is ever written.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import peewee
from flask import Flask, Response, g, request, request_started
from flask.logging import default_handler

requests = logging.getLogger("portal.requests")
FORMAT = "%(asctime)s [%(levelname)s] %(name)s: %(message)s"
Caught = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Discreet(logging.Formatter):
    """Tells of an exception where it happened and of what kind it is; what it says, only where the machine says it."""

    def formatException(self, ei: Caught) -> str:  # noqa: N802  # the name of logging
        """As Python does, the cause first."""
        return "\n".join(_place_of(error) for error in reversed(list(_causes(ei[1]))))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _place_of(error: BaseException) -> str:
    frames = "".join(traceback.format_tb(error.__traceback__))
    kind = type(error)
    # Others, such as those of smtplib and requests, are OSErrors too, and name addresses.
    is_of_the_machine = isinstance(error, peewee.OperationalError) or (
        isinstance(error, OSError) and kind.__module__ == "builtins"
    )
    said = f": {error}" if is_of_the_machine else ""
    return f"Traceback (most recent call last):\n{frames}{kind.__module__}.{kind.__qualname__}{said}"


CONFIG: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"discreet": {"()": Discreet, "fmt": FORMAT}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "discreet", "stream": "ext://sys.stdout"}},
    "root": {"handlers": ["out"], "level": "WARNING"},
    "loggers": {"portal": {"level": "INFO"}, "_granian": {"level": "INFO"}},
}
"""For `logging.config`, in every process of ours."""


class App(Flask):
    """Flask, which would log the address at which something failed."""

    def log_exception(self, exc_info: Caught) -> None:
        """By its route."""
        self.logger.error("%s %s failed", request.method, route(), exc_info=exc_info)


def install(app: Flask) -> None:
    """Log each request, once it is answered."""
    default_handler.setFormatter(Discreet(FORMAT))  # under a server that configures no logging
    request_started.connect(_begin, app)  # before all that may answer
    app.after_request(_log)


def route() -> str:
    """What was asked for, with the names of its variable parts instead of what they held."""
    return request.url_rule.rule if request.url_rule else "(no such address)"


def _begin(_app: Flask) -> None:
    g.began = time.perf_counter()


def _log(response: Response) -> Response:
    took = (time.perf_counter() - g.began) * 1000
    requests.info("%s %s %s %.0f ms", request.method, route(), response.status_code, took)
    return response
