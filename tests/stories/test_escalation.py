"""From "I need a person" to the ticket in the team's mail, and back."""

import pytest

from bot.tickets.ticket import Action, HandoverReason, State
from tests.stories.learner import Learner


@pytest.fixture(autouse=True)
def conversation(services, learner):
    """Kept as the site keeps it: tickets carry it, and the team's words come in there."""
    learner.kept_in(services.store)


def ticket_of(services, person):
    return services.tickets.of_conversation(person.conversation_id)


def file_one(learner):
    learner.type("I want a human", "escalate")
    learner.type("jane@example.com")
    learner.type("My name is misspelt on the Level 1 badge", "out_of_scope")
    return learner.press("/affirm")


def test_who_asks_for_the_address_of_the_team_is_told(learner):
    said = learner.type("what is the mail of the people in charge", "escalate").said
    assert said == ["utter_ticket_begins_address", "utter_ticket_ask_contact"]
    assert "certification@onestreamsoftware.com" in learner.text


def test_what_is_missing_is_asked_for_and_the_summary_confirmed(learner, services, mailbox):
    assert learner.type("I want a human", "escalate").said == ["utter_ticket_begins", "utter_ticket_ask_contact"]
    assert learner.type("it's Jane@Example.com").said == ["utter_ticket_ask_about"]
    assert learner.type("My badge for Level 1 never came", "ambiguous").said == ["utter_ticket_summary"]
    assert "jane@example.com" in learner.text and "> My badge for Level 1 never came" in learner.text
    assert ticket_of(services, learner) is None
    assert learner.press("/affirm").said == ["utter_ticket_opened"]
    ticket = ticket_of(services, learner)
    assert ticket.reference in learner.text
    assert (ticket.contact, ticket.about) == ("jane@example.com", "My badge for Level 1 never came")
    assert not ticket.contact_proven
    mailbox.count()
    to_team = next(m for m in mailbox.mails if m.to.startswith("certification@") and ticket.reference in m.subject)
    assert "I want a human" in to_team.text and to_team.reply_to == "jane@example.com"


def test_an_overdue_credential_fills_everything_in(learner, services):
    learner.prove("kwame.mensah@example.com")
    assert learner.type("yes", "affirm").said == ["utter_ticket_summary"]
    assert "Level 2" in learner.text and "kwame.mensah@example.com" in learner.text
    learner.press("/affirm")
    ticket = ticket_of(services, learner)
    assert (ticket.reason, ticket.suggested_action) == (HandoverReason.OVERDUE, Action.ISSUE)
    assert ticket.contact_proven and any("overdue" in line for line in ticket.diagnosis)
    assert not any(line.text.strip().isdigit() for line in ticket.transcript)  # the one-time code


def test_a_near_miss_is_passed_on_in_the_learners_own_words(learner, services):
    learner.type("how do I change the name on my certificate", "out_of_scope/name_correction")
    learner.type("yes please", "affirm")
    learner.type("jane@example.com")
    assert learner.said == ["utter_ticket_summary"]
    assert "change the name on my certificate" in learner.text
    learner.press("/affirm")
    ticket = ticket_of(services, learner)
    assert (ticket.reason, ticket.suggested_action) == (HandoverReason.NEAR_MISS, Action.CORRECT_NAME)


def test_asking_again_shows_the_ticket_and_something_can_be_added(learner, services):
    file_one(learner)
    reference = ticket_of(services, learner).reference
    assert learner.press("/escalate").said == ["utter_ticket_already"]
    assert reference in learner.text
    assert learner.press("/affirm").said == ["utter_ask_ticket_answer_form_ticket_answer"]
    assert learner.type("My surname is Doe", "inform").said == ["utter_ticket_added"]
    assert services.tickets.events(reference)[-1].text == "My surname is Doe"


def test_the_text_and_the_address_can_be_changed(learner, services):
    learner.type("I want a human", "escalate")
    learner.type("jane@example.com")
    learner.type("Level 1", "inform")
    assert learner.press("/change_text").said == ["utter_ticket_ask_about_again"]
    assert "> Level 2 is what I mean" in learner.type("Level 2 is what I mean", "inform").text
    assert learner.press("/change_address").said == ["utter_ticket_ask_contact"]
    assert "jane.doe@example.com" in learner.type("jane.doe@example.com").text
    assert "> Finished in May" in learner.type("Finished in May", "inform").text
    learner.press("/affirm")
    ticket = ticket_of(services, learner)
    assert (ticket.contact, ticket.about) == ("jane.doe@example.com", "Level 2 is what I mean\nFinished in May")


