"""Files that people send: only where a page asks for one may a request be large, and only of somebody signed in."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, request, session


def install(app: Flask, *, into: Mapping[str, int]) -> None:
    """Let requests to these endpoints be of up to so many bytes. Before anything that reads what was sent."""

    def let_in() -> None:
        most = into.get(request.endpoint or "")
        if most and "_user_id" in session:
            request.max_content_length = most

    app.before_request(let_in)
    app.teardown_request(lambda _error: request.close())  # a large file waits on disk
