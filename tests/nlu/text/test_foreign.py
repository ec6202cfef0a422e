"""Another language is found where a message is written in it, and never in English with a foreign word or a name."""

import json
import time
from pathlib import Path

import pytest
import yaml

from bot.content.responses import responses
from bot.evaluation.examples import training
from bot.nlu.decision import Decision
from bot.nlu.in_context import understood
from bot.nlu.text import foreign
from bot.nlu.text.foreign import language

HERE = Path(__file__).parent
MESSAGES = yaml.safe_load((HERE / "other_languages.yml").read_text(encoding="utf-8"))
ENGLISH = (HERE / "english_with_foreign_words.txt").read_text(encoding="utf-8").splitlines()
ASKED = [
    json.loads(line)["text"]
    for file in sorted(Path("tests/data").glob("*.jsonl"))
    for line in file.read_text(encoding="utf-8").splitlines()
]
# Nobody may write a message with one of these words and have it read as another language.
ENGLISH_WORDS = {"the", "my", "is", "what", "how", "where", "you", "this", "please", "and"}


@pytest.mark.parametrize("code", foreign.REPLIED)
def test_nearly_all_messages_of_a_language_are_found(code):
    missed = {text: found for text in MESSAGES[code] if (found := language(text)) != code}
    assert len(MESSAGES[code]) >= 12
    assert len(missed) <= 0.05 * len(MESSAGES[code]), missed


@pytest.mark.parametrize("text", ENGLISH)
def test_english_with_names_foreign_words_typos_and_code_stays_english(text):
    assert language(text) == ""


@pytest.mark.parametrize(
    "text",
    ["ja bitte", "gracias", "merci beaucoup", "danke", "Müller", "São Paulo", "sí, por favor", "", "的", "?"],
)
def test_a_few_words_say_nothing_of_the_language(text):
    assert language(text) == ""


def test_no_question_with_english_words_is_taken_for_another_language():
    texts = [*ASKED, *(text for text, _ in training(Path("data/nlu")))]
    assert len(texts) > 15_000
    wrong = [(language(text), text) for text in texts if language(text) and _english(text)]
    assert wrong == []


def _english(text):
    return len(ENGLISH_WORDS & set(text.lower().split())) >= 2


def test_languages_without_a_reply_do_not_pass_for_those_with_one():
    for text in (
        "Czy ten certyfikat traci ważność po roku?",
        "Jag gick kursen för tre veckor sedan och har inte fått något",
        "Onko teillä suomenkielistä tukea tästä?",
        "bugün hava çok güzel denize gidelim",
        "Кто такие Credly и зачем им моя почта?",
        "मेरा बैज कहाँ है",
    ):
        assert language(text) == "", text


def test_what_is_certain_stands_in_any_language_and_so_do_words_for_the_team():
    assert understood(Decision(intent="escalate", label="escalate", confidence=0.9))
    assert understood(Decision(intent="tell_detail", label="tell_detail", confidence=0.2))
    assert not understood(Decision(intent="escalate", label="escalate", confidence=0.5))
    assert not understood(Decision(intent="out_of_scope", label="out_of_scope/unrelated", confidence=0.99))


def test_every_language_has_a_reply_and_a_shorter_one_that_say_where_to_write():
    for code in foreign.REPLIED:
        (first,), (again,) = (responses()[f"utter_other_language/{key}"] for key in (code, f"{code}_again"))
        assert len(again["text"]) < len(first["text"])
        assert all("certification@onestreamsoftware.com" in one["text"] for one in (first, again))
        assert [button["payload"] for button in first["buttons"]] == ["/escalate", "/help"]
        assert [button["payload"] for button in again["buttons"]] == ["/escalate"]


def test_a_message_is_looked_at_in_under_a_millisecond():
    foreign.prepare()
    texts = [text for texts in MESSAGES.values() for text in texts] + ["how do I share my badge on LinkedIn " * 50]
    begun = time.process_time()
    for text in texts:
        language(text)
    assert (time.process_time() - begun) / len(texts) < 0.001
