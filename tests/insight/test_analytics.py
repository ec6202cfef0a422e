import datetime
import uuid
from zoneinfo import ZoneInfo

import pytest

from bot.conversations.store import ConversationStore, Message
from bot.insight import analytics
from bot.tickets.ticket import HandoverReason
from tests.tickets.conftest import request
from tests.tickets.runner import tickets_on

DAY = datetime.datetime(2026, 11, 24, 9, tzinfo=datetime.timezone.utc)
SINCE, UNTIL = (
    datetime.datetime(2026, 11, 20, tzinfo=datetime.timezone.utc),
    datetime.datetime(2026, 11, 26, tzinfo=datetime.timezone.utc),
)


@pytest.fixture()
def store(database):
    return ConversationStore(database)


@pytest.fixture()
def file(database):
    """Files a ticket as the form does."""

    def file(key, *, at, conversation_id="", reason=HandoverReason.NO_ASSISTANT):
        asked = request(key, conversation_id=conversation_id, reason=reason)
        return tickets_on(database, lambda: at).open(asked)

    return file


def talk(store, name, *said, at=DAY):
    """`said`: "text" of the person, "utter_..." of the assistant."""
    store.create(name, "site", at)
    for text in said:
        bot = text.startswith("utter_")
        role, utterance = ("bot", text) if bot else ("user", "")
        key = f"{name} {text}" if "faq" in text else str(uuid.uuid4())
        store.add(name, Message(key, role, text, utterance, created_at=at))


def test_each_question_counts_once_by_what_became_of_it(store, database):
    talk(store, "a", "utter_greet", "what is credly", "utter_faq/what_is_credly", "hi", "utter_greet")
    talk(
        store, "b", "eh?", "utter_ask_rephrase", "price?", "utter_out_of_scope/exam_price", "badge?", "utter_ask_which"
    )
    talk(store, "c", "mine?", "utter_identity_why", "123456", "utter_status_list", "utter_status_offer_team")
    found = analytics.read(database, SINCE, UNTIL)
    assert dict(found.kinds) == {"answered": 1, "not_understood": 1, "declined": 1, "clarified": 1, "looked_up": 1}
    assert sum(found.days[DAY.date()].values()) == 5 and len(found.days) == 7


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (["credly?", "utter_faq/what_is_credly"], "silent"),
        (["credly?", "utter_faq/what_is_credly", "thanks", "utter_thank"], "confirmed"),
        (["price?", "utter_out_of_scope/exam_price"], "declined"),
        (["price?", "utter_out_of_scope/exam_price", "credly?", "utter_faq/what_is_credly"], "silent"),
        (["eh", "utter_ask_rephrase"], "clarified"),
        (["help me", "utter_ask_which", "yes", "utter_ticket_opened", "thanks", "utter_thank"], "escalated"),
    ],
)
def test_silence_is_never_taken_for_a_solution(store, database, said, outcome):
    talk(store, "a", "utter_greet", *said)
    talk(store, "only greeted", "utter_greet")
    assert dict(analytics.read(database, SINCE, UNTIL).outcomes) == {outcome: 1}


def test_ratings_are_told_by_answer_and_one_that_helped_confirms(store, database):
    talk(store, "a", "credly?", "utter_faq/what_is_credly")
    talk(store, "b", "credly?", "utter_faq/what_is_credly")
    store.rate("a", "a utter_faq/what_is_credly", True, None)
    store.rate("b", "b utter_faq/what_is_credly", False, "too short for jane@example.com, 123 456")
    found = analytics.read(database, SINCE, UNTIL)
    rated = found.helpfulness["what_is_credly"]
    assert (rated.yes, rated.no, rated.comments) == (1, 1, ["too short for (address), (number)"])
    assert rated.share == 50
    assert dict(found.outcomes) == {"confirmed": 1, "silent": 1}


def test_other_periods_are_left_out(store, database):
    talk(store, "old", "credly?", "utter_faq/what_is_credly", at=SINCE - datetime.timedelta(seconds=1))
    assert not analytics.read(database, SINCE, UNTIL).kinds


def test_a_day_is_that_of_the_team(store, database):
    late = datetime.datetime(2026, 11, 24, 23, 30, tzinfo=datetime.timezone.utc)  # half past midnight in Berlin
    talk(store, "a", "credly?", "utter_faq/what_is_credly", at=late)
    for zone, day in (("UTC", 24), ("Europe/Berlin", 25), ("America/New_York", 24)):
        found = analytics.read(database, SINCE, UNTIL, ZoneInfo(zone))
        assert [one.day for one, counts in found.days.items() if counts] == [day]


def test_what_was_written_in_the_form_was_passed_to_the_team(store, database, file):
    file("alone", at=DAY)
    talk(store, "c", "credly?", "utter_faq/what_is_credly", "hello?")
    file("in a chat", conversation_id="c", at=DAY)
    store.create("greeted", "site", DAY)
    file("in a chat that asked nothing", conversation_id="greeted", at=DAY)
    file("another day", at=SINCE - datetime.timedelta(days=1))
    file("not the form's", conversation_id="d", at=DAY, reason=HandoverReason.REQUESTED)
    found = analytics.read(database, SINCE, UNTIL)
    assert dict(found.kinds) == {"answered": 1, "escalated": 3}
    assert dict(found.outcomes) == {"escalated": 3}
