"""What the operator sees: ids, logs, metrics, readiness; and what must not be seen there."""

import datetime
import json

import pytest

import bot.clock
from bot.errors import MailboxUnavailable
from bot.outbox.message import OutgoingMail
from bot.site.app import create_app
from bot.tickets.inbox import Inbox
from tests.logged import logged


@pytest.fixture()
def lines():
    """What the site logs, as an operator's tools read it."""

    with logged(str) as written:
        yield written


def test_each_request_is_one_line_without_personal_data(client, lines):
    begun = client.post("/api/conversations").get_json()
    body = {"text": "I am jane@example.com"}
    answer = client.post("/api/messages?who=jane", json=body, headers={"X-Forwarded-For": "192.0.2.7"})
    told = json.loads(lines[-1])
    assert {name: told[name] for name in ("method", "route", "status", "level", "message")} == {
        "method": "POST",
        "route": "/api/messages",
        "status": 200,
        "level": "info",
        "message": "request",
    }
    assert told["request_id"] == answer.headers["X-Request-ID"] and told["milliseconds"] > 0
    assert len(lines) == 2
    for private in ("jane", "192.0.2.7", "127.0.0.1", begun["conversation_id"], begun["token"]):
        assert private not in "".join(lines)


def test_an_id_in_a_path_is_not_told(client, lines):
    client.get("/api/messages/0b6cd4b6-8a6a-4b8c-8a51-7a1f6d6a1f00/feedback")
    client.get("/jane@example.com")
    assert [json.loads(line)["route"] for line in lines] == ["unmatched", "unmatched"]
    assert "jane" not in "".join(lines)


@pytest.fixture()
def proxied(services):
    """The site behind a proxy of ours."""
    object.__setattr__(services, "settings", services.settings.copy(update={"trusted_proxies": 1}))
    return create_app(services).test_client()


@pytest.mark.parametrize("given", ["0af7651916cd43dd8448eb211c80319c", "proxy-1.42_x"])
def test_a_proxy_s_id_is_kept(proxied, given):
    assert proxied.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["short", "x" * 65, "a b c d e f", '"injected":1,', ""])
def test_an_id_that_is_none_is_replaced(proxied, given):
    answer = proxied.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert answer != given and len(answer) == 32


def test_an_error_tells_its_kind_and_place_but_not_its_text(app, services, lines, monkeypatch):
    def broken(*args, **kwargs):
        raise ValueError("jane@example.com")

    monkeypatch.setattr(services.store, "exists", broken)
    client = app.test_client()
    client.post("/api/conversations")
    answer = client.get("/api/messages")
    assert answer.status_code == 500 and "jane" not in answer.get_data(as_text=True)
    told = [json.loads(line) for line in lines if '"error"' in line]
    assert told[0]["error"] == "ValueError" and told[0]["request_id"] == answer.headers["X-Request-ID"]
    assert any("test_watch.py" in place for place in told[0]["trace"])
    assert "jane" not in "".join(lines)


def test_metrics_count_requests_by_route_and_tell_of_the_outbox(client):
    client.post("/api/conversations")
    client.get("/nowhere")
    client.open("/healthz", method="BREW")
    told = client.get("/metrics").get_data(as_text=True)
    assert 'site_requests_total{method="POST",route="/api/conversations",status="201"} 1.0' in told
    assert 'site_requests_total{method="GET",route="unmatched",status="404"} 1.0' in told
    assert 'method="other"' in told and "BREW" not in told
    assert 'site_request_seconds_bucket{le="0.3",route="/api/conversations"} 1.0' in told
    assert 'outbox_waiting{kind="mail"} 0.0' in told


def test_mail_that_does_not_get_out_shows_but_does_not_stop_the_chat(client, services):
    long_ago = bot.clock.now() - datetime.timedelta(hours=1)
    with services.database.transaction() as connection:
        mail = OutgoingMail("jane@example.com", "subject", "text", "<p>text</p>")
        services.outbox.store.add(connection, mail, long_ago)
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.get_json() == {"database": True, "rasa": True, "actions": True, "outbox": False}


def test_an_inbox_that_cannot_be_read_shows_but_does_not_stop_the_chat(services):
    inbox = Inbox(services.database, bot.clock.now)
    object.__setattr__(services, "inbox", inbox)
    client = create_app(services).test_client()
    with inbox.looked_at():
        pass
    assert client.get("/readyz").get_json()["inbox"] is True
    with pytest.raises(MailboxUnavailable), inbox.looked_at():
        raise MailboxUnavailable("the mailbox was not reached (TimeoutError)")
    client = create_app(services).test_client()  # what one site has found holds for a second
    ready, told = client.get("/readyz"), client.get("/metrics").text
    assert ready.status_code == 200 and ready.get_json()["inbox"] is False
    assert "inbox_readable 0.0" in told and "inbox_last_read_seconds" in told
    assert 'tickets_mails_not_delivered{what="bounced"} 0.0' in told


@pytest.mark.parametrize("problem", ["", "its model is not there"])
def test_a_publication_that_rasa_cannot_load_shows_but_does_not_stop_the_chat(client, rasa, problem):
    rasa.health = {"status": "ok", "publication": 7, "model": "x.tar.gz", **({"problem": problem} if problem else {})}
    ready = client.get("/readyz")
    assert ready.status_code == 200 and ready.get_json()["publication"] is not bool(problem)


def test_not_ready_without_rasa(client, rasa):
    rasa.close()
    ready = client.get("/readyz")
    assert ready.status_code == 503 and ready.get_json()["rasa"] is False
    rasa.close = lambda: None
