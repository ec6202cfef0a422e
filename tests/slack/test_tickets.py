import threading
from dataclasses import replace

import pytest

from bot.outbox.store import outbox
from bot.slack.cards import card
from bot.slack.ticket_actions import form
from bot.tickets.ticket import State, TicketRequest
from tests.servers.blockkit import problems_of_view
from tests.slack.conftest import CHANNEL, GROUPED, GUEST, LEARNER, STAFF, buttons, press, words


def shown(slack):
    """The one message in the ticket channel."""
    (message,) = [one for one in slack.shown.values() if one["channel"] == CHANNEL]
    return message


def test_a_new_ticket_is_posted_with_its_buttons(workspace, slack, ticket, worker):
    assert worker() == 1
    message = shown(slack)
    text = words(message)
    assert ticket.reference in text and "jane@example.com (proven)" in text and "*Level 2*: overdue." in text
    assert "> since Monday" in text and "<!channel>" not in text and "issue the credential" in text
    assert [one["text"]["text"] for one in buttons(message)] == ["Claim", "Reply", "Resolve"]


HOSTILE = {
    "ampersands": "&" * 2000,
    "tags": "<b>" * 600,
    "lines": "a\n" * 1000,
    "marks": "*a " * 600,
    "mixed": "<a href='x'>& *b*\n" * 100,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_ticket_of_whatever_text_is_posted_and_all_else_of_it_too(workspace, services, slack, worker, text):
    request = TicketRequest("k1", "", "site", "jane@example.com", text, diagnosis=("- **<&>**: overdue.",) * 50)
    reference = services.tickets.open(request).reference
    worker()
    for number in range(4):
        services.tickets.answer(reference, text, "mail", key=str(number))
    worker()
    posted = [one for one in slack.made("chat.postMessage") if one["channel"] == CHANNEL]
    assert reference in words(posted[0]) and len(posted) >= 5 and slack.made("chat.update")
    assert "CRT-" in words(workspace.commands(STAFF, f"ticket {reference}"))
    press(workspace, STAFF, "reply", slack, reference)
    view = slack.wait(lambda: slack.made("views.open"))[0]["view"]
    services.tickets.answer(reference, text, "mail", key="meanwhile")
    assert problems_of_view(workspace.submits(STAFF, "hello", view=view)["view"]) == []


def test_what_somebody_wrote_calls_nobody_and_is_a_quotation_to_its_end(services, slack, worker):
    text = f"@channel #general https://evil.example {'so it goes. ' * 600}*Resolved* by <@U0STAFF>"
    reference = services.tickets.open(TicketRequest("k1", "", "site", "jane@example.com", "@here come")).reference
    services.tickets.answer(reference, text, "mail", key="1")
    services.tickets.note(reference, "sam@example.com", "@everyone", "console")
    worker()
    shown = [block for one in slack.made("chat.postMessage") for block in one["blocks"] if block["type"] == "section"]
    assert all(block["text"]["verbatim"] for block in shown)
    said = [block["text"]["text"] for block in shown if "so it goes" in block["text"]["text"]]
    assert len(said) > 2 and all(line.startswith(">") for one in said for line in one.splitlines() if "goes" in line)


def test_a_claim_changes_the_message_in_place(workspace, services, slack, ticket, worker):
    worker()
    answer = press(workspace, STAFF, "claim", slack, ticket.reference)
    assert f"{ticket.reference} is yours" in words(workspace.answer_to(answer))
    assert worker() == 1
    assert "Assigned to: sam@example.com" in words(shown(slack))
    assert [one["text"]["text"] for one in buttons(shown(slack))] == ["Reply", "Resolve"]
    assert services.tickets.events(ticket.reference)[-1].via == "slack"


def test_two_who_claim_at_once_get_one_winner_and_one_explanation(workspace, services, slack, ticket):
    answers = {}

    def claim(who):
        answers[who] = words(workspace.answer_to(press(workspace, who, "claim", slack, ticket.reference)))

    threads = [threading.Thread(target=claim, args=(who,)) for who in (STAFF, GROUPED)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = services.tickets.get(ticket.reference).assigned_to
    said = sorted(answers.values(), key=lambda text: "quicker" in text)
    assert "is yours" in said[0]
    assert f"{winner} was quicker" in said[1].replace("\u200b", "")


def test_a_reply_is_written_in_a_form_and_goes_out_once(workspace, services, slack, ticket, worker):
    press(workspace, STAFF, "reply", slack, ticket.reference)
    view = slack.wait(lambda: slack.made("views.open"))[0]["view"]
    assert workspace.submits(STAFF, "   ", view=view)["errors"]
    assert workspace.submits(STAFF, "It is on its way.\nSorry!", view=view) == {}
    assert "on its way to the learner" in words(workspace.said()[0])
    workspace.submits(STAFF, "It is on its way.\nSorry!", view=view)
    workspace.answer_to(press(workspace, STAFF, "claim", slack, ticket.reference))
    replies = [one for one in services.tickets.events(ticket.reference) if one.what.value == "replied"]
    assert [(one.who, one.text, one.via) for one in replies] == [
        ("sam@example.com", "It is on its way.\nSorry!", "slack")
    ]
    assert services.tickets.get(ticket.reference).state is State.WAITING


def test_a_reply_with_an_unfilled_placeholder_comes_back_and_goes_out_when_sent_again(
    workspace, services, slack, ticket, worker
):
    press(workspace, STAFF, "reply", slack, ticket.reference)
    view = slack.wait(lambda: slack.made("views.open"))[0]["view"]
    text = "Hello {first nmae}, about {refrence}"
    again = workspace.submits(STAFF, text, view=view)["view"]
    assert "{first nmae} and {refrence} are not filled in" in again["blocks"][0]["text"]["text"]
    assert again["blocks"][1]["element"]["initial_value"] == text
    assert services.tickets.get(ticket.reference).state is State.NEW
    assert workspace.submits(STAFF, f"{text} {{credentail}}", view=again)["view"]["blocks"]
    assert workspace.submits(STAFF, text, view=again) == {}
    assert "on its way to the learner" in words(workspace.said()[0])
    assert services.tickets.events(ticket.reference)[-1].text == text


@pytest.mark.parametrize(("channel", "said"), [("site", "chat"), ("form", "the form on the site"), ("slack", "Slack")])
def test_a_tickets_message_says_where_it_came_from(ticket, channel, said):
    shown = card(replace(ticket, channel=channel), "https://help.example.com")
    assert f"Came by: {said}" in shown[0]["text"]["text"]


def test_resolve_takes_the_buttons_away(workspace, services, slack, ticket, worker):
    worker()
    workspace.answer_to(press(workspace, STAFF, "resolve", slack, ticket.reference))
    worker()
    assert services.tickets.get(ticket.reference).state is State.RESOLVED
    assert buttons(shown(slack)) == [] and "resolved" in words(shown(slack))
    again = workspace.answer_to(press(workspace, GROUPED, "claim", slack, ticket.reference))
    assert "resolved already" in words(again)


@pytest.mark.parametrize("who", [LEARNER, GUEST])
@pytest.mark.parametrize("what", ["claim", "reply", "resolve"])
def test_only_staff_may(workspace, services, slack, ticket, who, what):
    answer = workspace.answer_to(press(workspace, who, what, slack, ticket.reference))
    assert "I can't do that" in words(answer)
    assert services.tickets.get(ticket.reference).state is State.NEW and slack.made("views.open") == []


def test_a_form_of_somebody_who_is_no_staff_any_more_does_nothing(workspace, services, slack, ticket):
    workspace.submits(LEARNER, "let me", view=form(ticket.reference))
    assert "I can't do that" in words(workspace.said()[0])
    assert services.tickets.get(ticket.reference).state is State.NEW


def test_while_slack_is_down_the_message_waits_and_then_shows_the_newest(services, slack, ticket, worker):
    slack.answers["chat.postMessage"] = [(503, {}, {})]
    assert worker() == 0
    services.tickets.claim(ticket.reference, "ann@example.com", "console")
    for _ in range(2):  # the change may come up before the message that it is to change
        with services.database.transaction() as connection:
            connection.execute(outbox.update().values(due_at=ticket.created_at))
        worker()
    assert "Assigned to: ann@example.com" in words(shown(slack))


def test_a_message_that_somebody_deleted_is_left_alone(services, slack, ticket, worker):
    worker()
    slack.shown.clear()
    services.tickets.claim(ticket.reference, "ann@example.com", "console")
    assert worker() == 1 and slack.shown == {}


@pytest.mark.parametrize("asked", ["writes", "mentions"])
def test_who_asked_in_slack_reads_the_teams_answer_there(workspace, services, slack, rasa, worker, asked):
    getattr(workspace, asked)(LEARNER, "I need a person")
    slack.wait(lambda: slack.made("chat.postMessage") or slack.made("chat.postEphemeral"))
    conversation = rasa.requests[0][0].conversation_id
    ticket = services.tickets.open(TicketRequest("k1", conversation, "slack", "lea@example.com", "help"))
    told = "It is <on> its *way*: https://example.com/a."
    services.tickets.reply(ticket.reference, "sam@example.com", told, "console")
    worker()
    told = [one for one in slack.made("chat.postMessage") if "team writes" in words(one)]
    assert [one["channel"] for one in told] == ["D0LEARNER" if asked == "writes" else LEARNER]
    assert ticket.reference in words(told[0]) and "&lt;on&gt;" in words(told[0])
    assert "<https://example.com/a|https://example.com/a>." in words(told[0])


def test_commands_list_and_show(workspace, services, ticket):
    listed = words(workspace.commands(STAFF, "tickets"))
    assert ticket.reference in listed and "nobody yet" in listed and "Open tickets: 1" in listed
    one = workspace.commands(STAFF, f"ticket {ticket.reference.lower()}")
    assert "jane@example.com" in words(one) and buttons(one)
    assert "no ticket" in words(workspace.commands(STAFF, "ticket CRT-1999-1"))
    assert "Which one" in words(workspace.commands(STAFF, "ticket"))
    assert "not on the list" in words(workspace.commands(LEARNER, "tickets"))


def test_the_home_tab_shows_tickets_to_staff_only(workspace, slack, ticket):
    for who in (STAFF, LEARNER):
        workspace.event({"type": "app_home_opened", "user": who, "channel": "D1", "tab": "home"})
    slack.wait(lambda: len(slack.made("views.publish")) == 2)
    views = {one["user_id"]: str(one["view"]) for one in slack.made("views.publish")}
    assert ticket.reference in views[STAFF] and "Open tickets" not in views[LEARNER]
    assert "direct message" in views[LEARNER]


def test_many_tickets_stay_within_slacks_limits(workspace, services, slack):
    for number in range(30):
        services.tickets.open(TicketRequest(f"k{number}", "", "site", f"a{number}@example.com", "x & y <z> " * 400))
    answer = workspace.commands(STAFF, "tickets")
    assert "Open tickets: 30" in words(answer)
    workspace.event({"type": "app_home_opened", "user": STAFF, "channel": "D1", "tab": "home"})
    slack.wait(lambda: slack.made("views.publish"))
