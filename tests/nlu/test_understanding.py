"""What a person notices: follow-ups, two questions, a bare choice, odd input."""

import datetime
import re
import time
from pathlib import Path

import pytest

from bot.content.responses import responses
from bot.nlu.text import language
from bot.nlu.text.catalogue import read_catalogue
from bot.nlu.text.questions import parts

ASKED = "utter_ambiguous/missing_badge"


@pytest.mark.parametrize("text", ["what is credly", "WHAT IS CREDLY", "waht is credly?"])
def test_case_punctuation_and_typos_do_not_matter(understanding, text):
    assert understanding.decide(text)[0].label == "faq/what_is_credly"


def test_two_questions_are_both_found(understanding):
    decided, _ = understanding.decide("What is Credly and does my badge expire?")
    assert {q.label for q in decided.questions} == {"faq/what_is_credly", "faq/credential_expiry"}


def test_a_follow_up_is_read_after_the_question_before(understanding):
    context = {"faq": "email_signature", "offered": []}
    assert understanding.decide("and can I put several?", context)[0].label == "faq/email_signature_multiple"


MISSING = [button["payload"].lstrip("/") for button in responses()[ASKED][0]["buttons"]]
WHICH = {"faq": None, "offered": MISSING, "titles": [b["title"] for b in responses()[ASKED][0]["buttons"]]}


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        ("the micro one", "faq/missing_micro_credential"),
        ("it was a training", "faq/missing_micro_credential"),
        ("a course", "faq/missing_micro_credential"),
        ("the exam one", "faq/missing_digital_credential"),
        ("certification", "faq/missing_digital_credential"),
        ("I passed an exam", "faq/missing_digital_credential"),
        ("some but not all", "faq/missing_some_credentials"),
        ("the second one", "faq/missing_micro_credential"),
        ("3", "faq/missing_some_credentials"),
        ("look it up please", "check_issuance_status"),
    ],
)
def test_a_bare_choice_answers_the_question_back(understanding, typed, chosen):
    assert understanding.decide(typed, WHICH)[0].label == chosen


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("what is Credly?", "faq/what_is_credly"),
        ("does it expire", "faq/credential_expiry"),
        ("none of these", "deny"),
        ("can i talk to someone", "escalate"),
        ("forget it", "stop"),
        ("thanks", "thank"),
    ],
)
def test_typing_past_the_buttons_is_understood_afresh(understanding, typed, label):
    assert understanding.decide(typed, WHICH)[0].label == label


@pytest.mark.parametrize("text", ["?", "😀", "x" * 2000, "\n", "<b>", "的", "a b " * 400])
def test_odd_input_never_fails(understanding, text):
    parsed = understanding.parse(text)
    assert 0 <= parsed["intent"]["confidence"] <= 1 + 1e-6


@pytest.mark.parametrize("context", [None, [], {"faq": 5, "offered": "x"}, {"offered": [1, None]}, "text"])
def test_a_malformed_context_counts_as_none(understanding, context):
    assert understanding.decide("what is credly", context)[0].label == "faq/what_is_credly"


def test_short_messages_are_not_cut():
    assert parts("who and what") == []


@pytest.mark.parametrize(
    ("words", "day"),
    [("last Monday", "2026-01-26"), ("3 March 2025", "2025-03-03"), ("two weeks ago", "2026-01-17")],
)
def test_dates_are_resolved_backwards(words, day):
    assert language.resolve_date(words, datetime.date(2026, 1, 31)) == datetime.date.fromisoformat(day)


@pytest.mark.parametrize("words", ["May", "march 2025", "last July", "Sept"])
def test_a_month_alone_is_no_day(words):
    assert language.resolve_date(words, datetime.date(2026, 1, 31)) is None


