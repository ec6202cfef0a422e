import base64
import calendar
import datetime
import json

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.errors import InvalidSetting, InvalidToken
from bot.identity.service import Identity
from bot.identity.token import read_token
from tests.identity.conftest import ALICE, SECRET, TOKEN_SECRET

HOUR, AUDIENCE = 3600, "credential-assistant"


@pytest.fixture()
def sign(clock):
    """A token for Alice; claims given replace or (None) remove the usual ones, times are seconds from now."""

    def sign(secret=TOKEN_SECRET, algorithm="HS256", headers=None, exp=HOUR, iat=0, **claims):
        now = calendar.timegm(clock.now.timetuple())
        times = {name: now + value for name, value in (("exp", exp), ("iat", iat)) if value is not None}
        everything = {"email": ALICE, "aud": AUDIENCE, **times, **claims}
        return jwt.encode({k: v for k, v in everything.items() if v is not None}, secret, algorithm, headers)

    return sign


@pytest.fixture()
def read(clock):
    """What prove_by_token does before it touches the database."""
    return lambda token: read_token(TOKEN_SECRET, token, clock.now, AUDIENCE)


def by_hand(header, claims, signature=""):
    parts = [json.dumps(part).encode() for part in (header, claims)]
    return ".".join([base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts] + [signature])


def test_somebody_signed_in_at_the_host_site_has_proven_their_address(identity, sign, clock):
    assert identity.prove_by_token("c1", sign(email="Alice@Example.com")) == ALICE
    assert identity.proven("c1") == [ALICE]
    clock.advance(minutes=60)
    assert identity.proven("c1") == []


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": True},
        {"aud": ["something", "credential-assistant"]},
        {"exp": 24 * HOUR},
        {"iat": 30},
        {"sub": 12, "jti": "x", "name": "Alice"},
    ],
)
def test_these_claims_are_fine_too(read, sign, claims):
    assert read(sign(**claims)).email == ALICE


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": None},
        {"iat": None},
        {"email": None},
        {"exp": 0},
        {"exp": -1},
        {"exp": 25 * HOUR},
        {"exp": 10**9},
        {"iat": HOUR, "exp": 2 * HOUR},
        {"nbf": 4_000_000_000},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email_verified": 1},
        {"aud": None},
        {"aud": "another-site"},
        {"aud": ["another-site"]},
        {"aud": ""},
        {"email": ""},
        {"email": "alice"},
        {"email": [ALICE]},
        {"email": {"address": ALICE}},
        {"email": "alice@example.com\r\nBcc: eve@example.com"},
        {"email": "alice@example.com\n"},
        {"email": "\u0430lice@example.com"},
        {"email": "alice@example.com,bob@example.com"},
    ],
)
def test_a_token_with_these_claims_is_refused(read, sign, claims):
    with pytest.raises(InvalidToken) as refused:
        read(sign(**claims))
    assert "example.com" not in str(refused.value)


@pytest.mark.parametrize("moment", ["soon", True, 1e400, -1e400, 10**400, "4000000000", [], {}])
@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
def test_a_token_whose_times_are_no_times_is_refused(read, clock, claim, moment):
    now = calendar.timegm(clock.now.timetuple())
    claims = {"email": ALICE, "iat": now, "exp": now + HOUR, claim: moment}
    payload = json.dumps(claims).encode()
    token = jwt.api_jws.encode(payload, TOKEN_SECRET, "HS256")
    with pytest.raises(InvalidToken):
        read(token)


def test_a_token_signed_with_another_secret_is_refused(read, sign):
    for secret in ("another secret, also 32 characters long", SECRET):
        with pytest.raises(InvalidToken):
            read(sign(secret))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS256", "RS256", ""])
def test_a_token_without_a_signature_is_refused(read, sign, algorithm):
    claims = jwt.decode(sign(), options={"verify_signature": False})
    with pytest.raises(InvalidToken):
        read(by_hand({"alg": algorithm, "typ": "JWT"}, claims))


