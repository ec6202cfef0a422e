"""HTTP within a time: httpx waits for each piece by itself, and a server that dribbles would never be through."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpx

_until: ContextVar[float] = ContextVar("until", default=float("inf"))  # of time.monotonic


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What `timed` clients do in this block ends after so many seconds, with one of httpx's time-outs."""
    token = _until.set(min(_until.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _until.reset(token)


def timed(client: httpx.Client) -> httpx.Client:
    """The same client, which has asked nothing yet, proxies of the environment included; see `within`.

    httpx offers no other place for what it reads and writes by.
    """
    for transport in (client._transport, *client._mounts.values()):
        if isinstance(transport, httpx.HTTPTransport):
            setattr(transport._pool, "_network_backend", _Backend(transport._pool._network_backend))  # noqa: B010
    return client


class _Around:
    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _Backend(_Around):
    """Opens connections."""

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, **more: Any) -> "_Stream":
        return _Stream(self._inner.connect_tcp(host, port, timeout=_left(timeout, httpx.ConnectTimeout), **more))


class _Stream(_Around):
    """One connection."""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        found: bytes = self._inner.read(max_bytes, _left(timeout, httpx.ReadTimeout))
        return found

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout, httpx.WriteTimeout))

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> "_Stream":
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, _left(timeout, httpx.ConnectTimeout)))


def _left(timeout: float | None, ended: type[httpx.TimeoutException]) -> float | None:
    left = _until.get() - time.monotonic()
    if left <= 0:
        raise ended("all of it takes too long")
    return timeout if left == float("inf") else min(left, float("inf") if timeout is None else timeout)
