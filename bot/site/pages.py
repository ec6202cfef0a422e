"""The support page."""

from flask import Blueprint, Response, current_app, render_template

bp = Blueprint("pages", __name__)


@bp.get("/")
def support() -> str:
    """The page with the chat."""
    return render_template("support.html")


@bp.get("/widget.js")
def widget() -> Response:
    """The chat as one script."""
    return current_app.send_static_file("widget.js")
