"""The app's Home tab: a short how-to, and for staff the open tickets."""

import logging

from bot.errors import DeliveryFailed
from bot.slack import sentences
from bot.slack.access import refusal
from bot.slack.blocks import sections
from bot.slack.directory import Directory
from bot.slack.ticket_actions import TicketActions
from bot.slack.web import SlackApi

log = logging.getLogger(__name__)


class Home:
    """Published anew each time somebody opens it."""

    def __init__(self, api: SlackApi, directory: Directory, ticket_actions: TicketActions) -> None:
        """Put the parts together."""
        self._api, self._directory, self._ticket_actions = api, directory, ticket_actions

    def publish(self, user: str) -> None:
        """Show somebody their own Home; what fails is shown at the next opening."""
        allowed = not refusal(self._directory, self._directory.person(user))
        blocks = [
            *sections(sentences.say("help")),
            *([{"type": "divider"}, *self._ticket_actions.open_tickets()] if allowed else []),
        ]
        try:
            self._api.call("views.publish", user_id=user, view={"type": "home", "blocks": blocks})
        except DeliveryFailed as error:
            log.warning("the Home tab could not be shown: %s", error)
