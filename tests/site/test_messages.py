import json

import pytest


@pytest.fixture()
def chat(client):
    assert client.post("/api/conversations").status_code == 201
    return client


def say(client, **body):
    return client.post("/api/messages", json=body)


def texts(answer):
    return [m["text"] for m in answer.get_json()["messages"]]


def test_a_conversation_begins_with_the_greeting_and_survives_reload(client):
    begun = client.post("/api/conversations")
    assert begun.get_json()["messages"][0]["html"] == "<p>Hello! <strong>Ask</strong> me.</p>"
    assert "HttpOnly" in begun.headers["Set-Cookie"] and "SameSite=Lax" in begun.headers["Set-Cookie"]
    say(client, text="where is it?")
    assert texts(client.get("/api/messages")) == [
        "Hello! **Ask** me.",
        "where is it?",
        "You said: where is it?",
    ]


@pytest.mark.parametrize("text", ["/restart", '/inform{"email":"x"}', " /escalate"])
def test_typed_slashes_reach_rasa_as_text(chat, rasa, text):
    assert say(chat, text=text).status_code == 200
    assert "payload" not in rasa.requests[-1][1]
    assert rasa.requests[-1][1]["text"] == text.strip()


def test_only_offered_payloads_are_accepted(chat, rasa):
    assert say(chat, payload="/ambiguous/missing_badge").status_code == 200
    assert rasa.requests[-1][1]["payload"] == "/ambiguous/missing_badge"
    refused = say(chat, payload="/escalate")
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (400, "unknown_payload")
    assert len(rasa.requests) == 2


def test_a_pressed_button_shows_as_its_title(chat):
    say(chat, payload="/ambiguous/missing_badge")
    assert "My badge is missing" in texts(chat.get("/api/messages"))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ([], 400),
        ("text", 400),
        ({"text": ""}, 400),
        ({"text": "  \n"}, 400),
        ({"text": "\u0000\u0007"}, 400),
        ({"text": 5}, 400),
        ({"text": ["a"]}, 400),
        ({"text": None}, 400),
        ({"text": "a", "payload": "/greet"}, 400),
        ({"text": "x" * 2001}, 413),
        ({"text": "x" * 50_000}, 413),
        ({"payload": {"a": 1}}, 400),
    ],
)
def test_bad_input_gets_a_clear_4xx(chat, rasa, body, status):
    before = len(rasa.requests)
    answer = chat.post("/api/messages", json=body)
    assert answer.status_code == status
    assert answer.get_json()["error"]["message"]
    assert len(rasa.requests) == before


@pytest.mark.parametrize("data", [b"{", b"\xff\xfe", b"[" * 9000, b'{"text": 1e999999}'])
def test_malformed_json_is_refused(chat, data):
    answer = chat.post("/api/messages", data=data, content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize("text", ["😀😀😀", "\ud83d alone", "<script>alert(1)</script>", "مرحبا", "a" * 2000])
def test_odd_but_readable_input_is_passed_on(chat, text):
    answer = chat.post("/api/messages", data=json.dumps({"text": text}), content_type="application/json")
    assert answer.status_code == 200
    assert "<script" not in answer.get_json()["messages"][0]["html"]


def test_without_a_conversation_401(client):
    assert say(client, text="hi").status_code == 401
    client.set_cookie("conversation", "forged.value")
    assert say(client, text="hi").status_code == 401


def test_when_the_assistant_is_down_503_and_the_message_is_kept(chat, rasa):
    rasa.fail = True
    answer = say(chat, text="do not lose me")
    assert answer.status_code == 503
    assert "try again" in answer.get_json()["error"]["message"].lower()
    rasa.fail = False
    assert "do not lose me" in texts(chat.get("/api/messages"))


def test_feedback_only_on_an_answer_of_this_conversation(chat, app):
    answer = say(chat, text="hello").get_json()["messages"][0]["id"]
    assert chat.post(f"/api/messages/{answer}/feedback", json={"helpful": True}).status_code == 204
    assert chat.post(f"/api/messages/{answer}/feedback", json={"helpful": "yes"}).status_code == 400
    stranger = app.test_client()
    stranger.post("/api/conversations")
    assert stranger.post(f"/api/messages/{answer}/feedback", json={"helpful": True}).status_code == 404


def test_too_many_messages_429(chat):
    codes = [say(chat, text="again").status_code for _ in range(45)]
    assert codes[0] == 200 and codes[-1] == 429


def test_the_context_tells_rasa_what_was_answered_and_offered(chat, rasa):
    choice = {"title": "Signature", "payload": "/faq/email_signature"}
    rasa.replies = [{"text": "Which?", "buttons": [choice], "utterance": "utter_ask_which"}]
    say(chat, text="signature")
    rasa.replies = [{"text": "Yes.", "buttons": [], "utterance": "utter_faq/email_signature"}]
    say(chat, text="the first")
    nothing = {"contexts": ["anytime"], "task": "", "team": "", "topics": [], "record": False, "just": []}
    assert rasa.requests[-1][1]["context"] == {
        **nothing,
        "faq": None,
        "offered": ["faq/email_signature"],
        "titles": ["Signature"],
        "proving": False,
        "team_asks_address": False,
        "look_up": False,
    }
    say(chat, text="and several?")
    assert rasa.requests[-1][1]["context"] == {
        **nothing,
        "contexts": ["anytime", "answer_given", "email_signature"],
        "topics": ["email_signature"],
        "just": ["email_signature"],
        "faq": "email_signature",
        "offered": [],
        "titles": [],
        "proving": False,
        "team_asks_address": False,
        "look_up": False,
    }


def test_readiness_and_page(client):
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").get_json() == {"database": True, "rasa": True, "actions": True, "outbox": True}
    page = client.get("/")
    assert b"<credential-assistant>" in page.data and "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert client.get("/widget.js").status_code == 200
    assert b"# HELP" in client.get("/metrics").data
