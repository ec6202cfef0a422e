"""Files that people add to a message in Slack reach the certification team."""

import pytest

from bot.attachments.attachment import Upload
from bot.tickets.ticket import TicketRequest
from tests.attachments.files import pdf, phone_picture
from tests.slack.conftest import LEARNER, words
from tests.slack.test_ticket_loop import answers, asked, under

assert asked  # a fixture


def shared(workspace, who, text, *files, how="writes", **more):
    subtype = {"subtype": "file_share"} if how == "writes" else {}
    getattr(workspace, how)(who, text, files=list(files), **subtype, **more)


@pytest.mark.parametrize("how", ["writes", "mentions"])
def test_a_file_alone_is_kept_for_the_ticket_and_the_person_is_told(workspace, services, slack, rasa, how):
    shared(workspace, LEARNER, "", slack.file("card.jpg", phone_picture()), how=how)
    method = "chat.postMessage" if how == "writes" else "chat.postEphemeral"
    assert "kept yours for the certification team" in words(workspace.said(1, method)[0]) and rasa.requests == []


def test_it_goes_with_the_ticket_of_that_conversation(workspace, services, slack, rasa):
    shared(workspace, LEARNER, "my name is wrong", slack.file("card.jpg", phone_picture()))
    said = workspace.said()[0]
    assert len(rasa.requests) == 1 and "kept yours" in str(said["blocks"])
    conversation_id = rasa.requests[0][0].conversation_id
    ticket = services.tickets.open(TicketRequest("k1", conversation_id, "slack", "lea@example.com", "wrong name"))
    (file,) = services.attachments.of_tickets([ticket.reference])
    assert file.name == "card.jpg" and b"Leila" not in services.attachments.content(file.id)


def test_an_answer_with_a_file_in_the_thread_of_the_team_goes_to_the_team(workspace, services, slack, asked):
    reference, question = asked
    card = slack.file("card.pdf", pdf())
    for _ in range(2):  # Slack may send it twice
        shared(workspace, LEARNER, "this one", card, thread_ts=question["ts"], ts="1900.1", event_id="Ev9")
    slack.wait(lambda: under(slack, question["ts"]))
    assert "with the certification team" in under(slack, question["ts"])[0]
    assert answers(services, reference) == ["this one\n\n[Added: card.pdf]"]
    assert [file.name for file in services.attachments.of_tickets([reference])] == ["card.pdf"]


def test_what_cannot_be_taken_is_said_and_nothing_reaches_the_team(workspace, services, slack, asked):
    reference, question = asked
    shared(workspace, LEARNER, "", slack.file("x.svg", b"<svg/>"), thread_ts=question["ts"])
    slack.wait(lambda: under(slack, question["ts"]))
    assert "Only pictures" in under(slack, question["ts"])[0] and answers(services, reference) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x",
        "http://files.slack.com/x",
        "https://slack.com.evil.example/x",
        "https://evil.example\\.slack.com/x",
        "https://[::1.slack.com/x",
        "file:///etc/x",
        "",
    ],
)
def test_the_token_goes_to_slack_alone(workspace, services, slack, monkeypatch, url):
    asked_for = []
    monkeypatch.setattr("httpx.Client.stream", lambda *given, **more: asked_for.append(given))
    shared(workspace, LEARNER, "", {"id": "F1", "name": "x.png", "url_private_download": url})
    assert "couldn't get your file" in words(workspace.said()[0]) and asked_for == []


def test_without_the_scope_slack_hands_out_a_page_which_is_no_file(workspace, services, slack):
    slack.may_read_files = False
    shared(workspace, LEARNER, "", slack.file("card.pdf", pdf()))
    assert "couldn't get your file" in words(workspace.said()[0])


def test_a_file_of_the_teams_is_named_where_the_learner_reads(workspace, services, slack, worker, asked):
    reference, _ = asked
    file = services.attachments.from_team(Upload("guide.pdf", pdf()), "sam@example.com")
    services.tickets.reply(reference, "sam@example.com", "See the guide.", "console", files=[file.id])
    worker()
    (told,) = [one for one in slack.shown.values() if one["channel"] == "D0LEARNER" and "See the guide" in words(one)]
    assert "in the mail to you: guide.pdf" in str(told["blocks"])
