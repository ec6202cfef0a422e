"""Asks Credly's Web Service API for issued badges over HTTP: paging, time-outs, retries, and no surprises."""

import datetime
import json
import logging
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from random import SystemRandom
from urllib.parse import quote

import httpx
from prometheus_client import Histogram

from bot.certificates import trusted
from bot.errors import SourceUnavailable
from bot.telemetry.traces import span
from bot.timed_http import timed, within

CONNECT_SECONDS = 2.0
BACK_OFF_SECONDS = 0.25  # doubled at every try
MOST_BYTES = 8_000_000  # a page holds 50 badges of a few kilobytes each

CREDLY_SECONDS = Histogram(
    "credly_request_seconds",
    "Time that Credly took for one request",
    ("result",),
    buckets=(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
logger = logging.getLogger(__name__)
jitter = SystemRandom()


class CredlyFailed(SourceUnavailable):
    """Raised when Credly gave no usable answer; the text names no person.

    Raised without its cause, because the texts of httpx and json may quote what was sent.
    `outage`: False when only this question was refused. `rest_seconds`: how long Credly asked to be left alone.
    """

    def __init__(self, message: str, *, outage: bool = True, rest_seconds: float = 0.0) -> None:
        """Keep what the circuit breaker needs to know."""
        super().__init__(message)
        self.outage, self.rest_seconds = outage, rest_seconds


class _TryAgain(Exception):
    def __init__(self, message: str, after_seconds: float = 0.0) -> None:
        super().__init__(message)
        self.after_seconds = after_seconds


def without_personal_data(record: logging.LogRecord) -> bool:
    """A log filter for httpx, which writes whole addresses, and for httpcore, which quotes headers of answers.

    Ours hold a person's e-mail address in the query, and an answer may repeat it.
    """
    if isinstance(record.args, tuple):
        record.args = tuple(a.copy_with(query=None) if isinstance(a, httpx.URL) else a for a in record.args)
    return not str(record.msg).startswith("receive_response_headers.")


class CredlyHttp:
    """One organisation's issued badges at Credly; may be used from many threads."""

    def __init__(
        self,
        api_url: str,
        token: str,
        organization_id: str,
        *,
        timeout_seconds: float,
        tries: int,
        max_pages: int,
        monotonic: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        """Keep one connection pool; nothing is asked yet. The arguments are those of `credly.Credly`."""
        for name in ("httpx", "httpcore.http11"):
            logging.getLogger(name).addFilter(without_personal_data)
        self._url = f"{api_url.rstrip('/')}/organizations/{quote(organization_id, safe='')}/badges"
        self._timeout_seconds, self._tries, self._max_pages = timeout_seconds, tries, max_pages
        self._monotonic, self._wait = monotonic, wait
        self._client = timed(
            httpx.Client(
                auth=httpx.BasicAuth(token, ""),
                headers={"Accept": "application/json", "Content-Type": "application/json"},
                verify=trusted(),
                follow_redirects=False,  # the token goes to no other host
            )
        )

    def issued(self, address: str, until: float) -> list[object]:
        """The entries of all pages for one address, as sent.

        `recipient_email_all` matches any address of the same Credly account. The filter is repeated for every
        page, because Credly's `next_page_url` may not keep it.

        Args:
            address: an e-mail address without `|`, `,` and `::`, which separate filters.
            until: the moment of `monotonic` to give up at.

        Raises:
            CredlyFailed: no answer, a refusal, an unusable answer, or not in time.
        """
        entries, pages = self._page(address, 1, until)
        if pages > self._max_pages:  # cutting off here could hide the learner's own badge
            raise CredlyFailed("Credly has more pages than one person's badges fill; does it ignore the filter?")
        for number in range(2, pages + 1):
            entries += self._page(address, number, until)[0]
        return entries

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _page(self, address: str, number: int, until: float) -> tuple[list[object], int]:
        params = {"filter": f"recipient_email_all::{address}"}
        body = self._get(params if number == 1 else {**params, "page": str(number)}, until)
        try:
            answer = json.loads(body)
            entries, pages = answer["data"], answer["metadata"]["total_pages"]
        except (ValueError, KeyError, TypeError, RecursionError):
            entries, pages = None, None
        if not isinstance(entries, list) or not isinstance(pages, int):
            raise CredlyFailed("Credly's answer is not a list of badges.")
        return entries, pages

    def _get(self, params: dict[str, str], until: float) -> bytes:
        attempt, back_off = 1, BACK_OFF_SECONDS
        while True:
            try:
                return self._once(params, until)
            except _TryAgain as error:
                pause = max(error.after_seconds, back_off * jitter.uniform(1.0, 1.5))
                if attempt >= self._tries or self._monotonic() + pause >= until:
                    raise CredlyFailed(str(error), rest_seconds=error.after_seconds) from None
            self._wait(pause)
            attempt, back_off = attempt + 1, back_off * 2

    def _once(self, params: dict[str, str], until: float) -> bytes:
        seconds = min(self._timeout_seconds, self._left(until))
        timeout = httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))
        began, result = self._monotonic(), "failed"
        try:
            with (
                span("ask Credly", "client"),
                within(self._left(until)),
                self._client.stream("GET", self._url, params=params, timeout=timeout) as response,
            ):
                result = str(response.status_code)
                _check(response)
                body = self._body(response, until)
            result = "answered"
            return body
        except (httpx.TimeoutException, httpx.NetworkError, httpx.RemoteProtocolError, httpx.ProxyError) as error:
            raise _TryAgain(f"Credly did not answer ({type(error).__name__}).") from None
        except httpx.HTTPError as error:
            raise CredlyFailed(f"Credly cannot be asked ({type(error).__name__}).") from None
        finally:
            CREDLY_SECONDS.labels(result).observe(self._monotonic() - began)

    def _body(self, response: httpx.Response, until: float) -> bytes:
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MOST_BYTES:
                raise CredlyFailed("Credly's answer is too long.")
            self._left(until)
        return bytes(body)

    def _left(self, until: float) -> float:
        left = until - self._monotonic()
        if left <= 0:
            raise CredlyFailed("Credly did not answer in time.")
        return left


def _check(response: httpx.Response) -> None:
    status = response.status_code
    if status == 200:
        return
    if status == 429 or status >= 500:
        raise _TryAgain(f"Credly answered {status}.", _retry_after(response.headers))
    if status in (401, 403):
        logger.error(
            "Credly refused the token (%d). It may have expired: tokens last 180 days. Make a new one at Credly "
            "under Developers, Authorization Tokens, and set CREDLY_TOKEN.",
            status,
        )
    if response.has_redirect_location:
        raise CredlyFailed(f"Credly answered {status}, a redirect, which is not followed; check CREDLY_API_URL.")
    raise CredlyFailed(f"Credly answered {status}.", outage=status not in (400, 422))


def _retry_after(headers: httpx.Headers) -> float:
    """Seconds to wait by Retry-After, a number or a date (counted from the answer's own Date); 0 if none is usable."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        sent = headers.get("Date")
        now = parsedate_to_datetime(sent) if sent else datetime.datetime.now(datetime.timezone.utc)
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (TypeError, ValueError):
        return 0.0
