"""Between the team and a learner through Slack: nobody's words are missed, sent unknowingly or taken for a question."""

import datetime
import threading

import pytest

from bot.slack import sentences
from bot.tickets.ticket import State, TicketRequest, What
from tests.servers.blockkit import problems_of_view
from tests.slack.conftest import CHANNEL, GROUPED, LEARNER, STAFF, buttons, press, words

SAM, GIL = "sam@example.com", "gil@example.com"


@pytest.fixture()
def asked(workspace, services, slack, rasa, worker):
    """A learner's ticket from a direct message in which the team has asked something; returns it and the question."""
    workspace.writes(LEARNER, "I need a person")
    workspace.said()
    request = TicketRequest("k9", rasa.requests[0][0].conversation_id, "slack", "lea@example.com", "My name is wrong")
    opened = services.tickets.open(request)
    services.tickets.reply(opened.reference, SAM, "Which name is right?", "console")
    worker()
    (ts,) = [ts for ts, one in slack.shown.items() if "Which name" in words(one) and one["channel"] == "D0LEARNER"]
    return opened.reference, {**slack.shown[ts], "ts": ts}


def under(slack, ts):
    """What stands in the thread of a message."""
    return [words(one) for one in slack.shown.values() if one.get("thread_ts") == ts]


def card_of(slack, reference):
    """The ticket's message in the channel, and its ts."""
    return next((one, ts) for ts, one in slack.shown.items() if one["channel"] == CHANNEL and reference in words(one))


def answers(services, reference):
    return [one.text for one in services.tickets.events(reference) if one.what.value == "answered"]


def test_the_teams_question_has_a_button_to_answer_it(workspace, services, slack, asked):
    reference, question = asked
    (button,) = buttons(question)
    assert button["text"]["text"] == "Answer"
    workspace.presses(LEARNER, button, channel="D0LEARNER", ts=question["ts"])
    view = slack.wait(lambda: slack.made("views.open"))[0]["view"]
    assert workspace.submits(LEARNER, "  ", view=view)["errors"]
    assert workspace.submits(LEARNER, "Leila Haddad", view=view) == {}
    slack.wait(lambda: under(slack, question["ts"]))
    assert "with the certification team" in under(slack, question["ts"])[0]
    workspace.submits(LEARNER, "Leila Haddad", view=view)
    workspace.submits(LEARNER, "And hurry", view=view, view_id="V2")
    slack.wait(lambda: len(under(slack, question["ts"])) == 2)
    assert answers(services, reference) == ["Leila Haddad", "And hurry"]
    assert services.tickets.get(reference).state is State.ASSIGNED


@pytest.mark.parametrize("text", ["Leila Haddad", "what is a digital credential?", "<@U0BOT> thanks, yes"])
def test_what_is_typed_in_the_thread_of_the_question_goes_to_the_team(workspace, services, slack, rasa, asked, text):
    reference, question = asked
    before = len(rasa.requests)
    workspace.writes(LEARNER, text, thread_ts=question["ts"], event_id="Ev7")
    workspace.writes(LEARNER, text, thread_ts=question["ts"], event_id="Ev7")
    slack.wait(lambda: under(slack, question["ts"]))
    assert answers(services, reference) == [text.removeprefix("<@U0BOT> ")] and len(rasa.requests) == before
    workspace.writes(LEARNER, "what is a digital credential?")
    workspace.said()
    slack.wait(lambda: len(rasa.requests) > before)  # outside of the thread it is a question as ever


def test_an_answer_to_a_resolved_ticket_says_that_it_opens_it(workspace, services, slack, worker, asked):
    reference, question = asked
    services.tickets.resolve(reference, SAM, via="console")
    workspace.presses(LEARNER, buttons(question)[0], channel="D0LEARNER", ts=question["ts"])
    view = slack.wait(lambda: slack.made("views.open"))[0]["view"]
    assert "resolved" in str(view["blocks"])
    workspace.submits(LEARNER, "Not yet!", view=view)
    slack.wait(lambda: under(slack, question["ts"]))
    assert "open again" in under(slack, question["ts"])[0]
    assert services.tickets.get(reference).state is State.REOPENED


def test_nobody_answers_for_another(workspace, services, slack, asked):
    reference, question = asked
    answer = workspace.presses(GROUPED, buttons(question)[0], channel="D0GROUPED", ts=question["ts"])
    assert "somebody else" in words(workspace.answer_to(answer))
    workspace.writes(GROUPED, "let me", thread_ts=question["ts"])
    workspace.said(2)
    assert slack.made("views.open") == [] and answers(services, reference) == []


