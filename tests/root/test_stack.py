"""All processes as `python -m bot run` starts them, at LOG_LEVEL=DEBUG: what strangers reach, what is told of people.

It needs a trained model, and runs in a folder of its own.
"""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from bench import phishing
from bench.machine import free_port
from tests.conftest import need
from tests.servers.otlp import Collector

START_SECONDS = 400.0  # Rasa loads its model, beside other tests
LEARNER = "amara.okafor@example.com"
WORDS = "purple-elephants-dance"
STRANGER = "nobody.known@example.com"


class Stack:
    """The running processes."""

    def __init__(self, folder, collector):
        self.folder, self.log, self.collector = folder, folder / "output", collector
        self.site, self.rasa, self.actions = (f"http://127.0.0.1:{free_port()}" for _ in range(3))
        for name in ("data", "models", "domain.yml", "config.yml", "endpoints.yml", "credentials.yml"):
            (folder / name).symlink_to(Path(name).resolve())
        env = {
            **{name: value for name, value in os.environ.items() if name not in ("SITE_SECRET_KEY", "SMTP_URL")},
            "PYTHONPATH": str(Path.cwd()),
            "SITE_PORT": self.site.rpartition(":")[2],
            "RASA_URL": self.rasa,
            "ACTIONS_URL": f"{self.actions}/webhook",
            "LOG_LEVEL": "DEBUG",
            "LOG_LEVEL_LIBRARIES": "DEBUG",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        }
        command = [sys.executable, "-m", "bot", "run"]
        with self.log.open("w") as out:
            self.process = subprocess.Popen(
                command, cwd=folder, env=env, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
            )

    def wait(self):
        deadline = time.monotonic() + START_SECONDS
        while "Ready after" not in self.output():
            assert self.process.poll() is None and time.monotonic() < deadline, self.output()[-3000:]
            with pytest.raises(subprocess.TimeoutExpired):
                self.process.wait(0.5)
        return self

    def output(self):
        return self.log.read_text(errors="replace")

    def speakers_of(self, words):
        """The processes that have said these words."""
        return {line.split()[1] for line in self.output().splitlines() if words in line and " | " in line}

    def mail(self, address):
        """The newest mail to an address, once it is there."""
        deadline = time.monotonic() + phishing.SETTLED_SECONDS
        while not (found := phishing.mails_to(self.folder / "var/mail", [address])):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        return found[-1]

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(60)
        finally:
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    need(any(Path("models").glob("*.tar.gz")), "a trained model")
    collector = Collector()
    running = Stack(tmp_path_factory.mktemp("stack"), collector)
    try:
        yield running.wait()
    finally:
        running.stop()
        collector.close()


@pytest.fixture(scope="module")
def code(stack):
    """A look-up from the question to the record, with a wrong code on the way; returns the code."""
    with httpx.Client(base_url=stack.site, timeout=60) as client:

        def say(text):
            return client.post("/api/messages", json={"text": text}).raise_for_status().json()["messages"]

        client.post("/api/conversations").raise_for_status()
        say(f"has my badge been issued? {WORDS}")
        assert "utter_code_sent" in [one["utterance"] for one in say(LEARNER)]
        found = re.search(r"\b\d{6}\b", stack.mail(LEARNER).get_body(("plain",)).get_content()).group()
        say("000000" if found != "000000" else "111111")
        assert "utter_status_list" in [one["utterance"] for one in say(found)]
        say(f"my surname is {WORDS}, who can correct it?")
    return found


def test_at_debug_no_process_logs_addresses_codes_or_messages(stack, code):
    written = [stack.log, *(stack.folder / "var").glob("*.log")]
    for told in (LEARNER, "amara.okafor", code, WORDS, "has my badge been issued"):
        for file in written:
            assert told.lower() not in file.read_text(errors="replace").lower(), told


def test_one_message_is_one_id_in_the_lines_of_all_processes_and_one_trace(stack):
    with httpx.Client(base_url=stack.site, timeout=60) as client:
        client.post("/api/conversations").raise_for_status()
        client.post("/api/messages", json={"text": "has my badge been issued?"}).raise_for_status()
        answer = client.post("/api/messages", json={"text": STRANGER}).raise_for_status()
    stack.mail(STRANGER)
    asked = answer.headers["X-Request-ID"]
    everybody = {"site", "rasa", "actions", "worker"}
    deadline = time.monotonic() + phishing.SETTLED_SECONDS
    while True:
        spans = [one for one in stack.collector.spans if one.attributes.get("request.id") == asked]
        if stack.speakers_of(asked) == {one.service for one in spans} == everybody:
            break
        assert time.monotonic() < deadline, (stack.speakers_of(asked), {one.service for one in spans})
        time.sleep(0.2)
    (begun,) = [one for one in spans if one.name == "POST /api/messages"]
    assert {one.trace for one in spans if one.service != "worker"} == {begun.trace}
    (sent,) = [one for one in spans if one.service == "worker"]
    assert begun.trace in [trace for trace, _ in sent.links]


def test_no_trace_names_anybody(stack, code):
    told = "".join(one.everything for one in stack.collector.spans).lower()
    assert "faqclassifier" in told and "action_" in told
    for private in (LEARNER, "amara.okafor", code, WORDS, STRANGER, "has my badge been issued"):
        assert private.lower() not in told, private


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/version",
        "/status",
        "/domain",
        "/conversations/c1/tracker",
        "/conversations/c1/messages",
        "/conversations/c1/execute",
        "/model/parse",
        "/model/train",
        "/webhooks/rest/webhook",
        "/webhooks/callback/webhook",
        "/webhooks/site/webhook",
        "/socket.io/",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_rasas_port_answers_nothing_without_a_signed_message(stack, method, path):
    headers = {"Origin": "https://evil.example"}
    answer = httpx.request(method, stack.rasa + path, json={"sender": "c1", "message": "hi"}, headers=headers)
    assert answer.status_code in (401, 403, 404, 405)
    assert "access-control-allow-origin" not in answer.headers and "3.6" not in answer.text


def test_the_action_server_answers_nothing_without_its_key(stack):
    assert httpx.post(f"{stack.actions}/webhook", json={"next_action": "action_listen"}).status_code == 401


def test_nothing_that_is_kept_can_be_read_by_others(stack, code):
    kept = [stack.folder / "var", *(stack.folder / "var").rglob("*")]
    assert {"bot.db", "rasa.db", "rasa.db-wal", "mail", "secret_key"} <= {one.name for one in kept}
    assert [str(one) for one in kept if one.stat().st_mode & 0o077] == []


def test_nobody_is_written_to_in_a_strangers_words(stack, capsys):
    with capsys.disabled():
        phishing.main([stack.site, str(stack.folder / "var/mail"), "25"])
    victims = [f"victim{n}@example.net" for n in range(25)]
    mails = phishing.mails_to(stack.folder / "var/mail", victims)
    assert 0 < len(mails) <= 20 and not any(map(phishing.carries_lure, mails))
