"""Questions about the record that is shown: each is answered from it, for every stage."""

import pytest

from actions import record_questions, record_where
from actions.base import TrackerView
from actions.record_questions import MissingOne, RecordQuestion, TellClaim, utterance_of
from bot.content.kinds import again
from bot.content.responses import responses
from bot.errors import SourceUnavailable

QUESTIONS = sorted(RecordQuestion.__subclasses__(), key=lambda one: one.__name__)
assert record_where.RecordWhere in QUESTIONS
# What the record of each sample learner shows, one credential each.
STAGES = {
    "amara.okafor": ("not_completed", "Level 1"),
    "diego.fernandez": ("not_passed", "OneStream Certified Associate"),
    "mei.tanaka": ("exam_passed", "OneStream Certified Professional"),
    "priya.raman": ("issuing_window", "Level 2"),
    "kwame.mensah": ("overdue", "Level 2"),
    "leila.haddad": ("waiting_to_be_claimed", "Level 1"),
    "jonas.lindqvist": ("declined", "Level 3"),
    "sofia.rossi": ("accepted", "OneStream Certified Administrator"),
    "minh.nguyen": ("expires_soon", "OneStream Certified Associate"),
    "grace.oconnor": ("expired", "OneStream Certified Professional"),
    "tomasz.kowalski": ("revoked", "Level 2"),
}


@pytest.fixture()
def ask(acting):
    """The answer to a question of somebody whose address is proven."""

    def asked(action, name, entities=(), **view):
        for one in [name] if isinstance(name, str) else name:
            acting.identity.prove_by_profile("c1", f"{one}@example.com", "token")
        message = {"text": "words", "entities": [{"entity": kind, "value": value} for kind, value in entities]}
        message |= view.pop("message", {})
        return action.answer(TrackerView(message, conversation_id="c1", **view))

    return asked


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("name", STAGES)
def test_every_question_has_an_answer_that_names_the_credential_at_every_stage(ask, told, acting, question, name):
    stage, title = STAGES[name]
    (diagnosis,) = acting.issuance.status([f"{name}@example.com"]).diagnoses
    assert diagnosis.stage.value == stage
    text = told(ask(question(), name))
    assert title in text and "{" not in text and "None" not in text


@pytest.mark.parametrize(
    ("question", "name", "words"),
    [
        ("RecordWhen", "priya.raman", "The next Monday is"),
        ("RecordWhen", "kwame.mensah", "should have been there by"),
        ("RecordWhen", "mei.tanaka", "names no waiting time"),
        ("RecordWhy", "kwame.mensah", "doesn't say what is holding"),
        ("RecordWhy", "leila.haddad", "hasn't been claimed yet"),
        ("RecordWhy", "grace.oconnor", "that day has passed"),
        ("RecordUntil", "minh.nguyen", "is valid until"),
        ("RecordUntil", "grace.oconnor", "expired on"),
        ("RecordUntil", "priya.raman", "names no expiry date"),
        ("RecordNext", "leila.haddad", "Claim **Level 1**"),
        ("RecordNext", "amara.okafor", "confirm that your training dashboard in Navigator reflects 100%"),
        ("RecordNext", "sofia.rossi", "is in your profile"),
    ],
)
def test_the_answer_is_that_of_the_stage(ask, told, question, name, words):
    assert words in told(ask(getattr(record_questions, question)(), name))


@pytest.mark.parametrize("question", QUESTIONS)
def test_without_a_proven_address_one_is_proven_first(acting, question):
    answer = question().answer(TrackerView({"text": "and when?"}, conversation_id="c1"))
    assert answer.then == "action_check_issuance_status" and not answer.says


@pytest.mark.parametrize("question", QUESTIONS)
def test_of_several_the_named_one_is_told_and_remembered(ask, told, question):
    answer = ask(question(), "lucas.almeida", [("credential", "level_3")])
    assert "Level 3" in told(answer) and "Level 1" not in told(answer)
    assert answer.slots == {"credential": "level_3"}


def test_of_several_the_one_spoken_of_last_is_meant(ask, told):
    answer = ask(record_questions.RecordWhen(), "lucas.almeida", slots={"credential": "level_3"})
    assert "Level 3" in told(answer) and "Level 1" not in told(answer)


def test_when_is_asked_of_what_is_on_its_way_and_not_of_what_is_there(ask, told):
    text = told(ask(record_questions.RecordWhen(), "lucas.almeida"))
    assert "Level 3" in text and "Level 1" not in text and "{" not in text


@pytest.mark.parametrize(
    "text", ["the administrator, is it a real certification", "and of ADMINISTRATOR", "admin or administrator?"]
)
def test_one_word_of_the_title_names_it(acting, told, text):
    for one in ("sofia.rossi", "priya.raman"):
        acting.identity.prove_by_profile("c1", f"{one}@example.com", "token")
    read = told(record_questions.RecordKind().answer(TrackerView({"text": text}, conversation_id="c1")))
    assert "Administrator" in read and "is a certification" in read and "Level 2" not in read


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_is_not_in_the_record_is_said_and_another_address_offered(ask, told, question):
    answer = ask(question(), "priya.raman", [("credential", "level_3")])
    assert "Level 3" in told(answer) and "priya.raman@example.com" in told(answer) and "Level 2" not in told(answer)
    assert answer.says[-1].utterance == "utter_record_offer_another"


