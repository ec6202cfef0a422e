"""Slack on the site: /slack/events where a signing secret is set, Socket Mode where an app-level token is."""

from flask import Blueprint, Flask, Response, current_app, request
from slack_bolt.adapter.flask import SlackRequestHandler

from bot.bootstrap import Services
from bot.site.errors import Refused
from bot.slack.face import Features, SlackFace
from bot.slack.signature import is_slacks

LARGEST_EVENT_BYTES = 1024 * 1024  # a message of Slack's holds its text several times over
bp = Blueprint("slack", __name__)


@bp.post("/slack/events")
def events() -> Response:
    """Events, commands, buttons and forms; what is not signed by Slack goes no further."""
    request.max_content_length = LARGEST_EVENT_BYTES
    body, given = request.get_data(), request.headers
    if b"ssl_check=1" in body.split(b"&"):
        return Response()  # Slack looks at the certificate alone
    secret = current_app.extensions["services"].settings.slack_signing_secret
    timestamp, signature = given.get("X-Slack-Request-Timestamp", ""), given.get("X-Slack-Signature", "")
    if not is_slacks(secret, body, timestamp, signature):
        raise Refused(401, "not_signed", "This address is for Slack alone.")
    return SlackRequestHandler(current_app.extensions["slack"].app).handle(request)


def mount(app: Flask, services: Services) -> None:
    """Add Slack to the site as far as it is set up; otherwise there is no such page."""
    settings = services.settings
    if services.slack is None or not (settings.slack_signing_secret or settings.slack_app_token):
        return
    features = Features(
        database=services.database,
        outbox=services.outbox,
        conversations=services.conversations,
        identity=services.identity,
        issuance=services.issuance,
        tickets=services.tickets,
        lookups=services.lookups,
        attachments=services.attachments,
    )
    face = SlackFace(settings, features, services.slack, services.clock)
    app.extensions["slack"] = face
    if settings.slack_signing_secret:
        app.register_blueprint(bp)
    face.start()
