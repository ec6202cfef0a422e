"""What a message means after what stood before it, on readings made by hand."""

import pytest

from bot.nlu.decision import Choice, Context, Decision, intent_of
from bot.nlu.in_context import read
from bot.nlu.readings import Read

UNCLEAR = ("nlu_fallback", 0.7)


def understood(by_itself, *before, just=(), **known):
    """The decision on a message, by its label and probability when read by itself and what stood before it.

    `apart` are questions of sentences beyond those in `sentences`.
    """
    label, share = by_itself
    general = Decision(intent=intent_of(label), label=label, confidence=share)
    known["apart"] = dict(enumerate(known.pop("apart", ()), len(known.get("sentences", ()))))
    return read(Read(general=general, **known), Context(contexts=before, just=just))


@pytest.mark.parametrize(
    ("label", "share"), [("faq/privacy_settings", 0.9), ("greet", 0.99), ("out_of_scope/unrelated", 0.8), UNCLEAR]
)
def test_where_nothing_stands_before_a_message_means_what_it_means_by_itself(label, share):
    assert understood((label, share)).label == label
    assert understood((label, share), "anytime", replies={"new": 0.9, "affirm": 0.05}).label == label


@pytest.mark.parametrize(
    ("by_itself", "reply"),
    [
        ("thank", {"affirm": 0.9}),
        ("greet", {"affirm": 0.94}),
        ("bot_challenge", {"affirm": 0.7}),
        ("faq/privacy_settings", {"affirm": 0.9}),
        ("thank", {"deny": 0.9}),
        ("help", {"deny": 0.8}),
        ("check_issuance_status", {"deny": 0.9}),
    ],
)
def test_what_is_thanks_or_a_question_by_itself_is_no_yes_and_no_no(by_itself, reply):
    assert understood((by_itself, 0.8), "team_offered", replies=reply).label == by_itself


@pytest.mark.parametrize(
    ("by_itself", "reply", "label"),
    [
        (("thank", 0.8), {"affirm": 0.96}, "affirm"),
        (("inform", 0.8), {"affirm": 0.6}, "affirm"),
        (UNCLEAR, {"deny": 0.6}, "deny"),
        (("out_of_scope/unrelated", 0.9), {"affirm": 0.7}, "affirm"),
        (("escalate", 0.9), {"affirm": 0.6}, "affirm"),
        (("stop", 0.9), {"deny": 0.7}, "deny"),
        (("greet", 0.4), {"affirm": 0.6}, "affirm"),
    ],
)
def test_a_yes_or_no_is_one_where_it_is_clear_or_the_words_are_nothing_else(by_itself, reply, label):
    assert understood(by_itself, "team_offered", replies=reply).label == label


@pytest.mark.parametrize(("share", "label"), [(0.6, "acknowledge"), (0.79, "acknowledge"), (0.8, "affirm")])
def test_only_a_clear_yes_sends_a_ticket(share, label):
    decided = understood(("affirm", 0.9), "ticket_consent", replies={"affirm": share})
    assert decided.label == label
    assert understood(("affirm", 0.9), "team_offered", replies={"affirm": share}).label == "affirm"


@pytest.mark.parametrize("reply", [{"ask_more": 0.7}, {"not_helped": 0.84}, {"other_one": 0.6}])
def test_a_clear_new_question_wins_over_a_reply_that_is_not_certain(reply):
    assert understood(("faq/privacy_settings", 0.95), "answer_given", replies=reply).label == "faq/privacy_settings"
    (label,) = reply
    assert understood(("faq/privacy_settings", 0.95), "answer_given", replies={label: 0.9}).label == label
    assert understood(("faq/privacy_settings", 0.5), "answer_given", replies=reply).label == label


@pytest.mark.parametrize("label", ["faq+faq", "faq+check_issuance_status", "faq+escalate"])
def test_two_questions_in_one_message_are_a_clear_new_question(label):
    assert understood((label, 0.7), "answer_given", replies={"ask_more": 0.8}).label == label


@pytest.mark.parametrize(
    "label", ["escalate", "other_person", "watch", "check_issuance_status", "fact/credential_expiry_flagged"]
)
def test_what_can_be_meant_at_any_time_is_believed_where_the_words_are_no_question(label):
    asked, clear = ("faq/privacy_settings", 0.6), ("faq/privacy_settings", 0.95)
    names = {"names_team": True, "names_other": True}
    assert understood(asked, "anytime", replies={label: 0.9}, **names).label == "faq/privacy_settings"
    assert understood(asked, "anytime", replies={label: 0.96}, **names).label == label
    assert understood(clear, "anytime", replies={label: 0.99}, **names).label == "faq/privacy_settings"
    assert understood(("inform", 0.6), "anytime", replies={label: 0.6}, **names).label == label


@pytest.mark.parametrize(("label", "named"), [("escalate", "names_team"), ("other_person", "names_other")])
@pytest.mark.parametrize("by_itself", [UNCLEAR, ("inform", 0.9), ("ambiguous/missing_badge", 0.9)])
def test_a_wish_for_the_team_or_about_somebody_else_names_them(label, named, by_itself):
    assert understood(by_itself, "anytime", replies={label: 0.99}).label == by_itself[0]
    assert understood(by_itself, "anytime", replies={label: 0.99}, **{named: True}).label == label


@pytest.mark.parametrize(
    "by_itself", [UNCLEAR, ("out_of_scope/name_correction", 0.8), ("ambiguous/missing_badge", 0.9)]
)
def test_many_words_are_no_mere_acknowledgement(by_itself):
    assert understood(by_itself, "anytime", replies={"acknowledge": 0.9}, words=9).label == by_itself[0]
    assert understood(by_itself, "anytime", replies={"acknowledge": 0.9}, words=2).label == "acknowledge"
    assert understood(("thank", 0.4), "anytime", replies={"acknowledge": 0.9}, words=9).label == "acknowledge"


@pytest.mark.parametrize("label", ["affirm", "escalate"])
@pytest.mark.parametrize("before", ["team_offered", "ticket_consent"])
def test_a_no_in_one_sentence_is_a_no(label, before):
    replies = {"replies": {label: 0.9}, "names_team": True}
    refused = understood(UNCLEAR, before, sentences=({"deny": 0.9}, {label: 0.6}), **replies)
    assert refused.label == "deny"
    assert understood(UNCLEAR, before, sentences=({"deny": 0.3}, {label: 0.6}), **replies).label == label


