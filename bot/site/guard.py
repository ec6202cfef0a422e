"""Which conversation a browser has: a signed token, in a cookie on our own pages, shown by the widget elsewhere."""

from flask import Flask, Response, current_app, request
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature, URLSafeTimedSerializer

from bot.site.errors import Refused

COOKIE = "conversation"
COOKIE_SECONDS = 30 * 24 * 3600


class Sessions(SecureCookieSessionInterface):
    """Flask's signed session cookie, which does not travel unencrypted where the site is served by TLS."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether this request came by TLS, as far as we know (TRUSTED_PROXIES)."""
        return request.is_secure


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
        value = request.cookies.get(COOKIE, "") if shown is None else shown
        return str(_serializer().loads(value, max_age=COOKIE_SECONDS))
    except BadSignature:
        raise Refused(401, "no_conversation", "Please start a conversation first.") from None


def bearer() -> str | None:
    """The token of a widget on another site, where cookies do not travel; None without one."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else None


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="conversation")
