"""The staff console, as staff and as others meet it."""

import dataclasses
import datetime
import logging
import re
from html.parser import HTMLParser

import pytest

from bot import bootstrap
from bot.site.app import create_app
from bot.tickets.ticket import Line, State, TicketRequest, What
from tests.servers.staff import ANNA, BEN, CHARLIE, Mailbox, Staff

HOSTILE = '<img src=x onerror="hacked()"><script>hacked()</script>'


@pytest.fixture()
def services(settings):
    return bootstrap.build(dataclasses.replace(settings, staff_emails=frozenset({ANNA, BEN})))


@pytest.fixture()
def mailbox(services):
    return Mailbox(services.database)


@pytest.fixture()
def visitor(app, mailbox):
    return Staff(app, mailbox)


@pytest.fixture()
def anna(app, mailbox):
    return Staff(app, mailbox).sign_in(ANNA)


@pytest.fixture()
def ben(app, mailbox):
    return Staff(app, mailbox).sign_in(BEN)


@pytest.fixture()
def ticket(services):
    return file(services)


def file(services, key="r1", **changes):
    values = {"contact": "jane@example.com", "about": "Level 2 is missing.", "proven": ("jane@example.com",)}
    said = (Line("user", "where is it?"), Line("bot", "It is **overdue**."))
    return services.tickets.open(TicketRequest(key, f"c-{key}", "site", **{**values, "transcript": said, **changes}))


def inline_code(html):
    """Scripts, styles and handlers inside a page."""
    found = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag, attributes):
            names = dict(attributes)
            if tag == "style" or (tag == "script" and "src" not in names):
                found.append(tag)
            found.extend(name for name in names if name.startswith("on") or name == "style")

    Parser().feed(html)
    return found


def whats(services, ticket):
    return [event.what for event in services.tickets.events(ticket.reference)]


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
    identity, now = app.extensions["console"].identity, datetime.datetime.utcnow()
    for hours, status in ((7.9, 200), (8.1, 303)):
        identity._clock = lambda: now + datetime.timedelta(hours=hours)  # noqa: B023
        assert anna.get("/").status_code == status
    identity._clock = datetime.datetime.utcnow
    copy = Staff(app, mailbox)
    copy.client.set_cookie("console", anna.client.get_cookie("console", path="/console").value, path="/console")
    assert copy.get("/").status_code == 200
    assert "You are signed out" in anna.client.get(anna.post("/sign-out", seen_on="/").location).text
    assert anna.get("/").status_code == 303 and copy.get("/").status_code == 303


def test_who_is_taken_off_the_list_is_out_at_once(anna, app):
    app.extensions["console"].identity._staff = frozenset({BEN})
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


def test_the_queue_is_filtered_searched_and_counted(anna, services, ticket):
    file(services, "r2", about="Wrong name on it", contact="joe@example.com")
    done = file(services, "r3", about="All done")
    services.tickets.resolve(done.reference, BEN, via="console")
    services.tickets.claim(ticket.reference, ANNA, "console")
    seen = {
        query: [subject in anna.get(f"/{query}").text for subject in ("Level 2 is", "Wrong name", "All done")]
        for query in ("", "?owner=me", "?owner=nobody", "?state=resolved", "?state=all", "?q=joe@example", "?q=nothing")
    }
    assert seen == {
        "": [True, True, False],
        "?owner=me": [True, False, False],
        "?owner=nobody": [False, True, False],
        "?state=resolved": [False, False, True],
        "?state=all": [True, True, True],
        "?q=joe@example": [False, True, False],
        "?q=nothing": [False, False, False],
    }
    assert 'Open <span class="chip-count">2</span>' in anna.get("/").text


def test_a_long_queue_comes_in_pages(anna, services):
    for number in range(51):
        file(services, f"r{number}", about=f"Case {number:03d}")
    first, second = anna.get("/").text, anna.get("/?page=2").text
    assert "Page 1 of 2" in first and "Case 049" in first and "Case 050" not in first
    assert "Case 050" in second and "Case 049" not in second


@pytest.mark.parametrize("query", ["?page=0", "?page=-1", "?page=x", "?page=9999999999", "?state=x&owner=y&order=z"])
def test_an_address_that_makes_no_sense_shows_the_queue(anna, query):
    assert anna.get(f"/{query}").status_code == 200


def test_letters_given_up_are_an_alarm_until_they_are_tried_again(anna, services, ticket):
    store, now = services.outbox.store, datetime.datetime.utcnow()
    for letter in store.claim(now, "w", 9, datetime.timedelta(minutes=1), ["mail"]):
        store.dead(letter, "w", now, "refused", wipe=False)
    assert "2 mails were given up" in anna.get("/").text
    assert "2 mails are tried again" in anna.client.get(anna.post("/outbox/requeue", seen_on="/").location).text
    assert services.outbox.counts().dead == 0 and "given up" not in anna.get("/").text


def test_mail_that_waits_for_long_is_an_alarm(anna, services, ticket):
    services.outbox._clock = lambda: datetime.datetime.utcnow() + datetime.timedelta(minutes=20)
    assert "has waited for 20 minutes" in anna.get("/").text or "has waited for 19 minutes" in anna.get("/").text


