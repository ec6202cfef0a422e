"""Rasa's requests to the action server carry the key that it asks for, whichever of Rasa's commands makes them."""

from typing import Optional

from rasa.core.actions.action import RemoteAction
from rasa.utils.endpoints import EndpointConfig

from bot.settings import Settings
from bot.tokens import action_key

_begin = RemoteAction.__init__


def sign() -> None:
    """Let every action that is called from now on be signed; safe to call again.

    `rasa run`, `rasa shell` and our own start read the same endpoints.yml, in which no secret can stand. A header that
    somebody has written there wins.
    """
    RemoteAction.__init__ = _begin_signed


def _begin_signed(action: RemoteAction, name: str, action_endpoint: Optional[EndpointConfig]) -> None:
    _begin(action, name, action_endpoint)
    if action_endpoint is not None and "Authorization" not in action_endpoint.headers:
        action_endpoint.headers["Authorization"] = f"Bearer {action_key(Settings.load().site_secret_key)}"
