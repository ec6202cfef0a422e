"""A workspace: our site in a thread, a Slack-like server, and people who write, command and press, correctly signed."""

import hashlib
import hmac
import json
import threading
import time
import uuid
from urllib.parse import urlencode

import httpx
import pytest
from werkzeug.serving import make_server

import bot.clock
from bot import bootstrap
from bot.outbox.service import Outbox
from bot.settings import Settings
from bot.site.app import create_app
from bot.slack.store import EventStore
from bot.slack.transport import SlackTransport
from bot.tickets.ticket import HandoverReason, TicketRequest
from tests.conftest import SECRET
from tests.servers.slack import TEAM, TOKEN, SlackServer, user

SIGNING = "the signing secret of the tests"
CHANNEL = "C0TICKETS"
STAFF, LEARNER, GUEST, STRANGER, GROUPED = "U0STAFF", "U0LEARNER", "U0GUEST", "U0STRANGER", "U0GROUPED"


@pytest.fixture()
def slack():
    server = SlackServer()
    server.users = {
        STAFF: user("sam"),
        LEARNER: user("lea"),
        GROUPED: user("gil"),
        GUEST: user("gus", is_restricted=True),
        STRANGER: user("sue", team="T0OTHER", is_stranger=True),
    }
    server.groups = {"S0STAFF": [GROUPED, GUEST]}
    yield server
    server.close()
    assert server.problems == []  # nothing that was sent breaks a limit of Slack's


@pytest.fixture()
def slack_database_url(sqlite_url):
    """SQLite; where it matters, a module takes both kinds."""
    return sqlite_url


@pytest.fixture()
def settings(slack_database_url, rasa, slack, tmp_path):
    return Settings.load(
        {
            "SITE_SECRET_KEY": SECRET,
            "DATABASE_URL": slack_database_url,
            "ATTACHMENTS_URL": f"folder:{tmp_path}/attachments",
            "RASA_URL": rasa.url,
            "ACTIONS_URL": f"{rasa.url}/webhook",
            "STAFF_EMAILS": "sam@example.com, sue@example.com, gus@example.com",
            "STAFF_SLACK_USERGROUP": "S0STAFF",
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_SIGNING_SECRET": SIGNING,
            "SLACK_TICKET_CHANNEL": "C0TICKETS",
            "SLACK_API_URL": slack.url,
        }
    )


@pytest.fixture()
def services(settings):
    services = bootstrap.build(settings)
    yield services
    services.database.engine.dispose()


@pytest.fixture()
def site(services):
    """The address of the running site."""
    app = create_app(services)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    app.extensions["slack"].close()


@pytest.fixture()
def workspace(site, slack):
    with Workspace(site, slack) as workspace:
        yield workspace


@pytest.fixture()
def ticket(services):
    request = TicketRequest(
        "k1",
        "",
        "site",
        "jane@example.com",
        "My *badge* is <!channel> late & lost\nsince Monday",
        HandoverReason.OVERDUE,
        proven=("jane@example.com",),
        diagnosis=("- **Level 2**: overdue.",),
        stages=("overdue",),
    )
    return services.tickets.open(request)


@pytest.fixture()
def worker(services):
    """Delivers what waits for Slack, as the worker process does."""
    carrier = SlackTransport(services.slack, EventStore(services.database))
    return lambda: Outbox(services.database, {"slack": carrier}, bot.clock.now).deliver_due("worker")