@pytest.mark.parametrize("asked", ["process/how_reached", "process/is_it_sent", "ask_more"])
def test_a_question_that_looks_like_a_yes_is_a_question_unless_a_yes_stands_beside_it(asked):
    looks = {"replies": {"affirm": 0.9}, "asks": True}
    assert understood(UNCLEAR, "ticket_consent", sentences=({"new": 0.5}, {asked: 0.6}), **looks).label == asked
    both = understood(UNCLEAR, "ticket_consent", sentences=({"affirm": 0.9}, {asked: 0.6}), **looks)
    assert both.label == "affirm"


@pytest.mark.parametrize("other", ["faq/credential_expiry", "faq/what_is_credly", "faq/export_credentials"])
def test_a_sentence_that_asks_for_another_answer_is_answered_as_well(other):
    decided = understood(("faq/privacy_settings", 0.9), "anytime", apart=(other,))
    assert decided.intent == "faq+faq"
    assert [choice.label for choice in decided.questions] == [other, "faq/privacy_settings"]
    same = understood(("faq/privacy_settings", 0.9), "anytime", apart=(other, "faq/privacy_settings"))
    assert same.intent == "faq"


def test_questions_about_the_record_stand_together_against_all_else():
    shares = {"ask_record_when": 0.32, "new": 0.31, "ask_record_why": 0.3}
    asked = ("faq/sharing_options", 0.95)
    assert understood(asked, "anytime", "record_shown", replies=shares).label == "ask_record_when"
    assert understood(asked, "anytime", "record_shown", replies={**shares, "ask_record_why": 0.1}).label == asked[0]


@pytest.mark.parametrize("label", ["fact/privacy_settings_default", "fact/privacy_settings_other"])
def test_a_part_of_the_answer_that_was_given_wins_over_the_whole(label):
    asked, here = ("faq/privacy_settings", 0.95), frozenset({label})
    assert understood(asked, "answer_given", "privacy_settings", replies={label: 0.6}, here=here).label == label
    assert understood(asked, "answer_given", "email_signature", replies={label: 0.6}).label == asked[0]
    unsure = {"replies": {label: 0.25}}
    assert understood(UNCLEAR, "answer_given", "privacy_settings", **unsure, here=here).label == label
    assert understood(UNCLEAR, "answer_given", "email_signature", **unsure).label == UNCLEAR[0]


@pytest.mark.parametrize(
    "label", ["ask_record_when", "ask_record_why", "ask_record_until", "ask_record_other", "tell_claim", "missing_one"]
)
def test_a_question_about_the_record_that_is_shown_beats_the_faq(label):
    asked = ("faq/sharing_options", 0.95)
    assert understood(asked, "anytime", "record_shown", replies={label: 0.6}).label == label
    assert understood(asked, "anytime", replies={label: 0.6}).label == asked[0]
    assert understood(asked, "anytime", "record_shown", replies={label: 0.2}).label == asked[0]


@pytest.mark.parametrize(
    ("before", "label"),
    [
        ("team_wrote", "for_team"),
        ("ticket_about", "tell_detail"),
        ("ticket_contact", "tell_detail"),
        ("ticket_consent", "tell_detail"),
    ],
)
@pytest.mark.parametrize(
    "by_itself", [UNCLEAR, ("inform", 0.9), ("out_of_scope/name_correction", 0.9), ("ambiguous/missing_badge", 0.9)]
)
def test_where_words_for_the_team_are_expected_words_that_are_nothing_else_are_for_them(before, label, by_itself):
    assert understood(by_itself, before, replies={"new": 0.8}).label == label
    assert understood(by_itself, "anytime", replies={"new": 0.8}).label == by_itself[0]


@pytest.mark.parametrize("by_itself", [UNCLEAR, ("inform", 0.9), ("out_of_scope/unrelated", 0.9)])
def test_what_is_surely_something_new_is_no_answer_to_the_team(by_itself):
    assert understood(by_itself, "team_wrote", replies={"new": 0.9}).label == by_itself[0]


@pytest.mark.parametrize(("before", "label"), [("team_wrote", "for_team"), ("ticket_about", "tell_detail")])
def test_a_report_is_for_the_team_and_a_question_is_not(before, label):
    report = ("faq/missing_micro_credential", 0.95)
    assert understood(report, before, replies={"new": 0.8}).label == label
    assert understood(report, before, replies={"new": 0.8}, asks=True).label == report[0]
    assert understood(("greet", 0.9), before, replies={"new": 0.9}).label == "greet"
    assert understood(("escalate", 0.9), before, replies={"new": 0.9}).label == "escalate"


def test_a_question_that_the_faq_clearly_does_not_answer_is_no_text_of_a_ticket_but_may_answer_the_team():
    asked = ("out_of_scope/unrelated", 0.9)
    assert understood(asked, "ticket_about", replies={"new": 0.9}, asks=True).label == asked[0]
    assert understood(asked, "team_wrote", replies={"new": 0.8}, asks=True).label == "for_team"
    unsure = ("out_of_scope/unrelated", 0.7)
    assert understood(unsure, "ticket_about", replies={"new": 0.8}, asks=True).label == "tell_detail"


@pytest.mark.parametrize("before", ["ticket_about", "ticket_contact", "ticket_consent", "team_wrote"])
@pytest.mark.parametrize("by_itself", [("faq/sharing_options", 0.8), ("out_of_scope/exam_price", 0.1), UNCLEAR])
def test_a_question_that_is_surely_new_is_no_text_of_a_ticket(by_itself, before):
    assert understood(by_itself, before, replies={"new": 0.95}, asks=True).label == by_itself[0]
    told = understood(by_itself, before, replies={"tell_detail": 0.5, "for_team": 0.5}, asks=False)
    assert told.label in ("tell_detail", "for_team")


@pytest.mark.parametrize("by_itself", [("inform", 0.9), ("thank", 0.4), ("deny", 0.6), UNCLEAR])
def test_few_words_that_name_a_credential_after_a_record_ask_about_it(by_itself):
    named = understood(by_itself, "anytime", "record_shown", words=3, names_credential=True)
    assert named.label == "ask_record_other"
    long = understood(by_itself, "anytime", "record_shown", words=12, names_credential=True)
    assert long.label == understood(by_itself, "anytime", "record_shown", words=12).label
    assert understood(by_itself, "anytime", words=3, names_credential=True).label == by_itself[0]
    question = understood(("faq/privacy_settings", 0.9), "record_shown", words=5, names_credential=True)
    assert question.label == "faq/privacy_settings"


