"""One id from the browser to Rasa, into the outbox and to the worker's line; and where a person sees it."""

import json
import re

import pytest

import bot.clock
from bot.outbox.service import Outbox
from bot.settings import Settings
from bot.slack.events import Pool
from bot.telemetry.requests import in_request, request_id
from tests.telemetry.conftest import GIVEN, Taken


def test_the_id_goes_from_the_proxy_to_rasa_and_into_every_line(proxied, rasa, lines):
    proxied.post("/api/conversations")
    answer = proxied.post("/api/messages", json={"text": "hello"}, headers={"X-Request-ID": GIVEN})
    assert answer.headers["X-Request-ID"] == GIVEN
    assert rasa.headers[-1]["X-Request-ID"] == GIVEN != rasa.headers[0]["X-Request-ID"]
    assert lines[-1]["request_id"] == GIVEN


@pytest.mark.parametrize("given", [GIVEN, ""])
def test_without_a_proxy_of_ours_anybodys_id_is_replaced(client, given):
    answer = client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{32}", answer) and answer != given


def test_the_workers_line_of_a_mail_names_the_request_that_caused_it(client, services, lines):
    client.post("/api/conversations")
    form = {"email": "jane@example.com", "about": "My badge is missing since March."}
    answer = client.post("/api/tickets", json=form)
    assert answer.status_code == 201
    asked = answer.headers["X-Request-ID"]
    worker = Outbox(services.database, {"mail": Taken()}, bot.clock.now)
    assert worker.deliver_due("w") == 2
    sent = [one for one in lines if one["message"] == "sent"]
    assert [one["request_id"] for one in sent] == [asked, asked] and {one["kind"] for one in sent} == {"mail"}
    assert "jane" not in json.dumps(lines) and request_id.get() == ""


def test_a_fault_of_ours_is_told_with_the_reference_that_is_in_the_log(app, services, lines, monkeypatch):
    def broken(*args, **kwargs):
        raise ValueError("jane@example.com")

    monkeypatch.setattr(services.store, "exists", broken)
    client = app.test_client()
    client.post("/api/conversations")
    error = client.get("/api/messages").get_json()["error"]
    assert error["reference"] == next(one["request_id"] for one in lines if one.get("error") == "ValueError")
    assert error["reference"] not in error["message"]  # the widget shows the message as it is


def test_a_page_that_fails_says_the_reference(app, monkeypatch):
    def broken(*args, **kwargs):
        raise ValueError

    monkeypatch.setattr("bot.site.pages.render_template", broken)
    answer = app.test_client().get("/")
    assert answer.status_code == 500
    assert f"Reference: {answer.headers['X-Request-ID']}" in answer.get_json()["error"]["message"]


def test_what_the_person_did_wrong_has_no_reference(client):
    assert "reference" not in client.get("/api/messages").get_json()["error"]


def test_work_for_slack_belongs_to_the_request_that_brought_it_or_gets_an_id():
    found, pool = [], Pool("slack-test", 1, 5)
    with in_request(GIVEN):
        pool.submit(lambda: found.append(request_id.get()))
    pool.submit(lambda: found.append(request_id.get()))
    pool._executor.shutdown(wait=True)
    assert found[0] == GIVEN and re.fullmatch("[0-9a-f]{32}", found[1])


def test_the_setting_of_the_format_knows_two():
    assert Settings.load({"SITE_SECRET_KEY": "x" * 32, "LOG_FORMAT": "JSON"}).log_format == "json"