@pytest.mark.parametrize("no", ["no", "no, wait", "hm, rather not"])
def test_no_to_the_summary_asks_before_anything_is_dropped(learner, services, mailbox, no):
    learner.type("I want a human", "escalate")
    learner.type("jane@example.com")
    learner.type("Level 1 never came", "inform")
    before = mailbox.count()
    assert learner.type(no, "deny").said == ["utter_ticket_not_sent"]
    assert learner.context()["task"] == "discard_asked"
    assert learner.type("yes", "affirm").said == ["utter_ticket_consent_again"], "to what is not clear"
    assert ticket_of(services, learner) is None and mailbox.count() == before
    learner.type(no, "deny")
    assert learner.press("/affirm").said == ["utter_ticket_opened"], "Send it after all"
    assert ticket_of(services, learner).about == "Level 1 never came"


@pytest.mark.parametrize(("then", "intent"), [("no", "deny"), ("drop it", "stop")])
def test_a_ticket_is_dropped_when_that_is_said_twice(learner, services, mailbox, then, intent):
    learner.type("I want a human", "escalate")
    learner.type("jane@example.com")
    learner.type("Level 1 never came", "inform")
    learner.type("no", "deny")
    before = mailbox.count()
    assert learner.type(then, intent).said == ["utter_ticket_stopped"]
    assert ticket_of(services, learner) is None and mailbox.count() == before


@pytest.mark.parametrize("intent", ["stop", "deny"])
def test_who_gives_the_team_no_address_is_told_where_to_write(learner, services, intent):
    learner.type("I want a human", "escalate")
    learner.type("I'd rather not say it", intent)
    assert "certification@onestreamsoftware.com" in learner.text and ticket_of(services, learner) is None
    learner.type("I want a human", "escalate")
    learner.type("jane@example.com")
    assert learner.type("no, drop it", "stop").said == ["utter_ticket_stopped"], "the address is there"


def test_words_at_the_summary_are_added_and_shown(learner, services):
    learner.type("I want a human", "escalate")
    learner.type("jane@example.com")
    learner.type("Level 1 never came", "inform")
    assert learner.type("it was the 2025 one", "tell_detail").said == ["utter_ticket_summary"]
    assert "> Level 1 never came" in learner.text and "> it was the 2025 one" in learner.text
    assert learner.type("how will they reach me?", "process/how_reached").said == [
        "utter_process/how_reached",
        "utter_ticket_consent_again",
    ]
    assert learner.type("wrong address, it's jane.doe@example.com", "tell_detail").said == ["utter_ticket_summary"]
    assert "jane.doe@example.com" in learner.text
    learner.press("/affirm")
    assert ticket_of(services, learner).contact == "jane.doe@example.com"


def test_a_mistyped_address_is_put_right(learner, services):
    learner.type("I want a human", "escalate")
    learner.type("jane@example.con")
    learner.type("oops, it's .com not .con", "correct_address")
    learner.type("Level 1 never came", "inform")
    assert "jane@example.com" in learner.text and ".con" not in learner.text.replace(".com", "")
    learner.press("/affirm")
    ticket = ticket_of(services, learner)
    assert (ticket.contact, ticket.about) == ("jane@example.com", "Level 1 never came")


@pytest.mark.parametrize("slip", ["oh no, I missed the e", "there's a letter too many", "that's misspelt, sorry"])
def test_a_slip_that_stays_unclear_asks_for_the_address_again_and_loses_nothing(learner, services, slip):
    learner.type("I want a human", "escalate")
    learner.type("jane@exampl.com")
    learner.type("Level 1 never came", "inform")
    assert learner.type(slip, "correct_address").said == ["utter_ticket_ask_contact"]
    assert learner.type("jane@example.com").said == ["utter_ticket_summary"]
    learner.press("/affirm")
    ticket = ticket_of(services, learner)
    assert (ticket.contact, ticket.about) == ("jane@example.com", "Level 1 never came")


def test_the_problem_told_before_the_address_is_the_text(learner, services):
    learner.type("talk to someone", "escalate")
    assert learner.type("my middle name is missing on the badge", "out_of_scope/name_correction").said == [
        "utter_ticket_about_noted"
    ]
    assert learner.type("jane@example.com").said == ["utter_ticket_summary"]
    assert "> my middle name is missing on the badge" in learner.text
    learner.press("/affirm")
    assert ticket_of(services, learner).about == "my middle name is missing on the badge"