@pytest.mark.parametrize(
    ("name", "offer"),
    [
        ("kwame.mensah", "utter_record_offer_team"),
        ("priya.raman", "utter_record_offer_watch"),
        ("mei.tanaka", "utter_record_offer_watch"),
        ("sofia.rossi", None),
    ],
)
def test_what_can_be_done_is_offered_each_time_and_has_other_words_for_the_second(ask, name, offer):
    question = record_questions.RecordWhen()
    said = [say.utterance for say in ask(question, name).says]
    assert said[1:] == ([offer] if offer else [])
    if offer:  # without its buttons a "yes" would mean nothing
        assert again(offer) == f"{offer}_again"
        assert [one["buttons"] for one in responses()[offer]] == [one["buttons"] for one in responses()[again(offer)]]


def test_what_the_learner_says_is_compared_with_the_record(ask, told, acting):
    (one,) = acting.issuance.status(["kwame.mensah@example.com"]).diagnoses
    agreed = ask(TellClaim(), "kwame.mensah", [("date", one.completed_on.isoformat())])
    assert "That fits" in told(agreed) and "Level 2" in told(agreed)
    other = ask(TellClaim(), "kwame.mensah", [("date", "2020-01-01")])
    assert "The record says otherwise" in told(other) and "Level 2" in told(other)
    assert other.says[-1].utterance == "utter_record_offer_team"
    vague = ask(TellClaim(), "kwame.mensah")  # nothing that could be held against the record
    assert "otherwise" not in told(vague) and "Level 2" in told(vague)


def test_what_is_missing_is_looked_for_under_another_address_and_then_by_the_team(ask, told):
    first = ask(MissingOne(), "sofia.rossi")
    assert "sofia.rossi@example.com" in told(first) and first.says[-1].utterance == "utter_record_offer_another"
    again = ask(MissingOne(), "sofia.rossi", said=("utter_missing_one", "utter_record_offer_another"))
    assert [say.utterance for say in again.says] == ["utter_record_offer_team"]


def test_a_sentence_whose_facts_the_record_lacks_is_not_said(acting):
    acting.identity.prove_by_profile("c1", "mei.tanaka@example.com", "token")
    (one,) = acting.issuance.status(["mei.tanaka@example.com"]).diagnoses
    assert utterance_of("when", one) == "utter_record_when_exam_passed"
    from dataclasses import replace

    assert utterance_of("when", replace(one, completed_on=None)) == "utter_record_when"


def test_the_same_of_the_same_credential_is_not_said_twice_but_of_another_it_is(ask, told):
    said = ("utter_record_next_declined", "utter_record_offer_team")
    first = told(ask(record_questions.RecordNext(), "jonas.lindqvist"))
    again_asked = told(
        ask(record_questions.RecordNext(), "jonas.lindqvist", said=said, slots={"credential": "level_3"})
    )
    of_another = told(ask(record_questions.RecordNext(), "jonas.lindqvist", said=said, slots={"credential": "level_1"}))
    assert "Level 3" in again_asked and again_asked.splitlines()[0] != first.splitlines()[0]
    assert of_another.splitlines()[0] == first.splitlines()[0]


SEVEN = "lucas.almeida"


@pytest.mark.parametrize("words", ["where do I claim it", "how can I accept that one then", "accepting it, how"])
def test_who_asks_how_to_claim_is_told_of_what_can_be_claimed(ask, told, words):
    text = told(ask(record_questions.RecordNext(), SEVEN, message={"text": words}))
    assert "Claim **OneStream Certified Professional**" in text and "Level 3" not in text


@pytest.mark.parametrize("name", ["grace.oconnor", "minh.nguyen", "sofia.rossi"])
@pytest.mark.parametrize("words", ["can it be made valid again?", "how do I renew it", "could I extend that one"])
def test_who_wants_to_renew_is_told_who_knows_how_and_not_the_day_again(ask, told, name, words):
    text = told(ask(record_questions.RecordUntil(), name, message={"text": words}))
    assert "How to renew" in text and "certification team" in text and "Shall I" in text
    assert "flagged" not in text and STAGES[name][1] in text


@pytest.mark.parametrize("words", ["why isn't that one here yet", "and why is this badge not there"])
def test_that_one_is_the_one_spoken_of_last(ask, told, words):
    slots = {"credential": "level_1"}
    text = told(ask(record_questions.RecordWhy(), SEVEN, message={"text": words}, slots=slots))
    assert "Level 1" in text and "Level 3" not in text


@pytest.mark.parametrize("words", ["are any of them certifications?", "is each of those a real certification"])
def test_all_of_them_are_not_only_the_one_spoken_of_last(ask, told, words):
    slots = {"credential": "level_1"}
    text = told(ask(record_questions.RecordKind(), SEVEN, message={"text": words}, slots=slots))
    assert "Level 1" in text and "OneStream Certified Associate" in text


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_about_a_record_with_nothing_in_it_speaks_of_no_title_and_leads_to_another_address(
    ask, told, question
):
    text = told(ask(question(), "nobody.at.all"))
    assert "****" not in text and "None" not in text
    assert "another" in text and "address" in text


@pytest.mark.parametrize("question", QUESTIONS)
def test_where_not_everywhere_could_be_looked_no_question_is_answered_with_nothing(
    ask, told, acting, monkeypatch, question
):
    class Away:
        def badges(self, addresses):
            raise SourceUnavailable("away")

    monkeypatch.setattr(acting.issuance, "_badges", Away())
    text = told(ask(question(), "nobody.at.all"))
    assert "****" not in text and "None" not in text
    assert "I could not look everywhere just now" in text