@pytest.mark.parametrize(
    ("faq", "label"),
    [
        ("faq/credential_expiry", "ask_record_until"),
        ("faq/unclaimed_credential", "ask_record_again"),
        ("faq/missing_micro_credential", "ask_record_when"),
        ("faq/missing_digital_credential", "ask_record_when"),
        ("faq/identify_credential_type", "ask_record_kind"),
        ("ambiguous/missing_badge", "ask_record_when"),
    ],
)
def test_what_the_record_knows_is_not_answered_in_general(faq, label):
    asked = (faq, 0.95)
    assert understood(asked, "anytime", "record_shown", replies={"new": 0.6}, words=5).label == label
    likelier = {"new": 0.5, "ask_record_next": 0.3}
    here = frozenset({"ask_record_next"})
    assert understood(asked, "anytime", "record_shown", replies=likelier, here=here, words=5).label == "ask_record_next"
    for in_general in ({"replies": {"new": 0.95}, "words": 5}, {"replies": {"new": 0.6}, "words": 15}):
        assert understood(asked, "anytime", "record_shown", **in_general).label == faq
    assert understood(asked, "anytime", replies={"new": 0.6}, words=5).label == faq


def test_what_is_in_doubt_after_a_record_is_the_likeliest_question_about_it():
    shares, here = {"new": 0.6, "ask_record_next": 0.25}, frozenset({"ask_record_next"})
    assert understood(UNCLEAR, "anytime", "record_shown", replies=shares, here=here).label == "ask_record_next"
    fewer = {"new": 0.6, "ask_record_next": 0.1}
    assert understood(UNCLEAR, "anytime", "record_shown", replies=fewer, here=here).label == UNCLEAR[0]
    assert understood(UNCLEAR, "anytime", replies=shares, here=here).label == UNCLEAR[0]


def test_an_address_after_a_refusal_is_ones_own_unless_it_is_said_to_be_anothers():
    shares = {"replies": {"other_person": 0.95}, "names_other": True, "addresses": 1}
    asked = ("out_of_scope/chitchat", 0.4)
    assert understood(asked, "anytime", "refused", **shares).label == "check_issuance_status"
    assert understood(asked, "anytime", "refused", **shares, names_owner=True).label == "other_person"
    assert understood(asked, "anytime", **shares).label == "other_person"


def test_a_sentence_that_is_a_reply_is_no_question_of_its_own():
    reply = {"ask_record_when": 0.9, "new": 0.05}
    main = ("faq/credential_expiry", 0.93)
    asked = {"replies": reply, "sentences": [reply], "asks": True}
    general = Decision(intent="faq", label=main[0], confidence=main[1])
    decided = read(
        Read(general=general, apart={0: "faq/credential_expiry"}, **asked), Context(contexts=("record_shown",))
    )
    assert decided.label == "ask_record_when" and decided.also == ()


@pytest.mark.parametrize(
    "by_itself",
    [
        UNCLEAR,
        ("inform", 0.9),
        ("faq/missing_micro_credential", 0.95),
        ("ambiguous/missing_badge", 0.9),
        ("greet", 0.9),
        ("faq/privacy_settings", 0.4),
    ],
)
def test_an_address_is_to_be_looked_up(by_itself):
    assert understood(by_itself, "anytime", addresses=1).label == "check_issuance_status"
    assert understood(by_itself, "anytime", addresses=1).candidates == ()
    assert understood(by_itself, "anytime", addresses=2).label == by_itself[0]


@pytest.mark.parametrize("label", ["faq/privacy_settings", "escalate", "other_person", "withdraw_ticket"])
def test_an_address_beside_something_else_is_not_but_one_by_itself_is(label):
    assert understood((label, 0.9), "anytime", addresses=1).label == label
    assert understood((label, 0.9), "anytime", addresses=1, bare=True).label == "check_issuance_status"


@pytest.mark.parametrize("task", ["ticket_contact", "ticket_consent", "code_asked", "address_asked"])
def test_an_address_within_a_task_is_for_the_task(task):
    assert understood(("inform", 0.9), task, addresses=1, bare=True).label != "check_issuance_status"


@pytest.mark.parametrize("topic", ["privacy_settings", "credential_expiry", "missing_micro_credential"])
def test_the_answer_that_has_just_been_given_is_not_given_again(topic):
    again = (f"faq/{topic}", 0.95)
    part = {"new": 0.8, f"fact/{topic}_other": 0.1, "fact/email_signature_other": 0.05}
    further = "not_helped" if topic.startswith("missing_") else "ask_more"
    assert understood(again, "answer_given", topic, just=(topic,), replies=part).label == f"fact/{topic}_other"
    assert understood(again, "answer_given", topic, just=(topic,), replies={"new": 0.9}).label == further
    other = understood(again, "answer_given", "email_signature", just=("email_signature",), replies={"new": 0.9})
    assert other.label == again[0]


@pytest.mark.parametrize(
    ("main", "apart", "also"),
    [
        (("check_issuance_status", 0.9), ("faq/privacy_settings",), ("faq/privacy_settings",)),
        (("thank", 0.9), ("faq/credential_expiry",), ("faq/credential_expiry",)),
        (("escalate", 0.9), ("faq/what_is_credly", "faq/what_is_credly"), ("faq/what_is_credly",)),
        (("greet", 0.9), ("faq/a", "faq/b", "faq/c"), ("faq/a", "faq/b")),
        (("check_issuance_status", 0.9), ("faq/missing_micro_credential",), ()),
        (("faq/privacy_settings", 0.9), ("faq/credential_expiry",), ()),
        (UNCLEAR, ("faq/credential_expiry",), ()),
    ],
)
def test_what_is_asked_beside_is_answered_too(main, apart, also):
    assert understood(main, "anytime", apart=apart).also == also


@pytest.mark.parametrize("label", ["fact/credential_expiry_flagged", "process/why_code", "faq/privacy_settings"])
def test_a_sentence_that_certainly_asks_for_something_is_answered_beside(label):
    thanks = {"replies": {"thank": 0.9}, "sentences": ({"thank": 0.9}, {label: 0.9})}
    decided = understood(("thank", 0.9), "code_asked", **thanks)
    assert label in (decided.label, *decided.also)
    unsure = {"replies": {"thank": 0.9}, "sentences": ({"thank": 0.9}, {label: 0.3})}
    decided = understood(("thank", 0.9), "code_asked", **unsure)
    assert label not in (decided.label, *decided.also)


@pytest.mark.parametrize("label", ["withdraw_ticket", "not_solved", "correct_address"])
def test_the_sentence_that_says_something_counts_and_small_talk_around_it_does_not(label):
    sentences = ({"thank": 0.95}, {label: 0.7}, {"goodbye": 0.9})
    assert understood(("thank", 0.9), "ticket_open", replies={"thank": 0.8}, sentences=sentences).label == label


