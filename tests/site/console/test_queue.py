"""The queue, the alarm of the outbox, and pages that are not there."""

import datetime
import re

import pytest

import bot.clock
from bot.errors import MailboxUnavailable
from bot.site.console import queue, wanted
from bot.tickets.inbox import Inbox
from bot.tickets.mail_tables import TicketMail
from bot.tickets.ticket import What
from tests.servers.staff import ANNA, BEN
from tests.site.console.conftest import file


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
    store, now = services.outbox.store, bot.clock.now()
    for letter in store.claim(now, "w", 9, datetime.timedelta(minutes=1), ["mail"]):
        store.dead(letter, "w", now, "refused", wipe=False)
    assert "2 mails were given up" in anna.get("/").text
    assert "2 mails are tried again" in anna.client.get(anna.post("/outbox/requeue", seen_on="/").location).text
    assert services.outbox.counts().dead == 0 and "given up" not in anna.get("/").text


def test_mail_that_waits_for_long_is_an_alarm(anna, services, ticket):
    services.outbox._clock = lambda: bot.clock.now() + datetime.timedelta(minutes=20)
    assert "has waited for 20 minutes" in anna.get("/").text or "has waited for 19 minutes" in anna.get("/").text


def test_an_inbox_that_cannot_be_read_is_an_alarm_until_it_can_be(anna, services):
    assert "cannot be read" not in anna.get("/").text  # none is set up
    inbox = Inbox(services.database, bot.clock.now)
    object.__setattr__(services, "inbox", inbox)
    assert "not been read yet" in anna.get("/").text
    with pytest.raises(MailboxUnavailable), inbox.looked_at():
        raise MailboxUnavailable("the mailbox refused the login (error)")
    page = anna.get("/").text
    assert "Answers by mail cannot be read" in page and "the mailbox refused the login" in page
    with inbox.looked_at():
        pass
    assert "cannot be read" not in anna.get("/").text


@pytest.mark.parametrize("what", [What.GIVEN_UP, What.BOUNCED])
def test_a_mail_that_did_not_arrive_stands_in_the_history(anna, services, ticket, what):
    services.tickets.reply(ticket.reference, ANNA, "Which address?", "console")
    about = TicketMail(ticket.reference, to_team=False)
    services.tickets.not_delivered(what, about, "The mail came back: <b>no</b> such user", key="k")
    page = anna.get(f"/tickets/{ticket.reference}").text
    assert "could not deliver a mail" in page or "got a mail back" in page
    assert "&lt;b&gt;no&lt;/b&gt; such user" in page and "Waiting for learner" not in page


@pytest.mark.parametrize("path", ["/nothing", "/tickets/CRT-2026-99999", "/tickets/x/claim", "/outbox/requeue"])
def test_what_is_not_there_is_a_page(anna, path):
    answer = anna.get(path)
    assert answer.status_code == 404 and "There is no such" in answer.text and answer.mimetype == "text/html"


def test_a_fault_of_ours_is_a_page_without_its_cause(anna, services, monkeypatch):
    monkeypatch.setattr(services.tickets.store, "find", lambda *_: 1 / 0)
    answer = anna.get("/")
    assert answer.status_code == 500 and "Something went wrong on our side" in answer.text
    assert "ZeroDivision" not in answer.text


def test_past_the_last_page_stands_what_is_left(anna, services, ticket):
    answer = anna.get("/?page=7&order=oldest")
    assert answer.location == "/console/?order=oldest" and ticket.reference in anna.client.get(answer.location).text


def test_after_the_last_page_is_done_stands_the_one_before(anna, services):
    first, *_, last = [file(services, f"r{number}").reference for number in range(51)]
    said = anna.post("/bulk?page=2", seen_on="/?page=2", reference=[last], what="resolve", sure="yes")
    page = anna.client.get(said.location, follow_redirects=True).text
    assert "1 ticket is resolved" in page and first in page and "Nothing is open" not in page
    services.tickets.reopen(last, "ben@example.com", "console")
    following = anna.post(f"/tickets/{last}/resolve?page=2&then=next&order=oldest", seen_on=f"/tickets/{last}")
    assert f"/tickets/{first}" in following.location


def test_a_search_leads_to_what_it_would_find_elsewhere(anna, services):
    here, done = (file(services, f"r{number}", about=f"Matter {number}").reference for number in (1, 2))
    services.tickets.resolve(done, "ben@example.com", via="console")
    services.desk.tag(here, ["vip"], "ben@example.com", "console")
    page = anna.get("/?q=matter&owner=nobody&tag=vip").text
    assert here in page and done not in page
    everywhere = re.search(r'href="([^"]+)">search all tickets<', page)[1].replace("&amp;", "&")
    page = anna.client.get(everywhere).text
    assert here in page and done in page and "search all tickets" not in page


def test_a_search_that_finds_very_many_says_so_and_leads_to_all_of_them(anna, services, monkeypatch):
    for module in (queue, wanted):
        monkeypatch.setattr(module, "MOST_COUNTED", 50)
    for number in range(101):
        file(services, f"r{number}", about=f"Case {number:03d}")
    first, second, third = (anna.get(f"/?q=case&page={page}").text for page in (1, 2, 3))
    assert "More than 50 tickets with" in first and "Page 1<" in first and 'rel="next"' in first
    assert "Case 050" in second and 'rel="next"' in second
    assert "Case 100" in third and 'rel="next"' not in third and 'rel="prev"' in third
    assert "More than" not in anna.get("/").text and "Page 1 of 3" in anna.get("/").text
