"""Files over the API: added as they are, shown by nothing, saved by whom they are for."""

import datetime
import uuid

import pytest

from bot.attachments.attachment import Upload
from bot.attachments.limits import FILES_PER_CONVERSATION
from bot.errors import StoreUnavailable
from bot.tickets.ticket import What
from tests.attachments.files import pdf, phone_picture, picture
from tests.site.test_ticket_form import FORM
from tests.tickets.conftest import request as ticket_request

SAVED = "application/octet-stream"


def add(client, content, name="photo.jpg", path="/api/attachments", kind=SAVED, **more):
    return client.post(path, query_string={"name": name, **more}, data=content, content_type=kind)


@pytest.fixture()
def conversation(client):
    return client.post("/api/conversations", json={}).json["conversation_id"]


def test_a_file_is_shown_in_the_chat_and_can_be_saved(client, conversation):
    answer = add(client, phone_picture(), "../My photo.heic")
    assert answer.status_code == 201
    added = answer.json
    assert added["name"] == "My photo.jpg" and added["reference"] is None
    last = client.get("/api/messages").json["messages"][-1]
    assert (last["role"], last["id"]) == ("user", added["message_id"])
    assert last["files"] == [{name: added[name] for name in ("id", "name", "size")}]
    saved = client.get(f"/api/attachments/{added['id']}")
    assert saved.data[:3] == b"\xff\xd8\xff" and b"Leila" not in saved.data


@pytest.mark.parametrize("content", [pdf("<script>alert(1)</script>"), picture("PNG")])
def test_nothing_is_ever_shown_as_active_content(client, conversation, content):
    saved = client.get(f"/api/attachments/{add(client, content, 'x.html').json['id']}")
    assert saved.status_code == 200 and saved.mimetype in ("application/pdf", "image/png")
    headers = saved.headers
    assert headers["Content-Disposition"].startswith("attachment;")
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_the_same_file_sent_again_is_one(client, conversation):
    given = str(uuid.uuid4())
    first, second = (add(client, pdf(), id=given).json for _ in range(2))
    assert first == second
    assert sum(bool(message["files"]) for message in client.get("/api/messages").json["messages"]) == 1


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"<svg onload='alert(1)'/>", SAVED, 400, "file_refused"),
        (b"", SAVED, 400, "file_refused"),
        (picture("PNG", (300, 300))[:-30], SAVED, 400, "file_refused"),
        (pdf(), "application/pdf", 415, "not_a_file"),
        (pdf(), "text/plain", 415, "not_a_file"),
        (pdf(), "multipart/form-data; boundary=x", 415, "not_a_file"),
    ],
)
def test_what_is_refused_leaves_no_message(client, conversation, content, kind, status, code):
    answer = add(client, content, kind=kind)
    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)
    assert not any(message["files"] for message in client.get("/api/messages").json["messages"])


def test_a_file_larger_than_the_setting_is_refused_before_it_is_read(app, client, conversation, services):
    services.attachments.largest = 1_000_000
    answer = add(client, pdf() + bytes(1_000_000))
    assert answer.status_code == 400 and "larger than 1 MB" in answer.json["error"]["message"]


def test_nobody_saves_what_is_anothers(app, client, conversation, services):
    mine = add(client, pdf()).json["id"]
    other = app.test_client()
    assert other.get(f"/api/attachments/{mine}").status_code == 401
    other.post("/api/conversations", json={})
    answers = [other.get(f"/api/attachments/{one}") for one in (mine, uuid.uuid4())]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json == answers[1].json  # nothing tells that there is one
    unsent = add(other, pdf(), path="/api/tickets/attachments").json["id"]
    assert client.get(f"/api/attachments/{unsent}").status_code == 404


def test_on_a_shared_computer_a_file_is_there_for_as_long_as_a_proof_would_hold(client, conversation, services):
    mine = add(client, pdf()).json["id"]
    services.tickets.open(ticket_request("r1", conversation_id=conversation, contact="jane@example.com", proven=()))
    clock = services.clock
    later = clock() + datetime.timedelta(minutes=61)
    object.__setattr__(services, "clock", lambda: later)
    assert client.get(f"/api/attachments/{mine}").status_code == 404
    object.__setattr__(services, "clock", clock)
    services.identity.prove_by_profile(conversation, "jane@example.com")
    with services.database.transaction() as connection:
        connection.exec_driver_sql("UPDATE attachments SET at = '2020-01-01 00:00:00'")
    assert client.get(f"/api/attachments/{mine}").status_code == 200  # whoever proves the address sees it again
    services.identity.forget(conversation)
    assert client.get(f"/api/attachments/{mine}").status_code == 404