@pytest.mark.parametrize("label", ["misunderstood", "for_assistant", "other_one", "not_helped"])
def test_a_question_beside_a_remark_is_what_counts(label):
    remark = {"replies": {label: 0.95}, "apart": ("faq/credential_expiry",)}
    assert understood(UNCLEAR, "answer_given", **remark).label == "faq/credential_expiry"
    assert understood(UNCLEAR, "answer_given", replies={label: 0.95}).label == label


def test_two_questions_are_answered_together_and_nothing_else_beside():
    two = (Choice("faq/a", 0.9), Choice("faq/b", 0.9))
    general = Decision(intent="faq+faq", label="faq/a", confidence=0.9, questions=two)
    decided = read(Read(general=general, apart={0: "faq/c"}), Context(contexts=("anytime",)))
    assert decided.questions == two and decided.also == ()


def test_a_credential_of_ones_own_that_the_faq_says_nothing_of_is_looked_up():
    asked = ("out_of_scope/other_near", 0.85)
    about = {"asks": True, "names_credential": True, "names_own": True}
    assert understood(asked, **about).label == "check_issuance_status"
    for lacking in about:
        assert understood(asked, **{**about, lacking: False}).label == asked[0]
    assert understood(("out_of_scope/exam_price", 0.85), **about).label == "out_of_scope/exam_price"


def test_beside_what_is_not_covered_a_question_that_is_gets_its_answer():
    decided = understood(("out_of_scope/course_access", 0.9), "anytime", apart=("faq/credly_support",))
    assert decided.label == "out_of_scope/course_access" and decided.also == ("faq/credly_support",)


def test_a_credential_of_ones_own_that_is_missing_somehow_is_looked_up():
    candidates = (Choice("faq/missing_some_credentials", 0.3), Choice("faq/privacy_settings", 0.2))
    general = Decision(intent="nlu_fallback", label="nlu_fallback", confidence=0.7, candidates=candidates)
    own = {"general": general, "names_credential": True}
    assert read(Read(**own, names_own=True), Context()).label == "check_issuance_status"
    assert read(Read(**own), Context()).label == "nlu_fallback"


def test_goodbye_is_no_mere_notice():
    assert understood(("goodbye", 0.9), "anytime", replies={"acknowledge": 0.95}).label == "goodbye"
    assert understood(("greet", 0.9), "anytime", replies={"acknowledge": 0.95}).label == "acknowledge"
    assert understood(("thank", 0.9), "anytime", replies={"acknowledge": 0.95}).label == "acknowledge"


def test_after_a_record_and_of_a_question_notice_is_taken_only_where_it_is_surely_that():
    unsure, sure = {"acknowledge": 0.7}, {"acknowledge": 0.9}
    assert understood(UNCLEAR, "anytime", "record_shown", replies=unsure).label == UNCLEAR[0]
    assert understood(UNCLEAR, "anytime", replies=unsure, asks=True, words=1).label == UNCLEAR[0]
    assert understood(UNCLEAR, "anytime", replies=unsure).label == "acknowledge"
    assert understood(UNCLEAR, "anytime", "record_shown", replies=sure).label == "acknowledge"
    assert understood(("thank", 0.5), "anytime", "record_shown", replies=unsure).label == "acknowledge"


def test_after_an_answer_of_the_faq_it_is_no_longer_the_record_that_is_asked_about():
    shares, here = {"new": 0.6, "ask_record_again": 0.35}, frozenset({"ask_record_again"})
    talk = {"replies": shares, "here": here, "words": 5}
    assert understood(("faq/credential_expiry", 0.9), "record_shown", **talk).label == "ask_record_again"
    assert understood(("faq/credential_expiry", 0.9), "record_shown", **talk, just=("sharing_options",)).label == (
        "faq/credential_expiry"
    )


def test_words_with_an_address_are_the_answer_to_the_team_where_it_has_asked():
    told = understood(("out_of_scope/chitchat", 0.5), "anytime", "team_wrote", replies={"other_one": 0.9}, addresses=1)
    assert told.label == "for_team"
    assert understood(("check_issuance_status", 0.9), "anytime", "team_wrote", addresses=1, asks=True).label == (
        "check_issuance_status"
    )


def test_the_other_one_and_a_watch_give_way_to_what_the_words_clearly_ask():
    asked = ("faq/import_credentials", 0.7)
    assert understood(asked, "answer_given", "export_credentials", replies={"other_one": 0.8}).label == asked[0]
    assert understood(asked, "answer_given", "export_credentials", replies={"other_one": 0.9}).label == "other_one"
    weather = ("out_of_scope/unrelated", 0.6)
    assert understood(weather, "anytime", replies={"watch": 0.97}).label == weather[0]


def test_a_follow_up_whose_answer_is_another_faq_wins_over_what_its_words_are_elsewhere():
    asked, label = ("faq/missing_some_credentials", 0.95), "faq/email_signature_multiple"
    leaning = {"replies": {label: 0.6}, "here": frozenset({label})}
    assert understood(asked, "answer_given", "email_signature", **leaning).label == label
    assert understood(asked, "answer_given", "email_signature", replies={label: 0.6}).label == asked[0]


def test_beside_an_address_to_look_up_a_question_is_answered():
    both = (Choice("check_issuance_status", 0.9), Choice("faq/email_signature", 0.9), Choice("faq/missing_x", 0.9))
    general = Decision(intent="faq+check_issuance_status", label="faq/email_signature", confidence=0.9, questions=both)
    decided = read(Read(general=general, addresses=1), Context(contexts=("anytime",)))
    assert decided.label == "check_issuance_status" and decided.also == ("faq/email_signature",)


def test_few_words_that_are_a_plain_yes_by_themselves_are_one_where_it_was_asked_for():
    unsure = {"replies": {"acknowledge": 0.4, "affirm": 0.3}, "here": frozenset({"affirm", "acknowledge"}), "words": 1}
    assert understood(("affirm", 0.99), "ticket_consent", **unsure).label == "affirm"
    assert understood(("affirm", 0.99), "ticket_consent", **{**unsure, "words": 7}).label != "affirm"
    assert understood(("affirm", 0.7), "ticket_consent", **unsure).label != "affirm"
    likely = {**unsure, "replies": {"acknowledge": 0.9, "affirm": 0.05}}
    assert understood(("affirm", 0.99), "ticket_consent", **likely).label == "acknowledge"


def test_the_other_one_is_the_one_that_is_named():
    shares = {"other_one": 0.7, "faq/expiry_on_linkedin": 0.2}
    here = frozenset(shares)
    sharing = ("faq/sharing_options", 0.83)
    assert understood(sharing, "credential_expiry", replies=shares, here=here).label == "faq/expiry_on_linkedin"
    assert understood(UNCLEAR, "credential_expiry", replies={"other_one": 0.9}, here=here).label == "other_one"


