"""Earlier conversations: only those of an address that this conversation has proven, to be read and no more."""

import uuid

import pytest

from bot.clock import now
from bot.conversations.store import FILE, Message
from bot.insight.person import MOST_PAST_CONVERSATIONS
from tests.site.test_transcript_mail import signed_in as signed_in  # noqa: PLC0414  a fixture

JANE = "jane@example.com"


def talk(services, *said, proven=JANE, channel="site"):
    """A conversation of before, with turns of a message and its reply."""
    name = str(uuid.uuid4())
    services.store.create(name, channel, now())
    for text in said:
        services.store.add(name, Message.new("user", text, now=now()), Message.new("bot", "I see.", now=now()))
    if proven:
        services.identity.prove_by_profile(name, proven)
    return name


def listed(client):
    return [one["id"] for one in client.get("/api/conversations/past").get_json()["conversations"]]


def test_they_are_listed_by_their_first_words_the_newest_first(signed_in):
    client, services = signed_in
    first = talk(services, "my badge is missing " * 20, "hello?")
    second = talk(services, "what is Credly?")
    found = client.get("/api/conversations/past").get_json()["conversations"]
    assert [one["id"] for one in found] == [second, first]
    assert found[0]["opening"] == "what is Credly?" and len(found[1]["opening"]) == 90


def test_one_can_be_read_but_no_button_of_it_goes_anywhere(signed_in):
    client, services = signed_in
    before = talk(services, "what is <b>Credly</b>?")
    said = client.get(f"/api/conversations/past/{before}").get_json()["messages"]
    assert [one["text"] for one in said] == ["what is <b>Credly</b>?", "I see."]
    client.post("/api/messages", json={"text": "and this one?"})
    assert [one.text for one in services.store.all(before)] == ["what is <b>Credly</b>?", "I see."]


def test_what_it_told_of_a_record_stays_hidden(signed_in):
    client, services = signed_in
    before = talk(services, "has mine been issued?")
    told = Message.new("bot", "Level 2 is overdue.", "utter_stage_overdue", now=now())
    services.store.add(before, told)
    answer = client.get(f"/api/conversations/past/{before}")
    assert "overdue" not in answer.text and len(answer.get_json()["messages"]) == 3


@pytest.mark.parametrize("whose", ["of another address", "of nobody", "in Slack", "this one", "none"])
def test_nobody_else_s_is_listed_or_read(signed_in, whose):
    client, services = signed_in
    other = {
        "of another address": lambda: talk(services, "secret", proven="eve@example.com"),
        "of nobody": lambda: talk(services, "secret", proven=""),
        "in Slack": lambda: talk(services, "secret", channel="slack"),
        "this one": lambda: client.get("/api/messages") and this_one(services),
        "none": lambda: str(uuid.uuid4()),
    }[whose]()
    assert listed(client) == []
    answer = client.get(f"/api/conversations/past/{other}")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "unknown_conversation")


def this_one(services):
    from bot.conversations.store import conversations

    with services.database.transaction() as connection:
        return connection.execute(conversations.select()).first().id


def test_without_a_proof_that_holds_there_is_none(signed_in, client, services):
    before = talk(services, "what is Credly?")
    for path in ("/api/conversations/past", f"/api/conversations/past/{before}"):
        assert client.get(path).status_code == 401
    client.post("/api/conversations", json={})
    for path in ("/api/conversations/past", f"/api/conversations/past/{before}"):
        answer = client.get(path)
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "not_proven")
        assert "type the code" in answer.get_json()["error"]["message"]


def test_the_list_has_an_end_and_no_file_names(signed_in):
    client, services = signed_in
    for number in range(MOST_PAST_CONVERSATIONS + 2):
        talk(services, f"question {number}")
    quiet = talk(services)
    services.store.add(quiet, Message.new("user", "scan.pdf", FILE, now=now()))
    assert len(listed(client)) == MOST_PAST_CONVERSATIONS - 1 and quiet not in listed(client)
