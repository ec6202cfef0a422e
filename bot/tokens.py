"""Signs and verifies what opens Rasa's one door and the action server, both from the site's secret key."""

import hashlib
import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jwt

from bot.errors import InvalidToken

LIFETIME_SECONDS = 60
SKEW_SECONDS = 60  # by which the clocks of the site and of Rasa may differ
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


def verify_message_token(secret: str, token: str, accepted: Sequence[str] = ()) -> MessageToken:
    """Read a token; raises InvalidToken when it is forged, malformed or expired.

    Args:
        secret: the site's secret key.
        token: what was shown.
        accepted: further keys that count, while the key is changed.
    """
    try:
        claims = _claims_of(token, secret, accepted)
    except jwt.PyJWTError as error:
        raise InvalidToken(str(error)) from error
    channel = claims.get("channel")
    if channel not in ("site", "slack") or not claims["sub"]:
        raise InvalidToken("the token names no known channel")
    return MessageToken(claims["sub"], channel, claims.get("email"))


def _claims_of(token: str, secret: str, accepted: Sequence[str]) -> dict[str, Any]:
    try:
        claims = jwt.decode(
            token, secret, algorithms=["HS256"], options={"require": ["sub", "exp", "iat"]}, leeway=SKEW_SECONDS
        )
    except jwt.InvalidSignatureError:
        if not accepted:
            raise
        return _claims_of(token, accepted[0], accepted[1:])
    return dict(claims)


def action_key(secret: str) -> str:
    """What Rasa shows to the action server, as a bearer token; nothing else can be opened with it."""
    return hmac.digest(secret.encode(), ACTIONS_PURPOSE, hashlib.sha256).hex()


def calls_actions(secret: str, authorization: str, accepted: Sequence[str] = ()) -> bool:
    """Whether the header `Authorization` of a request has the key for the action server, of one of these secrets."""
    scheme, _, shown = authorization.partition(" ")
    given = shown.strip().encode("utf-8", "replace")
    right = [hmac.compare_digest(given, action_key(one).encode()) for one in (secret, *accepted)]
    return scheme.lower() == "bearer" and any(right)
