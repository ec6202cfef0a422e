"""Slack on the site: /slack/events (HTTP), where a signing secret is set up."""

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
from bot.slack.speaker import Speaker
from bot.slack.store import EventStore

LARGEST_BODY_BYTES = 1024 * 1024  # a message of Slack's holds its text several times over
bp = Blueprint("slack", __name__)


@bp.post("/slack/events")
def events() -> Response:
    """Events, commands, buttons and forms; signed by Slack."""
    request.max_content_length = LARGEST_BODY_BYTES
    handler: SlackRequestHandler = current_app.extensions["slack"]
    return handler.handle(request)


def mount(app: Flask, services: Services) -> None:
    """Add Slack to the site if it is set up; otherwise there is no such page."""
    settings = services.settings
    if services.slack is None or not settings.slack_signing_secret:
        return
    face = build_face(services)
    app.extensions["slack_face"] = face
    app.extensions["slack"] = SlackRequestHandler(slack_app.build(face, settings.slack_signing_secret))
    app.register_blueprint(bp)
    face.inbox.start()


def build_face(services: Services) -> slack_app.Face:
    """What the Bolt app passes work on to; raises ValueError where no bot token is set."""
    api, settings = services.slack, services.settings
    if api is None:
        raise ValueError("SLACK_BOT_TOKEN is not set")
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
