"""Signs and verifies what opens Rasa's one door and the action server, both from the site's secret key."""

import hashlib
import hmac
import time
from dataclasses import dataclass

import jwt

from bot.errors import InvalidToken

LIFETIME_SECONDS = 60
ACTIONS_PURPOSE = b"credential-assistant: action server"  # a key for one use does not tell that of another


@dataclass(frozen=True)
class MessageToken:
    """Who sends a message: the conversation, the channel ("site" or "slack"), the proven e-mail if any."""

    conversation_id: str
    channel: str
    email: str | None


def sign_message_token(secret: str, conversation_id: str, channel: str, email: str | None = None) -> str:
    """A token for one message, valid for a minute."""
    now = int(time.time())
    claims = {
        "sub": conversation_id,
        "channel": channel,
        "email": email,
        "iat": now,
        "exp": now + LIFETIME_SECONDS,
    }
    return jwt.encode(claims, secret, algorithm="HS256")


def verify_message_token(secret: str, token: str) -> MessageToken:
    """Read a token; raises InvalidToken when it is forged, malformed or expired."""
    try:
        claims = jwt.decode(token, secret, algorithms=["HS256"], options={"require": ["sub", "exp", "iat"]})
    except jwt.PyJWTError as error:
        raise InvalidToken(str(error)) from error
    channel = claims.get("channel")
    if channel not in ("site", "slack") or not claims["sub"]:
        raise InvalidToken("the token names no known channel")
    return MessageToken(claims["sub"], channel, claims.get("email"))


def action_key(secret: str) -> str:
    """What Rasa shows to the action server, as a bearer token; nothing else can be opened with it."""
    return hmac.digest(secret.encode(), ACTIONS_PURPOSE, hashlib.sha256).hex()


def calls_actions(secret: str, authorization: str) -> bool:
    """Whether the header `Authorization` of a request has the key for the action server."""
    scheme, _, shown = authorization.partition(" ")
    expected = action_key(secret).encode()
    return scheme.lower() == "bearer" and hmac.compare_digest(shown.strip().encode("utf-8", "replace"), expected)
