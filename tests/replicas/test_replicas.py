"""Two of each process on PostgreSQL and Redis behind HAProxy: what people notice of that, and of one that is killed.

HAProxy runs with the configuration of docs/scaling.md. It needs a trained model, and runs in a folder of its own.
"""

import json
import re
import shutil
import signal
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sql
from redis import Redis

from bench import phishing
from bench.publishing import with_answers
from bench.replicas import Replicas
from bot.certificates import trusted
from bot.clock import now
from bot.content.responses import responses
from bot.conversations.store import conversations, messages
from bot.conversations.turns import TURN_LEASE
from bot.database import Database
from bot.outbox.message import OutgoingMail
from bot.outbox.store import OutboxStore
from bot.site.limits import LIMITS
from tests.conftest import need
from tests.servers.redis import RedisServer
from tests.servers.staff import ANNA

LEARNER, OTHER = "amara.okafor@example.com", "mei.lin@example.com"
SETTLED_SECONDS = 60.0  # for what happens soon, on a machine that has other work
LOCK_SECONDS = 4.0  # of bot/rasa/lock_store.py, which needs Rasa
AGAIN_SECONDS = 2.0  # until the widget sends a message again (TRY in bot/site/widget/30_conversation.js)
BESIDE = 8.0  # seconds that an answer may take beside other work
LEASE_SECONDS = TURN_LEASE.total_seconds()
QUESTIONS = (
    "what is credly?",
    "does my badge expire?",
    "how do I share it on linkedin?",
    "can I export my badges?",
    "who can see my badge?",
    "can somebody copy my credential?",
    "how do I put it into my e-mail signature?",
    "thank you",
)
ANSWER, PAGE = "utter_faq/what_is_credly", "/faq/what-is-credly"
NEW_WORDS = "Credly is where purple elephants keep their badges."


@pytest.fixture(scope="module")
def replicas(tmp_path_factory, postgres):
    need(any(Path("models").glob("*.tar.gz")), "a trained model")
    need(shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin") is not None, "HAProxy")
    redis = RedisServer(tmp_path_factory.mktemp("redis"))
    url = postgres.empty()
    running = Replicas(tmp_path_factory.mktemp("replicas"), url, redis.url, settings={"STAFF_EMAILS": ANNA})
    try:
        yield running.start_all()
    finally:
        running.stop_all()
        redis.stop()
        postgres.drop(url)


@pytest.fixture(scope="module")
def database(replicas):
    database = Database(replicas.database_url)
    yield database
    database.engine.dispose()


@pytest.fixture()
def learner(replicas):
    return Learner(replicas)


class Learner:
    """A widget: sends a message again, once, by the same id; may be told which process to talk to."""

    def __init__(self, replicas):
        self.replicas, self.sent, self.again, self.slowest = replicas, 0, 0, 0.0
        self._client = httpx.Client(timeout=60, verify=trusted())
        self.id = self._client.post(f"{replicas.site}/api/conversations").raise_for_status().json()["conversation_id"]

    def say(self, text, at=""):
        """The utterances of the reply."""
        return [one["utterance"] for one in self.replies(text, at)]

    def replies(self, text, at=""):
        body, began = {"text": text, "id": str(uuid.uuid4())}, time.monotonic()
        self.sent += 1
        address = self.replicas.address(at) if at else self.replicas.site
        try:
            answer = self._client.post(f"{address}/api/messages", json=body)
            answer.raise_for_status()
        except httpx.HTTPError:
            self.again += 1
            time.sleep(AGAIN_SECONDS)
            answer = self._client.post(f"{self.replicas.site}/api/messages", json=body).raise_for_status()
        self.slowest = max(self.slowest, time.monotonic() - began)
        return answer.json()["messages"]

    def history(self, at=""):
        address = self.replicas.address(at) if at else self.replicas.site
        return self._client.get(f"{address}/api/messages").raise_for_status().json()["messages"]


class Colleague:
    """Somebody of the team in the console, through one site or the other."""

    def __init__(self, replicas):
        self._replicas, self._client = replicas, httpx.Client(timeout=60, verify=trusted())

    def get(self, at, path):
        return self._client.get(f"{self._replicas.address(at)}/console{path}")

    def post(self, at, path, seen_on="", **fields):
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get(at, seen_on or path).text).group(1)
        return self._client.post(f"{self._replicas.address(at)}/console{path}", data={**fields, "csrf_token": token})


def code(replicas, address):
    """The code in the only mail to an address."""
    with soon() as again:
        while not (found := phishing.mails_to(replicas.folder / "var/mail", [address])):
            again()
    return re.search(r"\b\d{6}\b", found[0].get_body(("plain",)).get_content()).group()


@contextmanager
def soon(seconds=SETTLED_SECONDS):
    """Look again, until it takes too long."""
    deadline = time.monotonic() + seconds

    def again():
        assert time.monotonic() < deadline
        time.sleep(0.05)

    yield again


