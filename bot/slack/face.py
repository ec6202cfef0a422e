"""Slack in one process: the one place that builds its parts, starts them and stops them."""

from dataclasses import dataclass
from functools import partial

from slack_bolt import App

from bot.attachments.service import Attachments
from bot.clock import Clock
from bot.conversations.service import Conversations
from bot.database import Database
from bot.identity.service import Identity
from bot.issuance.service import Issuance
from bot.lookups.service import StaffLookups
from bot.outbox.service import Outbox
from bot.settings import Settings
from bot.slack import app as slack_app
from bot.slack.commands import Commands
from bot.slack.directory import Directory
from bot.slack.events import EventQueue, Pool
from bot.slack.files import SlackFiles, handed_in
from bot.slack.home import Home
from bot.slack.lookup import Lookup
from bot.slack.posting import Poster, network_of
from bot.slack.questions import Questions
from bot.slack.socket import Socket
from bot.slack.store import EventStore
from bot.slack.team_answers import TeamAnswers
from bot.slack.ticket_actions import TicketActions
from bot.slack.web import SlackApi
from bot.tickets.service import Tickets


@dataclass(frozen=True)
class Features:
    """What Slack is a face of."""

    database: Database
    outbox: Outbox
    conversations: Conversations
    identity: Identity
    issuance: Issuance
    tickets: Tickets
    lookups: StaffLookups
    attachments: Attachments


class SlackFace:
    """Slack in this process, until it is closed."""

    def __init__(self, settings: Settings, features: Features, api: SlackApi, clock: Clock) -> None:
        """Build it; nothing is called or started yet."""
        self._api, self._passes = api, passes_on_to(settings, features, api, clock)
        self.app: App = slack_app.build(self._passes, settings.slack_signing_secret)
        self._socket = Socket(self.app, settings.slack_app_token) if settings.slack_app_token else None

    def start(self) -> None:
        """From now on, look after events left behind, and connect in Socket Mode."""
        self._passes.events.start()
        if self._socket:
            self._socket.start()

    def ready(self) -> bool:
        """Whether Slack takes our token, and its events can come."""
        return self._api.ready() and (self._socket is None or self._socket.connected())

    def close(self) -> None:
        """Finish what has begun."""
        if self._socket:
            self._socket.close()
        self._passes.close()


def passes_on_to(settings: Settings, features: Features, api: SlackApi, clock: Clock) -> slack_app.PassesOnTo:
    """What the Bolt app passes work on to."""
    store = EventStore(features.database)
    directory = Directory(api, features.identity.is_staff, settings.staff_slack_usergroup)
    poster = Poster(features.outbox, store, clock)
    files = SlackFiles(features.attachments, settings.slack_bot_token, settings.slack_api_url)
    network = partial(network_of, settings.site_secret_key)
    team_answers = TeamAnswers(features.tickets, store, api, poster, files, network)
    questions = Questions(
        features.conversations,
        features.identity,
        directory,
        poster,
        settings.links,
        team_answers,
        lambda found, conversation_id, who: handed_in(files.take(found, conversation_id, who), features.tickets),
        network,
    )
    actions = TicketActions(features.tickets, directory, api, poster, settings.site_url)
    console_url = f"{settings.site_url}/console/lookups"
    lookup = Lookup(features.issuance, features.identity, features.lookups, console_url)
    more = {"tickets": actions.list_command, "ticket": actions.show_command}
    commands = Commands(directory, lookup, more)
    return slack_app.PassesOnTo(
        questions=questions,
        commands=commands,
        ticket_actions=actions,
        team_answers=team_answers,
        events=EventQueue(store, slack_app.work(questions, Home(api, directory, actions)), clock),
        pool=Pool("slack", slack_app.ACTION_THREADS, slack_app.MOST_WAITING_ACTIONS),
        api=api,
    )
