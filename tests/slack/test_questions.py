import threading

import pytest

from tests.servers.slack import BOT
from tests.slack.conftest import GUEST, LEARNER, STAFF, STRANGER, buttons, words

ANSWER = {
    "text": "**Yes** & [see](https://example.com/a?b=1&c=2)",
    "utterance": "utter_greet",
    "buttons": [],
}
CHOICE = {"title": "It's missing", "payload": "/ambiguous/missing_badge"}
STATUS = {"text": "- **Level 2**: overdue", "utterance": "utter_status_list", "buttons": [CHOICE]}


def test_a_direct_message_is_answered_in_mrkdwn(workspace, rasa):
    rasa.replies = [{**ANSWER, "buttons": [CHOICE]}]
    assert workspace.writes(LEARNER, "Is <mailto:jane@example.com|jane@example.com> &lt;ok&gt;?").status_code == 200
    message = workspace.said()[0]
    assert words(message) == "*Yes* &amp; <https://example.com/a?b=1&amp;c=2|see>"
    assert message["channel"] == "D0LEARNER" and "thread_ts" not in message and message["text"]
    assert buttons(message)[0]["text"]["text"] == "It's missing"
    token, asked = rasa.requests[0]
    assert token.channel == "slack" and asked["text"] == "Is jane@example.com <ok>?"


def test_a_button_is_answered_in_its_conversation(workspace, rasa):
    rasa.replies = [{**ANSWER, "buttons": [CHOICE]}]
    workspace.writes(LEARNER, "Where is it?")
    pressed = buttons(workspace.said()[0])[0]
    workspace.presses(LEARNER, pressed, channel="D0LEARNER")
    assert len(workspace.said(2)) == 2
    assert rasa.requests[1][1]["payload"] == CHOICE["payload"]
    assert rasa.requests[1][0].conversation_id == rasa.requests[0][0].conversation_id


def test_a_mention_is_answered_in_its_thread_and_each_person_has_a_conversation(workspace, rasa):
    rasa.replies = [{**ANSWER, "buttons": [CHOICE]}]
    workspace.mentions(LEARNER, "Do badges expire?", ts="1800000000.000100")
    message = workspace.said()[0]
    assert (message["channel"], message["thread_ts"]) == ("C0GENERAL", "1800000000.000100")
    assert rasa.requests[0][1]["text"] == "Do badges expire?"
    workspace.mentions(STAFF, "And then?", ts="1800000000.000200", thread_ts="1800000000.000100")
    assert workspace.said(2)[1]["thread_ts"] == "1800000000.000100"
    assert rasa.requests[0][0].conversation_id != rasa.requests[1][0].conversation_id
    workspace.presses(STAFF, buttons(message)[0], channel="C0GENERAL")
    refused = workspace.said(1, "chat.postEphemeral")[0]
    assert refused["user"] == STAFF and "somebody else" in words(refused)


def test_what_is_about_a_person_is_shown_to_them_alone_in_a_channel(workspace, rasa):
    rasa.replies = [STATUS]
    workspace.mentions(LEARNER, "was my badge issued?")
    message = workspace.said(1, "chat.postEphemeral")[0]
    assert (message["user"], message["channel"]) == (LEARNER, "C0GENERAL") and "Level 2" in words(message)
    assert workspace.slack.made("chat.postMessage") == []


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "B0OTHER"},
        {"subtype": "message_changed", "message": {"text": "changed"}},
        {"subtype": "channel_join"},
        {"user": BOT, "bot_id": "B0BOT"},
    ],
)
def test_bots_edits_and_arrivals_are_acknowledged_and_ignored(workspace, rasa, more):
    assert workspace.writes(LEARNER, "not a question", **more).status_code == 200
    workspace.writes(LEARNER, "a question")
    workspace.said()
    assert [asked["text"] for _, asked in rasa.requests] == ["a question"]


def test_a_repeated_event_is_answered_once(workspace, rasa):
    for _ in range(3):
        answer = workspace.writes(LEARNER, "once", event_id="Ev1", how={"X-Slack-Retry-Num": "1"})
        assert answer.status_code == 200
    workspace.writes(LEARNER, "twice", event_id="Ev2")
    workspace.said(2)
    assert sorted(asked["text"] for _, asked in rasa.requests) == ["once", "twice"]


def test_members_are_known_by_their_profile_and_others_are_not(workspace, services, rasa):
    for who in (LEARNER, GUEST, STRANGER):
        workspace.writes(who, "hello")
    workspace.said(3)
    addresses = [services.identity.proven(token.conversation_id) for token, _ in rasa.requests]
    assert sorted(addresses) == [[], [], ["lea@example.com"]]


def test_a_long_answer_comes_in_parts_without_loss(workspace, rasa):
    paragraph = "A sentence with [a link](https://example.com/page?x=1&y=2) and **weight**. " * 20
    rasa.replies = [{**ANSWER, "text": "\n\n".join(f"{n} {paragraph}" for n in range(9)), "buttons": [CHOICE] * 30}]
    workspace.writes(LEARNER, "tell me everything")
    workspace.slack.wait(lambda: sum(len(buttons(one)) for one in workspace.slack.made("chat.postMessage")) == 30)
    shown = workspace.slack.made("chat.postMessage")
    assert len(shown) > 2
    assert sum(words(one).count("<https://example.com/page?x=1&amp;y=2|a link>") for one in shown) == 180


def test_rasa_down_is_told_and_not_a_silence(workspace, rasa):
    rasa.fail = True
    workspace.writes(LEARNER, "hello?")
    assert "can't answer right now" in words(workspace.said()[0])


def test_nothing_and_too_much_are_told(workspace, rasa):
    workspace.mentions(LEARNER, "")
    assert "What would you like to know" in words(workspace.said(1, "chat.postEphemeral")[0])
    workspace.writes(LEARNER, "x" * 2001)
    assert "2,000" in words(workspace.said(1)[0])
    assert rasa.requests == []


def test_messages_sent_at_once_are_not_answered_twice(workspace, rasa):
    go = threading.Event()
    plain, rasa.answer = rasa.answer, lambda body: go.wait(60) and plain(body)
    for text in ("one", "two", "three"):
        workspace.writes(LEARNER, text)
    go.set()
    made = lambda: workspace.slack.made("chat.postMessage")  # noqa: E731
    workspace.slack.wait(lambda: "three" in str(made()) and len(made()) >= len(rasa.requests))
    texts = [words(one) for one in made()]
    assert len(texts) == len(set(texts)) == len(rasa.requests)


def test_whatever_conversation_somebody_writes_in_counts_as_one_network(workspace, services, rasa):
    for number in range(2):
        workspace.mentions(GUEST, "hello", ts=f"190000000{number}.1")
    workspace.writes(GUEST, "hello")
    workspace.writes(LEARNER, "hello")
    workspace.slack.wait(lambda: len(rasa.requests) == 4)
    who = {request.conversation_id: body for request, body in rasa.requests}
    networks = [services.store.network(one) for one in who]
    assert len(who) == 4 and len(set(networks)) == 2 and all(len(one) == 64 for one in networks)
