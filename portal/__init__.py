"""A micro-mentoring portal."""

from __future__ import annotations

from portal import collecting  # isort: skip  # before all else
import os
from datetime import timedelta

from flask import Flask
from flask_compress import Compress
from flask_wtf import CSRFProtect
from htmx_flask import Htmx
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import (  # noqa: F401  # what each table holds counts as well
    askers,
    database,
    holders,
    logs,
    origin,
    pages,
    uploads,
)
from portal.assets import install_assets
from portal.availability import busy_views  # noqa: F401  # more pages of availability
from portal.availability.views import availability
from portal.directory.views import directory
from portal.feedback import impact_views  # noqa: F401  # more pages of feedback
from portal.feedback.views import feedback
from portal.limits import set_limits
from portal.mentors.views import UPLOAD, mentors
from portal.moderation import person_views  # noqa: F401  # more pages of moderation
from portal.moderation.report_views import reports
from portal.moderation.views import moderation
from portal.people import (  # noqa: F401  # more pages of people
    address_views,
    data_views,
    invitation_views,
    passkey_views,
    sign_in_views,
    sso_views,
)
from portal.people.codes import code_for
from portal.people.mail_views import stop_now
from portal.people.sign_ins import person_of
from portal.people.views import people
from portal.preparation.views import preparation
from portal.programme import audit_views, inviting_views, undelivered_views  # noqa: F401  # more pages of programme
from portal.programme.views import programme
from portal.rates import open_rates
from portal.sessions import (  # noqa: F401  # more pages of sessions
    booking_views,
    calendar_views,
    team_views,
    turn_views,
    visitor_views,
)
from portal.sessions.views import sessions
from portal.settings import Settings, from_environment
from portal.templating import install_templating
from portal.waiting.views import waiting

collecting.again()

FEATURES = (
    people,
    mentors,
    availability,
    sessions,
    preparation,
    feedback,
    waiting,
    directory,
    moderation,
    reports,
    programme,
)


def create_app(settings: Settings | None = None) -> Flask:
    """The portal as a WSGI app, from the environment unless settings are given."""
    settings = settings or from_environment(os.environ)
    app = logs.App(__name__, static_folder=None)
    app.url_map.merge_slashes = False  # it would send "/you//mails" on with a link to whatever host was asked for
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SETTINGS=settings,
        SESSION_COOKIE_NAME="__Host-portal" if settings.is_secure else "portal",
        SESSION_COOKIE_SECURE=settings.is_secure,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        MAX_CONTENT_LENGTH=256 * 1024,  # but see `uploads`
        MAX_FORM_MEMORY_SIZE=256 * 1024,
        WTF_CSRF_SSL_STRICT=False,  # `origin` sees to it; this would refuse browsers that send no Referer
        WTF_CSRF_TIME_LIMIT=None,  # a form left open on a phone overnight still works
        COMPRESS_BR_LEVEL=5,
        COMPRESS_ALGORITHM=["br", "gzip"],
    )
    _prepare(settings)
    _trust(app, settings.trusted_proxies)
    logs.install(app)
    _let_in(app)
    install_assets(app)
    Compress(app)
    Htmx(app)
    pages.install(app)
    CSRFProtect(app).exempt(stop_now)  # after it: what is no text is refused before it looks for the token
    askers.install(app)
    install_templating(app)
    login = pages.install_login(app)
    login.user_loader(person_of)
    app.jinja_env.filters["sign_in_code"] = lambda seed, digits: code_for(seed, settings.secret_key, digits)
    for feature in FEATURES:
        app.register_blueprint(feature)
    if settings.demo:
        from portal.demo.views import demo  # nothing of the demo exists outside demo mode

        app.register_blueprint(demo)
    return app


def _prepare(settings: Settings) -> None:
    """What there is one of in each process."""
    database.open_database(settings.database_url)
    set_limits(settings.limits)
    open_rates(settings.redis_url)


def _let_in(app: Flask) -> None:
    """Before anything reads what was sent: from where it may come, and how much it may be."""
    origin.install(app, but=frozenset({"people.stop_now"}))  # RFC 8058: a mail program asks, and comes from anywhere
    uploads.install(app, into={"mentors.save": UPLOAD})


def _trust(app: Flask, proxies: int) -> None:
    """Believe as many proxies about who asks and over what. Never about the host: links start with PORTAL_URL."""
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=0)  # type: ignore[method-assign]
