"""Identity tokens: JSON Web Tokens by which the host site says who is signed in."""

import datetime
import hashlib
from dataclasses import dataclass
from typing import Any

import jwt

from bot.errors import InvalidAddress, InvalidSetting, InvalidToken
from bot.identity.address import normalise

ALGORITHM = "HS256"  # pinned: the token's own header decides nothing
SHORTEST_SECRET = 32  # bytes, RFC 7518 3.2; anybody who holds one token can try shorter ones at leisure
LONGEST_TOKEN = 4096  # characters
LONGEST_LIFETIME = 24 * 3600  # seconds
CLOCK_SKEW = 60  # seconds that the host's clock may be ahead of ours
FURTHEST_TIME = 10**11  # seconds; keeps infinity and numbers too large for a float out


@dataclass(frozen=True)
class IdentityToken:
    """Who is signed in; `fingerprint` is the same for every spelling of the same token."""

    email: str
    fingerprint: str


def check_secret(secret: str) -> None:
    """Raises InvalidSetting when the secret is set but too short."""
    if secret and len(secret.encode()) < SHORTEST_SECRET:
        raise InvalidSetting(f"IDENTITY_TOKEN_SECRET must have at least {SHORTEST_SECRET} characters, or be unset.")


def read_token(secret: str, token: str, now: datetime.datetime, audience: str) -> IdentityToken:
    """The identity in a token that the host site signed.

    Claims: `email`; `email_verified`, absent or true; `iat` and `exp`, seconds since 1970, `exp` at most 24 hours away;
    `aud`, the audience or a list with it: a token that the host site made for something else opens nothing here. Times
    are checked here, against `now`.

    Raises:
        InvalidToken: forged, malformed, expired, unverified, for somebody else, or no secret is set.
    """
    if not secret:
        raise InvalidToken("identity tokens are not in use: IDENTITY_TOKEN_SECRET is not set")
    if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
        raise InvalidToken("the token is no text, or too long")
    claims = _signed_claims(secret, token)
    _check_times(claims, now.timestamp())
    meant_for = claims["aud"]
    if meant_for != audience and not (isinstance(meant_for, list) and audience in meant_for):
        raise InvalidToken("the token is meant for somebody else")
    if claims.get("email_verified", True) is not True or not isinstance(claims["email"], str):
        raise InvalidToken("the token carries no verified address")
    try:
        email = normalise(claims["email"])
    except InvalidAddress as error:
        raise InvalidToken("the token carries no usable address") from error
    # Not of the whole token: the same signature can be spelt in several ways (spare bits of base64).
    return IdentityToken(email, hashlib.sha256(token.rpartition(".")[0].encode()).hexdigest())


def _signed_claims(secret: str, token: str) -> dict[str, Any]:
    own = {f"verify_{claim}": False for claim in ("exp", "iat", "nbf", "aud", "sub", "jti")}
    try:
        options: Any = {"require": ["email", "exp", "iat", "aud"], **own}
        return jwt.decode(token, secret, algorithms=[ALGORITHM], options=options)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        raise InvalidToken("the token is forged or malformed") from None  # the cause may quote the token


def _check_times(claims: dict[str, Any], now: float) -> None:
    expires, issued = _seconds(claims["exp"]), _seconds(claims["iat"])
    begins = max(issued, _seconds(claims.get("nbf", issued)))
    if expires <= now:
        raise InvalidToken("the token has expired")
    if begins > now + CLOCK_SKEW or begins > expires:
        raise InvalidToken("the token is not valid yet")
    if expires > now + LONGEST_LIFETIME + CLOCK_SKEW:
        raise InvalidToken("the token lives longer than a day")


def _seconds(claim: object) -> float:
    if isinstance(claim, (int, float)) and not isinstance(claim, bool) and abs(claim) < FURTHEST_TIME:
        return float(claim)
    raise InvalidToken("the token's times are malformed")
