"""A record that was shown does not stay readable: on a shared computer the cookie outlives the proof."""

import datetime
import uuid

import pytest

import bot.clock
from bot.conversations.store import Message
from bot.identity.proof import Held
from bot.site.records import HIDDEN, readable

NOON = datetime.datetime(2026, 11, 29, 12, tzinfo=datetime.timezone.utc)
HOUR = datetime.timedelta(hours=1)
SECRETS = "Level 2: overdue since Monday"


def at(minutes):
    return NOON + datetime.timedelta(minutes=minutes)


def said(minutes, utterance="utter_status_list"):
    return Message.new("bot", SECRETS, utterance, [{"title": "Yes", "payload": "/affirm"}], now=at(minutes))


def read(messages, held, minutes):
    return [one.text == SECRETS for one in readable(messages, held, at(minutes), HOUR)]


@pytest.mark.parametrize(
    ("held", "minutes", "open_still"),
    [
        ([(0, 60)], 59, True),
        ([(0, 60)], 60, False),
        ([(0, 60)], 61, False),
        ([(0, 60), (70, 130)], 71, False),  # another address was proven since
        ([(0, 60), (5, 65)], 62, False),  # of two proven addresses, whose records were shown together, one has lapsed
        ([(0, 60), (20, 80)], 59, True),
        ([(30, 90)], 61, True),  # the proof was given again: as long as one would hold
        ([(30, 90)], 75, False),
        ([(0, 5)], 6, True),  # it had ended before, so this was said without a proof
        ([], 60, True),
        ([], 70, False),
    ],
)
def test_a_record_is_readable_as_long_as_what_it_was_shown_under(held, minutes, open_still):
    proofs = [Held(at(since), at(until)) for since, until in held]
    assert read([said(10)], proofs, minutes) == [open_still]


def test_what_is_no_record_stays_and_hidden_ones_in_a_row_are_one_sentence():
    answer, words = said(1, "utter_faq/what_is_credly"), Message.new("user", SECRETS, now=at(2))
    turn = [said(3), said(3, "utter_status_two_profiles"), said(3, "utter_status_offer_team")]
    shown = readable([answer, words, *turn, answer, said(9)], [Held(at(0), at(60))], at(90), HOUR)
    assert [one.utterance for one in shown] == [
        "utter_faq/what_is_credly",
        "",
        HIDDEN,
        "utter_faq/what_is_credly",
        HIDDEN,
    ]
    assert "has my badge been issued" in shown[2].text and shown[2].buttons == () and shown[2].id == turn[0].id


def test_a_record_of_unknown_age_is_hidden():
    old = Message("id", "bot", SECRETS, utterance="utter_status_list")
    assert read([old], [Held(at(0), at(60))], 10) == [False]


def test_after_the_proof_neither_the_history_nor_the_same_message_again_shows_the_record(client, services, rasa):
    conversation_id = client.post("/api/conversations").json["conversation_id"]
    services.identity.prove_by_profile(conversation_id, "jane@example.com")
    rasa.replies = [{"text": SECRETS, "buttons": [], "utterance": "utter_status_list"}]
    message = {"text": "has my badge been issued", "id": str(uuid.uuid4())}
    calls = (lambda: client.post("/api/messages", json=message), lambda: client.get("/api/messages"))
    for call in calls:
        assert SECRETS in call().text
    services.identity._clock = lambda: bot.clock.now() + HOUR
    object.__setattr__(services, "clock", services.identity._clock)
    for call in calls:
        answer = call()
        assert answer.status_code == 200 and SECRETS not in answer.text and "only you may read" in answer.text
