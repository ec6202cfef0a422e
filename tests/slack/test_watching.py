"""Who asked in Slack to be told of a credential is told there too."""

import datetime

import pytest

import bot.clock
from bot.issuance.record import BadgeState
from bot.outbox.service import Outbox
from bot.slack.store import EventStore
from bot.slack.transport import SlackTransport
from tests.watching.conftest import complete, issue

LEA = "lea@example.com"


@pytest.mark.parametrize("place", ["D0LEARNER", ""])
def test_news_come_to_slack_where_the_person_is_known_there(services, slack, place):
    store = EventStore(services.database)
    if place:
        store.place("c1", place, bot.clock.now())
    complete(services, LEA, "Level 2", completed_on=services.issuance.today())
    issue(services, "other@example.com", "Level 1")
    assert services.watching.begin("c1", [LEA]).begun
    issue(services, LEA, "Level 2", BadgeState.REVOKED)
    later = bot.clock.now() + datetime.timedelta(hours=1)
    services.watching._clock = lambda: later
    assert services.watching.check_some().told == 1
    carrier = SlackTransport(services.slack, store)
    Outbox(services.database, {"slack": carrier}, bot.clock.now).deliver_due("worker")
    told = [one for one in slack.shown.values() if one["channel"] == "D0LEARNER"]
    assert len(told) == bool(place)
    assert all("*Level 2*" in str(one) and "revoked" in str(one) for one in told)
