import argparse
import datetime
import json
import subprocess
import sys

import pytest
import sqlalchemy as sql

from bot import bootstrap
from bot.commands import tickets as command
from bot.conversations.message import UserInput
from bot.conversations.store import conversations
from bot.outbox.store import outbox
from bot.retention.person import Retention
from bot.retention.tracker_events import TrackerEvents
from bot.tickets.ticket import TicketRequest

ALICE = "alice@example.com"
THEN = datetime.datetime(2031, 5, 6, 7, 8, 9, 120000, tzinfo=datetime.timezone.utc)

LIGHT = "bot.bootstrap, bot.supervisor, bot.worker, actions.server"
HEAVY = {"spacy", "scipy", "tensorflow", "torch", "rasa", "onnxruntime", "matplotlib", "dateparser"}


@pytest.fixture
def services(settings):
    return bootstrap.build(settings, lambda: THEN)


@pytest.fixture
def opened(services):
    """A conversation of Alice's, with a code that she asked for and a ticket that the team has answered."""
    name, _ = services.conversations.begin()
    services.conversations.say(name, UserInput("hello"))
    services.identity.request_code(name, ALICE, "site")
    ticket = services.tickets.open(TicketRequest("k", name, "site", ALICE, "It is missing.", proven=(ALICE,)))
    services.tickets.reply(ticket.reference, "anna@example.com", "It comes.", "console")
    return ticket


def test_everything_goes_by_the_one_clock(services, opened):
    said = services.conversations.history(opened.conversation_id)
    assert [message.role for message in said] == ["bot", "user", "bot", "staff"]
    assert {message.created_at for message in said} == {THEN}
    assert {event.at for event in services.tickets.events(opened.reference)} == {THEN}
    with services.database.transaction() as connection:
        for column in (conversations.c.created_at, outbox.c.created_at):
            assert set(connection.execute(sql.select(column)).scalars()) == {THEN}
    assert services.outbox.counts().oldest_seconds == 0


def test_moments_are_handed_out_as_iso_8601_with_a_z(services, opened, settings, app, client, capsys):
    retention = Retention(services.database, TrackerEvents(settings.database_url))
    found = retention.export(ALICE)
    assert found["tickets"][0]["created_at"] == found["codes"][0]["created_at"] == "2031-05-06T07:08:09.120000Z"
    command._show(services, argparse.Namespace(reference=opened.reference, json=True))
    shown = json.loads(capsys.readouterr().out)
    assert shown["updated_at"] == shown["history"][0]["at"] == "2031-05-06T07:08:09.120000Z"
    client.post("/api/conversations")
    messages = client.get("/api/messages").get_json()["messages"]
    assert [message["at"] for message in messages] == ["2031-05-06T07:08:09.120Z"]


def test_neither_worker_nor_actions_nor_commands_load_at_their_start_what_only_the_console_needs():
    code = f"import sys, {LIGHT}; print(sorted({HEAVY} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout == "[]\n", done.stderr
