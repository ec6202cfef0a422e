"""Whom a mail speaks for in a ticket."""

from dataclasses import replace

import pytest

from bot.tickets.senders import Senders, Side
from tests.tickets.conftest import request
from tests.tickets.test_replies import ANNA, JANE, TEAM

SECOND = "jane.private@example.org"
SENDERS = Senders(TEAM.title(), [ANNA], ["support@example.com"])


@pytest.mark.parametrize(
    ("sender", "proven", "side"),
    [
        (JANE, (JANE,), Side.LEARNER),
        (JANE, (), Side.LEARNER),
        (SECOND, (JANE, SECOND), Side.LEARNER),
        (SECOND, (JANE,), Side.OTHER),
        (ANNA, (JANE,), Side.TEAM),
        (TEAM, (JANE,), Side.TEAM),
        (ANNA, (JANE, ANNA), Side.LEARNER),
        (TEAM, (JANE, TEAM), Side.LEARNER),
        ("support@example.com", (JANE,), Side.OTHER),
        ("", (JANE,), Side.OTHER),
    ],
)
def test_the_ticket_knows_its_learner_and_all_others_of_the_staff_are_the_team(tickets, sender, proven, side):
    ticket = tickets.open(request(proven=proven))
    assert SENDERS.side(sender, ticket) is side


def test_a_mail_without_a_sender_speaks_for_nobody(tickets):
    nobodys = replace(tickets.open(request()), contact="", proven=())
    assert SENDERS.side("", nobodys) is Side.OTHER


def test_our_side_writes_from_all_its_addresses():
    assert SENDERS.ours == {TEAM, ANNA, "support@example.com"}
