"""The support site: a Flask application made of a page, the chat API and health checks."""

import logging

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from bot.bootstrap import Services
from bot.errors import AssistantUnavailable, Refused
from bot.site import api, health, pages
from bot.site.guard import Limiter, add_security_headers

LARGEST_BODY_BYTES = 64 * 1024  # 2,000 emoji take 24 KB where JSON escapes them
log = logging.getLogger(__name__)


def create_app(services: Services) -> Flask:
    """The WSGI application."""
    app = Flask(__name__)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BODY_BYTES, SECRET_KEY=services.settings.site_secret_key)
    app.extensions["services"] = services
    app.extensions["limiter"] = Limiter()
    for module in (pages, api, health):
        app.register_blueprint(module.bp)
    app.after_request(add_security_headers)
    app.register_error_handler(Refused, lambda e: error(e.status, e.code, e.message))
    app.register_error_handler(AssistantUnavailable, _unavailable)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)
    return app


def error(status: int, code: str, message: str) -> tuple[Response, int]:
    """The one shape of every API error."""
    return jsonify(error={"code": code, "message": message}), status


def _unavailable(problem: AssistantUnavailable) -> tuple[Response, int]:
    log.warning("the assistant did not answer: %s", problem)
    return error(503, "assistant_unavailable", "The assistant is not available right now. Please try again soon.")


def _http_error(problem: HTTPException) -> tuple[Response, int]:
    status = problem.code or 500
    if status == 413:
        return error(413, "too_long", "That message is too long. Please shorten it to 2,000 characters.")
    return error(status, problem.name.lower().replace(" ", "_"), problem.description or problem.name)


def _unexpected(problem: Exception) -> tuple[Response, int]:
    log.error("unexpected %s in %s", type(problem).__name__, request.endpoint, exc_info=problem)
    return error(500, "internal_error", "Something went wrong on our side. Please try again.")
