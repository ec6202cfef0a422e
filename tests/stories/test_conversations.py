"""What is said to what, with the real rules, actions and answers; only the understanding is given."""

from pathlib import Path

import pytest
import yaml

from bot.content.responses import responses
from bot.rasa.channel import chosen
from tests.stories.learner import Learner

STORIES = yaml.safe_load(Path("tests/stories/conversations.yml").read_text(encoding="utf-8"))
FAQS = sorted(name.removeprefix("utter_") for name in responses() if name.startswith("utter_faq/"))


def understood(turn, person):
    """A typed message as bot/nlu would understand it, with what stood before it."""
    label = turn.get("label") or turn["intent"]
    parsed = chosen(f"/{label}")
    for selected in parsed["response_selector"].values():
        selected["response"]["responses"] = responses()[f"utter_{label}"]
    for key in ("candidates", "questions"):
        parsed[key] = [{"label": name, "confidence": 0.3} for name in turn.get(key, [])]
    return person.understood("typed", parsed)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story["story"])
def test_conversation(learner, story):
    for number, turn in enumerate(story["turns"], 1):
        if turn.get("button"):
            learner.press(turn["button"])
        else:
            learner.say("typed", understood(turn, learner))
        assert learner.said == turn["says"], f"turn {number}"
        assert all(reply["text"] for reply in learner.replies)


@pytest.mark.parametrize("label", FAQS)
def test_every_faq_button_gives_its_answer(learner, label):
    (reply,) = learner.press(f"/{label}").replies
    assert reply["utterance"] == f"utter_{label}"
    assert reply["text"] in [v["text"] for v in responses()[f"utter_{label}"] if "channel" not in v]


@pytest.mark.parametrize("pressed", [True, False], ids=["answered by a rule", "answered by an action"])
def test_slack_reads_its_own_variant(talk, words, mailbox, pressed):
    label, person = "faq/missing_micro_credential", Learner(talk, words, mailbox, "slack")
    two = {"intent": "faq+faq", "questions": [label, "faq/what_is_credly"]}
    said = person.press(f"/{label}") if pressed else person.say("typed", understood(two, person))
    (slack,) = [v["text"] for v in responses()[f"utter_{label}"] if v.get("channel") == "slack"]
    assert said.replies[0]["text"] == slack


def test_a_clarification_carries_the_titles_and_a_way_out(learner):
    turn = {"intent": "nlu_fallback", "candidates": ["faq/what_is_credly", "escalate", "greet"]}
    (reply,) = learner.say("typed", understood(turn, learner)).replies
    assert reply["buttons"] == [
        {"title": "Who is Credly?", "payload": "/faq/what_is_credly"},
        {"title": "Write to the certification team", "payload": "/escalate"},
        {"title": "None of these", "payload": "/deny"},
    ]


def test_a_near_miss_carries_yes_and_no(learner):
    (reply,) = learner.say("typed", understood({"label": "out_of_scope/exam_price"}, learner)).replies
    assert [button["payload"] for button in reply["buttons"]] == ["/escalate", "/deny"]