def kept(database, conversation_id):
    """The messages of a conversation, and the texts that Rasa read in it, each in the order they are kept in."""
    mine = messages.select().where(messages.c.conversation_id == conversation_id).order_by(messages.c.number)
    read = sql.text("SELECT data FROM events WHERE sender_id = :id AND type_name = 'user' ORDER BY id")
    with database.transaction() as connection:
        events = [json.loads(row.data) for row in connection.execute(read, {"id": conversation_id})]
        return connection.execute(mine).all(), [one["text"] for one in events if not one["text"].startswith("/")]


def answered_once(rows, sent):
    """Whether each message is there once and has one turn, with replies of its own."""
    said = [row for row in rows if row.role == "user"]
    replied = {row.turn for row in rows if row.role == "bot"}
    ids = Counter(row.client_id for row in said)
    return len(said) == sent and set(ids.values()) == {1} and all(row.turn in replied for row in said)


def test_messages_sent_at_once_to_both_sites_stay_in_order_and_are_answered_once(replicas, database):
    learners = [Learner(replicas) for _ in range(2)]
    with ThreadPoolExecutor(8) as pool:
        for burst in range(4):
            for learner in learners:
                asked = QUESTIONS[:4] if burst % 2 else QUESTIONS[4:]
                told = list(pool.map(learner.replies, asked, ("site-1", "site-2", "site-1", "site-2")))
                assert all(told)
    for learner in learners:
        rows, read = kept(database, learner.id)
        assert answered_once(rows, learner.sent) and learner.again == 0
        assert learner.history("site-1") == learner.history("site-2")
        turns = [row.turn for row in rows if row.role == "user"]
        in_order = [turn for place, turn in enumerate(turns) if turn not in turns[:place]]
        joined = ["\n".join(row.text for row in rows if row.role == "user" and row.turn == turn) for turn in in_order]
        assert read == joined and len(turns) == 16


def test_a_look_up_goes_from_site_to_site_and_from_rasa_to_rasa(replicas, learner):
    with replicas.only("rasa-1", "actions-2"):
        learner.say("has my badge been issued?", at="site-1")
    with replicas.only("rasa-2", "actions-1"):
        assert "utter_code_sent" in learner.say(LEARNER, at="site-2")
    with replicas.only("rasa-1", "actions-1"):
        assert "utter_status_list" in learner.say(code(replicas, LEARNER), at="site-1")
    assert learner.history("site-1") == learner.history("site-2")


def test_who_signed_in_at_one_site_is_signed_in_at_the_other_and_out_of_both(replicas):
    colleague = Colleague(replicas)
    assert colleague.post("site-1", "/sign-in", address=ANNA).status_code == 303
    assert colleague.post("site-2", "/code", code=code(replicas, ANNA)).status_code == 303
    assert colleague.get("site-1", "/").status_code == colleague.get("site-2", "/").status_code == 200
    begun = colleague.post("site-1", "/lookups", addresses=f"{LEARNER} {OTHER}")
    assert begun.status_code == 303
    path = begun.headers["Location"].removeprefix("/console")
    for site in ("site-2", "site-1"):
        page, file = colleague.get(site, path), colleague.get(site, f"{path}.csv")
        assert page.status_code == file.status_code == 200
        assert LEARNER in page.text and LEARNER in file.text and OTHER in file.text
    assert colleague.post("site-2", "/sign-out", seen_on="/").status_code == 303
    assert colleague.get("site-1", "/").status_code == 303


def test_limits_count_over_both_sites(replicas):
    most, own = int(LIMITS["checks of an address"].partition("/")[0]), {"X-Forwarded-For": "203.0.113.7"}
    with httpx.Client(headers=own, timeout=60) as client:
        told = [client.get(f"{replicas.address(f'site-{1 + n % 2}')}/readyz").status_code for n in range(most + 20)]
    assert told[:most].count(429) == 0 and told[most:] == [429] * 20


def test_two_workers_deliver_each_letter_once(replicas, database):
    addresses, outbox = [f"reader{number}@example.net" for number in range(200)], OutboxStore(database)
    with database.transaction() as connection:
        for address in addresses:
            outbox.add(connection, OutgoingMail(to=address, subject="News", text="Hello", html=""), now())
    with soon() as again:
        while len(phishing.mails_to(replicas.folder / "var/mail", addresses)) < len(addresses):
            again()
        with database.transaction() as connection:
            while connection.execute(sql.text("SELECT count(*) FROM outbox WHERE delivered_at IS NULL")).scalar():
                again()
    mails = phishing.mails_to(replicas.folder / "var/mail", addresses)
    assert Counter(str(mail["To"]) for mail in mails) == Counter(addresses)


