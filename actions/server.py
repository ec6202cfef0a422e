"""The action server: rasa_sdk's own, which answers to nobody but Rasa, and shows no browser anything."""

import logging
import time
from collections.abc import Sequence
from contextlib import ExitStack

from rasa_sdk.endpoint import create_app
from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.telemetry.metrics import FORBIDDEN, PROXY_HEADERS, MetricsReaders, exposition
from bot.telemetry.traces import taken_over
from bot.tokens import calls_actions

FOR_ANYBODY = ("/health",)  # says only that the process is there
METRICS = "/metrics"
log = logging.getLogger(__name__)


def create(secret: str, readers: MetricsReaders, accepted: Sequence[str] = ()) -> Sanic:
    """The server, with all actions.

    Args:
        secret: the site's, from which Rasa derives its key.
        readers: who may read metrics.
        accepted: further secrets that count, while the site's is changed.
    """
    app = create_app("actions", cors_origins=[])

    @app.get(METRICS)
    async def metrics(request: Request) -> HTTPResponse:
        body, media_type = exposition()
        return response.raw(body, content_type=media_type)

    @app.middleware("request")
    async def refuse_strangers(request: Request) -> HTTPResponse | None:
        if request.path in FOR_ANYBODY or calls_actions(secret, request.headers.get("authorization") or "", accepted):
            return None
        if request.path == METRICS:
            return _refuse_reader(readers, request)
        log.warning("a request without the key was refused: Rasa needs the same SITE_SECRET_KEY as the action server")
        return response.json({"error": "The action server takes requests from Rasa only."}, status=401)

    @app.middleware("request")
    async def begin(request: Request) -> None:
        _begin(request)

    @app.middleware("response")
    async def say_little(request: Request, answer: HTTPResponse) -> HTTPResponse | None:
        """Of an error rasa_sdk sends back the whole conversation, which Rasa would log."""
        for name in [name for name in answer.headers if name.lower().startswith("access-control-")]:
            del answer.headers[name]
        _end(request, answer.status)
        if answer.status < 500:
            return None
        return response.json({"error": "An action failed; the log of the action server says where."}, answer.status)

    return app


def _refuse_reader(readers: MetricsReaders, request: Request) -> HTTPResponse | None:
    forwarded = any(name in request.headers for name in PROXY_HEADERS)
    if readers.may_read(request.headers.get("authorization") or "", request.ip, forwarded):
        return None
    return response.json({"error": FORBIDDEN}, status=403)


def _begin(request: Request) -> None:
    """What follows belongs to the request of the person who wrote, as Rasa names it."""
    if request.path not in (*FOR_ANYBODY, METRICS):
        request.ctx.began, request.ctx.work = time.perf_counter(), ExitStack()
        request.ctx.work.enter_context(taken_over(request.headers, "take action"))


def _end(request: Request, status: int) -> None:
    """Log a request that was begun, and end what belongs to it."""
    work = getattr(request.ctx, "work", None)
    if work is None:
        return
    milliseconds = round((time.perf_counter() - request.ctx.began) * 1000, 1)
    fields = {"route": request.path, "status": status, "milliseconds": milliseconds}
    log.log(logging.ERROR if status >= 500 else logging.INFO, "request", extra={"fields": fields})
    work.close()
