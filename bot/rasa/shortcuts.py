"""What Rasa does anew for each message, replaced for speed alone; bot/rasa/patches.py says for which Rasa."""

import asyncio
import copy
import logging
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import AsyncIterator, List

import aiohttp
import rasa.core.processor
from rasa.core.constants import DEFAULT_REQUEST_TIMEOUT
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

IDLE_SECONDS = 2.0  # that a connection may be idle; the action server closes it after five
_sessions: List[aiohttp.ClientSession] = []


def copy_trackers() -> None:
    """Let a conversation be copied as it stands, not by doing all of its events again.

    Rasa does that before each action, twice or three times a message, and the longer the conversation the longer it
    takes (rasa/core/processor.py, `_run_action`).
    """
    DialogueStateTracker.copy = _copied


def _copied(tracker: DialogueStateTracker) -> DialogueStateTracker:
    copied = copy.copy(tracker)
    copied.events = tracker.events.copy()
    copied.slots = copy.copy(tracker.slots)
    copied.slots.update({name: copy.copy(slot) for name, slot in tracker.slots.items()})
    copied.active_loop = copy.copy(tracker.active_loop)
    copied.model_id = copied.assistant_id = None
    return copied


def ask_once_whether_empty() -> None:
    """Let a domain find out once whether there is anything in it; Rasa writes all of it out for that, each message."""
    Domain.is_empty = _is_empty


def _is_empty(domain: Domain) -> bool:
    known = domain.__dict__.get("known_as_empty")
    if known is None:
        known = domain.known_as_empty = _look_whether_empty(domain)
    return bool(known)


_look_whether_empty = Domain.is_empty


def log_without_copies() -> None:
    """Let nothing be copied for lines of the log that are not written: Rasa does so whatever its level is.

    It copies for nothing else in that file (rasa/core/processor.py).
    """
    if not logging.getLogger("rasa").isEnabledFor(logging.DEBUG):
        rasa.core.processor.copy = SimpleNamespace(deepcopy=lambda value: value)


def keep_connections() -> None:
    """Let an action go through the connection of one before it; Rasa opens one for each (rasa/utils/endpoints.py)."""
    EndpointConfig.session = _kept_session


@asynccontextmanager
async def _kept_session(endpoint: EndpointConfig) -> AsyncIterator[aiohttp.ClientSession]:
    loop, kept = asyncio.get_running_loop(), getattr(endpoint, "kept_session", None)
    if kept is None or kept[1].closed or kept[0] is not loop:
        kept = endpoint.kept_session = (loop, _session(endpoint))
        _sessions.append(kept[1])
    yield kept[1]


def _session(endpoint: EndpointConfig) -> aiohttp.ClientSession:
    """As Rasa's own is; its headers come with each request, and cookies it never had for longer than that."""
    login = endpoint.basic_auth
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        auth=aiohttp.BasicAuth(login["username"], login["password"]) if login else None,
        timeout=aiohttp.ClientTimeout(total=DEFAULT_REQUEST_TIMEOUT),
    )


async def close_connections() -> None:
    """Close what is kept, when the server ends."""
    while _sessions:
        await _sessions.pop().close()
