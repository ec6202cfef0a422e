"""Which conversation a browser has: a signed token, in a cookie on our own pages, shown by the widget elsewhere."""

from typing import Any

from flask import Flask, Response, current_app, request
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature, SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from bot.site.errors import Refused

NOT_PROVEN = (
    "The chat does not know your e-mail address for sure. Ask it where your badge stands, type the code that comes by "
    "mail, and try again."
)
COOKIE = "conversation"
COOKIE_SECONDS = 30 * 24 * 3600


class Signer(TimestampSigner):
    """Takes what was signed by a clock ahead of ours: that of another machine, or ours before it was set back."""

    def unsign(self, signed_value: str | bytes, max_age: int | None = None, return_timestamp: bool = False) -> Any:
        """The value, with the moment if asked for; raises SignatureExpired when it is older than `max_age` seconds."""
        value, moment = super().unsign(signed_value, return_timestamp=True)
        age = self.get_timestamp() - moment.timestamp()
        if max_age is not None and age > max_age:
            raise SignatureExpired(f"It is {age:.0f} seconds old.", payload=value, date_signed=moment)
        return (value, moment) if return_timestamp else value


class Sessions(SecureCookieSessionInterface):
    """Flask's signed session cookie, which does not travel unencrypted where the site is served by TLS."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether this request came by TLS, as far as we know (TRUSTED_PROXIES)."""
        return request.is_secure

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Flask's own, with our signer."""
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = Signer
        return serializer


def signer(salt: str) -> URLSafeTimedSerializer:
    """Signs with the site's key, and takes what one of SITE_SECRET_KEYS_ACCEPTED has signed; each use has its salt."""
    config = current_app.config
    return URLSafeTimedSerializer([*config["SECRET_KEY_FALLBACKS"], config["SECRET_KEY"]], salt=salt, signer=Signer)


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
