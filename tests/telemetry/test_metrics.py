"""What operators count by: messages by outcome, limits, dependencies, workers, letters, tickets; who may read it."""

import datetime
import ipaddress
import re
import socket

import httpx
import pytest
from prometheus_client import REGISTRY

import bot.clock
from bot.conversations.metrics import MessageOutcome, outcome_of
from bot.heartbeats import Heartbeats
from bot.limit import HOUR, Limit, longest_wait
from bot.outbox.service import Outbox
from bot.site.app import create_app
from bot.site.limits import LIMITS
from bot.telemetry.metrics import MetricsReaders, serve_metrics
from bot.tickets.store import tickets
from bot.worker import tasks
from tests.telemetry.conftest import Taken

TOKEN = "a token of sixteen or more"
NETWORKS = (ipaddress.ip_network("127.0.0.0/8"),)


@pytest.fixture()
def value(client):
    """A value as Prometheus reads it; 0 for what is not told."""

    def read(name, told=None):
        text = client.get("/metrics").get_data(as_text=True) if told is None else told
        found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
        return float(found.group(1)) if found else 0.0

    return read


@pytest.mark.parametrize(
    ("utterances", "outcome"),
    [
        (["utter_faq/what_is_credly"], MessageOutcome.ANSWERED),
        (["utter_greet"], MessageOutcome.ANSWERED),
        (["utter_ask_rephrase"], MessageOutcome.ASKED_BACK),
        (["utter_faq/what_is_credly", "utter_ask_rephrase"], MessageOutcome.ANSWERED),
        (["utter_out_of_scope/exam_price"], MessageOutcome.DECLINED),
        (["utter_failed"], MessageOutcome.FAILED),
        (["utter_faq/what_is_credly", "utter_failed"], MessageOutcome.FAILED),
    ],
)
def test_a_message_is_counted_by_what_became_of_it(utterances, outcome):
    assert outcome_of(utterances) is outcome


def test_messages_are_counted_with_the_time_that_rasa_took(client, rasa, value):
    answered, unavailable = (f'messages_total{{channel="site",outcome="{one}"}}' for one in ("answered", "unavailable"))
    seconds = 'rasa_answer_seconds_count{call="message",result="%s"}'
    client.post("/api/conversations")
    before = value(answered), value(unavailable), value(seconds % "failed")
    client.post("/api/messages", json={"text": "hello"})
    rasa.fail = True
    client.post("/api/messages", json={"text": "hello again"})
    assert (value(answered), value(unavailable)) == (before[0] + 1, before[1] + 1)
    assert value(seconds % "failed") == before[2] + 1 and value("turns_waiting") == 0


def test_what_a_limit_refused_is_counted_by_the_limit_and_not_by_the_person(services, value):
    client = create_app(services, {**LIMITS, "messages of an address": "1/minute"}).test_client()
    name = 'limits_hit_total{limit="messages of an address"}'
    before = value(name)
    client.post("/api/conversations")
    for _ in range(3):
        client.post("/api/messages", json={"text": "hello"})
    assert value(name) == before + 2


def test_limits_that_tables_count_are_counted_by_the_table(services, value):
    now, name = bot.clock.now(), 'limits_hit_total{limit="tickets"}'
    before = value(name)
    with services.database.transaction() as connection:
        for most, wait in ((1, 0), (0, 0)):
            assert longest_wait(connection, [Limit(most or 1, HOUR)], tickets.c.created_at, True, now) == wait
    assert value(name) == before


def test_what_the_site_needs_is_told_one_by_one(client, rasa, value):
    told = client.get("/metrics").get_data(as_text=True)
    names = re.findall(r'site_dependency_up\{dependency="(\w+)"\} 1\.0', told)
    assert names == ["database", "rasa", "actions", "outbox"]


def test_a_worker_that_lives_is_seen_and_one_that_has_gone_is_not(services, value):
    assert value("workers_alive") == 0 and "workers_last_seen_seconds " not in str(REGISTRY)
    (beating,) = (one for one in tasks(services, services.outbox, None) if one.name == "heartbeat")
    beating.run()
    assert value("workers_alive") == 1 and value("workers_last_seen_seconds") < 30
    clock = [bot.clock.now()]
    kept = Heartbeats(services.database, lambda: clock[0])
    kept.beat("another")
    assert kept.seen()[1] == 2
    clock[0] += datetime.timedelta(minutes=2)
    seconds, alive = kept.seen()
    assert alive == 0 and 110 < seconds < 130
    clock[0] += datetime.timedelta(days=2)
    kept.beat("another")
    assert kept.seen() == (0.0, 1)


def test_letters_are_counted_by_kind_and_result(client, services, value):
    client.post("/api/tickets", json={"email": "jane@example.com", "about": "My badge is missing."})
    assert value('outbox_waiting{kind="mail"}') == 2
    name = 'outbox_letters_total{kind="mail",result="delivered"}'
    before = value(name)
    Outbox(services.database, {"mail": Taken()}, bot.clock.now).deliver_due("w")
    assert value(name) == before + 2 and value('outbox_waiting{kind="mail"}') == 0


def test_tickets_that_wait_too_long_are_told(client, services, value):
    client.post("/api/tickets", json={"email": "jane@example.com", "about": "My badge is missing."})
    assert value("tickets_overdue") == 0
    with services.database.transaction() as connection:
        connection.execute(tickets.update().values(due_at=bot.clock.now() - HOUR))
    assert value("tickets_overdue") == 1


def test_nobody_is_named(client):
    begun = client.post("/api/conversations").get_json()
    client.post("/api/messages", json={"text": "I am jane@example.com"})
    told = client.get("/metrics").get_data(as_text=True)
    for private in ("jane", "127.0.0.1", begun["conversation_id"]):
        assert private not in told


@pytest.mark.parametrize(
    ("authorization", "address", "forwarded", "may"),
    [
        ("", "127.0.0.1", False, True),
        ("", "::ffff:127.0.0.1", False, True),
        ("", "127.0.0.1", True, False),
        ("", "192.0.2.1", False, False),
        ("", "", False, False),
        (f"Bearer {TOKEN}", "192.0.2.1", True, True),
        (f"bearer {TOKEN}", "192.0.2.1", False, True),
        (f"Basic {TOKEN}", "192.0.2.1", False, False),
        (f"Bearer {TOKEN}x", "192.0.2.1", False, False),
        ("Bearer ", "192.0.2.1", False, False),
    ],
)
def test_who_may_read_metrics(authorization, address, forwarded, may):
    assert MetricsReaders(NETWORKS, TOKEN).may_read(authorization, address, forwarded) is may


def test_without_a_token_an_empty_one_opens_nothing():
    assert not MetricsReaders(NETWORKS).may_read("Bearer ", "192.0.2.1", False)


@pytest.mark.parametrize(("networks", "status"), [(NETWORKS, 200), ((), 403)])
def test_the_worker_gives_metrics_to_those_who_may_read_them(networks, status):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    server = serve_metrics(address, MetricsReaders(networks))
    answer = httpx.get(f"http://{address}/metrics", trust_env=False)
    assert answer.status_code == status and ("outbox_letters" in answer.text) is (status == 200)
    assert serve_metrics(address, MetricsReaders(networks)) is None  # taken: the worker goes on without
    server.shutdown()
    server.server_close()
