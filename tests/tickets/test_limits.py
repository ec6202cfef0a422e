"""How many tickets strangers can open, and what they can make us write to others."""

import datetime

import pytest

from bot.errors import TooManyTickets
from bot.tickets import limits
from tests.tickets.conftest import NOON, request
from tests.tickets.test_tickets import mails

LURE = "Your account is locked, sign in at https://evil.example/login now"


def unproven(key, **changes):
    """A request of somebody who proved nothing, in a conversation of its own."""
    return request(key, proven=(), diagnosis=(), stages=(), transcript=(), **changes)


def opened(tickets, requests):
    """How many of them became tickets before one was refused."""
    for number, one in enumerate(requests):
        try:
            tickets.open(one)
        except TooManyTickets:
            return number
    return len(requests)


@pytest.mark.parametrize("about", [LURE, f"{LURE}\n" * 3, f"[{LURE}](https://evil.example)", "evil.example"])
def test_an_address_that_was_only_typed_gets_no_word_of_the_writer(tickets, services, about):
    tickets.open(unproven("r1", contact="victim@example.com", about=about, credentials=("evil.example",)))
    mail = next(mail for _, mail in mails(services) if mail.to == "victim@example.com")
    assert "CRT-2026-00001" in mail.text and "CRT-2026-00001" in mail.html
    everything = f"{mail.subject} {mail.text} {mail.html} {mail.reply_to} {mail.headers}"
    assert "evil.example" not in everything and "locked" not in everything


def test_who_has_proven_the_address_reads_what_was_asked(tickets, services):
    tickets.open(request(about="Level 2 never came"))
    mail = next(mail for _, mail in mails(services) if mail.to == "jane@example.com")
    assert "Level 2 never came" in mail.text and "Level 2 never came" in mail.html


def test_one_address_gets_no_more_than_five_tickets_an_hour_from_wherever(tickets):
    assert opened(tickets, [unproven(f"r{n}", network=f"n{n}") for n in range(8)]) == 5
    assert opened(tickets, [unproven("other", contact="ben@example.com")]) == 1


def test_one_network_opens_no_more_than_twenty_tickets_an_hour_for_whomever(tickets):
    assert opened(tickets, [unproven(f"r{n}", contact=f"v{n}@example.com", network="n1") for n in range(25)]) == 20
    assert opened(tickets, [unproven("other", contact="ben@example.com", network="n2")]) == 1


def test_strangers_from_everywhere_are_limited_in_all_and_those_who_proved_an_address_get_through(tickets, monkeypatch):
    monkeypatch.setattr(limits, "TICKETS_IN_ALL", (limits.Limit(3, limits.HOUR),))
    assert opened(tickets, [unproven(f"r{n}", contact=f"v{n}@example.com", network=f"n{n}") for n in range(5)]) == 3
    assert opened(tickets, [request("proven", network="n9")]) == 1


def test_who_was_refused_is_told_when_to_come_back_and_the_same_request_again_is_no_second_one(tickets):
    opened(tickets, [unproven(f"r{n}") for n in range(5)])
    with pytest.raises(TooManyTickets) as refused:
        tickets.open(unproven("r5"))
    assert refused.value.retry_after == 3600
    assert tickets.open(unproven("r0")).reference == "CRT-2026-00001"
    tickets._clock = lambda: NOON + datetime.timedelta(hours=1)
    assert tickets.open(unproven("r5")).reference == "CRT-2026-00006"
