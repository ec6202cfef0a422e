"""Which conversation a browser has: a signed token, in a cookie on our own pages, shown by the widget elsewhere."""

from flask import Flask, Response, current_app, request
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature, URLSafeTimedSerializer

from bot.site.errors import Refused

NOT_PROVEN = (
    "The chat does not know your e-mail address for sure. Ask it where your badge stands, type the code that comes by "
    "mail, and try again."
)
COOKIE = "conversation"
COOKIE_SECONDS = 30 * 24 * 3600


class Sessions(SecureCookieSessionInterface):
    """Flask's signed session cookie, which does not travel unencrypted where the site is served by TLS."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether this request came by TLS, as far as we know (TRUSTED_PROXIES)."""
        return request.is_secure


def signer(salt: str) -> URLSafeTimedSerializer:
    """Signs with the site's key, and takes what one of SITE_SECRET_KEYS_ACCEPTED has signed; each use has its salt."""
    config = current_app.config
    return URLSafeTimedSerializer([*config["SECRET_KEY_FALLBACKS"], config["SECRET_KEY"]], salt=salt)


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
    return conversation_of(request.cookies.get(COOKIE, "") if shown is None else shown)


def conversation_of(token: str) -> str:
    """The conversation that a token proves; raises Refused (401)."""
    try:
        return str(_serializer().loads(token, max_age=COOKIE_SECONDS))
    except BadSignature:
        raise Refused(401, "no_conversation", "Please start a conversation first.") from None


def bearer() -> str | None:
    """The token of a widget on another site, where cookies do not travel; None without one."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else None


def proven_addresses(conversation_id: str) -> list[str]:
    """The addresses that a conversation has proven, the last one first; raises Refused (403) where there is none."""
    proven: list[str] = current_app.extensions["services"].identity.proven(conversation_id)
    if not proven:
        raise Refused(403, "not_proven", NOT_PROVEN)
    return proven


def _serializer() -> URLSafeTimedSerializer:
    return signer("conversation")