def test_a_ticket_shows_what_is_known(anna, services):
    ticket = file(
        services,
        diagnosis=("- **Level 2**: overdue.",),
        stages=("overdue",),
        credentials=("Level 2",),
        faqs=("missing_micro_credential",),
    )
    page = anna.get(f"/tickets/{ticket.reference}").text
    for shown in ("jane@example.com", ">proven<", "Issue the credential", "<strong>Level 2</strong>: overdue"):
        assert shown in page
    assert "My micro-credential is missing" in page and "It is <strong>overdue</strong>." in page
    other = file(services, "r2", proven=())
    assert "not proven, only typed" in anna.get(f"/tickets/{other.reference}").text


def test_take_reply_note_resolve_reopen(anna, services, ticket, mailbox):
    reference = ticket.reference
    steps = [("claim", {}, "The ticket is yours"), ("reply", {"text": "We\r\nlook."}, "on its way to the learner")]
    steps += [("note", {"text": "Ask Ben."}, "Only the team sees it"), ("resolve", {"text": "Issued!"}, "is resolved")]
    for action, fields, told in [*steps, ("reopen", {}, "open again")]:
        answer = anna.act(reference, action, **fields)
        assert answer.status_code == 303 and told in anna.client.get(answer.location).text
    events = services.tickets.events(reference)
    expected = [What.OPENED, What.ASSIGNED, What.REPLIED, What.NOTE, What.RESOLVED, What.REOPENED]
    assert [event.what for event in events] == expected
    assert {(event.who, event.via) for event in events[1:]} == {(ANNA, "console")}
    texts = "".join(mail.text for mail in mailbox.to("jane@example.com"))
    assert "We\nlook." in texts and "Issued!" in texts and "Ask Ben." not in texts


def test_of_two_who_take_a_ticket_the_second_is_told_who_has_it(anna, ben, services, ticket):
    assert anna.act(ticket.reference, "claim").status_code == 303
    late = ben.act(ticket.reference, "claim")
    assert late.status_code == 409 and f"{ANNA} has this ticket" in late.text
    assert ben.act(ticket.reference, "release").status_code == 409
    assert services.tickets.get(ticket.reference).assigned_to == ANNA
    assert ben.act(ticket.reference, "claim", from_=ANNA).status_code == 303
    assert services.tickets.get(ticket.reference).assigned_to == BEN


def test_a_reply_to_a_ticket_that_has_changed_is_kept_and_not_sent(anna, ben, services, ticket):
    seen = ticket.updated_at.isoformat()
    assert anna.act(ticket.reference, "reply", text="First").status_code == 303
    late = ben.act(ticket.reference, "reply", text="Second", seen=seen)
    assert late.status_code == 409 and "has changed since" in late.text and "Second</textarea>" in late.text
    assert whats(services, ticket) == [What.OPENED, What.REPLIED]


def test_a_form_sent_twice_is_done_once(anna, services, ticket):
    key = {"key": "11111111-1111-4111-8111-111111111111", "seen": ticket.updated_at.isoformat()}
    assert [anna.act(ticket.reference, "reply", text="Hi", **key).status_code for _ in range(2)] == [303, 303]
    assert [anna.act(ticket.reference, "resolve", text="Bye").status_code for _ in range(2)] == [303, 303]
    assert whats(services, ticket) == [What.OPENED, What.REPLIED, What.RESOLVED]


@pytest.mark.parametrize("action", ["reply", "note"])
@pytest.mark.parametrize(("text", "status", "told"), [(" ", 400, "write something"), ("x" * 10_001, 413, "shorten")])
def test_a_text_that_cannot_be_sent_is_explained_and_kept(anna, services, ticket, action, text, status, told):
    answer = anna.act(ticket.reference, action, text=text)
    assert answer.status_code == status and told in answer.text and text in answer.text
    assert whats(services, ticket) == [What.OPENED]


def test_what_strangers_wrote_stays_text(anna, services):
    said = (Line("user", HOSTILE), Line("bot", f"[x](javascript:hacked()) {HOSTILE}"), Line("staff", HOSTILE))
    ticket = file(services, about=HOSTILE, transcript=said, diagnosis=(HOSTILE,), credentials=(HOSTILE,))
    services.tickets.answer(ticket.reference, HOSTILE, "site")
    for path in ("/", f"/tickets/{ticket.reference}", "/?q=" + HOSTILE):
        answer = anna.get(path)
        assert "<img" not in answer.text and "<script>" not in answer.text and 'href="javascript' not in answer.text
        assert "&lt;img" in answer.text
        assert "script-src 'self'; style-src 'self'" in answer.headers["Content-Security-Policy"]
        assert inline_code(answer.text) == []


@pytest.mark.parametrize("path", ["/nothing", "/tickets/CRT-2026-99999", "/tickets/x/claim", "/outbox/requeue"])
def test_what_is_not_there_is_a_page(anna, path):
    answer = anna.get(path)
    assert answer.status_code == 404 and "There is no such" in answer.text and answer.mimetype == "text/html"


def test_a_fault_of_ours_is_a_page_without_its_cause(anna, services, monkeypatch):
    monkeypatch.setattr(services.tickets.store, "find", lambda *_: 1 / 0)
    answer = anna.get("/")
    assert answer.status_code == 500 and "Something went wrong on our side" in answer.text
    assert "ZeroDivision" not in answer.text


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
