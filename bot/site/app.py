"""The support site: a Flask application made of a page, the chat API and health checks."""

import logging
from collections.abc import Mapping

from flask import Flask, Response, current_app, jsonify, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.middleware.proxy_fix import ProxyFix

from bot.bootstrap import Services
from bot.errors import AssistantUnavailable, Refused
from bot.site import api, description, health, origin, pages, slack, ticket_form
from bot.site.console import mount as console
from bot.site.guard import Sessions
from bot.site.limits import LIMITS, Limiter, network
from bot.site.watch import Watch

LARGEST_BODY_BYTES = 64 * 1024  # 2,000 emoji take 24 KB where JSON escapes them
log = logging.getLogger(__name__)


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
    for module in (pages, api, ticket_form, health, description):
        app.register_blueprint(module.bp)
    slack.mount(app, services)
    console.mount(app, services)
    _register_errors(app)
    return app


def _register_errors(app: Flask) -> None:
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(AssistantUnavailable, _unavailable)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def _limit() -> None:
    if request.path.startswith("/api/"):
        current_app.extensions["limiter"].check("requests of an address", network(request.remote_addr))


def error(status: int, code: str, message: str) -> tuple[Response, int]:
    """The one shape of every API error."""
    return jsonify(error={"code": code, "message": message}), status


def _refused(problem: Refused) -> tuple[Response, int]:
    answer, status = error(problem.status, problem.code, problem.message)
    if problem.retry_after:
        answer.headers["Retry-After"] = str(problem.retry_after)
    return answer, status


def _unavailable(problem: AssistantUnavailable) -> tuple[Response, int]:
    log.warning("the assistant did not answer: %s", problem)
    return error(503, "assistant_unavailable", "The assistant is not available right now. Please try again soon.")


def _http_error(problem: HTTPException) -> tuple[Response, int]:
    status = problem.code or 500
    if status == 413:
        return error(413, "too_long", "That message is too long. Please shorten it to 2,000 characters.")
    answer, status = error(status, problem.name.lower().replace(" ", "_"), problem.description or problem.name)
    if isinstance(problem, MethodNotAllowed) and problem.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(problem.valid_methods))
    return answer, status


def _unexpected(problem: Exception) -> tuple[Response, int]:
    log.error("unexpected %s in %s", type(problem).__name__, request.endpoint, exc_info=problem)
    return error(500, "internal_error", "Something went wrong on our side. Please try again.")
