"""Rasa's requests to the action server: they carry the key that it asks for, whichever command makes them, and end.

And which request of a person they belong to.
"""

from typing import Any, Optional

from rasa.core.actions import action as rasa_actions
from rasa.core.actions.action import RemoteAction
from rasa.utils.endpoints import EndpointConfig

from bot.settings import Settings
from bot.telemetry.traces import carried, span
from bot.tokens import action_key

LONGEST_ACTION = 12.0  # seconds; more than Credly may take; the site waits for 15
_begin = RemoteAction.__init__
_request = EndpointConfig.request


def sign() -> None:
    """Let every action that is called from now on be signed; safe to call again.

    `rasa run`, `rasa shell` and our own start read the same endpoints.yml, in which no secret can stand. A header that
    somebody has written there wins. Nor does any wait longer than the site does: Rasa's own five minutes would keep the
    conversation shut for as long, where an action server hangs or its machine is gone.
    """
    rasa_actions.DEFAULT_REQUEST_TIMEOUT = LONGEST_ACTION
    RemoteAction.__init__ = _begin_signed
    EndpointConfig.request = _request_known


async def _request_known(endpoint: EndpointConfig, *args: Any, **kwargs: Any) -> Any:
    with span("call action", "client"):
        headers = {**(kwargs.pop("headers", None) or {}), **carried()}
        return await _request(endpoint, *args, headers=headers, **kwargs)


def _begin_signed(action: RemoteAction, name: str, action_endpoint: Optional[EndpointConfig]) -> None:
    _begin(action, name, action_endpoint)
    if action_endpoint is not None and "Authorization" not in action_endpoint.headers:
        action_endpoint.headers["Authorization"] = f"Bearer {action_key(Settings.load().site_secret_key)}"
