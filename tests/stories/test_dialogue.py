"""Dialogue through the trained Rasa model: what a message leads to, without a network."""

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.nlu.standalone import newest_model


@pytest.fixture(scope="module")
def agent():
    from bot.evaluation.in_process import agent, private_services

    with private_services():
        yield agent(newest_model(Path("models")))


def reply(agent, conversation, body):
    from bot.rasa.channel import user_message
    from bot.tokens import MessageToken

    message = user_message(body, MessageToken(conversation, body.get("channel", "site"), None))
    asyncio.run(agent.handle_message(message))
    return message.output_channel.replies


def test_a_faq_question_is_answered_by_its_own_utterance(agent):
    (answer,) = reply(agent, "s1", {"text": "what is credly"})
    assert answer["utterance"] == "utter_faq/what_is_credly"
    assert answer["text"].startswith("Credly is a digital credentialing platform")


def test_a_button_leads_to_its_answer(agent):
    (answer,) = reply(agent, "s2", {"payload": "/faq/privacy_settings"})
    assert answer["utterance"] == "utter_faq/privacy_settings"


def test_a_missing_badge_leads_to_one_question_back(agent):
    (asked,) = reply(agent, "s3", {"text": "my badge is missing"})
    assert [b["payload"] for b in asked["buttons"]] == [
        "/faq/missing_digital_credential",
        "/faq/missing_micro_credential",
        "/faq/missing_some_credentials",
        "/check_issuance_status",
    ]
    shown = asked["buttons"]
    offered, titles = [b["payload"].lstrip("/") for b in shown], [b["title"] for b in shown]
    context = {"faq": None, "offered": offered, "titles": titles}
    (answer,) = reply(agent, "s3", {"text": "the micro one", "context": context})
    assert answer["utterance"] == "utter_faq/missing_micro_credential"


def test_slack_gets_the_shorter_variant(agent):
    (site,) = reply(agent, "s4", {"payload": "/faq/missing_micro_credential"})
    (slack,) = reply(agent, "s5", {"payload": "/faq/missing_micro_credential", "channel": "slack"})
    assert len(slack["text"]) < len(site["text"])
    assert "admin@credly.com" in slack["text"]


@pytest.mark.parametrize("typed", ["/restart", "/session_start", '/inform{"email":"x"}', "/faq/what_is_credly"])
def test_typed_commands_do_nothing_special(agent, typed):
    reply(agent, "s6", {"text": "hello"})
    tracker = asyncio.run(agent.tracker_store.retrieve("s6"))
    events = len(tracker.events)
    reply(agent, "s6", {"text": typed})
    tracker = asyncio.run(agent.tracker_store.retrieve("s6"))
    assert len(tracker.events) > events
    assert not tracker.latest_message.text.startswith("/")


def test_social_messages(agent):
    for text, utterance in [
        ("hi", "utter_greet"),
        ("thanks", "utter_thank"),
        ("are you a bot?", "utter_bot_challenge"),
    ]:
        assert reply(agent, "s7", {"text": text})[0]["utterance"] == utterance


# What actions say is looked after in tests/actions/test_answers.py, the same words after different things in
# tests/nlu/test_examples.py.
KNOWN = re.compile(
    r"The utterance '[^']+' is not used in any story or rule"
    r"|The example .* was found labeled with multiple different intents"
    r"|The intent 'something_new' is not used in any story or rule"
)


def test_content_validates_without_a_warning():
    command = [sys.executable, "-m", "rasa", "data", "validate", "--data", "data/nlu", "data/stories"]
    environment = {**os.environ, "PYTHONWARNINGS": "default", "LOG_LEVEL": "INFO"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-3000:]
    assert "No story structure conflicts found" in said
    assert [line for line in said.splitlines() if "UserWarning" in line and not KNOWN.search(line)] == []
