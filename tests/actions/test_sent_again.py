"""A message comes again when the server that answered it has died: what it did is not done twice, and is told again."""

import datetime

import pytest

from actions.base import TrackerView
from actions.identity import check_code
from actions.ticket_request import request
from bot.conversations.store import Message

JANE = "jane@example.com"
NOON = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.timezone.utc)


def said(text, conversation="c1"):
    return TrackerView({"text": text}, conversation_id=conversation)


@pytest.fixture()
def code(acting, monkeypatch):
    codes = []
    monkeypatch.setattr(acting.identity, "_send", lambda connection, address, code, until: codes.append(code))
    acting.identity.request_code("c1", JANE, "site")
    return codes[0]


def test_the_right_code_is_right_again(code):
    first = check_code(said(code))
    assert first.slots["one_time_code"] == "proven" and check_code(said(code)) == first


@pytest.mark.parametrize("conversation", ["c1", "c2"])
def test_another_code_or_another_conversation_is_told_that_no_code_is_waited_for(code, conversation):
    check_code(said(code))
    typed = code if conversation == "c2" else ("000000" if code != "000000" else "111111")
    answer = check_code(said(typed, conversation))
    assert [one.utterance for one in answer.says] == ["utter_code_none"] and answer.slots["one_time_code"] is None


def test_a_confirmation_that_comes_again_makes_no_second_ticket(acting):
    acting.store.create("c1", "site", NOON)
    acting.store.add("c1", Message.new("user", "yes", now=NOON))
    slots = {"contact": JANE, "about": "My badge is missing.", "ticket_separate": True}
    tickets = [acting.tickets.open(request(TrackerView({"text": "yes"}, conversation_id="c1", slots=slots)))]
    tickets.append(acting.tickets.open(request(TrackerView({"text": "yes"}, conversation_id="c1", slots=slots))))
    acting.store.add("c1", Message.new("user", "yes", now=NOON))
    tickets.append(acting.tickets.open(request(TrackerView({"text": "yes"}, conversation_id="c1", slots=slots))))
    references = [one.reference for one in tickets]
    assert references[0] == references[1] != references[2]