@pytest.mark.parametrize("label", ["watch", "escalate", "withdraw_ticket", "new_ticket"])
def test_a_remark_that_is_nothing_known_sets_nothing_going(label):
    shares = {label: 0.25, "ask_record_until": 0.21}
    here = {"here": frozenset(shares), "words": 8, "names_team": True}
    told = understood(UNCLEAR, "record_shown", "watch_offered", replies=shares, **here)
    assert told.label == "tell_claim"


def test_a_farewell_is_no_news_about_the_record():
    shares = {"tell_claim": 0.64, "acknowledge": 0.12}
    assert understood(("goodbye", 0.5), "record_shown", replies=shares, here=frozenset(shares)).label == "goodbye"
    sure = {"tell_claim": 0.9}
    assert understood(("thank", 0.5), "record_shown", replies=sure, here=frozenset(sure)).label == "tell_claim"


def test_a_question_for_the_assistant_is_no_answer_to_the_team():
    question = ("faq/missing_some_credentials", 0.5)
    to_the_team = {"replies": {"for_team": 0.97}, "names_assistant": True}
    assert understood(question, "team_wrote", **to_the_team).label == question[0]
    assert understood(UNCLEAR, "team_wrote", **to_the_team).label == "nlu_fallback"
    assert understood(question, "team_wrote", **{**to_the_team, "names_assistant": False}).label == "for_team"


def test_whoever_asks_to_look_for_a_missing_badge_is_not_asked_which_one():
    assert understood(("ambiguous/missing_badge", 0.8), names_look_up=True).label == "check_issuance_status"
    assert understood(("ambiguous/missing_badge", 0.8)).label == "ambiguous/missing_badge"


@pytest.mark.parametrize(
    "label", ["faq/credly_support", "out_of_scope/unrelated", "nlu_fallback", "ambiguous/missing_badge"]
)
def test_what_the_team_shall_be_told_goes_to_them(label):
    assert understood((label, 0.9), relays=True).label == "escalate"
    assert understood((label, 0.9), "ticket_consent", relays=True).label != "escalate"
    assert understood(("ticket_status", 0.9), relays=True).label == "ticket_status"


def test_what_shall_be_added_goes_to_the_open_ticket():
    sharing = ("faq/sharing_options", 0.95)
    assert understood(sharing, "ticket_open", adds=True).label == "tell_detail"
    assert understood(sharing, adds=True).label == understood(sharing, "ticket_open").label == sharing[0]


def test_a_look_up_of_what_is_anothers_is_not_asked_about():
    doubt = Decision(*UNCLEAR[:1], *UNCLEAR, candidates=(Choice("check_issuance_status", 0.3),))
    assert read(Read(general=doubt, names_owner=True), Context()).label == "other_person"
    assert read(Read(general=doubt), Context()).label == "nlu_fallback"


def test_a_short_question_leans_on_the_answer_even_where_it_is_like_another_faq():
    short = {"replies": {"new": 0.57, "fact/a": 0.42}, "here": frozenset({"fact/a"}), "asks": True, "words": 2}
    platform = ("faq/what_is_credly", 0.95)
    assert understood(platform, "answer_given", **short).label == "fact/a"
    assert understood(platform, "answer_given", **{**short, "words": 4}).label == platform[0]
    assert (
        understood(platform, "answer_given", **{**short, "replies": {"new": 0.7, "fact/a": 0.3}}).label == platform[0]
    )


def test_a_longer_question_that_says_nothing_known_leans_on_the_answer_too():
    longer = {"replies": {"new": 0.49, "fact/a": 0.42}, "here": frozenset({"fact/a"}), "asks": True, "words": 7}
    assert understood(UNCLEAR, "answer_given", **longer).label == "fact/a"
    assert understood(UNCLEAR, "answer_given", **{**longer, "asks": False}).label == UNCLEAR[0]
    assert understood(UNCLEAR, "answer_given", **{**longer, "replies": {"new": 0.7, "fact/a": 0.3}}).label == UNCLEAR[0]
    assert understood(("faq/privacy_settings", 0.95), "answer_given", **longer).label == "faq/privacy_settings"


@pytest.mark.parametrize("label", ["watch", "stop_watch", "withdraw_ticket"])
def test_what_is_done_without_another_question_is_done_only_where_it_is_likely(label):
    wish = {"here": frozenset({label}), "words": 3}
    assert understood(UNCLEAR, "record_shown", replies={label: 0.5, "new": 0.2}, **wish).label != label
    assert understood(UNCLEAR, "record_shown", replies={label: 0.6, "new": 0.2}, **wish).label == label


def test_how_things_are_done_is_asked_for_in_like_words():
    replies = {"process/why_code": 0.6, "process/which_address": 0.35, "new": 0.05}
    mail = ("faq/earning_notification", 0.9)
    assert understood(mail, "address_asked", replies=replies, asks=True).label == "process/why_code"
    assert (
        understood(mail, "address_asked", replies={**replies, "process/which_address": 0.1}, asks=True).label == mail[0]
    )


def test_a_word_that_only_seems_small_talk_is_an_answer_to_the_team():
    reply = {"replies": {"acknowledge": 0.98}, "words": 1}
    assert understood(("goodbye", 0.56), "team_wrote", **reply).label == "for_team"
    assert understood(("goodbye", 0.95), "team_wrote", **reply).label == "goodbye"


def test_a_call_for_a_person_is_no_small_talk():
    replies = {"acknowledge": 0.64, "new": 0.2}
    assert understood(("escalate", 0.99), "anytime", replies=replies, words=1).label == "escalate"
    assert understood(("acknowledge", 0.99), "anytime", replies=replies, words=1).label == "acknowledge"


def test_who_need_not_be_told_is_not_watched_for():
    wish = {"replies": {"watch": 0.7}, "here": frozenset({"watch"})}
    assert understood(UNCLEAR, "watch_offered", **wish, tell_no_more=True).label == "stop_watch"
    assert understood(UNCLEAR, "watch_offered", **wish).label == "watch"


def test_after_a_refusal_he_and_she_are_not_the_writer():
    asks = {"addresses": 1, "names_other": True}
    assert understood(("check_issuance_status", 0.9), "refused", **asks).label == "other_person"
    assert understood(("check_issuance_status", 0.9), **asks).label == "check_issuance_status"
    assert (
        understood(("check_issuance_status", 0.9), "refused", **asks, names_own=True).label == "check_issuance_status"
    )


