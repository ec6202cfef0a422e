"""`/credential …`: who may use it, what it can do, and how the answer reaches only the one who asked."""

import logging
from collections.abc import Callable, Mapping

from sqlalchemy.exc import SQLAlchemyError

from bot.errors import BotError
from bot.slack import sentences
from bot.slack.access import refusal
from bot.slack.blocks import Block, sections
from bot.slack.directory import Directory, Person
from bot.slack.lookup import Lookup
from bot.slack.posting import Place
from bot.slack.replies import respond

CommandHandler = Callable[[Place, Person, str], list[Block]]
log = logging.getLogger(__name__)


class Commands:
    """Runs the commands, each for staff only but for `help`."""

    def __init__(self, directory: Directory, lookup: Lookup, more: Mapping[str, CommandHandler] = {}) -> None:
        """Put the parts together; `more` are further commands by name."""
        self._directory, self._lookup = directory, lookup
        self._answers: dict[str, CommandHandler] = {"status": self._status, **more}

    def run(self, body: Mapping[str, str]) -> None:
        """Do what a command says and answer it; a failure is told, too."""
        try:
            blocks = self.answer(body)
        except (BotError, SQLAlchemyError) as error:
            log.error("a command failed: %s", type(error).__name__, exc_info=error)
            blocks = sections(sentences.say("failed"))
        respond(body["response_url"], blocks)

    def answer(self, body: Mapping[str, str]) -> list[Block]:
        """What to show to the one who gave the command."""
        name, _, arguments = body.get("text", "").strip().partition(" ")
        place = Place(body["team_id"], body["channel_id"], body["user_id"])
        if name in ("", "help"):
            return sections(sentences.say("help"))
        run = self._answers.get(name.lower())
        if run is None:
            return sections(
                f"{sentences.say('unknown_command', command=sentences.quoted(name[:50]))}\n\n{sentences.say('help')}"
            )
        person = self._directory.person(place.user)
        if why := refusal(self._directory, person):
            self._lookup.refused(place, person, why)
            log.warning("a command of Slack's was refused: %s", why)
            return sections(sentences.say(f"refused_{why}"))
        if run == self._status:
            under_way = self._lookup.status_of_many(place, person, arguments, body.get("response_url", ""))
            if under_way:
                return sections(under_way)
        return run(place, person, arguments.strip())

    def _status(self, place: Place, person: Person, arguments: str) -> list[Block]:
        return sections(self._lookup.status(place, person, arguments))
