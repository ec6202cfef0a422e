"""What the chat does for a stranger counts for the network that it began from, as the tickets of the form do."""

import pytest

from actions.base import TrackerView
from actions.escalation import OpenTicket
from actions.identity import send_code
from bot.identity import limits
from tests.servers.staff import ANNA, Mailbox, Staff

HOME, CAFE = "192.0.2.7", "198.51.100.9"


@pytest.fixture()
def begun(client):
    """Begins a conversation from an address; returns its id."""

    def begin(remote=HOME):
        return client.post("/api/conversations", environ_base={"REMOTE_ADDR": remote}).json["conversation_id"]

    return begin


def open_in_chat(conversation_id, contact, about="My badge is missing."):
    """What the chat says once the summary of a ticket is confirmed."""
    slots = {"contact": contact, "about": about, "ticket_reason": "requested"}
    return OpenTicket().answer(TrackerView({"text": "/affirm"}, conversation_id=conversation_id, slots=slots))


def names(reply):
    return [say.utterance for say in reply.says]


def test_tickets_of_chat_and_form_count_together_for_a_network(acting, begun, client, told):
    for n in range(10):
        assert names(open_in_chat(begun(), f"v{n}@example.com")) == ["utter_ticket_opened"]
        form = {"email": f"w{n}@example.com", "about": "Missing."}
        answer = client.application.test_client().post("/api/tickets", json=form, environ_base={"REMOTE_ADDR": HOME})
        assert answer.status_code == 201
    refused = open_in_chat(begun(), "victim@example.com")
    assert "try again in 60 minutes" in told(refused) and "certification@onestreamsoftware.com" in told(refused)
    form = {"email": "victim@example.com", "about": "Missing."}
    answer = client.application.test_client().post("/api/tickets", json=form, environ_base={"REMOTE_ADDR": HOME})
    assert answer.status_code == 429 and 3500 < int(answer.headers["Retry-After"]) <= 3600
    assert acting.tickets.find()[1] == 20
    assert names(open_in_chat(begun(CAFE), "jane@example.com")) == ["utter_ticket_opened"]


def test_tickets_of_chat_and_form_count_together_for_an_address(acting, begun, client):
    for n in range(5):
        assert names(open_in_chat(begun(f"192.0.2.{n}"), "victim@example.com")) == ["utter_ticket_opened"]
    form = {"email": "victim@example.com", "about": "Missing."}
    assert client.application.test_client().post("/api/tickets", json=form).status_code == 429


def test_codes_asked_for_in_the_chat_count_for_the_network(acting, begun, monkeypatch):
    monkeypatch.setattr(limits, "CODES_PER_NETWORK", (limits.Limit(3, limits.HOUR),))
    for n in range(3):
        said = send_code(TrackerView({}, conversation_id=begun()), f"v{n}@example.com")
        assert names(said) == ["utter_code_sent"]
    assert names(send_code(TrackerView({}, conversation_id=begun()), "v@example.com")) == ["utter_code_limit"]
    assert names(send_code(TrackerView({}, conversation_id=begun(CAFE)), "v@example.com")) == ["utter_code_sent"]


def test_what_is_kept_of_the_network_does_not_tell_the_address(acting, begun):
    first, second, other = begun(), begun(), begun(CAFE)
    kept = [acting.store.network(one) for one in (first, second, other)]
    assert kept[0] == kept[1] != kept[2] and HOME not in kept[0] and len(kept[0]) == 64


def test_staff_sign_in_during_a_flood_of_codes_asked_for_in_the_chat(app, acting, begun):
    acting.settings.__dict__["staff_emails"] = frozenset({ANNA})
    for _ in range(30):
        send_code(TrackerView({}, conversation_id=begun("127.0.0.1")), ANNA)
    mailbox = Mailbox(acting.database)
    while acting.outbox.counts().waiting:
        mailbox.to(ANNA)
    assert Staff(app, mailbox).sign_in(ANNA).get("/").status_code == 200
