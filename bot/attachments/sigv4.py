"""AWS Signature Version 4 as S3 wants it: proves that a request comes from who has the secret, which is never sent."""

import datetime
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

SIGNED_BY = "AWS4-HMAC-SHA256"


@dataclass(frozen=True)
class AccessKey:
    """Who signs, and for which region."""

    id: str = field(repr=False)
    secret: str = field(repr=False)
    region: str


def path_of(*parts: str) -> str:
    """A path of a request, each part with all but A-Z a-z 0-9 - . _ ~ and / written as %XX."""
    return "/" + "/".join(quote(part) for part in parts)


def query_of(parameters: Mapping[str, str]) -> str:
    """A query of a request, in the order and in the spelling that are signed."""
    return "&".join(sorted(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in parameters.items()))


def signed(
    key: AccessKey,
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    content_sha256: str,
    at: datetime.datetime,
) -> dict[str, str]:
    """The headers of a request with its time, the digest of its content and the signature over all of it.

    Args:
        key: who signs.
        method: such as GET.
        path: by `path_of`.
        query: by `query_of`, "" for none.
        headers: all that are signed; Host must be among them.
        content_sha256: of what is sent, in hexadecimal digits.
        at: now; the store takes a quarter of an hour more or less.
    """
    moment = at.astimezone(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    sent = {**headers, "x-amz-content-sha256": content_sha256, "x-amz-date": moment}
    folded = sorted((name.lower(), " ".join(value.split())) for name, value in sent.items())
    lines, names = "".join(f"{name}:{value}\n" for name, value in folded), ";".join(name for name, _ in folded)
    request = "\n".join([method, path, query, lines, names, content_sha256])
    scope = f"{moment[:8]}/{key.region}/s3/aws4_request"
    text = "\n".join([SIGNED_BY, moment, scope, hashlib.sha256(request.encode()).hexdigest()])
    signature = _hmac(signing_key(key.secret, moment[:8], key.region, "s3"), text).hex()
    return {
        **sent,
        "Authorization": f"{SIGNED_BY} Credential={key.id}/{scope},SignedHeaders={names},Signature={signature}",
    }


def signing_key(secret: str, day: str, region: str, service: str) -> bytes:
    """What signs the requests of a day (such as 20300115) to a service of a region."""
    found = f"AWS4{secret}".encode()
    for part in (day, region, service, "aws4_request"):
        found = _hmac(found, part)
    return found


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
