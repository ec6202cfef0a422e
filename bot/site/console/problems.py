"""Errors of the console, as pages."""

import logging

from flask import g, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, NotFound

from bot.errors import RequestError, UnknownMail, UnknownTicket
from bot.site.console.entrance import bp
from bot.site.errors import Refused, refusal

KNOWN = (403, 404, 405, 413, 429)  # those that the page has words for
log = logging.getLogger(__name__)


@bp.route("/<path:anything>", methods=["GET", "POST"])
def nothing(anything: str) -> str:
    """Without it an unknown address would be answered as the API does."""
    raise NotFound


@bp.errorhandler(UnknownTicket)
def unknown_ticket(problem: UnknownTicket) -> tuple[str, int]:
    """The reference names no ticket."""
    return _page("unknown_ticket", 404)


@bp.errorhandler(UnknownMail)
def unknown_mail(problem: UnknownMail) -> tuple[str, int]:
    """The number names no mail."""
    return _page("unknown_mail", 404)


@bp.errorhandler(Refused)
@bp.errorhandler(RequestError)
def refused(error: Refused | RequestError) -> tuple[str, int, dict[str, str]]:
    """Too many, or from another site."""
    problem = refusal(error)
    wait = {"Retry-After": str(problem.retry_after)} if problem.retry_after else {}
    return *_page(str(problem.status) if problem.status in KNOWN else "other", problem.status), wait


@bp.errorhandler(HTTPException)
def http_error(problem: HTTPException) -> tuple[str, int]:
    """What Flask and its parts raise."""
    status = problem.code or 500
    if isinstance(problem, CSRFError):
        return _page("csrf", status)
    return _page(str(status) if status in KNOWN else "other", status)


@bp.errorhandler(Exception)
def unexpected(problem: Exception) -> tuple[str, int]:
    """A fault of ours."""
    log.error("unexpected %s in %s", type(problem).__name__, request.endpoint, exc_info=problem)
    return _page("500", 500)


def _page(kind: str, status: int) -> tuple[str, int]:
    g.setdefault("staff", "")
    reference = g.get("request_id", "") if status >= 500 else ""
    return render_template("console/error.html", kind=kind, request_id=reference), status