class Workspace:
    """What Slack's servers send to us."""

    def __init__(self, site, slack):
        self.slack = slack
        self._client = httpx.Client(base_url=site, timeout=60)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._client.close()

    def post(self, body, *, kind="application/x-www-form-urlencoded", secret=SIGNING, at=None, **headers):
        at = str(int(time.time() if at is None else at))
        signature = hmac.new(secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
        signed = {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={signature}", "Content-Type": kind}
        return self._client.post("/slack/events", content=body.encode(), headers={**signed, **headers})

    def event(self, event, *, event_id=None, team=TEAM, **how):
        body = {"type": "event_callback", "team_id": team, "api_app_id": "A1", "event_time": int(time.time())}
        body |= {"event_id": event_id or f"Ev{uuid.uuid4().hex}", "event": event}
        return self.post(json.dumps(body), kind="application/json", **how)

    def writes(self, who, text, *, channel="", event_id=None, how=None, **more):
        """A direct message."""
        channel = channel or who.replace("U", "D", 1)
        event = {"type": "message", "channel_type": "im", "channel": channel, "user": who, "text": text}
        return self.event({**event, "ts": f"{time.time():.6f}", **more}, event_id=event_id, **(how or {}))

    def mentions(self, who, text, *, channel="C0GENERAL", event_id=None, **more):
        event = {"type": "app_mention", "channel": channel, "user": who, "text": f"<@U0BOT> {text}"}
        return self.event({**event, "ts": f"{time.time():.6f}", **more}, event_id=event_id)

    def commands(self, who, text, *, team=TEAM, **how):
        """`/credential …`; returns the answer that only this person sees."""
        return self.commands_answered(who, text, 1, team=team, **how)[0]

    def commands_answered(self, who, text, count, *, team=TEAM, **how):
        """The same for a command that is answered several times."""
        answer_id = uuid.uuid4().hex
        form = {"command": "/credential", "text": text, "user_id": who, "team_id": team, "channel_id": "C0GENERAL"}
        form |= {"response_url": f"{self.slack.address}/respond/{answer_id}", "trigger_id": "1.2.3"}
        answer = self.post(urlencode(form), **how)
        assert answer.status_code == 200, answer.text
        self.slack.wait(lambda: sum(one == answer_id for one, _ in self.slack.responses) >= count)
        return [given for one, given in self.slack.responses if one == answer_id]

    def submits(self, who, text, *, view, view_id="V1"):
        """The form that was opened, filled in; returns the answer to the form."""
        values = {"text": {"text": {"type": "plain_text_input", "value": text}}}
        shown = {**view, "id": view_id, "state": {"values": values}}
        payload = {"type": "view_submission", "user": {"id": who, "team_id": TEAM}, "team": {"id": TEAM}, "view": shown}
        answer = self.post(urlencode({"payload": json.dumps({**payload, "api_app_id": "A1"})}))
        assert answer.status_code == 200
        return answer.json() if answer.text else {}

    def presses(self, who, button, *, channel, message=None, ts="1900000000.000001"):
        """A button of a message that was shown; returns the id of the answers that only this person sees."""
        answer_id = uuid.uuid4().hex
        payload = {"type": "block_actions", "user": {"id": who, "team_id": TEAM}, "team": {"id": TEAM}}
        payload |= {"api_app_id": "A1", "trigger_id": "1.2.3", "container": {"type": "message", "message_ts": ts}}
        payload |= {"channel": {"id": channel}, "message": {"ts": ts, **(message or {})}}
        payload |= {"response_url": f"{self.slack.address}/respond/{answer_id}"}
        pressed = {"type": "button", "action_id": button["action_id"], "value": button["value"], "block_id": "b"}
        payload |= {"actions": [{**pressed, "action_ts": f"{time.time():.6f}"}]}
        assert self.post(urlencode({"payload": json.dumps(payload)})).status_code == 200
        return answer_id

    def answer_to(self, answer_id):
        self.slack.wait(lambda: any(one == answer_id for one, _ in self.slack.responses))
        return next(given for one, given in self.slack.responses if one == answer_id)

    def said(self, count=1, method="chat.postMessage"):
        """The messages shown so far, once there are so many."""
        return self.slack.wait(lambda: len(self.slack.made(method)) >= count and self.slack.made(method))


def words(message):
    """All text of a message's paragraphs."""
    return "\n".join(block["text"]["text"] for block in message["blocks"] if block["type"] == "section")


def buttons(message):
    return [one for block in message["blocks"] if block["type"] == "actions" for one in block["elements"]]


def press(workspace, who, what, slack, reference="", **how):
    button = {"action_id": f"ticket:{what}", "value": reference}
    return workspace.presses(who, button, channel=CHANNEL, **how)
