"""The support site: a Flask application made of a page, the chat API and health checks."""

import time
from collections.abc import Mapping

from flask import Flask, current_app, request
from werkzeug.exceptions import NotFound
from werkzeug.middleware.proxy_fix import ProxyFix

from bot.bootstrap import Services
from bot.site import (
    api,
    attachments,
    description,
    errors,
    faqs,
    health,
    origin,
    pages,
    past,
    slack,
    stop_watching,
    ticket_form,
    transcript_mail,
)
from bot.site.console import mount as console
from bot.site.guard import Sessions
from bot.site.limits import LIMITS, InProgress, Limiter
from bot.site.watch import Watch

LARGEST_BODY_BYTES = 64 * 1024  # 2,000 emoji take 24 KB where JSON escapes them


def create_app(services: Services, rates: Mapping[str, str] = LIMITS) -> Flask:
    """The WSGI application; `rates` says how often each kind of call may happen (see limits.py)."""
    app, settings = Flask(__name__), services.settings
    if settings.trusted_proxies:
        near = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=near, x_proto=near, x_host=0)  # type: ignore[method-assign]
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_BODY_BYTES,
        SECRET_KEY=settings.site_secret_key,
        SECRET_KEY_FALLBACKS=list(settings.site_secret_keys_accepted),
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.session_interface = Sessions()
    watch = Watch(services)
    limiter = Limiter(settings.redis_url, rates, total_times=settings.total_limits_times)
    app.extensions |= {"services": services, "limiter": limiter, "watch": watch}
    app.extensions |= {"uploading": InProgress(attachments.MOST_UPLOADS), "in_progress": InProgress()}
    app.extensions |= {"readiness": health.Readiness(health.look, time.monotonic)}
    watch.attach(app)
    for check in (origin.answer_preflight, origin.refuse_forged, _refuse_unreadable, _limit):
        app.before_request(check)
    app.after_request(origin.add_security_headers)
    chat = (api, attachments, ticket_form, past, transcript_mail)
    for module in (pages, faqs, *chat, stop_watching, health, description):
        app.register_blueprint(module.bp)
    slack.mount(app, services)
    console.mount(app, services)
    errors.register(app)
    return app


def _refuse_unreadable() -> None:
    """Nothing of ours has the character NUL in its name, and PostgreSQL refuses to look for it."""
    if "\0" in request.path:
        raise NotFound


def _limit() -> None:
    if request.path.startswith("/api/"):
        current_app.extensions["limiter"].check_caller("requests", request.remote_addr)
