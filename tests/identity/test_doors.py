"""The chat and the console count apart; networks and all of them together are limited, too."""

import pytest

from bot.identity import limits
from bot.identity.proof import CodeRequested, Locked, Proven, TooManyCodes
from bot.limit import HOUR, Limit
from tests.identity.conftest import ALICE

STAFF = "staff@example.com"


def flood(identity, clock, address, channel, network, times=30):
    """Ask for codes for an address and type wrong ones, in conversations that are new each time."""
    for n in range(times):
        identity.request_code(f"{channel} {network} {n}", address, channel, network)
        for _ in range(5):
            identity.check_code(f"{channel} {network} {n}", "000000")
        clock.advance(seconds=10)


def sign_in(identity, mailbox, channel="console", network="office"):
    """What comes of asking for a code and typing it."""
    asked = identity.request_code("own browser", STAFF, channel, network)
    return identity.check_code("own browser", mailbox.code()) if isinstance(asked, CodeRequested) else asked


@pytest.mark.parametrize("channel", ["site", "slack"])
def test_a_flood_of_codes_in_the_chat_keeps_nobody_from_signing_in(identity, mailbox, clock, channel):
    flood(identity, clock, STAFF, channel, "office")
    assert isinstance(identity.request_code("c", STAFF, channel, "office"), TooManyCodes)
    assert sign_in(identity, mailbox) == Proven(STAFF)


def test_a_strangers_tries_at_the_console_do_not_count_for_staff_elsewhere(identity, mailbox, clock):
    flood(identity, clock, STAFF, "console", "stranger", times=10)
    assert isinstance(identity.request_code("s", STAFF, "console", "stranger"), TooManyCodes)
    assert sign_in(identity, mailbox) == Proven(STAFF)


def test_guessing_at_the_console_from_many_networks_is_bounded_by_the_address(identity, clock, mailbox):
    for n in range(10):
        flood(identity, clock, STAFF, "console", f"n{n}", times=2)
    assert isinstance(identity.request_code("c", STAFF, "console", "another"), TooManyCodes)
    assert len([mail for mail in mailbox.mails if mail[0] == STAFF]) <= 30


def test_the_chat_does_not_tell_who_has_just_signed_in_to_the_console(identity, mailbox, clock):
    answers = []
    for n in range(5):
        identity.request_code(f"browser {n}", STAFF, "console", "office")
        identity.check_code(f"browser {n}", "000000")
    for name, address in (("c1", STAFF), ("c2", ALICE)):
        told = [identity.request_code(name, address, "site", "cafe") for _ in range(2)]
        answers.append([type(told[0]), told[1], identity.check_code(name, mailbox.wrong())])
    assert answers[0] == answers[1]


def test_one_network_asks_for_sixty_codes_an_hour_for_whomever(identity):
    answers = [identity.request_code(f"c{n}", f"v{n}@example.com", "site", "n1") for n in range(61)]
    assert [isinstance(one, CodeRequested) for one in answers] == [True] * 60 + [False]
    assert isinstance(identity.request_code("c", "v@example.com", "site", "n2"), CodeRequested)


def test_all_networks_together_are_limited_but_the_console_is_not(identity, mailbox, monkeypatch):
    monkeypatch.setattr(limits, "CODES_IN_ALL", (Limit(3, HOUR),))
    answers = [identity.request_code(f"c{n}", f"v{n}@example.com", "site", f"n{n}") for n in range(4)]
    assert [isinstance(one, CodeRequested) for one in answers] == [True, True, True, False]
    assert sign_in(identity, mailbox) == Proven(STAFF)


def test_wrong_codes_in_the_chat_lock_the_address_there_from_every_network(identity, clock, mailbox):
    identity.request_code("mine", ALICE, "site", "mine")
    code = mailbox.code()
    flood(identity, clock, ALICE, "site", "stranger", times=3)
    assert isinstance(identity.check_code("mine", code), Locked)
