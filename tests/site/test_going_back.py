"""Undoing "Start again"."""


def test_who_started_again_can_go_back(client):
    begun = client.post("/api/conversations", json={}).get_json()
    client.post("/api/messages", json={"text": "old words"})
    restarted = client.post("/api/conversations/restart", json={}).get_json()
    assert len(client.get("/api/messages").get_json()["messages"]) == 1
    back = client.post("/api/conversations/resume", json={"former": restarted["former"]})
    assert back.status_code == 200
    assert back.get_json()["conversation_id"] == begun["conversation_id"]
    assert [one["text"] for one in client.get("/api/messages").get_json()["messages"]][1] == "old words"


def test_nobody_goes_back_to_what_they_have_not_had(client):
    first = client.post("/api/conversations/restart", json={}).get_json()
    assert first["former"] is None
    for former in ("", None, 7, first["conversation_id"], first["token"][:-3]):
        assert client.post("/api/conversations/resume", json={"former": former}).status_code == 401
    assert client.post("/api/conversations/resume", json={}).status_code == 401


def test_how_soon_the_team_answers_is_told_where_it_is_known(client, services, monkeypatch):
    assert client.get("/api/team").get_json() == {"within": "", "hours": ""}
    monkeypatch.setattr(services.answer_times, "_usual", "one working day")
    assert client.get("/api/team").get_json()["within"] == "one working day"


def test_the_form_says_whether_the_assistant_was_away(client, services):
    sent = {"email": "jane@example.com", "about": "a matter"}
    reasons = [{}, {"reason": "requested"}, {"reason": "overdue"}, {"reason": 1}]
    answers = [client.post("/api/tickets", json={**sent, **reason}).status_code for reason in reasons]
    assert answers == [201, 201, 400, 400]
    tickets, _ = services.tickets.find()
    assert {ticket.reason.value for ticket in tickets} == {"no_assistant", "requested"}
