"""Beginning, beginning afresh, catching up, and what is suggested next."""

import datetime
import uuid

import jwt
import pytest

import bot.clock
from bot import bootstrap
from bot.conversations.store import Message
from bot.settings import Settings
from bot.site.app import create_app

HOST = "the host site's secret for identity tokens"


def begin(client, **body):
    return client.post("/api/conversations", json=body) if body else client.post("/api/conversations")


def say(client, **body):
    return client.post("/api/messages", json=body).get_json()["messages"]


def identity_token(email="jane@example.com", secret=HOST):
    now = datetime.datetime.now(datetime.timezone.utc)
    claims = {"email": email, "aud": "credential-assistant", "iat": now, "exp": now + datetime.timedelta(hours=1)}
    return jwt.encode(claims, secret, algorithm="HS256")


@pytest.fixture()
def signed_in(tmp_path, rasa):
    """A site that knows the host's secret."""
    given = {
        "SITE_SECRET_KEY": "a secret for tests, 32 characters long",
        "DATABASE_URL": f"sqlite:///{tmp_path}/signed_in.db",
        "RASA_URL": rasa.url,
        "ACTIONS_URL": rasa.url,
        "IDENTITY_TOKEN_SECRET": HOST,
    }
    return create_app(bootstrap.build(Settings.load(given)))


def proven(app, conversation_id):
    return app.extensions["services"].identity.proven(conversation_id)


def conversations(app):
    with app.extensions["services"].database.transaction() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM conversations").scalar()


def test_a_browser_without_cookies_uses_the_token(app):
    begun = begin(app.test_client()).get_json()
    elsewhere = app.test_client()
    headers = {"Authorization": f"Bearer {begun['token']}"}
    assert elsewhere.post("/api/messages", json={"text": "hi"}, headers=headers).status_code == 200
    assert len(elsewhere.get("/api/messages", headers=headers).get_json()["messages"]) == 3
    forged = {"Authorization": f"Bearer {begun['token']}x"}
    assert elsewhere.get("/api/messages", headers=forged).status_code == 401


def test_a_token_wins_over_a_cookie(app):
    client = app.test_client()
    first = begin(client).get_json()
    begin(client)
    say(client, text="in the second")
    headers = {"Authorization": f"Bearer {first['token']}"}
    assert len(client.get("/api/messages", headers=headers).get_json()["messages"]) == 1


def test_an_identity_token_proves_the_address_of_this_conversation(signed_in):
    begun = begin(signed_in.test_client(), identity_token=identity_token()).get_json()
    assert proven(signed_in, begun["conversation_id"]) == ["jane@example.com"]


@pytest.mark.parametrize("kind", ["forged", "malformed", "empty parts"])
def test_a_refused_identity_token_leaves_no_conversation(signed_in, kind):
    token = {"forged": identity_token(secret="k" * 32), "malformed": "nonsense", "empty parts": ".."}[kind]
    answer = begin(signed_in.test_client(), identity_token=token)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "invalid_identity_token")
    assert "Set-Cookie" not in answer.headers and conversations(signed_in) == 0


@pytest.mark.parametrize("body", [[], "x", {"identity_token": 5}])
def test_a_malformed_beginning_is_refused(client, body):
    assert client.post("/api/conversations", json=body).status_code == 400


def test_one_who_begins_afresh_stays_signed_in_but_nobody_else_can_use_the_token(signed_in):
    client, token = signed_in.test_client(), identity_token()
    first = begin(client, identity_token=token).get_json()
    again = client.post("/api/conversations/restart", json={"identity_token": token})
    second = again.get_json()
    assert again.status_code == 201 and second["conversation_id"] != first["conversation_id"]
    assert proven(signed_in, second["conversation_id"]) == ["jane@example.com"]
    assert proven(signed_in, first["conversation_id"]) == []
    assert begin(signed_in.test_client(), identity_token=token).status_code == 401


def test_restart_gives_a_fresh_conversation(client):
    begin(client)
    say(client, text="old")
    assert client.post("/api/conversations/restart").status_code == 201
    assert [m["text"] for m in client.get("/api/messages").get_json()["messages"]] == ["Hello! **Ask** me."]


