"""Replies that lean on an answer: never the same again, but the next step."""

from dataclasses import replace

import pytest

from actions.base import Say, TrackerView, beside, fresh
from actions.follow_ups import (
    ABOUT_MISSING,
    Acknowledge,
    AlreadyDid,
    AnswerInPart,
    AskMore,
    Misunderstood,
    NotHelped,
    OtherOne,
    OtherPerson,
    ShowAll,
    SmallTalk,
)
from bot.content.kinds import again
from bot.content.responses import responses
from bot.content.twins import twins


def after(*topics, record=False, said=(), message=(), **view):
    """What an action sees after answers to these FAQs, newest first."""
    about = {"faq": topics[0] if topics else None, "topics": list(topics), "record": record}
    given = {"text": "words", **dict(message), "metadata": {"context": about}}
    return TrackerView(given, said=said, last_utterance=said[-1] if said else "", **view)


def said(action, view):
    answer = action.answer(view)
    return [say.utterance for say in getattr(answer, "says", answer)]


def offers(action, view):
    return [button["payload"] for name in said(action, view) for button in responses()[name][0].get("buttons") or []]


@pytest.mark.parametrize("action", [NotHelped(), AlreadyDid()])
@pytest.mark.parametrize("topic", ABOUT_MISSING)
def test_where_a_badge_is_missing_the_look_up_comes_next_and_then_the_team(action, topic):
    assert offers(action, after(topic)) == ["/check_issuance_status", "/escalate"]
    assert offers(action, after(topic, record=True)) == ["/escalate", "/deny"]


@pytest.mark.parametrize("action", [NotHelped(), AlreadyDid()])
@pytest.mark.parametrize("topics", [("privacy_settings",), ("email_signature",), ()])
def test_where_nothing_is_missing_the_team_comes_next(action, topics):
    assert offers(action, after(*topics)) == ["/escalate", "/deny"]


@pytest.mark.parametrize("label", [label for label in twins() if label.startswith("faq/")])
def test_the_other_one_is_the_twin_and_never_the_answer_itself(label):
    shown = said(OtherOne(), after(label.removeprefix("faq/")))
    assert shown == ["utter_other_one", f"utter_{twins()[label]}"]
    assert shown[-1] in responses() and twins()[label] != label


@pytest.mark.parametrize("topics", [("what_is_credly",), ()])
def test_without_a_twin_it_is_asked_which(topics):
    assert said(OtherOne(), after(*topics)) == ["utter_other_one_unknown"]


@pytest.mark.parametrize("topics", [("credential_expiry",), ("credential_expiry", "privacy_settings")])
def test_what_was_misunderstood_gets_the_next_likeliest_and_none_that_was_said(topics):
    likely = ("faq/credential_expiry", "faq/privacy_settings", "faq/expiry_on_linkedin", "faq/what_is_credly", "x")
    (asked,) = Misunderstood().answer(after(*topics, labels_before=likely)).says
    offered = [button["payload"].lstrip("/") for button in asked.buttons]
    assert offered[-1] == "deny" and 2 <= len(offered) <= 4
    assert not {f"faq/{topic}" for topic in topics} & set(offered)
    assert offered[:-1] == [label for label in likely[:-1] if label.removeprefix("faq/") not in topics][:3]


@pytest.mark.parametrize(
    ("ranked", "share", "answered"),
    [
        ("bot_challenge", 0.97, "utter_bot_challenge"),
        ("bot_challenge", 0.6, "utter_ask_rephrase"),
        ("out_of_scope", 0.97, "utter_ask_rephrase"),
    ],
)
@pytest.mark.parametrize("before", ["utter_thank", "utter_other_language/de", "utter_acknowledge"])
def test_small_talk_was_not_misread_and_words_after_it_are_taken_by_themselves(ranked, share, answered, before):
    ranking = [{"name": "misunderstood", "confidence": 0.7}, {"name": ranked, "confidence": share}]
    view = replace(after(said=(before,), labels_before=("faq/what_is_credly",)), message={"intent_ranking": ranking})
    assert said(Misunderstood(), replace(view, intents=("misunderstood",))) == [answered]


def test_where_nothing_else_is_likely_other_words_are_asked_for():
    said_already = after("credential_expiry", labels_before=("faq/credential_expiry",))
    assert said(Misunderstood(), said_already) == ["utter_misunderstood"]


