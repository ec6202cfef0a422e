"""The app's Home tab: a short how-to, and for staff the open tickets."""

import logging

from bot.errors import DeliveryFailed
from bot.slack import words
from bot.slack.blocks import sections
from bot.slack.commands import refusal
from bot.slack.desk import Desk
from bot.slack.directory import Directory
from bot.slack.web import SlackApi

log = logging.getLogger(__name__)


class Home:
    """Published anew each time somebody opens it."""

    def __init__(self, api: SlackApi, directory: Directory, desk: Desk) -> None:
        """Put the parts together."""
        self._api, self._directory, self._desk = api, directory, desk

    def publish(self, user: str) -> None:
        """Show somebody their own Home; what fails is shown at the next opening."""
        allowed = not refusal(self._directory, self._directory.person(user))
        blocks = [*sections(words.say("help")), *([{"type": "divider"}, *self._desk.open_tickets()] if allowed else [])]
        try:
            self._api.call("views.publish", user_id=user, view={"type": "home", "blocks": blocks})
        except DeliveryFailed as error:
            log.warning("the Home tab could not be shown: %s", error)
