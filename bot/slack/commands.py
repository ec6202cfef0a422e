"""`/credential …`: who may use it, what it can do, and how the answer reaches only the one who asked."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from slack_sdk.errors import SlackClientError
from slack_sdk.webhook import WebhookClient
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import BotError
from bot.slack import words
from bot.slack.blocks import Block, posts, sections
from bot.slack.directory import Directory, Person, Standing
from bot.slack.lookup import Lookup
from bot.slack.speaker import Place

SECONDS = 5
MOST_POSTS = 5  # a response_url takes no more
Answer = Callable[[Place, Person, str], list[Block]]
log = logging.getLogger(__name__)


class Commands:
    """Runs the commands, each for staff only but for `help`."""

    def __init__(self, directory: Directory, lookup: Lookup, more: Mapping[str, Answer] = {}) -> None:
        """Put the parts together; `more` are further commands by name."""
        self._directory, self._lookup = directory, lookup
        self._answers: dict[str, Answer] = {"status": self._status, **more}

    def run(self, body: Mapping[str, str]) -> None:
        """Do what a command says and answer it; a failure is told, too."""
        try:
            blocks = self.answer(body)
        except (BotError, SQLAlchemyError) as error:
            log.error("a command failed: %s", type(error).__name__, exc_info=error)
            blocks = sections(words.say("failed"))
        respond(body["response_url"], blocks)

    def answer(self, body: Mapping[str, str]) -> list[Block]:
        """What to show to the one who gave the command."""
        name, _, arguments = body.get("text", "").strip().partition(" ")
        place = Place(body["team_id"], body["channel_id"], body["user_id"])
        if name in ("", "help"):
            return sections(words.say("help"))
        run = self._answers.get(name.lower())
        if run is None:
            return sections(f"{words.say('unknown_command', command=words.quoted(name[:50]))}\n\n{words.say('help')}")
        person = self._directory.person(place.user)
        if why := refusal(self._directory, person):
            self._lookup.refused(place, person, why)
            log.warning("a command of Slack's was refused: %s", why)
            return sections(words.say(f"refused_{why}"))
        return run(place, person, arguments.strip())

    def _status(self, place: Place, person: Person, arguments: str) -> list[Block]:
        return sections(self._lookup.status(place, person, arguments))


def refusal(directory: Directory, person: Person) -> str:
    """Why somebody may not do what staff may, as data/slack.yml names it; "" when they may."""
    if person.standing is not Standing.MEMBER:
        return person.standing.value
    return "" if directory.is_staff(person) else "not_staff"


def respond(url: str, blocks: list[Block], **more: Any) -> None:
    """Answer by an interaction's response_url, visible only to the one who acted; what fails is only logged.

    The address is a secret that Slack has signed; it takes five posts within half an hour.
    """
    found = posts(blocks)
    try:
        for post in found[:MOST_POSTS]:
            arguments = {"blocks": list(post.blocks), "text": post.text, "response_type": "ephemeral", **more}
            answer = WebhookClient(url, timeout=SECONDS).send_dict(arguments)
            if answer.status_code != 200:
                log.warning("Slack did not take an answer: HTTP %d", answer.status_code)
    except (SlackClientError, OSError, ValueError) as error:
        log.warning("Slack did not take an answer: %s", type(error).__name__)
