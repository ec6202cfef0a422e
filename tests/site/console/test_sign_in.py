"""Who gets into the console, and for how long."""

import datetime
import logging
import re
import threading
import types

import pytest

import bot.clock
from bot.site.app import create_app
from bot.site.console import sign_in
from bot.site.console.entrance import Entrance
from bot.tickets.ticket import State
from tests.servers.staff import ANNA, BEN, CHARLIE, Staff


def test_staff_sign_in_with_a_code_from_the_mail_and_get_where_they_wanted(visitor, ticket, mailbox):
    path = f"/tickets/{ticket.reference}"
    assert visitor.get(path).location == "/console/sign-in"
    assert visitor.post("/sign-in", address=f" {ANNA.upper()} ").location == "/console/code"
    assert "support console" in mailbox.to(ANNA)[-1].text and "chat" not in mailbox.to(ANNA)[-1].text
    assert visitor.post("/code", code=mailbox.code(ANNA)).location == f"/console{path}"
    assert "Level 2 is missing." in visitor.get(path).text


def test_who_is_not_on_the_list_is_told_the_same_and_gets_no_mail(visitor, app, mailbox):
    stranger, answers = Staff(app, mailbox), []
    for who, address in ((visitor, ANNA), (stranger, CHARLIE)):
        sent = who.post("/sign-in", address=address)
        wrong = who.post("/code", code="000000")
        pages = (sent.text, who.get("/code").text, wrong.text)
        answers.append((sent.status_code, wrong.status_code, [re.sub(r'value="[^"]+"', "", page) for page in pages]))
    assert answers[0] == answers[1] and answers[0][:2] == (303, 400)
    assert len(mailbox.to(ANNA)) == 1 and mailbox.to(CHARLIE) == []
    assert stranger.get("/").location == "/console/sign-in"


def test_the_time_of_an_answer_does_not_tell_who_is_on_the_list(visitor, app, mailbox, monkeypatch):
    took, lasts, work = [], {ANNA: 0.07, CHARLIE: 0.01}, Entrance.send_code
    clock = types.SimpleNamespace(now=100.0, monotonic=lambda: clock.now, sleep=lambda s: took.append(clock.now + s))

    def send(entrance, address, network):
        clock.now += lasts[address]
        return work(entrance, address, network)

    monkeypatch.setattr(sign_in, "time", clock)
    monkeypatch.setattr(Entrance, "send_code", send)
    for who, address in ((visitor, ANNA), (Staff(app, mailbox), CHARLIE)):
        clock.now = 100.0
        assert who.post("/sign-in", address=address).status_code == 303
        clock.now = 100.0
        assert who.post("/code", code="000000").status_code == 400
    assert took == pytest.approx([100.0 + sign_in.EVENLY, 100.0 + sign_in.EVENLY_WRONG] * 2)


