"""Liveness, readiness of every dependency, and metrics."""

import threading
from collections.abc import Callable
from functools import lru_cache

import httpx
from flask import Blueprint, Response, current_app, jsonify, request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.database import Database
from bot.outbox.service import Outbox
from bot.settings import Settings
from bot.site.errors import Refused
from bot.telemetry.metrics import FORBIDDEN, PROXY_HEADERS, MetricsReaders, exposition
from bot.tickets.inbox import Inbox

bp = Blueprint("health", __name__)
LONGEST_IN_OUTBOX = 900.0  # seconds
READINESS_SECONDS = 1.0  # for so long what was found holds for all who ask


class Readiness:
    """What the site needs, and whether it answers: found out by one caller at a time, for all of them."""

    def __init__(self, look: Callable[[], tuple[dict[str, bool], bool]], clock: Callable[[], float]) -> None:
        """Know nothing yet.

        Args:
            look: finds out what is told, and whether the site is ready.
            clock: seconds on a clock that is never set back.
        """
        self._look, self._clock, self._guard = look, clock, threading.Lock()
        self._found: tuple[dict[str, bool], bool] | None = None
        self._until = 0.0

    def __call__(self) -> tuple[dict[str, bool], bool]:
        """The state of each part, and whether the site is ready."""
        known = self._found
        if known and (self._clock() < self._until or not self._guard.acquire(blocking=False)):
            return known
        if known is None:
            self._guard.acquire()
        try:
            if self._found is None or self._clock() >= self._until:
                self._found, self._until = self._look(), self._clock() + READINESS_SECONDS
            return self._found
        finally:
            self._guard.release()


@bp.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
def ready() -> tuple[Response, int]:
    """Whether all that the site needs answers, and what does."""
    _limit()
    told, is_ready = current_app.extensions["readiness"]()
    return jsonify(told), 200 if is_ready else 503


def look() -> tuple[dict[str, bool], bool]:
    """Whether database, Rasa and action server answer, mail is getting out, and answers by mail can be read.

    Mail that waits, an inbox that cannot be read, a Slack that does not take us and a publication whose model cannot be
    loaded are told but do not count: the chat works without, and nothing is lost.
    """
    services = current_app.extensions["services"]
    rasa = services.assistant.health()
    needed = {
        "database": _database(services.database),
        "rasa": rasa is not None,
        "actions": _actions(services.settings.actions_url),
    }
    slack = current_app.extensions.get("slack")
    told = {
        "outbox": _outbox(services.outbox),
        **({"publication": "problem" not in rasa} if rasa and "publication" in rasa else {}),
        **({"inbox": _inbox(services.inbox)} if services.inbox else {}),
        **({"slack": slack.ready()} if slack else {}),
    }
    return {**needed, **told}, all(needed.values())


@bp.get("/metrics")
def metrics() -> Response:
    """For Prometheus: the process, then the site and the outbox; raises Refused (403) for who may not read it."""
    _limit()
    if not may_read_metrics(current_app.extensions["services"].settings):
        raise Refused(403, "forbidden", FORBIDDEN)
    body, media_type = exposition(current_app.extensions["watch"].registry)
    return Response(body, content_type=media_type)


def may_read_metrics(settings: Settings) -> bool:
    """Whether this request shows the token, or comes from one of the networks.

    What has come through a proxy that TRUSTED_PROXIES does not count may come from anywhere.
    """
    readers = MetricsReaders(settings.metrics_networks, settings.metrics_token)
    forwarded = not settings.trusted_proxies and any(name in request.headers for name in PROXY_HEADERS)
    return readers.may_read(request.headers.get("Authorization", ""), request.remote_addr, forwarded)


def _limit() -> None:
    current_app.extensions["limiter"].check_caller("checks", request.remote_addr)


def _outbox(outbox: Outbox) -> bool:
    try:
        return outbox.counts().oldest_seconds < LONGEST_IN_OUTBOX
    except SQLAlchemyError:
        return False


def _inbox(inbox: Inbox) -> bool:
    try:
        return inbox.state().readable
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
        return _client().get(webhook.rsplit("/", 1)[0] + "/health").status_code == 200
    except httpx.HTTPError:
        return False


@lru_cache(maxsize=1)
def _client() -> httpx.Client:
    """One for all requests: making a client reads the certificate authorities, which takes longer than the request."""
    return httpx.Client(timeout=2)
