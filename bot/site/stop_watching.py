"""/watches/stop/…: the page behind the link in mails about a credential that somebody waits for; no sign-in needed."""

from flask import Blueprint, Response, current_app, make_response, render_template

from bot.errors import InvalidToken
from bot.watching.service import Watching

bp = Blueprint("stop_watching", __name__, url_prefix="/watches/stop")


@bp.get("/<token>")
def ask(token: str) -> Response:
    """A button: mail programs follow links by themselves, so that opening one changes nothing."""
    return _page("ask" if _watching().is_waiting(token) else "stopped")


@bp.post("/<token>")
def stop(token: str) -> Response:
    """No more mails to the link's address."""
    _watching().stop_by_link(token)
    return _page("stopped")


@bp.errorhandler(InvalidToken)
def unknown(problem: InvalidToken) -> Response:
    """A link that is not ours, or was cut off on its way."""
    return _page("unknown", 404)


def _watching() -> Watching:
    found: Watching = current_app.extensions["services"].watching
    return found


def _page(state: str, status: int = 200) -> Response:
    answer = make_response(render_template("stop_watching.html", state=state), status)
    answer.cache_control.no_store = True
    return answer
