"""Liveness, readiness of every dependency, and metrics."""

import httpx
from flask import Blueprint, Response, current_app, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
def ready() -> tuple[Response, int]:
    """Database, Rasa and action server answer."""
    services = current_app.extensions["services"]
    state = {
        "database": _database(services.database),
        "rasa": services.assistant.ready(),
        "actions": _actions(services.settings.actions_url),
    }
    return jsonify(state), 200 if all(state.values()) else 503


@bp.get("/metrics")
def metrics() -> Response:
    """For Prometheus."""
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _database(database: object) -> bool:
    try:
        with database.transaction() as connection:  # type: ignore[attr-defined]
            connection.execute(text("SELECT 1"))
        return True
    except SQLAlchemyError:
        return False


def _actions(webhook: str) -> bool:
    try:
        return httpx.get(webhook.rsplit("/", 1)[0] + "/health", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
