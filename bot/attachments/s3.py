"""Contents in a bucket of an S3-compatible store, over HTTP: time-outs, retries, and no surprises."""

import datetime
import hashlib
import logging
import re
import time
from collections.abc import Iterator
from contextlib import closing
from random import SystemRandom
from xml.etree import ElementTree  # noqa: S405  what declares entities is refused before

import httpx

from bot.attachments.bucket import Bucket
from bot.attachments.keys import STORE_KEY, checked_key
from bot.attachments.sigv4 import path_of, query_of, signed
from bot.clock import Clock, now
from bot.errors import MissingFile, StoreUnavailable
from bot.timed_http import timed, within

BUCKET_CONNECT_SECONDS = 3.0
BUCKET_SECONDS = 10.0  # in which the store must take or say something
LONGEST_STORING = 20.0  # seconds for one content, tries included; a mail with several must be sent within its lease
BUCKET_TRIES = 3
PAUSE_SECONDS = 0.25  # doubled at every try
LARGEST_CONTENT = 64_000_000  # bytes; more than any file that is kept
LARGEST_PAGE = 4_000_000  # bytes of a list of a thousand keys
MOST_ON_A_PAGE = 100_000  # elements; a thousand keys have a fifth of it
MOST_EMPTY_PAGES = 100  # of a list in a row; some stores have one where much was deleted
LARGEST_COMPLAINT = 64_000  # bytes of an answer that is an error
PIECE = 65_536  # bytes sent at once
REASONS = {
    "AccessDenied": "the key of ATTACHMENTS_URL has no right to it",
    "AuthorizationHeaderMalformed": "ATTACHMENTS_URL has a malformed key, or its region= is not the bucket's",
    "InvalidAccessKeyId": "the store does not know the key of ATTACHMENTS_URL",
    "NoSuchBucket": "there is no such bucket",
    "PermanentRedirect": "the bucket is at another host: check host and region= in ATTACHMENTS_URL",
    "RequestTimeTooSkewed": "the clocks of this machine and of the store differ by too much",
    "SignatureDoesNotMatch": "the secret of ATTACHMENTS_URL is not the key's",
}
_CODE = re.compile(rb"<Code>([A-Za-z0-9]{1,60})</Code>")

log = logging.getLogger(__name__)
_spread = SystemRandom()


class _Failed(Exception):
    """An attempt came to nothing. `code` is the store's own word, `again` whether another try may help."""

    def __init__(self, reason: str, code: str = "", *, again: bool = False) -> None:
        super().__init__(reason)
        self.code, self.again = code, again