@pytest.mark.parametrize(("said", "other"), [("greet", "acknowledge"), ("affirm", "check_issuance_status")])
def test_a_few_words_that_are_surely_small_talk_are_nothing_that_is_meant_at_any_time(said, other):
    surely = {"replies": {other: 0.96}, "words": 2}
    assert understood((said, 0.99), "anytime", **surely).label == said
    if other != "acknowledge":
        assert understood((said, 0.99), "anytime", here=frozenset({other}), **surely).label == other
        assert understood((said, 0.99), "anytime", replies={other: 0.96}, words=9).label == other


def test_a_question_is_no_yes_to_an_offer():
    shares = {"affirm": 0.56, "ask_record_next": 0.22, "acknowledge": 0.2}
    told = {"replies": shares, "here": frozenset(shares), "words": 3}
    assert understood(UNCLEAR, "watch_offered", "record_shown", asks=True, **told).label == "ask_record_next"
    assert understood(UNCLEAR, "watch_offered", "record_shown", **told).label == "affirm"


def test_what_is_said_beside_small_talk_counts():
    shares = {"ask_record_other": 0.7, "fact/email_signature_how_to": 0.1}
    sentences = ({"acknowledge": 0.99}, {"fact/email_signature_how_to": 0.7, "ask_record_other": 0.2})
    here = {"replies": shares, "here": frozenset(shares), "words": 7, "asks": True}
    contexts = ("record_shown", "email_signature")
    assert understood(UNCLEAR, *contexts, sentences=sentences, **here).label == "fact/email_signature_how_to"
    assert understood(UNCLEAR, *contexts, sentences=(sentences[1], sentences[1]), **here).label == "ask_record_other"


def test_questions_of_a_kind_stand_together_even_where_something_else_is_likelier_than_each():
    shares = {"change_address": 0.3, "process/noted_address": 0.22, "process/how_reached": 0.13}
    told = {"replies": shares, "here": frozenset(shares), "words": 12, "asks": True}
    assert understood(UNCLEAR, "ticket_consent", **told).label == "process/noted_address"


def test_an_address_that_the_team_has_asked_for_goes_to_the_team():
    bare = Read(general=Decision("inform", "inform", 0.9), addresses=1, bare=True, words=1)
    assert read(bare, Context(contexts=("anytime", "team_wrote"), team_asks_address=True)).label == "for_team"
    assert read(bare, Context(contexts=("anytime", "team_wrote"))).label == "check_issuance_status"


def test_an_answer_is_asked_for_again_and_is_no_complaint():
    asked = ("faq/missing_some_credentials", 0.9)
    stands = ("anytime", "record_shown", "answer_given", "missing_some_credentials")
    assert understood(asked, *stands, asks=True).label == "faq/missing_some_credentials"
    assert understood(asked, *stands).label == "not_helped"


def test_what_the_words_do_not_allow_leaves_its_place_to_what_is_left():
    shares = {"escalate": 0.58, "other_one": 0.4, "check_issuance_status": 0.02}
    told = {"replies": shares, "here": frozenset(shares), "words": 18}
    stands = ("anytime", "answer_given", "missing_micro_credential")
    assert understood(UNCLEAR, *stands, **told).label == "other_one"
    assert understood(UNCLEAR, *stands, names_team=True, **told).label == "escalate"
    elsewhere = {**told, "here": frozenset()}
    assert understood(("ambiguous/missing_badge", 1.0), "anytime", **elsewhere).label == "ambiguous/missing_badge"


def test_what_is_told_of_the_answer_that_was_given_does_not_ask_for_it():
    told = {"replies": {"already_did": 0.6}, "here": frozenset({"already_did"}), "words": 14}
    stands = ("anytime", "answer_given", "missing_some_credentials")
    assert understood(("faq/missing_some_credentials", 0.99), *stands, **told).label == "already_did"
    assert understood(("faq/privacy_settings", 0.99), *stands, **told).label == "faq/privacy_settings"


def test_a_detail_of_a_few_words_more_is_no_slip_in_the_address():
    told = {"replies": {"correct_address": 0.87, "tell_detail": 0.1}, "here": frozenset({"correct_address"})}
    assert understood(UNCLEAR, "ticket_consent", words=8, **told).label == "tell_detail"
    assert understood(UNCLEAR, "ticket_consent", words=8, speaks_of_address=True, **told).label == "correct_address"
    assert understood(UNCLEAR, "ticket_consent", words=3, **told).label == "correct_address"


@pytest.mark.parametrize("before", [("team_offered",), ("team_offered", "record_shown")])
def test_an_address_after_the_offer_of_the_team_is_where_they_may_answer(before):
    assert understood(("inform", 1.0), "anytime", *before, addresses=1, bare=True).label == "escalate"


@pytest.mark.parametrize("other", ["look_up_offered", "another_offered"])
def test_an_address_after_the_offer_of_a_look_up_is_to_be_looked_up(other):
    found = understood(("inform", 1.0), "anytime", "team_offered", other, addresses=1, bare=True)
    assert found.label == "check_issuance_status"


@pytest.mark.parametrize("small", ["greet", "thank"])
def test_a_greeting_and_thanks_are_no_mere_notice(small):
    assert understood((small, 0.99), "anytime", replies={"acknowledge": 0.98}).label == small


@pytest.mark.parametrize(
    "by_itself", [UNCLEAR, ("out_of_scope/unrelated", 0.9), ("inform", 0.5), ("faq/credly_support", 0.6)]
)
def test_words_after_a_file_say_what_it_is_about(by_itself):
    assert understood(by_itself, "anytime", "file_waits").label == "tell_detail"


def test_a_question_after_a_file_is_answered():
    assert understood(("faq/credly_support", 0.9), "anytime", "file_waits", asks=True).label == "faq/credly_support"


@pytest.mark.parametrize(
    "by_itself", ["faq/missing_micro_credential", "faq/missing_digital_credential", "ambiguous/missing_badge"]
)
def test_a_sure_wish_to_be_told_counts_beside_a_badge_that_is_not_there(by_itself):
    assert understood((by_itself, 1.0), "anytime", replies={"watch": 0.97}, words=12).label == "watch"


def test_a_question_beside_the_remark_that_it_is_for_the_assistant_is_what_counts():
    asked = understood(("faq/sharing_options", 0.6), "team_wrote", replies={"for_assistant": 0.97}, asks=True, words=9)
    assert asked.label == "faq/sharing_options"
    assert understood(UNCLEAR, "team_wrote", replies={"for_assistant": 0.97}, words=4).label == "for_assistant"


