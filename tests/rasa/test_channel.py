"""The door into Rasa: what becomes of typed text and of payloads."""

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.nlu.training_data.message import Message

from bot.rasa.channel import harmless, user_message
from bot.tokens import MessageToken

PERSON = MessageToken("c1", "site", None)
SLASHES = ["/restart", "//restart", "/ /restart", " \t/\n/ restart", "\u00a0/\u2003/restart", "\x1c/restart"]


@pytest.fixture(scope="module")
def domain():
    return Domain.load("domain.yml")


def read_by_rasa(text, domain):
    return YAMLStoryReader.unpack_regex_message(Message(data={"text": text}), domain).get("intent")


def test_rasa_does_take_a_slash_for_a_command(domain):
    assert read_by_rasa("/restart", domain)["name"] == "restart"


@pytest.mark.parametrize("typed", [*SLASHES, '/inform{"email":"x"}', "/faq/credential_types", "/escalate"])
def test_typed_text_is_never_a_command(typed, domain):
    message = user_message({"text": typed}, PERSON)
    assert message.parse_data is None
    assert not message.text.startswith("/") and message.text.strip(" /") in typed
    assert read_by_rasa(message.text, domain) is None


@pytest.mark.parametrize(("typed", "kept"), [("and/or", "and/or"), (" hi ", "hi"), ("/", "?"), ("/ /", "?")])
def test_the_words_are_kept(typed, kept):
    assert harmless(typed) == kept


@pytest.mark.parametrize(
    "payload",
    ["/restart", "/back", "/session_start", "greet", "/", "//", '/inform{"email":"x"}', "/a/b/c", "/faq/x\n", 7],
)
def test_a_payload_that_is_no_button_of_ours_is_refused(payload):
    assert user_message({"payload": payload}, PERSON) is None


@pytest.mark.parametrize("body", [None, [], "text", {}, {"text": 1}, {"text": "  "}, {"text": None}])
def test_malformed_bodies_are_refused(body):
    assert user_message(body, PERSON) is None


def test_context_goes_along():
    message = user_message({"text": "and several?", "context": {"faq": "email_signature"}}, PERSON)
    assert message.metadata["context"] == {"faq": "email_signature"}
    assert (message.sender_id, message.input_channel, message.output_channel.name()) == ("c1", "site", "site")