@pytest.mark.parametrize("answers", [[], ["jane@example.com"], ["jane@example.com", "about my badge of Level 1"]])
@pytest.mark.parametrize("leaving", ["/stop", "/goodbye"])
def test_cancelling_leaves_nothing_behind(learner, services, mailbox, answers, leaving):
    learner.type("I want a human", "escalate")
    for answer in answers:
        learner.type(answer)
    before = mailbox.count()
    learner.press(leaving)
    assert ticket_of(services, learner) is None and mailbox.count() == before
    learner.type("I want a human", "escalate")
    assert learner.said == ["utter_ticket_begins", "utter_ticket_ask_contact"]


def test_a_question_in_between_is_answered_and_the_form_goes_on(learner):
    learner.type("I want a human", "escalate")
    assert learner.press("/faq/what_is_credly").said == ["utter_faq/what_is_credly", "utter_ticket_ask_contact_again"]
    assert learner.type("jane@", "inform").said == ["utter_address_invalid"]
    assert learner.press("/check_issuance_status").said == ["utter_identity_why"]


BOTH = {"intent": "faq+escalate", "questions": ["escalate", "faq/what_is_credly"]}


def test_a_question_with_a_wish_for_a_person_keeps_what_the_summary_shows(learner, services):
    learner.type("I want a human", "escalate")
    assert learner.type("who is credly and can I talk to a person", **BOTH).said == [
        "utter_faq/what_is_credly",
        "utter_ticket_ask_contact_again",
    ]
    learner.type("jane@example.com")
    learner.type("Level 1 never came", "inform")
    assert "jane@example.com" in learner.text and "> Level 1 never came" in learner.text
    learner.type("who is credly and can I talk to a person", **BOTH)
    assert learner.said == ["utter_faq/what_is_credly", "utter_ticket_consent_again"]
    assert learner.press("/resend_code").said == ["utter_ticket_consent_short"]
    assert "/affirm" in learner.buttons and ticket_of(services, learner) is None
    assert learner.press("/affirm").said == ["utter_ticket_opened"]
    ticket = ticket_of(services, learner)
    assert (ticket.contact, ticket.about) == ("jane@example.com", "Level 1 never came")


def test_an_old_button_pressed_while_the_form_asks_for_the_text_loses_nothing(learner, services):
    learner.type("I want a human", "escalate")
    learner.type("jane@example.com")
    short, long = ["utter_ticket_ask_about_short"], ["utter_ticket_ask_about"]
    for payload, asked in (("/escalate", short), ("/affirm", long), ("/resend_code", short)):
        assert learner.press(payload).said == asked, payload
    assert learner.press("/change_address").said == ["utter_ticket_ask_contact"]
    learner.type("jane.doe@example.com")
    assert "jane.doe@example.com" in learner.type("Level 1 never came", "inform").text
    assert learner.press("/affirm").said == ["utter_ticket_opened"]


def test_old_buttons_while_something_is_added_ask_again_or_end_it(learner, services):
    file_one(learner)
    learner.press("/escalate")
    learner.press("/affirm")
    for payload in ("/affirm", "/escalate"):
        assert learner.press(payload).said == ["utter_ask_ticket_answer_form_ticket_answer"], payload
    assert learner.press("/change_address").said == ["utter_another_address_ask"]
    learner.press("/stop")
    learner.press("/escalate")
    learner.press("/affirm")
    assert learner.type("My surname is Doe", "inform").said == ["utter_ticket_added"]


def test_who_filed_it_can_ask_what_became_of_it(learner, stranger, services):
    file_one(learner)
    ticket = ticket_of(services, learner)
    assert ticket.reference in learner.type("what about my ticket?", "ticket_status").text
    assert "nobody has taken it up yet" in learner.text
    services.tickets.claim(ticket.reference, "anna@example.com", "console")
    assert "working on it" in learner.type("and now?", "ticket_status").text
    assert "anna" not in learner.text
    stranger.type(f"what about {ticket.reference}?", "ticket_status")
    assert stranger.said == ["utter_ticket_prove"]
    assert ticket.reference not in stranger.text