def test_a_badge_that_is_told_of_beside_a_yes_and_an_address_is_looked_up():
    yes = {"replies": {"affirm": 0.9}, "here": frozenset({"affirm"}), "addresses": 1, "words": 14}
    told = ("faq/missing_micro_credential", 0.5)
    assert understood(told, "anytime", "team_offered", **yes).label == "check_issuance_status"
    assert understood(UNCLEAR, "anytime", "team_offered", **yes).label == "escalate"


def test_who_asks_for_the_ticket_after_a_detour_does_not_give_it_up():
    meant = {"stop": 0.82, "tell_detail": 0.1}
    assert understood(("escalate", 0.6), "ticket_contact", replies=meant, ticket_after_all=True).label != "stop"
    assert understood(("escalate", 0.6), "ticket_contact", replies=meant).label == "stop"
    by_itself = ("stop", 0.77)
    assert understood(by_itself, "ticket_contact", replies={"new": 0.8}, ticket_after_all=True).label == "escalate"
    assert understood(by_itself, "ticket_contact", replies={"new": 0.8}).label == "stop"
    assert understood(by_itself, "code_asked", replies={"new": 0.8}, ticket_after_all=True).label == "stop"


def test_a_word_about_the_assistant_itself_is_no_sign_that_it_misread():
    by_itself = ("bot_challenge", 0.97)
    assert understood(by_itself, "anytime", replies={"misunderstood": 0.7}, words=4).label == "bot_challenge"
    assert understood((by_itself[0], 0.6), "anytime", replies={"misunderstood": 0.9}, words=4).label == "misunderstood"


@pytest.mark.parametrize("seems", ["acknowledge", "misunderstood", "not_helped", "ask_more"])
def test_the_order_to_look_is_no_small_talk_and_no_remark(seems):
    told = {"replies": {seems: 0.9}, "here": frozenset({seems}), "words": 2}
    assert understood(UNCLEAR, "anytime", told_to_look=True, **told).label == "check_issuance_status"
    assert understood(UNCLEAR, "anytime", **told).label == seems
    again = {"replies": {"ask_record_again": 0.9}, "here": frozenset({"ask_record_again"}), "words": 2}
    assert understood(UNCLEAR, "record_shown", told_to_look=True, **again).label == "ask_record_again"
    assert understood(UNCLEAR, "team_wrote", told_to_look=True, **told).label != "check_issuance_status"
    assert understood(UNCLEAR, "anytime", told_to_look=True, **{**told, "words": 1}).label == seems


def test_a_sentence_is_weighed_against_what_it_means_itself_where_no_other_asks():
    looked_up = {"check_issuance_status": 0.92}
    exam, nothing = (Decision(one, one, 0.8) for one in ("out_of_scope", "check_issuance_status"))
    told = {"replies": {"new": 0.6}, "sentences": ({"new": 0.9}, looked_up), "alone": (exam, nothing), "words": 11}
    by_itself = ("out_of_scope/exam_registration", 0.8)
    assert understood(by_itself, "anytime", asks=True, asking=[1], **told).label == "check_issuance_status"
    assert understood(by_itself, "anytime", asks=True, asking=[0, 1], **told).label == by_itself[0]


def test_where_the_whole_is_in_doubt_the_one_question_in_it_is_answered():
    assert understood(UNCLEAR, "anytime", apart=("faq/credential_expiry",)).label == "faq/credential_expiry"
    assert understood(UNCLEAR, "anytime").intent == UNCLEAR[0]
    near = ("out_of_scope/exam_price", 0.8)
    assert understood(near, "anytime", apart=("faq/credential_expiry",)).label == near[0]


@pytest.mark.parametrize("label", ["process/how_reached", "process/when_answered"])
def test_how_things_are_done_here_is_asked_where_it_stands_however_like_a_question_of_the_faq(label):
    asked, here = ("faq/earning_notification", 0.94), {"here": frozenset({label}), "asks": True, "words": 6}
    assert understood(asked, "ticket_open", replies={label: 0.6}, **here).label == label
    assert understood(asked, "ticket_open", replies={"new": 0.6, label: 0.3}, **here).label == asked[0]


def test_a_question_after_an_answer_is_for_more_of_it_and_no_call_for_help():
    asked = {"asks": True, "words": 5, "replies": {"ask_more": 0.2, "new": 0.1}, "here": frozenset({"ask_more"})}
    assert understood(("help", 0.9), "answer_given", **asked).label == "ask_more"
    fact = "fact/credential_types_gaming_badges"
    known = {**asked, "replies": {fact: 0.25, "new": 0.1}, "here": frozenset({fact})}
    assert understood(("help", 0.9), "answer_given", **known).label == fact
    assert understood(("help", 0.9), "anytime", **asked).label == "help"
    assert understood(("help", 0.9), "answer_given", **{**asked, "replies": {"new": 0.8}}).label == "help"
    assert understood(("help", 0.9), "answer_given", **{**asked, "words": 1}).label == "help"
    assert understood(("affirm", 0.7), "answer_given", **asked).label == "ask_more"
    assert understood(("affirm", 0.7), "answer_given", "look_up_offered", **asked).label == "affirm"


def test_what_only_leads_to_another_question_is_no_question_of_its_own():
    two = {"sentences": ({"ask_more": 0.92}, {"new": 1.0}), "replies": {"new": 1.0}, "asks": True, "words": 12}
    asked = Decision("faq", "faq/credential_expiry", 0.9)
    alone = (Decision("nlu_fallback", "nlu_fallback", 0.6), asked)
    assert understood((asked.label, 0.9), "answer_given", alone=alone, asking=[1], **two).label == asked.label
    assert understood((asked.label, 0.5), "answer_given", alone=alone, asking=[0], **two).label == "ask_more"


@pytest.mark.parametrize(("label", "named"), [("escalate", "names_team"), ("other_person", "names_other")])
def test_what_is_like_a_wish_that_names_nobody_leaves_room_for_what_the_words_mean_by_themselves(label, named):
    replies = {"replies": {label: 0.6, "misunderstood": 0.35}, "words": 9}
    asked = ("faq/newsfeed_appearance", 0.8)
    assert understood(asked, "anytime", **replies).label == asked[0]
    assert understood(UNCLEAR, "anytime", **{named: True}, **replies).label == label


def test_a_certain_sentence_wins_over_what_could_be_meant_anywhere():
    fact = "fact/missing_some_credentials_which_video"
    read_so = {"replies": {"check_issuance_status": 0.8}, "sentences": ({"new": 0.6}, {fact: 0.9}), "asks": True}
    asked = ("faq/email_signature_multiple", 0.98)
    assert understood(asked, "missing_some_credentials", here=frozenset({fact}), **read_so).label == fact


