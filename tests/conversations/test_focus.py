"""What a conversation is about, from what was said."""

import pytest

from bot.clock import now
from bot.conversations.focus import Focus, Offer, Task, Team
from bot.conversations.store import FILE, Message


def said(*names, buttons=()):
    """Messages in turn: "user" is the person, "staff …" the team, all else an utterance of the assistant."""
    found = []
    for name in names:
        if name == "user":
            found.append(Message.new("user", "words", now=now()))
        elif name.startswith("staff "):
            found.append(Message.new("staff", "words", name.removeprefix("staff "), now=now()))
        else:
            offered = [{"title": payload, "payload": payload} for payload in buttons]
            found.append(Message.new("bot", "words", name, offered, now=now()))
    return found


@pytest.mark.parametrize(
    ("utterance", "task"),
    [
        ("utter_identity_why", Task.ADDRESS),
        ("utter_address_invalid", Task.ADDRESS),
        ("utter_code_sent", Task.CODE),
        ("utter_code_wrong", Task.CODE),
        ("utter_ticket_ask_about", Task.TICKET_ABOUT),
        ("utter_ticket_ask_contact", Task.TICKET_CONTACT),
        ("utter_ticket_summary", Task.TICKET_CONSENT),
        ("utter_greet", Task.NONE),
        ("utter_faq/what_is_credly", Task.NONE),
    ],
)
def test_the_task_is_what_was_asked_for_last(utterance, task):
    assert Focus.of(said("user", utterance)).task is task


def test_a_digression_does_not_end_a_task_but_another_reply_does():
    digression = said("user", "utter_code_sent", "user", "utter_faq/what_is_credly", "utter_code_ask_again")
    assert Focus.of(digression).task is Task.CODE
    assert Focus.of([*digression, *said("user", "utter_identity_stopped")]).task is Task.NONE


@pytest.mark.parametrize(
    ("payload", "offer"),
    [
        ("/check_issuance_status", Offer.LOOK_UP),
        ("/escalate", Offer.TEAM),
        ("/change_address", Offer.ANOTHER_ADDRESS),
        ("/watch", Offer.WATCH),
    ],
)
def test_an_offer_stands_until_the_next_reply(payload, offer):
    offered = said("user", "utter_not_helped", buttons=[payload])
    assert Focus.of(offered).offers == (offer,) and offer.value in Focus.of(offered).contexts()
    assert Focus.of([*offered, *said("user", "utter_thank")]).offers == ()


def test_the_look_up_still_stands_after_a_part_of_the_answer_that_offered_it():
    offered = said("user", "utter_faq/missing_micro_credential", buttons=["/check_issuance_status"])
    part = said("user", "utter_fact/missing_micro_credential_how_long", buttons=["/faq/missing_micro_credential"])
    assert Focus.of(offered).look_up and Focus.of([*offered, *part]).look_up
    assert Focus.of([*offered, *part]).offers == (), "understanding was not taught so"
    assert not Focus.of([*offered, *part, *said("user", "utter_thank")]).look_up
    other = said("user", "utter_faq/what_is_credly")
    assert not Focus.of([*offered, *other, *part]).look_up


def test_topics_are_the_newest_first_and_fade():
    history = said("user", "utter_faq/what_is_credly", "user", "utter_faq/privacy_settings")
    assert Focus.of(history).topics == ("privacy_settings", "what_is_credly")
    for _ in range(3):
        history += said("user", "utter_thank")
    assert Focus.of(history).topics == ()


def test_a_part_of_an_answer_keeps_its_topic_but_is_not_the_whole_answer():
    whole = said("user", "utter_faq/missing_micro_credential")
    assert Focus.of(whole).just == ("missing_micro_credential",)
    part = Focus.of([*whole, *said("user", "utter_fact/missing_micro_credential_how_long")])
    assert part.topics == ("missing_micro_credential",) and part.just == ()


def test_a_record_stays_the_subject_for_some_turns():
    history = said("user", "utter_status_list", "user", "utter_thank", "user", "utter_acknowledge")
    assert Focus.of(history).record and "record_shown" in Focus.of(history).contexts()


def test_the_team_is_answered_after_it_wrote_and_not_for_ever():
    history = said("user", "utter_ticket_opened")
    assert Focus.of(history).team is Team.OPEN
    history += said("staff ticket_replied")
    assert Focus.of(history).team is Team.WROTE
    history += said(*["user", "utter_faq/what_is_credly"] * 5)
    assert Focus.of(history).team is Team.OPEN
    history += said("staff ticket_resolved")
    assert Focus.of(history).team is Team.RESOLVED
    history += said("user", "utter_ticket_reopened")
    assert Focus.of(history).team is Team.OPEN


def test_nothing_is_the_focus_of_a_conversation_that_has_just_begun():
    assert Focus.of([]) == Focus()
    assert Focus.of(said("utter_greet")).contexts() == ("anytime",)


def test_news_is_waited_for_until_it_came_or_is_not_wanted_any_more():
    promised = said("user", "utter_status_list", "user", "utter_watch_on")
    assert "watching" in Focus.of([*promised, *said("user", "utter_thank")]).contexts()
    for end in ("utter_watch_off", "utter_watch_news", "utter_watch_passed"):
        assert "watching" not in Focus.of([*promised, *said("user", end)]).contexts()
    asked_again = said("user", "utter_watch_off", "user", "utter_watch_already")
    assert "watching" in Focus.of([*promised, *asked_again]).contexts()
    assert "watching" not in Focus.of(said("user", "utter_status_list")).contexts()


def test_a_record_under_two_addresses_makes_two_profiles_the_topic():
    found = Focus.of(said("user", "utter_status_list", "utter_status_two_profiles"))
    assert found.topics == ("missing_some_credentials",) and found.just == () and found.record


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("Under which e-mail address is it now?", True),
        ("Which mailbox did you use?", True),
        ("Which title should it have?", False),
    ],
)
def test_the_team_asks_for_an_address_where_its_last_words_are_of_one(words, asked):
    wrote = [*said("user", "utter_ticket_opened"), Message.new("staff", words, "ticket_replied", now=now())]
    assert Focus.of(wrote).team_asks_address is asked
    assert not Focus.of([*wrote, *said("user", "utter_for_team_passed_on")]).team_asks_address


def test_a_file_waits_for_words_until_something_is_said_or_it_has_a_ticket():
    file = Message.new("user", "shot.png", FILE, now=now())
    assert "file_waits" in Focus.of([*said("utter_greet"), file]).contexts()
    assert "file_waits" not in Focus.of([*said("utter_greet"), file, *said("user", "utter_thank")]).contexts()
    assert "file_waits" not in Focus.of([*said("user", "utter_ticket_opened"), file]).contexts()
    assert Focus.of([*said("user", "utter_ticket_summary"), file]).task is Task.TICKET_CONSENT