def test_more_of_a_part_is_the_whole_and_more_of_the_whole_is_where_to_ask():
    part = after("missing_micro_credential", said=("utter_fact/missing_micro_credential_how_long",))
    assert said(AskMore(), part) == ["utter_faq/missing_micro_credential"]
    whole = after("missing_micro_credential", said=("utter_faq/missing_micro_credential",))
    assert said(AskMore(), whole) == ["utter_ask_more"]


def test_the_whole_answer_is_that_of_the_topic():
    assert said(ShowAll(), after("privacy_settings")) == ["utter_faq/privacy_settings"]
    assert said(ShowAll(), after()) == ["utter_show_all_nothing"]


def test_a_small_word_is_answered_shorter_within_a_task():
    assert said(Acknowledge(), after()) == ["utter_acknowledge"]
    assert said(Acknowledge(), after(form="ticket_form")) == ["utter_acknowledge_short"]


@pytest.mark.parametrize(
    ("channel", "proven", "email", "looked_up"),
    [
        ("slack", "staff@example.com", "kwame.mensah@example.com", True),
        ("slack", "staff@example.com", "", False),
        ("slack", "jane@example.com", "kwame.mensah@example.com", False),
        ("site", "staff@example.com", "kwame.mensah@example.com", False),
    ],
)
def test_only_staff_in_slack_have_somebody_else_looked_up(acting, monkeypatch, channel, proven, email, looked_up):
    monkeypatch.setattr(acting.identity, "is_staff", "staff@example.com".__eq__)
    acting.identity.prove_by_profile("c1", proven)
    entities = [{"entity": "email", "value": email}] if email else []
    view = after(message={"entities": entities}, channel=channel, conversation_id="c1")
    answer = OtherPerson().answer(view)
    assert (answer.then, bool(answer.says)) == (("action_check_issuance_status", False) if looked_up else ("", True))


@pytest.mark.parametrize("name", sorted(name for name in responses() if again(name)))
def test_nothing_is_said_twice_running_where_there_are_other_words(name):
    (other,) = fresh(after(said=(name,)), [Say(name)])
    assert other.utterance != name
    (same,) = fresh(after(said=("utter_greet",)), [Say(name)])
    assert same.utterance == name


def test_what_is_asked_beside_is_said_once_and_only_if_there_is_such_an_answer():
    also = {"also": ["faq/privacy_settings", "faq/of_last_year"]}
    assert [say.utterance for say in beside(after(message=also))] == ["utter_faq/privacy_settings"]
    assert beside(after(message=also, spoken=("utter_code_sent",))) == []


@pytest.mark.parametrize("words", ["oh no", "what a pity", "damn", "😢"])
def test_bad_news_is_not_called_good(words):
    assert said(Acknowledge(), after(message={"text": words})) == ["utter_acknowledge_sorry"]
    assert said(Acknowledge(), after(message={"text": "ok"})) == ["utter_acknowledge"]


@pytest.mark.parametrize("intent", ["thank", "help", "bot_challenge"])
def test_small_talk_is_never_in_the_words_of_the_reply_before(intent):
    view = after(message={"intent": {"name": intent}}, intents=(intent,))
    (first,) = SmallTalk().reply(view).says
    assert first.utterance == f"utter_{intent}"
    (second,) = SmallTalk().reply(replace(view, said=(first.utterance,))).says
    (third,) = SmallTalk().reply(replace(view, said=(second.utterance,))).says
    texts = [responses()[one.utterance][0]["text"] for one in (first, second, third)]
    assert texts[0] != texts[1] != texts[2]


def test_a_part_of_an_answer_is_said_once_then_the_whole_and_then_where_more_is():
    fact, whole = "utter_fact/missing_micro_credential_how_long", "utter_faq/missing_micro_credential"
    asked = {"response_selector": {"fact": {"response": {"utter_action": fact}}}}
    for said_before, utterance in (((), fact), ((fact,), whole), ((fact, whole), "utter_ask_more")):
        assert said(AnswerInPart(), after(message=asked, said=said_before)) == [utterance]


def test_the_look_up_stays_offered_where_a_step_did_not_help_again():
    once = after("missing_micro_credential")
    (first,) = NotHelped().reply(once).says
    (second,) = NotHelped().reply(replace(once, said=(first.utterance,))).says
    assert first.utterance != second.utterance
    assert [button["payload"] for button in responses()[second.utterance][0]["buttons"]] == [
        "/check_issuance_status",
        "/escalate",
    ]
