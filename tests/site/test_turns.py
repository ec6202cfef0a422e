"""Messages that come twice, together, or while another process is answering; on both databases."""

import threading
import uuid

import pytest

from bot import bootstrap
from bot.settings import Settings
from bot.site.app import create_app

SECRET = "a secret for tests, 32 characters long"
SECONDS = 60


class Gate:
    """Holds Rasa's answers back until it is opened."""

    def __init__(self, rasa):
        self.plainly, self.asked, self.opened = rasa.answer, threading.Semaphore(0), threading.Event()
        rasa.answer = self.answer

    def answer(self, body):
        if not body.get("payload", "").startswith("/greet"):
            self.asked.release()
            assert self.opened.wait(SECONDS)
        return self.plainly(body)

    def wait_for_question(self):
        assert self.asked.acquire(timeout=SECONDS)


@pytest.fixture()
def processes(database_url, rasa):
    """Two sites on one database, as two processes would be."""
    given = {"SITE_SECRET_KEY": SECRET, "DATABASE_URL": database_url, "RASA_URL": rasa.url, "ACTIONS_URL": rasa.url}
    services = [bootstrap.build(Settings.load(given)) for _ in range(2)]
    yield [create_app(one) for one in services]
    for one in services:
        one.database.engine.dispose()


@pytest.fixture()
def gate(rasa):
    return Gate(rasa)


class Person:
    """One browser, whose requests go to any process."""

    def __init__(self, processes):
        self.processes, self.threads, self.answers = processes, [], {}
        begun = processes[0].test_client().post("/api/conversations").get_json()
        self.headers = {"Authorization": f"Bearer {begun['token']}"}

    def post(self, process, **body):
        client = self.processes[process].test_client()
        return client.post("/api/messages", json=body, headers=self.headers)

    def send(self, process, **body):
        """In the background; returns once the message is kept."""
        known = len(self.said())
        name = body["id"] = body.get("id") or str(uuid.uuid4())
        repeated = any(m["client_id"] == name for m in self.history())
        thread = threading.Thread(target=lambda: self.answers.setdefault(name, self.post(process, **body)))
        thread.start()
        self.threads.append(thread)
        for _ in range(SECONDS * 50):
            if repeated or len(self.said()) > known:
                return name
            thread.join(0.02)
        raise AssertionError("the message was not kept")

    def replies(self, name):
        for thread in self.threads:
            thread.join(SECONDS)
        answer = self.answers[name]
        assert answer.status_code == 200, answer.get_json()
        return answer.get_json()["messages"]

    def history(self):
        client = self.processes[0].test_client()
        return client.get("/api/messages", headers=self.headers).get_json()["messages"][1:]

    def said(self):
        return [m["text"] for m in self.history() if m["role"] == "user"]


@pytest.fixture()
def person(processes):
    return Person(processes)


def asked(rasa):
    return [body.get("text") or body["payload"] for _, body in rasa.requests[1:]]


@pytest.mark.parametrize("other", [0, 1])
def test_a_burst_gets_one_reply_at_the_end_and_loses_nothing(person, gate, rasa, other):
    first = person.send(0, text="hi")
    gate.wait_for_question()
    second, third = person.send(other, text="badge missing"), person.send(0, text="the micro one")
    gate.opened.set()
    assert [m["text"] for m in person.replies(first)] == ["You said: hi"]
    assert person.replies(second) == person.replies(third)
    assert asked(rasa) == ["hi", "badge missing\nthe micro one"]
    assert person.said() == ["hi", "badge missing", "the micro one"]
    assert [m["role"] for m in person.history()] == ["user"] * 3 + ["bot"] * 2


@pytest.mark.parametrize("other", [0, 1])
def test_the_same_message_again_while_it_is_answered_gets_the_same_reply(person, gate, rasa, other):
    name = person.send(0, text="where is it?")
    gate.wait_for_question()
    again = threading.Thread(
        target=lambda: person.answers.update(again=person.post(other, text="where is it?", id=name))
    )
    again.start()
    again.join(0.2)
    gate.opened.set()
    again.join(SECONDS)
    assert person.answers["again"].get_json()["messages"] == person.replies(name)
    assert asked(rasa) == ["where is it?"] and person.said() == ["where is it?"]


def test_the_same_message_again_later_and_elsewhere_is_said_once(person, rasa):
    name = str(uuid.uuid4())
    first = person.post(0, text="hello", id=name).get_json()
    person.post(0, text="and?", id=str(uuid.uuid4()))
    assert person.post(1, text="hello", id=name.upper()).get_json() == first
    assert asked(rasa) == ["hello", "and?"]


def test_a_button_is_a_turn_of_its_own(person, gate, rasa):
    person.send(0, text="hi")
    gate.wait_for_question()
    names = [person.send(1, text="a"), person.send(0, payload="/ambiguous/missing_badge"), person.send(1, text="b")]
    gate.opened.set()
    assert {m["text"] for name in names for m in person.replies(name)} >= {"You said: a", "You said: b"}
    assert asked(rasa) == ["hi", "a", "/ambiguous/missing_badge", "b"]


def test_when_the_assistant_fails_those_who_wait_hear_of_it_and_nothing_is_lost(person, gate, rasa):
    first = person.send(0, text="hi")
    gate.wait_for_question()
    second = person.send(1, text="are you there?")
    rasa.fail = True  # from the next question on
    gate.opened.set()
    assert person.replies(first)
    [thread.join(SECONDS) for thread in person.threads]
    assert person.answers[second].status_code == 503
    rasa.fail = False
    assert person.post(0, text="are you there?", id=second).status_code == 200
    assert person.said() == ["hi", "are you there?"]


def test_what_went_unanswered_is_answered_with_the_next_message(person, rasa):
    rasa.fail = True
    assert person.post(0, text="where is my badge?", id=str(uuid.uuid4())).status_code == 503
    rasa.fail = False
    answer = person.post(0, text="and can I share it?", id=str(uuid.uuid4())).get_json()
    assert [m["text"] for m in answer["messages"]] == ["You said: where is my badge?\nand can I share it?"]


def test_a_process_that_died_while_answering_holds_nobody_up_for_ever(person, processes, rasa, monkeypatch):
    turns = processes[0].extensions["services"].conversations._turns
    monkeypatch.setattr(turns, "end", lambda turn, replies: (_ for _ in ()).throw(SystemExit()))
    with pytest.raises(SystemExit):
        person.post(0, text="hi", id=str(uuid.uuid4()))
    monkeypatch.setattr("bot.conversations.turns.TURN_LEASE", -turns_lease())
    later = processes[1].extensions["services"].conversations._turns
    now = later._clock()
    monkeypatch.setattr(later, "_clock", lambda: now + turns_lease() * 2)
    assert person.post(1, text="anyone?", id=str(uuid.uuid4())).status_code == 200


def turns_lease():
    from bot.conversations.turns import TURN_LEASE

    return abs(TURN_LEASE)


def test_at_most_eight_messages_wait(person, gate):
    person.send(0, text="hi")
    gate.wait_for_question()
    for number in range(7):
        person.send(0, text=f"more {number}")
    refused = person.post(1, text="too much")
    gate.opened.set()
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (429, "too_many")
    [thread.join(SECONDS) for thread in person.threads]