def test_a_publication_reaches_all_sites_and_all_rasa_servers(replicas):
    content = replicas.folder / "var/content"
    version, old = content / "versions/1", responses()[ANSWER][0]["text"]
    shutil.copytree("data", version / "data")
    shutil.copy("domain.yml", version)
    for file in (version / "data/nlu/faq").glob("*.yml"):
        file.write_text(file.read_text(encoding="utf-8").replace(old.strip(), NEW_WORDS), encoding="utf-8")
    (content / "models").mkdir(exist_ok=True)
    newest = max(Path("models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    with_answers(newest, content / "models/v1.tar.gz", {ANSWER: NEW_WORDS}, compression=0)
    live = {"publication": 1, "root": "versions/1", "model": "models/v1.tar.gz"}
    (content / "live.new").write_text(json.dumps(live), encoding="utf-8")
    (content / "live.new").rename(content / "live")
    with soon(3 * SETTLED_SECONDS) as again:
        for site in ("site-1", "site-2"):
            while NEW_WORDS not in httpx.get(replicas.address(site) + PAGE, verify=trusted()).text:
                again()
        for rasa in ("rasa-1", "rasa-2"):
            while httpx.get(f"{replicas.address(rasa)}/webhooks/site/", verify=trusted()).json()["publication"] != 1:
                again()
    for rasa in ("rasa-1", "rasa-2"):
        with replicas.only(rasa):
            assert any(NEW_WORDS in one["text"] for one in Learner(replicas).replies("what is credly?"))


@pytest.mark.alone
def test_servers_killed_under_steady_conversations_are_not_noticed_beyond_one_retry(
    replicas, database, learner, capsys
):
    learners, stop = [Learner(replicas) for _ in range(8)], threading.Event()

    def talk(one):
        for question in QUESTIONS * 3:
            assert one.replies(question)
            if stop.wait(1.0):
                return

    with ThreadPoolExecutor(len(learners)) as pool:
        talks = [pool.submit(talk, one) for one in learners]
        stop.wait(2.0)
        locked = killed_while_it_answers(replicas, "rasa-1", learner)
        for name in ("site-1", "actions-1", "worker-1"):
            stop.wait(2.0)
            replicas.kill(name)
        stop.wait(2.0)
        stop.set()
        for one in talks:
            one.result(SETTLED_SECONDS)
    everybody = [*learners, learner]
    assert all(answered_once(kept(database, one.id)[0], one.sent) for one in everybody)
    sent, again = sum(one.sent for one in everybody), sum(one.again for one in everybody)
    slowest = max(one.slowest for one in learners)
    with capsys.disabled():
        told = f"{sent} messages answered, {again} after a retry by the widget, the slowest in {slowest:.1f} s"
        print(f"\n{told}; the one that Rasa died of in {locked:.1f} s")
    assert sent >= 40 and slowest < LEASE_SECONDS + AGAIN_SECONDS + BESIDE
    assert locked < LOCK_SECONDS + AGAIN_SECONDS + BESIDE
    assert learner.again <= 1
    restart(replicas, "site-1", "actions-1", "worker-1")


def killed_while_it_answers(replicas, rasa, learner):
    """The seconds from the end of a Rasa server to the answer of what it had in hand; its lock is there meanwhile."""
    other = "rasa-2" if rasa == "rasa-1" else "rasa-1"
    with Redis.from_url(replicas.redis_url) as client, ThreadPoolExecutor(1) as pool:
        with pausing(replicas, "actions-1", "actions-2"):
            with replicas.only(rasa):
                answer = pool.submit(learner.replies, "has my badge been issued?")
                with soon() as again:
                    while not client.exists(f"rasa:lock:{learner.id}"):
                        again()
            assert replicas.balanced(other)
            replicas.kill(rasa)
            assert client.exists(f"rasa:lock:{learner.id}")
            began = time.monotonic()
        assert answer.result(SETTLED_SECONDS)
        return time.monotonic() - began


def restart(replicas, *names):
    for name in names:
        replicas.start(name)
    for name in names:
        replicas.wait_for(name)
    replicas.wait_for_balancer(*(name for name in names if not name.startswith("worker")))


@pytest.mark.alone
def test_a_site_killed_while_it_answers_leaves_the_message_to_the_other(replicas, database, learner, capsys):
    """One Rasa server is left."""
    learner.say("what is credly?")
    with pausing(replicas, "rasa-2"), ThreadPoolExecutor(1) as pool:
        answer = pool.submit(learner.replies, "does my badge expire?", "site-1")
        with soon() as again:
            while not answering(database, learner.id):
                again()
        replicas.kill("site-1")
        began = time.monotonic()
        replicas.kill("rasa-2", signal.SIGCONT)
        assert answer.result(SETTLED_SECONDS)
        seconds = time.monotonic() - began
    with capsys.disabled():
        print(f"\nthe message that a site died of was answered in {seconds:.1f} s")
    assert learner.again == 1 and seconds < LEASE_SECONDS + AGAIN_SECONDS + BESIDE
    assert answered_once(kept(database, learner.id)[0], learner.sent)


def answering(database, conversation_id):
    mine = sql.select(conversations.c.answering).where(conversations.c.id == conversation_id)
    with database.transaction() as connection:
        return connection.execute(mine).scalar()


@contextmanager
def pausing(replicas, *names):
    """For as long as the block takes, these processes stand still."""
    for name in names:
        replicas.kill(name, signal.SIGSTOP)
    try:
        yield
    finally:
        for name in names:
            replicas.kill(name, signal.SIGCONT)
