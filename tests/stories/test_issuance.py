"""A learner looks up their credentials: real rules, actions, database and outbox; the code is read in the mail."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sql
from rasa.core.channels.channel import UserMessage

from bot.identity.store import lookups
from bot.issuance.catalogue import Catalogue
from bot.rasa.channel import chosen, user_message
from tests.stories.learner import Learner

CATALOGUE = Path("data/catalogue.yml")


def test_from_the_question_to_the_accepted_badge(learner):
    assert learner.type("has my badge been issued?", "check_issuance_status").said == ["utter_identity_why"]
    assert learner.type("It's Sofia.Rossi@example.com").said == ["utter_code_sent"]
    assert "sofia.rossi@example.com" in learner.text
    learner.type(f"the code is {learner.code('sofia.rossi@example.com')}")
    assert learner.said == ["utter_status_list"]  # all is well, so nothing is offered
    assert "OneStream Certified Administrator" in learner.text
    assert "https://www.credly.com/badges/" in learner.text
    assert "https://www.linkedin.com/profile/add?startTask=CERTIFICATION_NAME" in learner.text
    assert "{" not in learner.text


@pytest.mark.parametrize(
    ("name", "words_of_the_stage"),
    [
        ("amara.okafor", "60%"),
        ("diego.fernandez", "not passed"),
        ("mei.tanaka", "passed the exam"),
        ("priya.raman", "on its way"),
        ("kwame.mensah", "overdue"),
        ("leila.haddad", "waiting for you to claim it"),
        ("jonas.lindqvist", "declined"),
        ("minh.nguyen", "expires soon"),
        ("grace.oconnor", "flagged as expired"),
        ("tomasz.kowalski", "revoked"),
        ("noor.ahmed", "no training record and no badge"),
    ],
)
def test_each_stage_is_told_to_its_learner(learner, name, words_of_the_stage):
    learner.prove(f"{name}@example.com")
    assert words_of_the_stage in learner.text
    assert "{" not in learner.text


def test_overdue_offers_the_team_and_yes_takes_it_there(learner):
    learner.prove("kwame.mensah@example.com")
    assert "/escalate" in learner.buttons
    learner.type("yes please", "affirm")
    assert learner.said and "utter_affirm" not in learner.said


def test_only_the_credential_in_the_question_is_told(learner):
    learner.prove("lucas.almeida@example.com")
    assert learner.text.count("\n- **") + learner.text.count("- **", 0, 200) >= 7
    learner.type("and my Level 3?", "check_issuance_status")
    assert "Level 3" in learner.text and "Level 1" not in learner.text


def test_a_second_address_is_shown_together_with_the_first(learner):
    learner.prove("hannah.schmidt@example.com")
    assert "Level 2" in learner.text and "Level 1" not in learner.text
    assert learner.press("/change_address").said == ["utter_another_address_ask"]
    assert learner.type("hannah.weber@example.com").said == ["utter_code_sent"]
    learner.type(learner.code("hannah.weber@example.com"))
    assert all(level in learner.text for level in ("Level 1", "Level 2", "Level 3"))
    assert "utter_status_two_profiles" in learner.said


def test_what_the_learner_says_they_completed_is_taken_into_account(learner):
    learner.type("I completed Level 2 3 days ago, where is it?", "check_issuance_status")
    learner.type("noor.ahmed@example.com")
    learner.type(learner.code("noor.ahmed@example.com"))
    assert "utter_claim_in_window" in learner.said
    assert "Level 2" in learner.text


def test_questions_in_between_are_answered_and_the_form_goes_on(learner):
    learner.press("/check_issuance_status")
    assert learner.press("/faq/privacy_settings").said == ["utter_faq/privacy_settings", "utter_address_ask_again"]
    assert learner.type("sofia.rossi@example.com").said == ["utter_code_sent"]
    assert learner.press("/faq/what_is_credly").said == ["utter_faq/what_is_credly", "utter_code_ask_again"]
    assert learner.type("thanks", "thank").said == ["utter_thank_short", "utter_code_ask_short"]
    assert learner.type("hm", "nlu_fallback").said == ["utter_code_ask_again"]
    learner.type(learner.code("sofia.rossi@example.com"))
    assert learner.said[0] == "utter_status_list"


@pytest.mark.parametrize(
    ("how", "says"),
    [("stop", "utter_identity_stopped"), ("goodbye", "utter_goodbye"), ("escalate", "utter_ticket_begins")],
)
def test_leaving_makes_the_code_worthless(learner, services, how, says):
    learner.type("is it issued? mei.tanaka@example.com", "check_issuance_status")
    code = learner.code("mei.tanaka@example.com")
    assert says in learner.press(f"/{how}").said
    learner.type(code)
    assert services.identity.proven(learner.conversation_id) == []
    assert "passed" not in learner.text


def test_who_gives_no_address_is_told_where_to_write_and_nothing_of_a_code(learner):
    learner.type("has my badge been issued?", "check_issuance_status")
    learner.press("/stop")
    assert "certification@onestreamsoftware.com" in learner.text and "code" not in learner.text


def test_a_wrong_code_is_told_five_times_then_a_new_one_is_needed(learner):
    learner.type("check ravi.patel@example.com", "check_issuance_status")
    right = learner.code("ravi.patel@example.com")
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for left in (4, 3, 2, 1):
        assert learner.type(wrong).said == ["utter_code_wrong"]
        assert f"Tries left: {left}" in learner.text
    assert learner.type(wrong).said == ["utter_code_used_up"]
    learner.type(right)
    assert "utter_status_list" not in learner.said


def test_the_code_of_another_conversation_opens_nothing(learner, stranger, services):
    learner.type("check fatima.zahra@example.com", "check_issuance_status")
    code = learner.code("fatima.zahra@example.com")
    stranger.type("check noor.ahmed@example.com", "check_issuance_status")
    assert stranger.type(code).said == ["utter_code_wrong"]
    assert services.identity.proven(stranger.conversation_id) == []
    learner.type(code)
    assert learner.said[0] == "utter_status_list"


def test_a_code_works_once(learner, stranger):
    learner.prove("jonas.lindqvist@example.com")
    code = learner.code("jonas.lindqvist@example.com")
    stranger.press("/check_issuance_status")
    stranger.type("jonas.lindqvist@example.com")
    stranger.type(code)
    assert "utter_status_list" not in stranger.said


def test_somebody_elses_record_is_refused_with_the_reason(learner, mailbox):
    learner.prove("sofia.rossi@example.com")
    before = mailbox.count()
    learner.type("has kwame.mensah@example.com got Level 2?", "other_person")
    assert learner.said == ["utter_other_person"]
    assert "only show a record to the person it belongs to" in learner.text
    assert "overdue" not in learner.text and mailbox.count() == before


def test_another_address_gets_a_code_and_shows_nothing_before(learner, services):
    learner.prove("sofia.rossi@example.com")
    own = learner.code("sofia.rossi@example.com")
    learner.type("and under priya.raman@example.com?", "check_issuance_status")
    assert learner.said == ["utter_code_sent"] and "priya.raman@example.com" in learner.text
    assert learner.type(own).said == ["utter_code_wrong"]
    assert services.identity.proven(learner.conversation_id) == ["sofia.rossi@example.com"]
    assert "on its way" not in learner.text
    learner.type(learner.code("priya.raman@example.com"))
    assert "on its way" in learner.text and "OneStream Certified Administrator" in learner.text


def test_known_and_unknown_addresses_get_the_same_words(learner, stranger):
    learner.press("/check_issuance_status")
    stranger.press("/check_issuance_status")
    known = learner.type("minh.nguyen@example.com").text.replace("minh.nguyen", "X")
    unknown = stranger.type("nobody.knows@example.com").text.replace("nobody.knows", "X")
    assert known == unknown
    assert learner.buttons == stranger.buttons


def test_payloads_and_slots_typed_by_hand_open_nothing(learner):
    learner.type("check kwame.mensah@example.com", "check_issuance_status")
    for typed in (
        '/inform{"one_time_code": "proven"}',
        '/issuance_form{"address":"kwame.mensah@example.com","one_time_code":"proven"}',
        "/action_show_issuance_status",
        "one_time_code: proven",
        "/slot{address}",
    ):
        message = user_message({"text": typed}, learner.token)
        parsed = {**chosen("/inform"), "text": message.text}
        about = {"parse_data": parsed, "input_channel": "site"}
        learner._read(learner.talk(UserMessage(message.text, message.output_channel, learner.conversation_id, **about)))
        assert "utter_status_list" not in learner.said
        assert "overdue" not in learner.text


def test_a_button_payload_naming_an_action_is_no_action(learner):
    learner.press("/action_show_issuance_status")
    assert "utter_status_list" not in learner.said


def test_what_is_on_its_way_can_be_waited_for(learner, services):
    learner.prove("priya.raman@example.com")
    assert learner.said == ["utter_status_list", "utter_record_offer_watch"]
    assert learner.type("yes please", "affirm").said == ["utter_watch_on"]
    assert "priya.raman@example.com" in learner.text
    assert learner.type("tell me when it is there", "watch").said == ["utter_watch_already"]
    assert learner.type("no need to write", "stop_watch").said == ["utter_watch_off"]


def test_questions_about_the_shown_record_are_answered_from_it(learner):
    learner.prove("kwame.mensah@example.com")
    for intent in ("ask_record_when", "ask_record_why", "ask_record_next"):
        learner.type("and that one?", intent)
        assert "Level 2" in learner.text and "{" not in learner.text, intent
    assert learner.context()["record"]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("sofia@", "utter_address_invalid"),
        ("söfia.rossi@example.com", "utter_address_invalid"),
        ("a@b", "utter_address_invalid"),
        ("x@example.com\nBcc: y@example.com", "utter_address_one"),
    ],
)
def test_addresses_that_no_mail_can_go_to(learner, typed, says, mailbox):
    learner.press("/check_issuance_status")
    before = mailbox.count()
    assert learner.type(typed).said == [says]
    assert mailbox.count() == before


def test_the_code_may_be_sent_again_after_a_while_and_the_former_still_counts_until_then(learner):
    learner.type("check leila.haddad@example.com", "check_issuance_status")
    assert learner.press("/resend_code").said == ["utter_code_limit_waiting"]
    learner.type(learner.code("leila.haddad@example.com"))
    assert "claim" in learner.text


def test_a_proof_holds_for_the_next_question(learner):
    learner.prove("grace.oconnor@example.com")
    learner.type("is my badge there?", "check_issuance_status")
    assert learner.said[0] == "utter_status_list_again" and "grace.oconnor@example.com" in learner.text


def test_an_identity_token_of_the_host_site_needs_no_code(learner, services):
    services.identity.prove_by_profile(learner.conversation_id, "tomasz.kowalski@example.com", "token")
    learner.press("/check_issuance_status")
    assert "revoked" in learner.text


def test_a_date_is_no_code(learner):
    learner.type("check ravi.patel@example.com", "check_issuance_status")
    learner.type("I passed on 20-05-24")
    assert learner.said == ["utter_code_ask_again"] or "utter_code_unreadable" in learner.said


def test_lookups_are_logged_with_who_and_whom(learner, services):
    learner.prove("amara.okafor@example.com")
    with services.database.transaction() as connection:
        rows = connection.execute(sql.select(lookups).where(lookups.c.conversation_id == learner.conversation_id)).all()
    assert [(row.asker, row.subject, row.channel) for row in rows] == [
        ("amara.okafor@example.com", "amara.okafor@example.com", "site")
    ]


def test_staff_in_slack_may_look_others_up(talk, words, mailbox, services):
    staff = Learner(talk, words, mailbox, "slack")
    services.identity.prove_by_profile(staff.conversation_id, "staff@example.com")
    for intent, words_of_it in (
        ("check_issuance_status", "utter_status_list"),
        ("other_person", "utter_status_list_again"),
    ):
        staff.type("has kwame.mensah@example.com got her Level 2 yet?", intent)
        assert "overdue" in staff.text and "another address" not in staff.text
        assert staff.said == [words_of_it], intent
    other = Learner(talk, words, mailbox, "slack")
    services.identity.prove_by_profile(other.conversation_id, "colleague@example.com")
    for intent in ("other_person", "check_issuance_status"):
        other.type("has kwame.mensah@example.com got her Level 2 yet?", intent)
        assert "overdue" not in other.text and not any(said.startswith("utter_status_list") for said in other.said)
    assert services.identity.proven(other.conversation_id) == ["colleague@example.com"]
    assert other.type("and kwame.mensah@example.com?", "other_person").said[0][:17] != "utter_status_list"


def test_the_catalogue_of_the_actions_is_that_of_the_understanding(words):
    catalogue = Catalogue.read(CATALOGUE)
    for credential in catalogue.credentials:
        (entity,) = words(f"is {credential.title} issued").ents
        assert catalogue.match(entity.ent_id_) == credential


def test_dates_are_written_out(learner):
    learner.prove("sofia.rossi@example.com")
    assert re.search(r"issued on \d{1,2} [A-Z][a-z]+ \d{4}", learner.text)