def test_with_a_proven_address_the_ticket_is_found_from_another_conversation(learner, stranger, services):
    learner.prove("leila.haddad@example.com")
    learner.press("/escalate")
    learner.type("I can not find the mail to claim it", "inform")
    learner.press("/affirm")
    reference = ticket_of(services, learner).reference
    stranger.press("/ticket_status")
    services.identity.prove_by_profile(stranger.conversation_id, "leila.haddad@example.com", "token")
    stranger.press("/stop")
    assert reference in stranger.press("/ticket_status").text


def test_the_answer_of_the_team_appears_in_the_conversation(learner, services):
    file_one(learner)
    reference = ticket_of(services, learner).reference
    services.tickets.reply(reference, "anna@example.com", "Which surname is right?", "console")
    assert services.store.all(learner.conversation_id)[-1].role == "staff"
    assert "waits for you" in learner.type("ticket?", "ticket_status").text
    team = next(message for message in services.store.all(learner.conversation_id) if message.role == "staff")
    assert [button["payload"] for button in team.buttons] == ["/escalate"]
    assert learner.press("/escalate").said == ["utter_ask_ticket_answer_form_ticket_answer"]
    assert learner.type("Doe, as on my passport", "inform").said == ["utter_ticket_added"]
    assert services.tickets.get(reference).state is State.ASSIGNED
    services.tickets.resolve(reference, "anna@example.com", via="console")
    assert services.tickets.get(reference).state is State.RESOLVED
    assert file_one(learner).said == ["utter_ticket_opened"]
    assert ticket_of(services, learner).reference != reference


def test_words_for_the_team_go_to_the_ticket_with_a_way_back(learner, services):
    file_one(learner)
    reference = ticket_of(services, learner).reference
    services.tickets.reply(reference, "anna@example.com", "Which title should it have?", "console")
    assert learner.context()["team"] == "team_wrote"
    assert learner.type("Certified Professional please", "for_team").said == ["utter_team_passed_on"]
    assert reference in learner.text and "/for_assistant" in learner.buttons
    assert services.tickets.events(reference)[-1].text == "Certified Professional please"
    assert services.tickets.get(reference).state is State.ASSIGNED
    assert learner.press("/for_assistant").said == ["utter_for_assistant"]


@pytest.mark.parametrize("typed", ["I found it, you can close my ticket", "solved, thanks, close it"])
def test_a_learner_closes_their_own_ticket(learner, services, mailbox, typed):
    file_one(learner)
    reference = ticket_of(services, learner).reference
    mailbox.count()
    del mailbox.mails[:]
    assert learner.type(typed, "withdraw_ticket").said == ["utter_ticket_withdrawn"]
    assert services.tickets.get(reference).state is State.RESOLVED and learner.context()["team"] == "ticket_resolved"
    mailbox.count()
    assert [mail.to.startswith("certification@") for mail in mailbox.mails] == [True]
    assert typed in mailbox.mails[0].text
    assert learner.type(typed, "withdraw_ticket").said == ["utter_ticket_withdrawn_already"]


def test_still_not_solved_opens_the_ticket_again(learner, services):
    file_one(learner)
    reference = ticket_of(services, learner).reference
    services.tickets.resolve(reference, "anna@example.com", via="console")
    assert learner.context()["team"] == "ticket_resolved"
    assert learner.type("it still says Jon", "not_solved").said == ["utter_ticket_reopened"]
    assert services.tickets.get(reference).state is State.REOPENED
    assert services.tickets.events(reference)[-1].text == "it still says Jon"


def test_words_that_look_like_marks_stay_words(learner):
    learner.type("I want a human", "escalate")
    learner.type("jane@example.com")
    learner.type("see [this](javascript:alert(1)) {reference} <b>x</b>", "inform")
    assert "\\[this\\]" in learner.text and "{reference}" not in learner.text


def test_in_slack_a_ticket_is_made_with_the_profiles_address(talk, words, mailbox, services):
    colleague = Learner(talk, words, mailbox, "slack")
    colleague.kept_in(services.store)
    services.identity.prove_by_profile(colleague.conversation_id, "colleague@example.com")
    colleague.type("I want a human", "escalate")
    assert colleague.said == ["utter_ticket_begins", "utter_ticket_ask_about"]
    colleague.type("Two of my badges carry my old surname", "out_of_scope/name_correction")
    assert colleague.press("/affirm").said == ["utter_ticket_opened"]
    ticket = ticket_of(services, colleague)
    assert (ticket.channel, ticket.contact, ticket.contact_proven) == ("slack", "colleague@example.com", True)
