"""Answers to a command or a button, by the address that Slack gave with it."""

import logging
from typing import Any

from slack_sdk.errors import SlackClientError
from slack_sdk.webhook import WebhookClient

from bot.slack.blocks import Block, posts

RESPONSE_TIMEOUT = 5
MOST_POSTS = 5  # a response_url takes no more
log = logging.getLogger(__name__)


def respond(url: str, blocks: list[Block], **more: Any) -> None:
    """Answer by an interaction's response_url, visible only to the one who acted; what fails is only logged.

    The address is a secret that Slack has signed; it takes five posts within half an hour.
    """
    found = posts(blocks)
    try:
        for post in found[:MOST_POSTS]:
            arguments = {"blocks": list(post.blocks), "text": post.text, "response_type": "ephemeral", **more}
            answer = WebhookClient(url, timeout=RESPONSE_TIMEOUT).send_dict(arguments)
            if answer.status_code != 200:
                log.warning("Slack did not take an answer: HTTP %d", answer.status_code)
    except (SlackClientError, OSError, ValueError) as error:
        log.warning("Slack did not take an answer: %s", type(error).__name__)
