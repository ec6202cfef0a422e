"""What the site asks of Rasa beside people's messages: how it is, and what a draft would say."""

import httpx
import pytest

from bot.conversations.admission import Admission
from bot.conversations.assistant import Assistant
from bot.conversations.message import UserInput
from bot.errors import AssistantUnavailable, UnknownModel
from tests.conftest import SECRET


@pytest.fixture()
def assistant(rasa):
    return Assistant(rasa.url, SECRET, Admission())


def test_a_balancer_sees_which_conversation_a_message_is_of(assistant, rasa):
    for conversation_id in ("one", "other", "one"):
        assistant.reply(conversation_id, "site", UserInput(text="what is credly"))
    assert [headers["X-Conversation-ID"] for headers in rasa.headers] == ["one", "other", "one"]


def test_a_draft_answers_with_its_own_model_and_what_the_preview_was_about(assistant, rasa):
    rasa.models = {"draft.tar.gz"}
    rasa.replies = [{"text": "New words.", "buttons": [], "utterance": "utter_faq/sharing_options"}]
    replies = assistant.preview("draft.tar.gz", "editor-1", UserInput(text="how do I share"), {"faq": "export"})
    assert [reply.text for reply in replies] == ["New words."]
    token, body = rasa.requests[0]
    assert token.conversation_id == "editor-1"
    assert (body["model"], body["text"], body["context"]) == ("draft.tar.gz", "how do I share", {"faq": "export"})


def test_an_editor_is_told_when_a_draft_has_no_model(assistant):
    with pytest.raises(UnknownModel, match="Try the draft out again"):
        assistant.preview("draft.tar.gz", "editor-1", UserInput(text="how do I share"))


def test_a_draft_that_does_not_answer_counts_as_away(assistant, rasa):
    rasa.models, rasa.fail = {"draft.tar.gz"}, True
    with pytest.raises(AssistantUnavailable):
        assistant.preview("draft.tar.gz", "editor-1", UserInput(text="how do I share"))


def test_rasa_says_which_publication_it_answers_with(assistant, rasa):
    rasa.health = {"status": "ok", "publication": 7, "model": "x.tar.gz"}
    assert assistant.health()["publication"] == 7 and assistant.ready()
    rasa.health = ["not", "an", "object"]
    assert assistant.health() is None
    rasa.close()
    assert not assistant.ready()
    rasa.close = lambda: None


@pytest.mark.parametrize("ends", [httpx.RemoteProtocolError("ended"), httpx.ReadError("reset"), 502])
def test_a_rasa_that_ends_with_a_message_in_hand_is_followed_by_another(assistant, rasa, monkeypatch, ends):
    asked = failing_once(assistant, monkeypatch, ends)
    assert assistant.reply("one", "site", UserInput(text="what is credly")) and len(asked) == 2


@pytest.mark.parametrize("ends", [httpx.ReadTimeout("slow"), httpx.ConnectError("away"), 500, 503, 504])
def test_a_rasa_that_has_too_much_to_do_gets_no_message_twice(assistant, rasa, monkeypatch, ends):
    asked = failing_once(assistant, monkeypatch, ends)
    with pytest.raises(AssistantUnavailable):
        assistant.reply("one", "site", UserInput(text="what is credly"))
    assert len(asked) == 1


def failing_once(assistant, monkeypatch, ends):
    """What is asked of Rasa, of which the first ends as said."""
    asked, post = [], assistant._client.post

    def once(path, **request):
        asked.append(path)
        if len(asked) > 1:
            return post(path, **request)
        if isinstance(ends, Exception):
            raise ends
        return httpx.Response(ends, request=httpx.Request("POST", "http://rasa"))

    monkeypatch.setattr(assistant._client, "post", once)
    return asked