def test_a_file_goes_to_the_open_ticket_with_a_mail_to_the_team(client, conversation, services):
    ticket = services.tickets.open(ticket_request("r1", conversation_id=conversation))
    assert add(client, pdf(), "scan.pdf").json["reference"] == ticket.reference
    last = services.tickets.events(ticket.reference)[-1]
    assert (last.what, last.text) == (What.ANSWERED, "[Added: scan.pdf]")
    (file,) = services.attachments.of_tickets([ticket.reference])
    assert file.event_key == last.key


def test_files_of_before_go_with_the_ticket_that_is_opened_then(client, conversation, services):
    added = [add(client, pdf(), name).json["name"] for name in ("a.pdf", "b.pdf")]
    reference = client.post("/api/tickets", json=FORM).json["reference"]
    assert [file.name for file in services.attachments.of_tickets([reference])] == added
    assert "a.pdf" in [line.text for line in services.tickets.get(reference).transcript]


def test_the_form_takes_files_without_a_conversation(client, services, rasa):
    rasa.fail = True
    added = add(client, picture("PNG"), "shot.png", "/api/tickets/attachments")
    assert added.status_code == 201
    form = {**FORM, "id": str(uuid.uuid4()), "files": [added.json["claim"]]}
    first, second = (client.post("/api/tickets", json=form).json["reference"] for _ in range(2))
    assert first == second and [file.name for file in services.attachments.of_tickets([first])] == ["shot.png"]
    thief = client.post("/api/tickets", json={**form, "id": str(uuid.uuid4())}).json["reference"]
    assert services.attachments.of_tickets([thief]) == ()  # a file is one ticket's


def test_a_form_to_the_open_ticket_of_its_conversation_loses_no_file(client, conversation, services):
    first = client.post("/api/tickets", json=FORM).json["reference"]
    claim = add(client, pdf(), path="/api/tickets/attachments").json["claim"]
    second = client.post("/api/tickets", json={**FORM, "files": [claim]}).json["reference"]
    assert second == first and len(services.attachments.of_tickets([first])) == 1


@pytest.mark.parametrize("files", ["x", [7], ["forged"], ["x"] * 6, {"a": 1}])
def test_claims_cannot_be_made_up(client, files):
    answer = client.post("/api/tickets", json={**FORM, "files": files})
    assert answer.status_code == 400


def test_a_conversation_may_add_so_many_an_hour(client, conversation):
    statuses = [add(client, pdf()).status_code for _ in range(FILES_PER_CONVERSATION[0].most + 1)]
    assert statuses == [201] * FILES_PER_CONVERSATION[0].most + [429]


def test_a_store_that_is_away_is_said_so(client, conversation, services, monkeypatch):
    def away(*args):
        raise StoreUnavailable("away")

    mine = add(client, pdf()).json["id"]
    for name in ("put", "get"):
        monkeypatch.setattr(services.attachments.store, name, away)
    for answer in (add(client, pdf()), client.get(f"/api/attachments/{mine}")):
        assert (answer.status_code, answer.json["error"]["code"]) == (503, "files_unavailable")


def test_another_site_adds_nothing(client, conversation):
    answer = client.post("/api/attachments", data=pdf(), content_type=SAVED, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


def test_what_the_team_adds_is_shown_with_its_words(client, conversation, services):
    ticket = services.tickets.open(ticket_request("r1", conversation_id=conversation))
    file = services.attachments.from_team(Upload("guide.pdf", pdf()), "anna@example.com")
    services.tickets.reply(ticket.reference, "anna@example.com", "See the guide.", "console", files=[file.id])
    last = client.get("/api/messages").json["messages"][-1]
    assert (last["role"], last["text"], last["files"][0]["name"]) == ("staff", "See the guide.", "guide.pdf")
    assert client.get(f"/api/attachments/{last['files'][0]['id']}").data == pdf()
