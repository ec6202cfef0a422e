"""What is said to what, with the real rules, actions and answers; only the understanding is given."""

import uuid
from pathlib import Path

import pytest
import yaml
from rasa.core.channels.channel import UserMessage

from bot.content.responses import responses
from bot.rasa.channel import Collector, chosen, user_message
from bot.tokens import MessageToken

STORIES = yaml.safe_load(Path("tests/stories/conversations.yml").read_text(encoding="utf-8"))
FAQS = sorted(name.removeprefix("utter_") for name in responses() if name.startswith("utter_faq/"))


def token(channel="site"):
    return MessageToken(str(uuid.uuid4()), channel, None)


def understood(turn, person):
    """A typed message as bot/nlu would understand it."""
    label = turn.get("label") or turn["intent"]
    parsed = chosen(f"/{label}")
    for selected in parsed["response_selector"].values():
        selected["response"]["responses"] = responses()[f"utter_{label}"]
    for key in ("candidates", "questions"):
        parsed[key] = [{"label": name, "confidence": 0.3} for name in turn.get(key, [])]
    collector = Collector(person.channel)
    return UserMessage("typed", collector, person.conversation_id, parse_data=parsed)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story["story"])
def test_conversation(talk, story):
    person = token()
    for number, turn in enumerate(story["turns"], 1):
        button = turn.get("button")
        replies = talk(user_message({"payload": button}, person) if button else understood(turn, person))
        assert [reply["utterance"] for reply in replies] == turn["says"], f"turn {number}"
        assert all(reply["text"] for reply in replies)


@pytest.mark.parametrize("label", FAQS)
def test_every_faq_button_gives_its_answer(talk, label):
    (reply,) = talk(user_message({"payload": f"/{label}"}, token()))
    assert reply["utterance"] == f"utter_{label}"
    assert reply["text"] in [v["text"] for v in responses()[f"utter_{label}"] if "channel" not in v]


@pytest.mark.parametrize("pressed", [True, False], ids=["answered by a rule", "answered by an action"])
def test_slack_reads_its_own_variant(talk, pressed):
    label, person = "faq/missing_micro_credential", token("slack")
    two = {"intent": "faq+faq", "questions": [label, "faq/what_is_credly"]}
    message = user_message({"payload": f"/{label}"}, person) if pressed else understood(two, person)
    (slack,) = [v["text"] for v in responses()[f"utter_{label}"] if v.get("channel") == "slack"]
    assert talk(message)[0]["text"] == slack


def test_a_clarification_carries_the_titles_and_a_way_out(talk):
    turn = {"intent": "nlu_fallback", "candidates": ["faq/what_is_credly", "escalate", "greet"]}
    (reply,) = talk(understood(turn, token()))
    assert reply["buttons"] == [
        {"title": "Who is Credly?", "payload": "/faq/what_is_credly"},
        {"title": "Write to the certification team", "payload": "/escalate"},
        {"title": "None of these", "payload": "/deny"},
    ]


def test_a_near_miss_carries_yes_and_no(talk):
    (reply,) = talk(understood({"label": "out_of_scope/exam_price"}, token()))
    assert [button["payload"] for button in reply["buttons"]] == ["/escalate", "/deny"]
