"""TOTAL_LIMITS_TIMES: what all people together may do, for as many people as there are; what one may do stays."""

import pytest

import bot.clock
from bot import bootstrap
from bot.errors import TooManyTickets
from bot.identity import limits as codes
from bot.identity.proof import CodeRequested
from bot.limit import HOUR, Limit
from bot.settings import Settings
from bot.site.errors import Refused
from bot.site.limits import Limiter
from bot.tickets import limits as tickets
from bot.tickets.ticket import HandoverReason, TicketRequest
from tests.conftest import SECRET


@pytest.fixture()
def busy(sqlite_url, monkeypatch):
    """Services that may send and open three times as much as two in all."""
    monkeypatch.setattr(codes, "CODES_IN_ALL", (Limit(2, HOUR),))
    monkeypatch.setattr(tickets, "TICKETS_IN_ALL", (Limit(2, HOUR),))
    given = {"SITE_SECRET_KEY": SECRET, "DATABASE_URL": sqlite_url, "TOTAL_LIMITS_TIMES": "3"}
    services = bootstrap.build(Settings.load(given), bot.clock.now)
    yield services
    services.database.engine.dispose()


def refused(do):
    try:
        do()
    except (Refused, TooManyTickets):
        return True
    return False


def test_so_many_times_as_many_codes_are_sent(busy):
    answers = [busy.identity.request_code(f"c{n}", f"v{n}@example.com", "site", f"n{n}") for n in range(7)]
    assert [isinstance(one, CodeRequested) for one in answers] == [True] * 6 + [False]


def test_so_many_times_as_many_tickets_are_opened(busy):
    def opens(n):
        about = (f"c{n}", "site", f"v{n}@example.com", "a badge", HandoverReason.REQUESTED)
        return not refused(lambda: busy.tickets.open(TicketRequest(f"r{n}", *about, network=f"n{n}")))

    assert [opens(n) for n in range(7)] == [True] * 6 + [False]


def test_calls_are_let_through_so_often_in_all_and_no_more_of_one_address():
    rates = {"messages of an address": "1/minute", "messages in all": "2/minute"}
    limiter = Limiter(rates=rates, clock=lambda: 0.0, total_times=3)

    def passes(address):
        return not refused(lambda: limiter.check_caller("messages", address))

    assert [passes("192.0.2.1"), passes("192.0.2.1")] == [True, False]
    assert [passes(f"198.51.100.{n}") for n in range(6)] == [True] * 5 + [False]
