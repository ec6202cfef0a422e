"""The Bolt app: checks what comes from Slack, acknowledges it at once and leaves the work to others."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from slack_bolt import Ack, App, BoltResponse
from slack_bolt.authorization import AuthorizeResult

from bot.slack import sentences
from bot.slack.cards import ANSWER, TICKET
from bot.slack.commands import Commands
from bot.slack.events import EventQueue, Pool
from bot.slack.forms import TEXT, View, written
from bot.slack.home import Home
from bot.slack.questions import CHOICE, Questions, is_question
from bot.slack.team_answers import ANSWER_FORM, TeamAnswers
from bot.slack.ticket_actions import REPLY, TicketActions
from bot.slack.web import SlackApi

COMMAND = "/credential"
ANY = re.compile(r".*", re.DOTALL)
ACTION_THREADS, MOST_WAITING_ACTIONS = (
    4,
    100,
)  # for commands and buttons, which must not wait behind a burst of questions
BoltListener = Callable[..., None]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PassesOnTo:
    """What the Bolt app passes work on to."""

    api: SlackApi
    questions: Questions
    commands: Commands
    ticket_actions: TicketActions
    team_answers: TeamAnswers
    events: EventQueue
    pool: Pool

    def close(self) -> None:
        """Finish what has begun."""
        self.events.close()
        self.pool.close()


def build(passes: PassesOnTo, signing_secret: str) -> App:
    """The Bolt app; it calls nothing of Slack's before the acknowledgement, so that a slow Slack delays none."""
    app = App(
        name="credential-assistant",
        signing_secret=signing_secret,
        authorize=_authorize(passes.api),
        client=passes.api.client,
        process_before_response=True,  # listeners only pass work on; in Bolt's own threads they would queue behind it
        logger=_quiet(),
    )
    app.error(_failed)
    app.event("message")(_keep(passes.events))
    app.event("app_mention")(_keep(passes.events))
    app.event("app_home_opened")(_keep(passes.events))
    app.command(COMMAND)(_later(passes.pool, passes.commands.run))
    app.action(re.compile(f"{CHOICE}:"))(_later(passes.pool, passes.questions.press))
    app.action(re.compile(f"{TICKET}:"))(_later(passes.pool, passes.ticket_actions.press))
    app.action(re.compile(f"{ANSWER}:"))(_later(passes.pool, passes.team_answers.press))
    app.view(REPLY)(_submit(passes.pool, passes.ticket_actions.submit, passes.ticket_actions.changed))
    app.view(ANSWER_FORM)(_submit(passes.pool, passes.team_answers.submit))
    app.event(ANY)(_acknowledge)  # what nobody asked for is no failure, else Slack would send it again
    app.action(ANY)(_acknowledge)
    return app


def _authorize(api: SlackApi) -> Callable[..., AuthorizeResult]:
    """Bolt's own way would ask Slack first, within the request."""

    def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=api.client.token)

    return authorize


def _keep(events: EventQueue) -> BoltListener:
    def listen(ack: Ack, body: dict[str, Any], event: dict[str, Any]) -> None:
        opened = event.get("type") == "app_home_opened" and event.get("tab") == "home"
        if opened or is_question(event):
            events.take(body)
        ack()

    return listen


def _later(pool: Pool, work: Callable[[dict[str, Any]], None]) -> BoltListener:
    def listen(ack: Ack, body: dict[str, Any]) -> None:
        if pool.submit(work, body):
            ack()
        elif "command" in body:
            ack(sentences.say("busy"))
        else:
            ack()
            log.warning("a button was pressed while too much was waiting")

    return listen


def _submit(
    pool: Pool,
    work: Callable[[dict[str, Any]], None],
    changed: Callable[[dict[str, Any]], View | None] = lambda body: None,
) -> BoltListener:
    """A form; whatever keeps it from being taken, what was written stays in it."""

    def listen(ack: Ack, body: dict[str, Any], view: dict[str, Any]) -> None:
        if not written(view):
            ack(response_action="errors", errors={TEXT: sentences.plain("reply_empty")})
        elif again := changed(body):
            ack(response_action="update", view=again)
        elif not pool.submit(work, body):
            ack(response_action="errors", errors={TEXT: sentences.plain("busy")})
        else:
            ack()

    return listen


def work(questions: Questions, home: Home) -> Callable[[dict[str, Any]], None]:
    """Does one event of those that are kept."""

    def one(body: dict[str, Any]) -> None:
        if body["event"]["type"] == "app_home_opened":
            home.publish(str(body["event"]["user"]))
        else:
            questions.answer(body)

    return one


def _acknowledge(ack: Ack) -> None:
    ack()


def _failed(error: Exception) -> BoltResponse:
    """Slack sends an event again that was answered with 500."""
    log.error("a request of Slack's failed: %s", type(error).__name__, exc_info=error)
    return BoltResponse(status=500, body="")


def _quiet() -> logging.Logger:
    """Bolt would log what people wrote."""
    quiet = logging.getLogger("bot.slack.bolt")
    quiet.setLevel(logging.CRITICAL + 1)
    return quiet