def test_only_what_is_new_comes_after_a_message(client, services):
    begun = begin(client).get_json()
    first = say(client, text="hi")[-1]["id"]
    assert client.get(f"/api/messages?after={first}").get_json() == {"messages": []}
    services.store.add(
        begun["conversation_id"], Message.new("staff", "Hello Jane,\nit is <there>.", now=bot.clock.now())
    )
    [news] = client.get(f"/api/messages?after={first}").get_json()["messages"]
    assert (news["role"], news["html"]) == ("staff", "<p>Hello Jane,<br>it is &lt;there&gt;.</p>")
    assert client.get(f"/api/messages?after={uuid.uuid4()}").status_code == 404
    assert client.get("/api/messages?after=yesterday").status_code == 400


def test_an_address_in_the_teams_words_can_be_clicked_now_and_in_the_history_but_not_one_in_the_learners(
    client, services
):
    begun = begin(client).get_json()
    say(client, text="is it https://example.com/mine?")
    written = Message.new("staff", "See https://example.com/a?b=1&c=2.", now=bot.clock.now())
    services.store.add(begun["conversation_id"], written)
    link = (
        '<p>See <a href="https://example.com/a?b=1&amp;c=2" target="_blank" rel="noopener noreferrer">'
        "https://example.com/a?b=1&amp;c=2</a>.</p>"
    )
    history = client.get("/api/messages").get_json()["messages"]
    assert [m["html"] for m in history if m["role"] == "staff"] == [link]
    assert [m["html"] for m in history if m["role"] == "user"] == [""]


def test_a_message_says_when_what_and_whose(client, rasa):
    begin(client)
    name, before = str(uuid.uuid4()), datetime.datetime.now(datetime.timezone.utc)
    rasa.replies = [{"text": "Yes.", "buttons": [], "utterance": "utter_faq/email_signature"}]
    say(client, text="signature?", id=name)
    mine, answer = client.get("/api/messages").get_json()["messages"][-2:]
    assert mine["client_id"] == name and answer["client_id"] is None
    assert answer["utterance"] == "utter_faq/email_signature"
    at = datetime.datetime.fromisoformat(answer["at"].replace("Z", "+00:00"))
    assert abs((at - before).total_seconds()) < 5


@pytest.mark.parametrize("name", [5, "", "1", ["a"]])
def test_a_message_id_must_be_a_uuid(client, name):
    begin(client)
    assert client.post("/api/messages", json={"text": "hi", "id": name}).status_code == 400


def test_an_answer_suggests_what_people_ask_next_and_the_suggestion_can_be_pressed(client, rasa):
    begin(client)
    assert client.post("/api/messages", json={"payload": "/faq/email_signature_multiple"}).status_code == 400
    rasa.replies = [{"text": "Yes.", "buttons": [], "utterance": "utter_faq/email_signature"}]
    [answer] = say(client, text="signature?")
    payloads = [s["payload"] for s in answer["suggestions"]]
    assert payloads == ["/faq/email_signature_multiple", "/faq/sharing_options"]
    rasa.replies = [{"text": "Yes.", "buttons": [], "utterance": "utter_faq/email_signature_multiple"}]
    [answer] = say(client, payload=payloads[0])
    assert (
        client.get("/api/messages").get_json()["messages"][-2]["text"]
        == "Can I add several badges to my email signature?"
    )
    assert "/faq/email_signature" not in [s["payload"] for s in answer["suggestions"]]
    assert client.get("/api/messages").get_json()["messages"][-1]["suggestions"] == answer["suggestions"]


def test_two_answers_at_once_suggest_only_below_the_last(client, rasa):
    begin(client)
    names = ("utter_faq/email_signature", "utter_faq/what_is_credly")
    rasa.replies = [{"text": "Yes.", "buttons": [], "utterance": name} for name in names]
    first, last = say(client, text="signature? and who is credly?")
    assert first["suggestions"] == [] and last["suggestions"]


def test_every_answer_has_two_or_three_sensible_suggestions():
    from bot.content.responses import related_buttons, responses

    answers = [name for name in responses() if name.startswith("utter_faq/")]
    related = related_buttons()
    assert len(answers) == 22 and sorted(related) == sorted(answers)
    for name, buttons in related.items():
        payloads = [button["payload"] for button in buttons]
        assert 2 <= len(set(payloads)) == len(payloads) <= 3
        assert name.replace("utter_", "/") not in payloads