def test_who_asks_for_many_codes_at_once_waits_no_longer_for_an_address_on_the_list(visitor, app, monkeypatch, caplog):
    entrance, sent = app.extensions["console"], threading.Event()
    monkeypatch.setattr(entrance.identity, "request_code", lambda *asked: sent.wait(60))
    page = visitor.get("/sign-in").text
    form = {"csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', page)[1], "address": ANNA}
    answers = [visitor.client.post("/console/sign-in", data=form) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [303] * 4 and not sent.is_set()
    sent.set()
    entrance.finish()


def test_a_code_that_cannot_be_sent_is_logged_and_answered_as_for_everybody(visitor, app, monkeypatch, caplog):
    entrance = app.extensions["console"]
    monkeypatch.setattr(entrance.identity, "request_code", lambda *asked: 1 / 0)
    assert visitor.post("/sign-in", address=ANNA).status_code == 303
    assert "could not be sent: ZeroDivisionError" in caplog.text and ANNA not in caplog.text


def test_a_wrong_code_and_no_address_are_explained(visitor, mailbox):
    assert "not an e-mail address" in visitor.post("/sign-in", address="anna@").text
    visitor.post("/sign-in", address=ANNA)
    wrong = "111111" if mailbox.code(ANNA) != "111111" else "222222"
    answer = visitor.post("/code", code=wrong)
    assert answer.status_code == 400 and "not right" in answer.text
    assert visitor.get("/").location == "/console/sign-in"


def test_the_code_works_only_in_the_browser_that_asked_for_it(visitor, app, mailbox):
    visitor.post("/sign-in", address=ANNA)
    thief = Staff(app, mailbox)
    thief.post("/sign-in", address=CHARLIE)
    assert thief.post("/code", code=mailbox.code(ANNA)).status_code == 400


def test_a_cookie_planted_before_the_sign_in_opens_nothing(visitor, app, mailbox):
    visitor.post("/sign-in", address=ANNA)
    planted = visitor.client.get_cookie("console", path="/console").value
    assert visitor.post("/code", code=mailbox.code(ANNA)).status_code == 303
    assert visitor.get("/").status_code == 200
    attacker = Staff(app, mailbox)
    attacker.client.set_cookie("console", planted, path="/console")
    assert attacker.get("/").location == "/console/sign-in"


def test_the_cookie_is_kept_from_scripts_other_sites_and_unencrypted_ways(app, client):
    plain = client.get("/console/sign-in").headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/console"} <= set(plain.split("; ")) and "Secure" not in plain
    safe = app.test_client().get("/console/sign-in", base_url="https://localhost")
    assert "; Secure" in safe.headers["Set-Cookie"]


def test_a_session_ends_after_eight_hours_and_when_one_signs_out(anna, app, mailbox):
    identity, now = app.extensions["console"].identity, bot.clock.now()
    for hours, status in ((7.9, 200), (8.1, 303)):
        identity._clock = lambda: now + datetime.timedelta(hours=hours)  # noqa: B023
        assert anna.get("/").status_code == status
    identity._clock = bot.clock.now
    copy = Staff(app, mailbox)
    copy.client.set_cookie("console", anna.client.get_cookie("console", path="/console").value, path="/console")
    assert copy.get("/").status_code == 200
    assert "You are signed out" in anna.client.get(anna.post("/sign-out", seen_on="/").location).text
    assert anna.get("/").status_code == 303 and copy.get("/").status_code == 303


def test_who_is_taken_off_the_list_is_out_at_once(anna, app):
    app.extensions["services"].settings.__dict__["staff_emails"] = frozenset({BEN})
    assert anna.get("/").location == "/console/sign-in"


def test_too_many_tries_are_refused_with_a_page(services, mailbox):
    visitor = Staff(create_app(services, {"sign-ins of an address": "2/minute"}), mailbox)
    answers = [visitor.post("/sign-in", address=CHARLIE) for _ in range(3)]
    assert answers[-1].status_code == 429 and "Please wait a minute" in answers[-1].text
    assert int(answers[-1].headers["Retry-After"]) > 0


@pytest.mark.parametrize("token", ["", "forged"])
def test_a_form_that_we_did_not_show_changes_nothing(anna, services, ticket, token):
    answer = anna.client.post(f"/console/tickets/{ticket.reference}/claim", data={"csrf_token": token})
    assert answer.status_code == 400 and "This form was not accepted" in answer.text
    assert services.tickets.get(ticket.reference).assigned_to == ""


def test_forms_of_other_sites_are_refused_with_a_page(anna):
    answer = anna.client.post("/console/sign-out", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403 and answer.mimetype == "text/html"


def test_a_form_sent_after_the_session_ended_says_that_nothing_was_changed(anna, services, ticket):
    page = anna.get(f"/tickets/{ticket.reference}").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    anna.post("/sign-out", seen_on="/")
    answer = anna.client.post(f"/console/tickets/{ticket.reference}/claim", data={"csrf_token": token})
    assert "nothing was changed" in anna.client.get(answer.location).text
    assert services.tickets.get(ticket.reference).state is State.NEW


def test_every_action_is_logged_without_personal_data(anna, services, ticket, caplog):
    with caplog.at_level(logging.INFO, "bot.site.console"):
        anna.act(ticket.reference, "claim")
        anna.act(ticket.reference, "reply", text="Dear Jane")
        anna.post("/sign-out", seen_on="/")
    fields = [record.fields for record in caplog.records if record.name.startswith("bot.site.console")]
    assert [one["action"] for one in fields] == ["claimed", "replied", "signed out"]
    assert fields[0]["ticket"] == ticket.reference and len({one["session"] for one in fields}) == 1
    assert not re.search("anna|jane|@", str(fields), re.IGNORECASE)


def test_nothing_stays_in_the_cache_of_the_browser(anna):
    assert anna.get("/").headers["Cache-Control"] == "no-store"