@pytest.mark.parametrize("via", ["site", "slack", "mail"])
def test_a_learners_answer_is_a_new_message_under_the_ticket_with_its_words(services, slack, asked, worker, via):
    reference, _ = asked
    services.tickets.answer(reference, "It is <Leila> Haddad.\nThank you & bye", via)
    worker()
    card, ts = card_of(slack, reference)
    (news,) = [one for one in slack.shown.values() if one.get("thread_ts") == ts]
    assert reference in words(news) and "&lt;Leila&gt; Haddad.\n> Thank you &amp; bye" in words(news)
    assert news["reply_broadcast"] is True and news["channel"] == CHANNEL
    assert "Which name is right?" in words(card) and "sam@example.com replied" in words(card).replace("\u200b", "")
    assert "&lt;Leila&gt;" in words(card)


def test_a_mailed_answer_shows_in_the_learners_direct_message(services, slack, rasa, asked, worker):
    conversation = rasa.requests[0][0].conversation_id
    proven = TicketRequest(
        "k8", conversation, "slack", "lea@example.com", "Another", proven=("lea@example.com",), separate=True
    )
    reference = services.tickets.open(proven).reference
    services.tickets.answer(reference, "By mail: Leila", "mail")
    services.tickets.answer(reference, "From the chat", "slack")
    worker()
    told = [words(one) for one in slack.shown.values() if one["channel"] == "D0LEARNER"]
    assert any("by mail" in one and "By mail: Leila" in one for one in told)
    assert not any("From the chat" in one for one in told)


def test_news_under_a_message_that_somebody_deleted_are_told_in_the_channel(services, slack, asked, worker):
    reference, _ = asked
    _, ts = card_of(slack, reference)
    del slack.shown[ts]
    slack.answers["chat.postMessage"] = [(200, {}, {"ok": False, "error": "thread_not_found"})]
    services.tickets.answer(reference, "Hello?", "site")
    worker()
    assert any("Hello?" in words(one) for one in slack.shown.values() if one["channel"] == CHANNEL)


def test_a_long_answer_is_told_in_full(services, slack, asked, worker):
    reference, _ = asked
    services.tickets.answer(reference, " ".join(f"word{number}" for number in range(900)), "site")
    worker()
    _, ts = card_of(slack, reference)
    told = "\n".join(under(slack, ts))
    assert all(f"word{number}" in told for number in range(900))


def opened_form(workspace, slack, who, reference):
    before = len(slack.made("views.open"))
    press(workspace, who, "reply", slack, reference)
    return slack.wait(lambda: slack.made("views.open")[before:])[0]["view"]


def replies(services, reference):
    return [(one.who, one.text) for one in services.tickets.events(reference) if one.what.value == "replied"]


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (lambda tickets, ref: tickets.reply(ref, GIL, "Done by Gil", "slack"), "Done by Gil"),
        (lambda tickets, ref: tickets.answer(ref, "I found it", "site"), "I found it"),
        (lambda tickets, ref: tickets.resolve(ref, GIL, via="console"), "opens it again"),
        (lambda tickets, ref: tickets.claim(ref, GIL, "console"), "gil@example.com took it"),
        (lambda tickets, ref: tickets.note(ref, GIL, "Ask Ann first", "console"), "Ask Ann first"),
    ],
)
def test_a_reply_to_a_ticket_that_others_changed_meanwhile_is_not_sent_unknowingly(
    workspace,
    services,
    slack,
    ticket,
    change,
    shown,
):
    view = opened_form(workspace, slack, STAFF, ticket.reference)
    change(services.tickets, ticket.reference)
    before = replies(services, ticket.reference)
    again = workspace.submits(STAFF, "It is on its way.", view=view)
    assert again["response_action"] == "update" and problems_of_view(again["view"]) == []
    text = str(again["view"]["blocks"]).replace("\u200b", "")
    assert "nothing was sent" in text and shown in text and "It is on its way." in text  # kept in the field
    assert replies(services, ticket.reference) == before
    assert workspace.submits(STAFF, "It is on its way.", view=again["view"]) == {}  # now knowingly
    workspace.said()
    assert replies(services, ticket.reference) == [*before, ("sam@example.com", "It is on its way.")]


@pytest.mark.parametrize("own", ["claim", "reminder", "nothing"])
def test_what_one_did_oneself_and_a_reminder_are_no_collision(workspace, services, slack, ticket, own):
    view = opened_form(workspace, slack, STAFF, ticket.reference)
    if own == "claim":
        services.tickets.claim(ticket.reference, SAM, "console")
    if own == "reminder":
        now = services.clock()
        services.tickets._clock = lambda: now + datetime.timedelta(days=7)
        assert services.tickets.remind() == 1
    assert workspace.submits(STAFF, "It is on its way.", view=view) == {}
    workspace.said()
    assert len(replies(services, ticket.reference)) == 1