class S3Store:
    """An object each, named by its key below the prefix; may be used from many threads.

    Errors are raised without their cause, because the texts of httpx may quote what was sent.
    """

    def __init__(
        self, bucket: Bucket, *, clock: Clock = now, seconds: float = BUCKET_SECONDS, longest: float = LONGEST_STORING
    ) -> None:
        """Keep one connection pool; nothing is asked yet.

        Args:
            bucket: where contents lie.
            clock: the time that requests are signed with.
            seconds: in which the store must take or say something.
            longest: seconds for one content, all tries together.

        Raises:
            InvalidSetting: the file of authorities cannot be read.
        """
        self._bucket, self._clock, self._seconds, self._longest = bucket, clock, seconds, longest
        self._client = timed(httpx.Client(verify=bucket.context(), follow_redirects=False))

    def put(self, key: str, content: bytes) -> None:
        """See AttachmentStore. The store itself keeps an object complete or not at all."""
        self._ask("written", "PUT", self._name(key), content=content)

    def get(self, key: str) -> bytes:
        """See AttachmentStore."""
        found = self._ask("read", "GET", self._name(key), largest=LARGEST_CONTENT)
        if found is None:
            raise MissingFile(key)
        return found

    def delete(self, key: str) -> None:
        """See AttachmentStore. In a bucket with versions the store would keep the one before."""
        self._ask("changed", "DELETE", self._name(key))

    def older_than(self, moment: datetime.datetime) -> Iterator[str]:
        """See AttachmentStore. Objects of others in the same bucket are passed over."""
        prefix, token, before, empty = self._bucket.prefix, "", "", 0
        found: list[tuple[str, datetime.datetime]] = []
        while True:
            asked = {"list-type": "2", "prefix": prefix, **({"continuation-token": token} if token else {})}
            page = _page(self._ask("listed", "GET", "", query_of(asked), largest=LARGEST_PAGE) or b"")
            again, found = found, list(_objects(page))
            empty = 0 if found else empty + 1
            for name, kept_at in found:
                key = name.removeprefix(prefix)
                if name.startswith(prefix) and STORE_KEY.fullmatch(key) and kept_at < moment:
                    yield key
            if page.findtext("{*}IsTruncated") != "true":
                return
            before, token = token, page.findtext("{*}NextContinuationToken") or ""
            if token in ("", before) or empty > MOST_EMPTY_PAGES or (found and found == again):
                raise _unavailable("listed", "the list does not go on")

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _name(self, key: str) -> str:
        return f"{self._bucket.prefix}{checked_key(key)}"

    def _ask(
        self, done: str, method: str, name: str, query: str = "", content: bytes = b"", largest: int = LARGEST_PAGE
    ) -> bytes | None:
        """What the store answers, None where it has no such object; raises StoreUnavailable.

        Args:
            done: what cannot be done to the bucket if this fails.
            method: of HTTP.
            name: of the object, "" for the bucket.
            query: by `query_of`.
            content: what is sent.
            largest: bytes of the answer.
        """
        until, pause = time.monotonic() + self._longest, PAUSE_SECONDS
        for attempt in range(1, BUCKET_TRIES + 1):
            try:
                return self._once(method, name, query, content, largest, until)
            except _Failed as failed:
                if failed.code == "NoSuchKey" and method != "PUT":
                    return None
                pause *= _spread.uniform(1.0, 1.5)
                if not failed.again or attempt == BUCKET_TRIES or time.monotonic() + pause >= until:
                    raise _unavailable(done, str(failed)) from None
            time.sleep(pause)
            pause *= 2
        raise AssertionError("the last try returns or raises")

    def _once(self, method: str, name: str, query: str, content: bytes, largest: int, until: float) -> bytes:
        path = path_of(self._bucket.name, *([name] if name else []))
        headers = {"Host": self._bucket.host, **({"Content-Length": str(len(content))} if method == "PUT" else {})}
        digest = hashlib.sha256(content).hexdigest()
        headers = signed(self._bucket.key, method, path, query, headers, digest, self._clock())
        seconds = min(self._seconds, _left(until))
        request = self._client.build_request(
            method,
            f"{self._bucket.origin}{path}{f'?{query}' if query else ''}",
            headers={**headers, "Accept-Encoding": "identity"},
            content=_pieces(content, until) if method == "PUT" else None,
            timeout=httpx.Timeout(seconds, connect=min(seconds, BUCKET_CONNECT_SECONDS)),
        )
        try:
            with within(_left(until)), closing(self._client.send(request, stream=True)) as response:
                if not response.is_success:
                    raise _refusal(response.status_code, _read(response, LARGEST_COMPLAINT, until))
                if method == "GET" and not _tells_its_end(response):
                    raise _Failed(f"HTTP {response.status_code}, which may not be all")
                return _read(response, largest, until)
        except httpx.HTTPError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise _Failed("the certificate of the store is not trusted, see ca=") from None
            if time.monotonic() >= until:
                raise _Failed("it takes too long") from None
            raise _Failed(type(error).__name__, again=isinstance(error, httpx.TransportError)) from None


def _pieces(content: bytes, until: float) -> Iterator[bytes]:
    """What is sent, as long as there is time."""
    for start in range(0, len(content), PIECE):
        _left(until)
        yield content[start : start + PIECE]


def _tells_its_end(response: httpx.Response) -> bool:
    """Whether a content that breaks off would be noticed."""
    return response.status_code == 200 and bool({"content-length", "transfer-encoding"} & set(response.headers))


def _read(response: httpx.Response, largest: int, until: float) -> bytes:
    body = bytearray()
    for piece in response.iter_raw():
        body += piece
        if len(body) > largest:
            raise _Failed("the answer is too long")
        _left(until)
    return bytes(body)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise _Failed("it takes too long")
    return left


def _refusal(status: int, body: bytes) -> _Failed:
    """What an answer means that is no success. A 404 without the store's own word may be anybody's."""
    found = _CODE.search(body)
    code = found[1].decode("ascii") if found else ""
    again = status in (408, 409, 429) or status >= 500 or code == "RequestTimeout"
    return _Failed(REASONS.get(code, f"HTTP {status}{code and f', {code}'}"), code, again=again)


def _page(body: bytes) -> ElementTree.Element:
    try:
        if b"<!" in body or body.count(b"<") > MOST_ON_A_PAGE:  # no store declares entities or a document type
            raise ValueError
        return ElementTree.fromstring(body)  # noqa: S314  see above
    except (ElementTree.ParseError, ValueError):
        raise _unavailable("listed", "the answer is no list") from None


def _objects(page: ElementTree.Element) -> Iterator[tuple[str, datetime.datetime]]:
    """Name and time of each object of a page."""
    for one in page.iterfind("{*}Contents"):
        name, moment = one.findtext("{*}Key") or "", one.findtext("{*}LastModified") or ""
        try:
            kept_at = datetime.datetime.fromisoformat(moment[:19]).replace(tzinfo=datetime.timezone.utc)
        except ValueError:
            raise _unavailable("listed", "the answer is no list") from None
        yield name, kept_at


def _unavailable(done: str, reason: str) -> StoreUnavailable:
    log.warning("the bucket of attachments cannot be %s: %s", done, reason)
    return StoreUnavailable(f"the bucket of attachments cannot be {done} ({reason})")
