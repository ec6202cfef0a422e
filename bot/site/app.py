"""The support site: a Flask application made of a page, the chat API and health checks."""

from collections.abc import Mapping

from flask import Flask, current_app, request
from werkzeug.middleware.proxy_fix import ProxyFix

from bot.bootstrap import Services
from bot.site import api, description, errors, health, origin, pages, slack, stop_watching, ticket_form
from bot.site.console import mount as console
from bot.site.guard import Sessions
from bot.site.limits import LIMITS, Limiter, network
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
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.session_interface = Sessions()
    watch = Watch(services)
    app.extensions |= {"services": services, "limiter": Limiter(settings.redis_url, rates), "watch": watch}
    watch.attach(app)
    for check in (origin.answer_preflight, origin.refuse_forged, _limit):
        app.before_request(check)
    app.after_request(origin.add_security_headers)
    for module in (pages, api, ticket_form, stop_watching, health, description):
        app.register_blueprint(module.bp)
    slack.mount(app, services)
    console.mount(app, services)
    errors.register(app)
    return app


def _limit() -> None:
    if request.path.startswith("/api/"):
        current_app.extensions["limiter"].check("requests of an address", network(request.remote_addr))