def test_entities_come_from_catalogue_and_patterns():
    pipeline = language.build([{"id": "level_2", "names": ["level 2"]}])
    found = {e.label_: e.text for e in pipeline("I passed LEVEL 2 last Monday, mail jane.doe@example.com please").ents}
    assert found == {"credential": "LEVEL 2", "date": "last Monday", "email": "jane.doe@example.com"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("passed Level 2", {"level_2": "Level 2"}),
        ("i am a certifed assosiate now", {"certified_associate": "certifed assosiate"}),
        ("LEAD ARCHITEKT badge", {"lead_architect": "LEAD ARCHITEKT"}),
        ("levl 1 and l3", {"level_1": "levl 1", "level_3": "l3"}),
        ("levels of certificates, l4, leave 2 of them", {}),
        ("who leads the architecture team", {}),
    ],
)
def test_credential_names_are_found_with_small_misspellings(text, found):
    pipeline = language.build(read_catalogue(Path("data/catalogue.yml")))
    assert {e.ent_id_: e.text for e in pipeline(text).ents} == found


def test_the_rules_find_what_editors_annotated():
    pipeline = language.build(read_catalogue(Path("data/catalogue.yml")))
    marked = re.compile(r"\[([^\]]+)\]\((credential|email|date)\)")
    missed, total = [], 0
    for path in Path("data/nlu").rglob("*.yml"):
        for line in re.findall(r"^    - (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE):
            expected = marked.findall(line)
            found = {(e.text, e.label_) for e in pipeline(marked.sub(r"\1", line)).ents} if expected else set()
            total += len(expected)
            missed += [(pair, line) for pair in expected if pair not in found]
    assert total > 300
    assert len(missed) <= 0.03 * total, missed


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("the code never came, send it once more", "resend_code"),
        ("can you try my work address instead", "change_address"),
    ],
)
def test_codes_and_addresses_are_spoken_of_only_while_one_is_proven(understanding, typed, label):
    assert understanding.decide(typed, {"proving": True})[0].label == label
    assert understanding.decide(typed)[0].label != label


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("wher is my bagde", "ambiguous/missing_badge"),
        ("waht is a micro credental", "faq/credential_types"),
        ("doez my bade exprie", "faq/credential_expiry"),
        ("how do i shre my bagde on linked in", "faq/sharing_options"),
        ("waht hapens on linkdin when my bagde exipres", "faq/expiry_on_linkedin"),
        ("plese pass this on to yuor tema", "escalate"),
        ("has mybadge been isued yet", "check_issuance_status"),
    ],
)
def test_misspelt_questions_are_read_as_they_are_meant(understanding, typed, label):
    decided = understanding.decide(typed)[0]
    right = understanding.decide(understanding.spelt(typed).text)[0]
    assert understanding.spelt(typed).changes
    assert decided.label == right.label == label


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("yse plese", "affirm"),
        ("no thnaks", "deny"),
        ("forgte it", "stop"),
        ("teh micro oen", "faq/missing_micro_credential"),
    ],
)
def test_misspelt_replies_are_read_after_what_was_asked(understanding, typed, label):
    assert understanding.decide(typed, WHICH)[0].label == label


def test_a_message_in_another_language_is_not_spelt_into_english(understanding):
    for text in ("Wie kann ich mein Abzeichen auf LinkedIn teilen?", "Wo finde ich mein Zertifikat nach der Prüfung?"):
        assert understanding.spelt(text).text == text
        assert understanding.decide(text)[0].label == "other_language/de"


def test_addresses_and_names_in_a_message_stay_as_typed(understanding):
    text = "plese send teh bagde of Priyanka Venkatesan to priyanka.venkatessan@gmial.com"
    read = "please send the badge of Priyanka Venkatesan to priyanka.venkatessan@gmial.com"
    assert understanding.spelt(text).text == read
    assert understanding.parse(text)["text"] == text


def test_a_long_message_of_odd_words_takes_a_bounded_time(understanding):
    understanding.decide("warm up")
    begun = time.process_time()
    understanding.decide(("qwrtz bdgae " * 600)[:6000])
    assert time.process_time() - begun < 5
