"""Slack on the site: /slack/events where a signing secret is set, Socket Mode where an app-level token is."""

import datetime

from flask import Blueprint, Flask, Response, current_app, request
from slack_bolt.adapter.flask import SlackRequestHandler

from bot.bootstrap import Services
from bot.slack import app as slack_app
from bot.slack.commands import Commands
from bot.slack.desk import Desk
from bot.slack.directory import Directory
from bot.slack.home import Home
from bot.slack.inbox import Inbox, Pool
from bot.slack.lookup import Lookup
from bot.slack.questions import Questions
from bot.slack.socket import Socket
from bot.slack.speaker import Speaker
from bot.slack.store import EventStore
from bot.slack.web import SlackApi

LARGEST_BODY_BYTES = 1024 * 1024  # a message of Slack's holds its text several times over
bp = Blueprint("slack", __name__)


@bp.post("/slack/events")
def events() -> Response:
    """Events, commands, buttons and forms; signed by Slack."""
    request.max_content_length = LARGEST_BODY_BYTES
    return current_app.extensions["slack"].http.handle(request)


class SlackFace:
    """Slack in this process, until it is closed."""

    def __init__(self, services: Services, api: SlackApi) -> None:
        """Build it; nothing is called or started yet."""
        settings = services.settings
        self._api, self._face = api, build_face(services, api)
        app = slack_app.build(self._face, settings.slack_signing_secret)
        self.http = SlackRequestHandler(app)
        self._socket = Socket(app, settings.slack_app_token) if settings.slack_app_token else None

    def start(self) -> None:
        """From now on, look after events left behind, and connect in Socket Mode."""
        self._face.inbox.start()
        if self._socket:
            self._socket.start()

    def ready(self) -> bool:
        """Whether Slack takes our token, and its events can come."""
        return self._api.ready() and (self._socket is None or self._socket.connected())

    def close(self) -> None:
        """Finish what has begun."""
        if self._socket:
            self._socket.close()
        self._face.close()


def mount(app: Flask, services: Services) -> None:
    """Add Slack to the site as far as it is set up; otherwise there is no such page."""
    settings = services.settings
    if services.slack is None or not (settings.slack_signing_secret or settings.slack_app_token):
        return
    face = SlackFace(services, services.slack)
    app.extensions["slack"] = face
    if settings.slack_signing_secret:
        app.register_blueprint(bp)
    face.start()


def build_face(services: Services, api: SlackApi) -> slack_app.Face:
    """What the Bolt app passes work on to."""
    settings = services.settings
    clock, events = datetime.datetime.utcnow, EventStore(services.database)
    directory = Directory(api, services.identity.is_staff, settings.staff_slack_usergroup)
    speaker = Speaker(services.outbox, events, clock)
    questions = Questions(services.conversations, services.identity, directory, speaker, settings.links)
    desk = Desk(services.tickets, directory, api, speaker, settings.site_url)
    more = {"tickets": desk.list_command, "ticket": desk.show_command}
    commands = Commands(directory, Lookup(services.issuance, services.identity), more)
    inbox = Inbox(events, slack_app.work(questions, Home(api, directory, desk)), clock)
    pool = Pool("slack", slack_app.THREADS, slack_app.MOST_WAITING)
    return slack_app.Face(api, questions, commands, desk, inbox, pool)