def test_a_token_of_another_algorithm_is_refused_though_its_signature_is_right(read, sign):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    tokens = [sign(key, "RS256"), sign(algorithm="HS384"), sign(algorithm="HS512")]
    tokens.append(sign(key, "RS256", headers={"jwk": {"kty": "oct", "k": "AAAA"}}))
    tokens.append(by_hand({"alg": "HS256"}, jwt.decode(tokens[0], options={"verify_signature": False}), public.hex()))
    for token in tokens:
        with pytest.raises(InvalidToken):
            read(token)


def test_an_rsa_token_does_not_pass_where_the_secret_is_the_public_key(database, mailbox, clock, sign):
    """The classic mix-up of RS256 and HS256, with everything set up in the attacker's favour."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    lifetime = datetime.timedelta(hours=1)
    identity = Identity(database, SECRET, mailbox, clock, proof_lifetime=lifetime, token_secret=public.decode())
    with pytest.raises(InvalidToken):
        identity.prove_by_token("c1", sign(key, "RS256"))


@pytest.mark.parametrize(
    "token",
    ["", "x", "a.b.c", "..", "\0", "é.é.é", "\ud800.a.b", "a" * 5000, None, 12, ["a"], b"a.b.c"]
    + [base64.urlsafe_b64encode(b"[" * 2000).decode() + ".e30.AAAA", "e30.e30.", "bnVsbA.bnVsbA.AAAA"],
)
def test_what_is_no_token_is_refused(read, token):
    with pytest.raises(InvalidToken):
        read(token)


def test_a_changed_token_is_refused(read, sign):
    header, _, signature = sign().split(".")
    claims = jwt.decode(sign(email="bob@example.com"), options={"verify_signature": False})
    changed = by_hand({"alg": "HS256"}, claims).split(".")[1]
    with pytest.raises(InvalidToken):
        read(f"{header}.{changed}.{signature}")


def test_a_refused_token_proves_nothing(identity, sign):
    for token in (sign("another secret, also 32 characters long"), sign(exp=-1), sign(email_verified=False), "x", None):
        with pytest.raises(InvalidToken):
            identity.prove_by_token("c1", token)
    assert identity.proven("c1") == []


def test_a_token_serves_one_conversation(identity, sign):
    token = sign()
    identity.prove_by_token("c1", token)
    with pytest.raises(InvalidToken):
        identity.prove_by_token("c2", token)
    assert identity.proven("c2") == []
    assert identity.prove_by_token("c1", token) == ALICE


def test_another_spelling_of_a_used_token_is_still_the_used_token(identity, sign):
    token = sign()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(token[-1])
    spare = [token[:-1] + alphabet[last ^ bit] for bit in (1, 2, 3)]
    identity.prove_by_token("c1", token)
    for spelling in [*spare, token + "=", token + "==", token + " ", token + "\n", " " + token]:
        with pytest.raises(InvalidToken):
            identity.prove_by_token("c2", spelling)
    assert identity.proven("c2") == []


def test_a_used_token_stays_used_after_forgetting_and_purging(identity, sign, clock):
    token = sign(exp=24 * HOUR)
    identity.prove_by_token("c1", token)
    identity.forget("c1")
    assert identity.proven("c1") == []
    clock.advance(hours=23)
    identity.purge(clock.now)
    with pytest.raises(InvalidToken):
        identity.prove_by_token("c2", token)


def test_without_a_secret_every_token_is_refused(database, mailbox, clock, sign):
    identity = Identity(database, SECRET, mailbox, clock, proof_lifetime=datetime.timedelta(hours=1))
    claims = jwt.decode(sign(), options={"verify_signature": False})
    for token in (sign(), by_hand({"alg": "none"}, claims), by_hand({"alg": "HS256"}, claims)):
        with pytest.raises(InvalidToken):
            identity.prove_by_token("c1", token)


def test_a_secret_short_enough_to_guess_is_refused_at_the_start(database, mailbox, clock):
    lifetime = datetime.timedelta(hours=1)
    with pytest.raises(InvalidSetting, match="IDENTITY_TOKEN_SECRET must have at least 32"):
        Identity(database, SECRET, mailbox, clock, proof_lifetime=lifetime, token_secret="short")
