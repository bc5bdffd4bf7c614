"""Pages: a whole page or one block of it, who reads it, and what is shown when there is none."""

from __future__ import annotations

from typing import Any

import peewee
from flask import Flask, Response, abort, current_app, flash, g, make_response, redirect, url_for
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError
from htmx_flask import request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from portal import clock, database, headers
from portal.errors import Missing, Refusal
from portal.settings import Settings
from portal.when import Reader


def page(template: str, *, block: str | None = None, status: int = 200, **context: Any) -> Response:
    """The page, or only its `block` where htmx asks for a part of it. One URL, two representations."""
    if block and wants_part():
        return make_response(_render_block(template, block, context), status)
    return make_response(current_app.jinja_env.get_template(template).render(_full(context)), status)


def wants_part() -> bool:
    """Whether htmx asks for a block, rather than a browser for a page."""
    htmx = request.htmx
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def _full(context: dict[str, Any]) -> dict[str, Any]:
    current_app.update_template_context(context)
    return context


def _render_block(template: str, block: str, context: dict[str, Any]) -> str:
    loaded = current_app.jinja_env.get_template(template)
    return "".join(loaded.blocks[block](loaded.new_context(_full(context))))


def reader() -> Reader:
    """Who reads: the zone of the signed-in person, else of the browser, and the time."""
    if "reader" not in g:
        name = current_user.time_zone if current_user.is_authenticated else device_zone()
        g.reader = Reader(clock.zone(name), clock.now())
    known: Reader = g.reader
    return known


def device_zone() -> str | None:
    """The zone that the browser's clock is in, as its cookie says."""
    said: str | None = request.cookies.get("__Host-zone" if settings().is_secure else "zone")
    return said


def settings() -> Settings:
    """What the app was made with."""
    given: Settings = current_app.config["SETTINGS"]
    return given


def is_coordinator() -> bool:
    """Whether a coordinator reads who has shown it well enough."""
    return current_user.is_authenticated and bool(current_user.is_coordinator) and not current_user.lacks_proof


def only_coordinators() -> None:
    """For others a page does not exist: a blueprint can ask this before each of its own. Raises Missing; a coordinator
    who has shown too little is led to where they show more.
    """
    if not current_user.is_authenticated or not current_user.is_coordinator:
        raise Missing
    if current_user.lacks_proof:
        abort(detour("people.proof"))


def only_members() -> AnyResponse | None:
    """Where the directory is for members alone, others are asked to sign in first: a blueprint can ask this before
    each of its own.
    """
    return detour("people.sign_in") if settings().members_only and not current_user.is_authenticated else None


def see(endpoint: str, said: str = "", **values: Any) -> AnyResponse:
    """After a change: look at this page (303), where `said` is read out once."""
    if said:
        flash(said)
    return redirect(url_for(endpoint, **values), 303)


def own_path(target: str | None) -> str:
    """`target` if it is a path of ours, else the first page: nobody is sent off-site."""
    if not target or not target.startswith("/") or any(ord(letter) < 33 or letter == "\\" for letter in target):
        return "/"
    return "/" if target.startswith("//") else target  # two slashes begin a host


def number(name: str, *, lowest: int, highest: int, otherwise: int) -> int:
    """A number from the query string, or `otherwise` where it is missing; 400 where it is none."""
    given = request.args.get(name)
    if given is None or given == "":
        return otherwise
    if not given.isascii() or not given.isdigit() or not lowest <= int(given[:9]) <= highest:
        abort(400, f"“{name}” must be a whole number from {lowest} to {highest}.")
    return int(given[:9])


def install(app: Flask) -> None:
    """Give the app what all its pages share."""
    app.before_request(_refuse_what_is_no_text)
    app.before_request(_connect)
    headers.install(app)
    app.teardown_request(_let_go)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(peewee.OperationalError, _unavailable)
    app.register_error_handler(peewee.InterfaceError, _unavailable)
    app.register_error_handler(peewee.DatabaseError, _broken)
    app.context_processor(lambda: {"reader": reader()})


def install_login(app: Flask) -> LoginManager:
    """Flask-Login, sending those who are not signed in to the sign-in page and back."""
    manager = LoginManager(app)
    manager.session_protection = None  # a phone changes its address all day long

    manager.unauthorized_handler(lambda: detour("people.sign_in"))
    return manager


def detour(endpoint: str) -> AnyResponse:
    """Another page first, which leads back to this one, or, after a form, to the page it is on."""
    from_page = (request.referrer or "").removeprefix(f"{request.scheme}://{request.host}")
    here = request.full_path.rstrip("?") if request.method == "GET" else own_path(from_page)
    target = url_for(endpoint, next=here)
    if wants_part():
        return Response(headers={"HX-Redirect": target})
    return redirect(target, 303)


def _refuse_what_is_no_text() -> None:
    """A NUL, bytes that are no letters, a part of a form without a name: nothing that a browser sends."""
    try:
        pairs = [*request.args.items(multi=True), *request.form.items(multi=True)]
    except UnicodeDecodeError:
        pairs = [(None, "")]
    texts = [request.path, *request.files, *(text for pair in pairs for text in pair)]
    if any(text is None or "\x00" in text for text in texts):
        abort(400, "There is a character in it that is no text.")


def _connect() -> None:
    if request.endpoint != "static":
        database.connect()


def _let_go(error: BaseException | None) -> None:
    if isinstance(error, peewee.DatabaseError):
        database.disconnect()


def error_page(status: int, title: str, sentence: str) -> Response:
    """One sentence and the next best step; only the sentence where htmx asked for a part."""
    return page("error.html", block="sentence", status=status, code=status, title=title, sentence=sentence)


def bare_page(status: int, title: str, sentence: str) -> Response:
    """A sentence where neither the database nor a template may be asked for anything."""
    return make_response(f"<!doctype html><title>{title}</title><h1>{title}</h1><p>{sentence}</p>", status)


def _refused(refusal: Refusal) -> Response:
    title = "Not here" if isinstance(refusal, Missing) else "That did not work"
    return error_page(refusal.status, title, str(refusal))


def _csrf(_error: CSRFError) -> Response:
    response = error_page(400, "Please try once more", "This page was open too long. Go back, reload it and try again.")
    if current_app.config["SESSION_COOKIE_NAME"] in request.cookies:
        # Somebody signed out, or in, in another tab: htmx loads the page anew. Without cookies it would do so for ever.
        response.headers["HX-Refresh"] = "true"
    return response


def _http_error(error: HTTPException) -> Response | HTTPException:
    code = error.code or 500
    if code < 400:
        return error
    title, sentence = {
        404: ("Not here", str(Missing())),
        405: ("That did not work", "This address does not take that kind of request."),
        413: ("Too much", "That was more than we can take at once. Please shorten it, or choose a smaller file."),
    }.get(code, ("That did not work", error.description or "Something was wrong with the request."))
    if code >= 500:
        title, sentence = ("Our mistake", "Something went wrong on our side. Nothing was changed. Please try again.")
    return error_page(code, title, sentence)


def _broken(error: peewee.DatabaseError) -> Response:
    """A damaged file is as unreachable as none; a statement the database refuses is a mistake of ours."""
    if type(error) is not peewee.DatabaseError:
        raise error
    return _unavailable(error)


def _unavailable(error: peewee.DatabaseError) -> Response:
    current_app.logger.error("database unavailable: %s", error)
    database.disconnect()
    sentence = "The portal cannot reach its data right now. Nothing was changed. Please try again in a minute."
    response = bare_page(503, "Back in a moment", sentence)
    response.headers["Retry-After"] = "30"
    return response
