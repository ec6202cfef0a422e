"""A burst of events against the site as it is run: a process of its own, on both kinds of database."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from bench.machine import free_port
from bot.certificates import trusted
from tests.conftest import SECRET
from tests.servers.slack import TOKEN, user
from tests.slack.conftest import SIGNING, Workspace

EVENTS, REPEATED, SENDERS = 500, 100, 8
ANSWER = {"text": "Yes.", "utterance": "utter_faq/what_is_credly", "buttons": []}


@pytest.fixture()
def running(database_url, slack, rasa):
    """`python -m bot site`; its address."""
    port = free_port()
    given = {"SITE_PORT": str(port), "SITE_SECRET_KEY": SECRET, "DATABASE_URL": database_url, "RASA_URL": rasa.url}
    given |= {"SLACK_BOT_TOKEN": TOKEN, "SLACK_SIGNING_SECRET": SIGNING, "SLACK_API_URL": slack.url}
    command = [sys.executable, "-W", "ignore", "-m", "bot", "site"]
    site = subprocess.Popen(command, env={**os.environ, **given, "LOG_LEVEL": "error"})
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 240
        while not alive(address):
            assert site.poll() is None and time.monotonic() < deadline
            time.sleep(0.1)
        yield address
    finally:
        site.terminate()
        site.wait(60)


def alive(address):
    try:
        return httpx.get(f"{address}/healthz", timeout=2, verify=trusted()).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.mark.alone
def test_each_event_is_acknowledged_in_time_and_answered_once(running, slack, rasa):
    rasa.replies = [ANSWER]
    slack.users = {f"U{number}": user(f"u{number}") for number in range(250)}

    def send(number):
        began = time.perf_counter()
        text, event_id = f"question {number}", f"Ev{number}"
        answer = workspace.writes(f"U{number % 250}", text, event_id=event_id, channel=f"D{number}")
        return time.perf_counter() - began, answer.status_code

    with Workspace(running, slack) as workspace, ThreadPoolExecutor(SENDERS) as pool:
        results = list(pool.map(send, [*range(EVENTS), *range(REPEATED)]))
    seconds = sorted(one for one, _ in results)
    p99 = seconds[int(len(seconds) * 0.99)]
    median = seconds[len(seconds) // 2]
    figures = {"median": median, "p99": p99, "longest": seconds[-1]}
    print("\nacknowledged after, ms:", {name: round(value * 1000) for name, value in figures.items()})
    assert {status for _, status in results} == {200} and seconds[-1] < 3 and median < 0.2  # Slack waits for 3 s
    slack.wait(lambda: len(slack.made("chat.postMessage")) >= EVENTS, 240)
    assert sorted(asked["text"] for _, asked in rasa.requests) == sorted(f"question {n}" for n in range(EVENTS))
    channels = [one["channel"] for one in slack.made("chat.postMessage")]
    assert sorted(channels) == sorted(f"D{n}" for n in range(EVENTS))