def test_a_missing_badge_and_the_wish_that_somebody_looks_is_a_look_up():
    told = {"replies": {"check_issuance_status": 0.9}, "words": 20}
    missing = ("faq/missing_digital_credential", 1.0)
    assert understood(missing, "anytime", names_look_up=True, **told).label == "check_issuance_status"
    assert understood(missing, "anytime", **told).label == missing[0]
    assert (
        understood(("faq/sharing_options", 1.0), "anytime", names_look_up=True, **told).label == "faq/sharing_options"
    )


def test_a_ticket_that_is_asked_for_beside_an_address_is_no_look_up():
    missing = ("faq/missing_micro_credential", 0.9)
    assert understood(missing, "anytime", addresses=1, names_team=True, words=12).label == "escalate"
    assert understood(missing, "anytime", addresses=1, words=12).label == "check_issuance_status"


def test_facts_stand_together_and_the_one_of_the_answer_given_is_told():
    here = "fact/earning_notification_other_time"
    shares = {"fact/missing_micro_credential_how_long": 0.5, here: 0.4}
    asked = {"here": frozenset({here}), "asks": True, "words": 6}
    unrelated = ("out_of_scope/unrelated", 0.9)
    assert understood(unrelated, "earning_notification", replies=shares, **asked).label == here
    low = {"fact/missing_micro_credential_how_long": 0.5, here: 0.1}
    assert understood(unrelated, "earning_notification", replies=low, **asked).label == unrelated[0]


def test_words_that_ask_for_an_answer_are_no_mere_notice_of_the_one_before():
    notice = {"replies": {"acknowledge": 0.95}, "here": frozenset({"acknowledge"}), "words": 3}
    asked = ("faq/sharing_options", 0.85)
    assert understood(asked, "answer_given", "credential_expiry", **notice).label == asked[0]
    assert understood((asked[0], 0.69), "answer_given", "credential_expiry", **notice).label == "acknowledge"
    assert understood(asked, "answer_given", "credential_expiry", **{**notice, "words": 1}).label == "acknowledge"


@pytest.mark.parametrize("seems", ["hold", "acknowledge"])
def test_a_clear_wish_for_the_team_is_not_put_off(seems):
    wish = {"replies": {seems: 0.6}, "here": frozenset({seems}), "names_team": True, "words": 8}
    assert understood(("escalate", 0.97), "address_asked", **wish).label == "escalate"
    assert understood(UNCLEAR, "address_asked", **{**wish, "words": 2}).label == seems


def test_sure_thanks_are_no_question_that_is_hardly_possible():
    replies = {"replies": {"ask_record_again": 0.32}, "here": frozenset({"ask_record_again"}), "words": 9}
    assert understood(("thank", 0.97), "record_shown", **replies).label == "thank"
    assert understood(("thank", 0.6), "record_shown", **replies).label == "ask_record_again"


def test_who_asks_whether_a_person_speaks_does_not_ask_for_one():
    wish = {"replies": {"escalate": 0.6}, "names_team": True, "words": 12}
    assert understood(("bot_challenge", 0.93), "anytime", **wish).label == "bot_challenge"
    assert understood(("bot_challenge", 0.6), "anytime", **wish).label == "escalate"


def test_who_would_rather_have_it_looked_up_first_does_not_tell_where_to_answer():
    told = {"replies": {"hold": 0.6}, "here": frozenset({"hold"}), "addresses": 1, "answers": True, "words": 6}
    look = ("check_issuance_status", 0.83)
    assert understood(look, "ticket_contact", names_look_up=True, **told).label == "check_issuance_status"
    assert understood(look, "ticket_contact", **told).label == "inform"
    assert understood(UNCLEAR, "ticket_contact", names_look_up=True, **told).label == "inform"


def test_a_clear_question_is_no_wish_to_be_looked_up_and_none_about_how_things_are_done():
    look_up = {"replies": {"check_issuance_status": 0.9}, "here": frozenset({"check_issuance_status"}), "words": 12}
    asked = ("faq/identify_credential_type", 0.99)
    assert understood(asked, "look_up_offered", **look_up).label == asked[0]
    assert (
        understood(("faq/missing_micro_credential", 0.99), "look_up_offered", **look_up).label
        == "check_issuance_status"
    )
    why = {"replies": {"process/why_code": 0.7}, "here": frozenset({"process/why_code"}), "asks": True, "words": 9}
    assert understood(("faq/privacy_settings", 0.99), "address_asked", **why).label == "faq/privacy_settings"
    assert understood(("faq/privacy_settings", 0.9), "address_asked", **why).label == "process/why_code"


@pytest.mark.parametrize(
    ("likely", "label"),
    [
        ((("faq/missing_micro_credential", 0.46), ("check_issuance_status", 0.3)), "faq/missing_micro_credential"),
        ((("check_issuance_status", 0.4), ("faq/missing_micro_credential", 0.3)), "check_issuance_status"),
        (
            (("faq/missing_micro_credential", 0.4), ("faq/missing_digital_credential", 0.3)),
            "ambiguous/missing_badge",
        ),
        ((("faq/missing_micro_credential", 0.3), ("check_issuance_status", 0.1)), "nlu_fallback"),
        ((("faq/sharing_options", 0.4), ("faq/missing_micro_credential", 0.3)), "nlu_fallback"),
    ],
)
def test_a_doubt_among_what_a_missing_badge_is_answered_with_is_none(likely, label):
    choices = tuple(Choice(*one) for one in likely)
    general = Decision("nlu_fallback", "nlu_fallback", 0.55, candidates=choices)
    assert read(Read(general=general), Context(contexts=("anytime",))).label == label


def test_parts_of_the_answer_given_are_together_likelier_than_a_word_of_notice():
    fact, other = "fact/email_signature_how_to", "fact/email_signature_other_providers"
    known = {"replies": {"acknowledge": 0.3, fact: 0.28, other: 0.17}, "here": frozenset({fact, other, "acknowledge"})}
    assert understood(UNCLEAR, "answer_given", "email_signature", words=4, **known).label == fact
    known["replies"] = {"acknowledge": 0.5, fact: 0.2, other: 0.1}
    assert understood(UNCLEAR, "answer_given", "email_signature", words=4, **known).label == "acknowledge"


def test_what_was_just_answered_is_not_answered_beside():
    told = {"replies": {"already_did": 0.63}, "here": frozenset({"already_did"}), "words": 14}
    apart = ("faq/missing_some_credentials",)
    again = understood(UNCLEAR, "answer_given", apart=apart, just=("missing_some_credentials",), **told)
    assert again.label == "already_did" and not again.also
    assert understood(UNCLEAR, "answer_given", apart=apart, **told).also == apart
