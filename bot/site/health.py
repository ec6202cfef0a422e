"""Liveness, readiness of every dependency, and metrics."""

import httpx
from flask import Blueprint, Response, current_app, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.database import Database
from bot.outbox.service import Outbox

bp = Blueprint("health", __name__)
LONGEST_IN_OUTBOX = 900.0  # seconds


@bp.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
def ready() -> tuple[Response, int]:
    """Database, Rasa and action server answer, and mail is getting out.

    Mail that waits and a Slack that does not take us are told but do not count: the chat works without, and nothing is
    lost.
    """
    services = current_app.extensions["services"]
    needed = {
        "database": _database(services.database),
        "rasa": services.assistant.ready(),
        "actions": _actions(services.settings.actions_url),
    }
    slack = current_app.extensions.get("slack")
    told = {"outbox": _outbox(services.outbox), **({"slack": slack.ready()} if slack else {})}
    return jsonify(**needed, **told), 200 if all(needed.values()) else 503


@bp.get("/metrics")
def metrics() -> Response:
    """For Prometheus: the process, then the site and the outbox."""
    own = current_app.extensions["watch"].registry
    return Response(generate_latest(REGISTRY) + generate_latest(own), content_type=CONTENT_TYPE_LATEST)


def _outbox(outbox: Outbox) -> bool:
    try:
        return outbox.counts().oldest_seconds < LONGEST_IN_OUTBOX
    except SQLAlchemyError:
        return False


def _database(database: Database) -> bool:
    try:
        with database.transaction() as connection:
            connection.execute(text("SELECT 1"))
        return True
    except SQLAlchemyError:
        return False


def _actions(webhook: str) -> bool:
    try:
        return httpx.get(webhook.rsplit("/", 1)[0] + "/health", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
