"""Every response says what kind it is; who may read it, what it counts as and what may follow comes of that."""

import re

import pytest

from bot.content.kinds import ResponseKind, again, asks, faq_id, is_public, kind_of, topic_of
from bot.content.responses import responses
from bot.conversations.focus import Task

PROPERTIES = {"kind", "public", "title", "question", "related", "offer", "asks", "again", "once_more", "of", "watch"}
PRIVATE = (
    "utter_status_",
    "utter_stage_",
    "utter_ticket_",
    "utter_code_",
    "utter_address_",
    "utter_refused_",
    "utter_claim_",
    "utter_record_",
    "utter_watch_",
    "utter_team_",
    "utter_missing_one",
)


@pytest.mark.parametrize("name", sorted(responses()))
def test_every_response_has_a_kind_and_no_property_that_nobody_reads(name):
    first, *others = (variant.get("metadata") or {} for variant in responses()[name])
    assert first["kind"] in {kind.value for kind in ResponseKind if kind is not ResponseKind.UNKNOWN}
    assert isinstance(first.get("public", True), bool) and isinstance(first.get("watch", True), bool)
    assert set(first) <= PROPERTIES
    for other in others:
        assert set(other) <= PROPERTIES
        assert other.get("kind", first["kind"]) == first["kind"], "the first variant says it for all"


@pytest.mark.parametrize("name", sorted(responses()))
def test_what_a_response_points_to_is_there(name):
    told = responses()[name][0]["metadata"]
    assert asks(name) in {task.value for task in Task}
    assert again(name) in {"", *responses()} and again(name) != name
    assert kind_of(name) is not ResponseKind.FACT or "of" in told
    assert "of" not in told or f"utter_faq/{topic_of(name)}" in responses()


@pytest.mark.parametrize("name", sorted(responses()))
def test_what_is_said_once_more_is_another_sentence_on_the_record(name):
    other = responses()[name][0]["metadata"].get("once_more", "utter_record_no_more")
    assert other in responses() and other != name or name == "utter_record_no_more"
    assert kind_of(other) is ResponseKind.RECORD


@pytest.mark.parametrize("name", sorted(name for name in responses() if again(name)))
def test_other_words_for_the_same_ask_for_the_same_and_need_the_same_values(name):
    def needs(one):
        return {place for variant in responses()[one] for place in re.findall(r"{(\w+)}", variant["text"])}

    other = again(name)
    assert asks(other) == asks(name), "the task would be lost"
    assert needs(other) <= needs(name), "a value would be missing"
    assert responses()[other][0]["text"] != responses()[name][0]["text"]


@pytest.mark.parametrize("name", sorted(name for name in responses() if name.startswith(PRIVATE)))
def test_what_may_be_about_a_person_is_for_them_alone(name):
    assert not is_public(name)


@pytest.mark.parametrize("name", ["", "utter_faq/of_last_year", "utter_status_of_last_year", "ticket_replied"])
def test_messages_under_names_that_are_no_more_are_shown_to_nobody_else(name):
    assert kind_of(name) is ResponseKind.UNKNOWN
    assert not is_public(name) and not kind_of(name).proves and faq_id(name) == ""


def test_a_response_can_be_more_private_or_more_public_than_its_kind(tmp_path):
    (tmp_path / "data/nlu").mkdir(parents=True)
    (tmp_path / "domain.yml").write_text(
        "responses:\n"
        "  utter_a: [{text: a, metadata: {kind: answer, public: false}}]\n"
        "  utter_b: [{text: b, metadata: {kind: offer, public: true}}]\n"
        "  utter_c: [{text: c, metadata: {kind: offer}}]\n"
    )
    assert [is_public(f"utter_{name}", tmp_path) for name in "abc"] == [False, True, False]
    assert kind_of("utter_a", tmp_path) is ResponseKind.ANSWER
