"""What happens while Slack or a process of ours is not well."""

import datetime
import json
import logging
import threading

import pytest
import sqlalchemy as sql

import bot.clock
from bot.outbox.service import Outbox
from bot.outbox.store import outbox
from bot.slack.events import EventQueue
from bot.slack.store import EventStore, slack_events
from bot.slack.transport import SlackTransport
from tests.slack.conftest import LEARNER, STAFF, words
from tests.waiting import wait_until

ANSWER = {"text": "Yes.", "utterance": "utter_faq/what_is_credly", "buttons": []}


@pytest.fixture()
def waiting(services):
    """The letters that wait for Slack."""

    def rows():
        query = sql.select(outbox).where((outbox.c.kind == "slack") & outbox.c.delivered_at.is_(None))
        with services.database.transaction() as connection:
            return connection.execute(query).all()

    return rows


def deliver_all(services):
    with services.database.transaction() as connection:
        connection.execute(outbox.update().values(due_at=datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc)))
    carrier = SlackTransport(services.slack, EventStore(services.database))
    return Outbox(services.database, {"slack": carrier}, bot.clock.now).deliver_due("worker")


def test_after_a_429_the_answer_waits_as_long_as_slack_asks(workspace, services, slack, rasa, waiting):
    rasa.replies = [ANSWER]
    slack.answers["chat.postMessage"] = [(429, {"Retry-After": "300"}, {"ok": False, "error": "ratelimited"})]
    workspace.writes(LEARNER, "hello")
    (letter,) = wait_until(lambda: [row for row in waiting() if row.last_error == "ratelimited"])
    assert letter.due_at - bot.clock.now() > datetime.timedelta(seconds=280)
    assert len(slack.calls) == len([one for one in slack.calls if one[0] != "chat.postMessage"]) + 1
    assert deliver_all(services) == 1 and words(workspace.said()[0]) == "Yes."


@pytest.mark.parametrize("answer", [(500, {}, {}), (200, {}, {"ok": False, "error": "fatal_error"})])
def test_while_slack_is_down_answers_wait_and_come_once(workspace, services, slack, rasa, waiting, answer):
    rasa.replies = [ANSWER]
    slack.answers["chat.postMessage"] = [answer]
    workspace.writes(LEARNER, "hello")
    wait_until(lambda: [row for row in waiting() if row.last_error])
    assert deliver_all(services) == 1 and deliver_all(services) == 0
    assert len(workspace.said()) == 1


def test_what_slack_will_never_take_is_given_up(workspace, slack, waiting, rasa):
    rasa.replies = [ANSWER]
    slack.always["chat.postMessage"] = (200, {}, {"ok": False, "error": "invalid_blocks"})
    workspace.writes(LEARNER, "hello")
    (letter,) = wait_until(lambda: [row for row in waiting() if row.dead_at])
    assert letter.payload == ""


def test_a_hanging_slack_delays_no_acknowledgement(workspace, slack):
    slack.always["users.info"] = threading.Event()
    assert workspace.writes(LEARNER, "hello").status_code == 200
    slack.always["users.info"].set()  # it hangs until here


def test_a_revoked_token_is_logged_and_told_and_the_site_goes_on(workspace, services, slack, site, caplog):
    import httpx

    slack.token = "another"
    with caplog.at_level(logging.ERROR):
        workspace.writes(STAFF, "hello")
        wait_until(lambda: "SLACK_BOT_TOKEN" in caplog.text)
    ready = httpx.get(f"{site}/readyz")
    assert ready.status_code == 200 and ready.json()["slack"] is False
    assert httpx.post(f"{site}/api/conversations").status_code == 201
    assert caplog.text.count("refuses SLACK_BOT_TOKEN") == 1


def test_an_event_of_a_process_that_died_is_done_by_another(database):
    store, done = EventStore(database), []
    now = bot.clock.now()
    store.keep("Ev1", json.dumps({"event_id": "Ev1"}), "dead", now, datetime.timedelta(0))
    events = EventQueue(store, done.append, bot.clock.now)
    events.sweep()
    wait_until(lambda: done)
    events.sweep()
    events.close()
    assert done == [{"event_id": "Ev1"}]
    with database.transaction() as connection:
        assert connection.execute(sql.select(slack_events.c.body)).scalar() == ""


def test_what_fails_is_tried_again_and_then_left(database):
    tries = []

    def fail(body):
        tries.append(body)
        raise RuntimeError("no")

    events = EventQueue(EventStore(database), fail, bot.clock.now, hold=datetime.timedelta(0))
    events.take({"event_id": "Ev1"})
    for count in (1, 2, 3):
        wait_until(lambda count=count: len(tries) == count)
        events.sweep()
    events.close()
    assert len(tries) == 3


def test_an_event_that_kills_its_process_each_time_is_left(database):
    store, done = EventStore(database), []
    now = bot.clock.now()
    store.keep("Ev1", json.dumps({"event_id": "Ev1"}), "dead", now, datetime.timedelta(0))
    for begun in range(3):
        assert store.start("Ev1", "dead", begun, now, datetime.timedelta(0))
    events = EventQueue(store, done.append, bot.clock.now)
    events.sweep()
    events.close()
    with database.transaction() as connection:
        assert connection.execute(sql.select(slack_events.c.body)).scalar() == ""
    assert done == []
