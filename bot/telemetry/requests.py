"""One id for all that a request brings about, from the browser to the worker that sends its mail."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

REQUEST_ID = "X-Request-ID"  # the header, in requests and answers
SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")
request_id: ContextVar[str] = ContextVar("request_id", default="")


def id_of(given: str) -> str:
    """The id that somebody whom we trust gave a request, if it looks like one; else a new one."""
    return given if SANE.fullmatch(given) else uuid.uuid4().hex


@contextmanager
def in_request(known: str) -> Iterator[None]:
    """What the block logs, asks and keeps belongs to a request; "" for none."""
    before = request_id.set(known)
    try:
        yield
    finally:
        request_id.reset(before)
