import uuid

import pytest
import sqlalchemy as sql

from bot.outbox.message import OutgoingMail
from bot.outbox.store import outbox
from bot.tickets.ticket import What

FORM = {"email": "Jane@Example.com", "about": "My badge of Level 1 is missing."}


def test_with_the_assistant_down_a_ticket_can_be_filed_without_a_conversation(client, services, rasa):
    rasa.fail = True
    answer = client.post("/api/tickets", json=FORM)
    assert answer.status_code == 201
    ticket = services.tickets.get(answer.json["reference"])
    assert (ticket.contact, ticket.about, ticket.reason.value) == ("jane@example.com", FORM["about"], "no_assistant")
    assert not ticket.contact_proven
    assert ticket.channel == services.tickets.events(ticket.reference)[0].via == "form"
    with services.database.transaction() as connection:
        letters = connection.execute(sql.select(outbox.c.payload)).scalars().all()
    told = next(OutgoingMail.from_json(one) for one in letters if "Came by" in one)
    assert "Came by: the form on the site" in told.text and "the form on the site" in told.html


def test_the_same_form_sent_twice_is_one_ticket(client):
    form = {**FORM, "id": str(uuid.uuid4())}
    first, second = (client.post("/api/tickets", json=form).json["reference"] for _ in range(2))
    assert first == second


def test_who_writes_by_the_form_again_is_read_too_and_the_same_form_only_once(client, services):
    client.post("/api/conversations", json={})
    reference = client.post("/api/tickets", json={**FORM, "id": str(uuid.uuid4())}).json["reference"]
    more = {**FORM, "about": "And the one of Level 2 shows a wrong name.", "id": str(uuid.uuid4())}
    assert [client.post("/api/tickets", json=more).json["reference"] for _ in range(2)] == [reference] * 2
    history = [(event.what, event.text) for event in services.tickets.events(reference) if event.text]
    assert history == [(What.ANSWERED, more["about"])]
    with services.database.transaction() as connection:
        letters = connection.execute(sql.select(outbox.c.payload)).scalars().all()
    assert len([letter for letter in letters if more["about"] in letter]) == 1  # to the team


def test_a_form_that_says_the_same_again_adds_nothing(client, services):
    client.post("/api/conversations", json={})
    reference, again = (client.post("/api/tickets", json=FORM).json["reference"] for _ in range(2))
    assert reference == again and not [event for event in services.tickets.events(reference) if event.text]


def test_a_form_that_is_to_be_answered_at_another_address_is_a_ticket_of_its_own(client, services):
    client.post("/api/conversations", json={})
    first = client.post("/api/tickets", json=FORM).json["reference"]
    second = client.post("/api/tickets", json={**FORM, "email": "joe@example.com"}).json["reference"]
    assert first != second and services.tickets.get(second).contact == "joe@example.com"


def test_the_conversation_so_far_goes_with_it(client, services):
    client.post("/api/conversations", json={})
    client.post("/api/messages", json={"text": "where is my badge"})
    ticket = services.tickets.get(client.post("/api/tickets", json=FORM).json["reference"])
    assert "where is my badge" in [line.text for line in ticket.transcript]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"email": "jane"}, 400, "invalid_address"),
        ({"email": None}, 400, "invalid_address"),
        ({"email": "jane@example.com\nBcc: x@example.com"}, 400, "invalid_address"),
        ({"about": "  "}, 400, "empty"),
        ({"about": 7}, 400, "empty"),
        ({"about": "x" * 2001}, 413, "too_long"),
        ({"id": "no uuid"}, 400, "malformed"),
    ],
)
def test_what_cannot_be_sent_is_explained(client, services, change, status, code):
    answer = client.post("/api/tickets", json={**FORM, **change})
    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)
    assert services.tickets.find()[1] == 0


def test_nobody_files_tickets_by_the_hundred(client):
    answers = [client.post("/api/tickets", json=FORM).status_code for _ in range(7)]
    assert answers[:5] == [201] * 5 and answers[-1] == 429
