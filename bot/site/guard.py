"""Protection of the site: rate limits, security headers, the signed conversation cookie."""

import threading
import time
from collections import OrderedDict, deque

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from bot.errors import Refused

COOKIE = "conversation"
COOKIE_SECONDS = 30 * 24 * 3600
KEYS_KEPT = 10_000
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)


class Limiter:
    """At most so many calls a minute for each key, within this process."""

    def __init__(self) -> None:
        """Start with nobody known."""
        self._calls: OrderedDict[str, deque[float]] = OrderedDict()
        self._guard = threading.Lock()

    def check(self, key: str, limit: int) -> None:
        """Count a call; raises Refused (429) above `limit` calls in 60 seconds."""
        now = time.monotonic()
        with self._guard:
            calls = self._calls.setdefault(key, deque())
            self._calls.move_to_end(key)
            while calls and calls[0] <= now - 60:
                calls.popleft()
            if len(calls) >= limit:
                raise Refused(429, "too_many", "Too many messages at once. Please wait a minute.")
            calls.append(now)
            while len(self._calls) > KEYS_KEPT:
                self._calls.popitem(last=False)


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="conversation")


def token(conversation_id: str) -> str:
    """The signed value that proves which conversation a browser has."""
    return str(_serializer().dumps(conversation_id))


def remember(response: Response, conversation_id: str) -> Response:
    """Set the cookie that binds the browser to its conversation."""
    response.set_cookie(
        COOKIE,
        token(conversation_id),
        max_age=COOKIE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )
    return response


def conversation_id() -> str:
    """The conversation of this browser: by `Authorization: Bearer`, or by its cookie; raises Refused (401)."""
    shown = bearer()
    try:
        return str(_serializer().loads(request.cookies.get(COOKIE, "") if shown is None else shown))
    except BadSignature:
        raise Refused(401, "no_conversation", "Please start a conversation first.") from None


def bearer() -> str | None:
    """The token of a widget on another site, where cookies do not travel; None without one."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else None


def add_security_headers(response: Response) -> Response:
    """The same strict headers on every answer."""
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if request.path.startswith("/api/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
