"""The action server: rasa_sdk's own, which answers to nobody but Rasa, and shows no browser anything."""

import logging

from rasa_sdk.endpoint import create_app
from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.tokens import calls_actions

FOR_ANYBODY = ("/health",)  # says only that the process is there
log = logging.getLogger(__name__)


def create(secret: str) -> Sanic:
    """The server, with all actions; `secret` is the site's, from which Rasa derives its key."""
    app = create_app("actions", cors_origins=[])

    @app.middleware("request")
    async def refuse_strangers(request: Request) -> HTTPResponse | None:
        if request.path in FOR_ANYBODY or calls_actions(secret, request.headers.get("authorization") or ""):
            return None
        log.warning("a request without the key was refused: Rasa needs the same SITE_SECRET_KEY as the action server")
        return response.json({"error": "The action server takes requests from Rasa only."}, status=401)

    @app.middleware("response")
    async def say_little(request: Request, answer: HTTPResponse) -> HTTPResponse | None:
        """Of an error rasa_sdk sends back the whole conversation, which Rasa would log."""
        for name in [name for name in answer.headers if name.lower().startswith("access-control-")]:
            del answer.headers[name]
        if answer.status < 500:
            return None
        return response.json({"error": "An action failed; the log of the action server says where."}, answer.status)

    return app