def test_of_two_who_submit_in_the_same_moment_one_is_told_and_loses_no_word(
    workspace,
    services,
    slack,
    ticket,
    monkeypatch,
):
    forms = {who: opened_form(workspace, slack, who, ticket.reference) for who in (STAFF, GROUPED)}
    both = threading.Barrier(2)
    reply = services.tickets.reply
    monkeypatch.setattr(services.tickets, "reply", lambda *a, **k: (both.wait(60), reply(*a, **k))[1])
    for who, view in forms.items():
        assert workspace.submits(who, f"words of {who}", view=view, view_id=f"V-{who}") == {}
    told = [words(one) for one in workspace.said(2)]
    assert len(replies(services, ticket.reference)) == 1
    (lost,) = [one for one in told if "not" in one and "words of" in one]
    assert sum("on its way to the learner" in one for one in told) == 1
    (_, sent) = replies(services, ticket.reference)[0]
    assert sent not in lost


@pytest.mark.parametrize("what", sorted(set(What) - {What.OPENED, What.REMINDED}))
def test_there_are_words_for_all_that_may_have_changed(what):
    assert sentences.say(f"change_{what.value}", who="Sam")


def test_a_reply_after_resolve_says_that_it_reopens(workspace, services, slack, ticket):
    services.tickets.resolve(ticket.reference, SAM, via="console")
    view = opened_form(workspace, slack, STAFF, ticket.reference)
    assert "opens it again" in str(view["blocks"])
    assert workspace.submits(STAFF, "One more thing", view=view) == {}
    assert "open again" in words(workspace.said()[0])


def test_nobody_resolves_what_they_have_not_seen(workspace, services, slack, ticket, worker):
    worker()
    card, _ = card_of(slack, ticket.reference)
    (resolve,) = [one for one in buttons(card) if one["text"]["text"] == "Resolve"]
    services.tickets.answer(ticket.reference, "Wait, it is the other badge!", "site")
    told = words(workspace.answer_to(workspace.presses(STAFF, resolve, channel=CHANNEL)))
    assert "not resolved" in told and services.tickets.get(ticket.reference).open
    worker()
    card, _ = card_of(slack, ticket.reference)
    (resolve,) = [one for one in buttons(card) if one["text"]["text"] == "Resolve"]
    workspace.answer_to(workspace.presses(STAFF, resolve, channel=CHANNEL))
    assert not services.tickets.get(ticket.reference).open


def test_the_card_shows_what_was_replied(services, slack, ticket, worker):
    services.tickets.reply(ticket.reference, SAM, "It comes on Monday & <soon>", "slack")
    services.tickets.resolve(ticket.reference, GIL, "All done", via="console")
    worker()
    card, _ = card_of(slack, ticket.reference)
    text = words(card).replace("\u200b", "")
    assert "sam@example.com replied" in text
    assert "It comes on Monday &amp; &lt;soon&gt;" in text and "gil@example.com resolved it" in text
    assert "All done" in text


@pytest.mark.parametrize("text", ["Do badges expire?", "do badges ever expire? (edited)"])
def test_an_edited_mention_is_not_answered_twice(workspace, rasa, text):
    rasa.replies = [{"text": "No.", "utterance": "utter_greet", "buttons": []}]
    workspace.mentions(LEARNER, "Do badges expire?", ts="1800000000.000100")
    workspace.said()
    workspace.mentions(LEARNER, text, ts="1800000000.000100", edited={"user": LEARNER, "ts": "1800000009.000000"})
    workspace.mentions(LEARNER, "And micro-credentials?", ts="1800000000.000300")
    workspace.said(2)
    assert [asked["text"] for _, asked in rasa.requests] == ["Do badges expire?", "And micro-credentials?"]
    assert len(workspace.slack.made("chat.postMessage")) == 2


def test_a_question_that_comes_with_the_edit_is_answered(workspace, rasa):
    rasa.replies = [{"text": "No.", "utterance": "utter_greet", "buttons": []}]
    workspace.mentions(LEARNER, "", ts="1800000000.000100")
    workspace.said(1, "chat.postEphemeral")
    workspace.mentions(LEARNER, "Do badges expire?", ts="1800000000.000100", edited={"user": LEARNER, "ts": "1.1"})
    workspace.said(1)
    assert [asked["text"] for _, asked in rasa.requests] == ["Do badges expire?"]
