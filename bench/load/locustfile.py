"""People who use the assistant, for Locust: `python -m bench.soak` starts it, and says by the environment how many.

LOAD_POSTBOX is where mail and Slack's messages are asked for (bench/load/postbox.py), LOAD_SLACK_SECRET signs Slack's
events, LOAD_LEARNERS is how many learners have a record, LOAD_OUT where a line is written for every ten seconds,
LOAD_STEPS so many users for so many seconds each, as "20:60,40:60".
"""

import hashlib
import hmac
import itertools
import json
import os
import random
import time
import uuid
from collections import Counter, defaultdict
from urllib.parse import quote_plus

import gevent
from locust import FastHttpUser, LoadTestShape, between, events, task
from locust.exception import RescheduleTask

POSTBOX, OUT = os.environ["LOAD_POSTBOX"], os.environ["LOAD_OUT"]
SLACK_SECRET, SLACK_TEAM = os.environ["LOAD_SLACK_SECRET"], "T0OURS"
LEARNERS = int(os.environ["LOAD_LEARNERS"])
STEPS = [tuple(map(int, step.split(":"))) for step in os.environ["LOAD_STEPS"].split(",")]
RECORD_SECONDS, LOOK_SECONDS, LINGER_SECONDS = 10.0, 15.0, 30.0  # the widget looks for news so often
numbers = itertools.count(random.randrange(1_000_000))
QUESTIONS = (
    "How do I share my badge on LinkedIn?",
    "What is the difference between a certification and a micro-credential?",
    "Does my certification expire?",
    "where can i find my badge",
    "how can I put the badge into my email signature",
    "My digital credential is missing",
    "can i make my profile private",
    "What is Credly?",
    "How will I know that I have earned something?",
    "can I download my certificate as a pdf",
    "somebody copied my badge, can they do that?",
    "how much does the exam cost",
    "i have two profiles, can I merge them",
    "what do employers see when they click on it",
    "I finished the course but I don't see anything",
)
FOLLOW_UPS = (
    "and how long does it take?",
    "why?",
    "where do I find that?",
    "and on linkedin?",
    "thanks!",
    "what else can I do?",
)
MATTERS = (
    "My badge for Level 1 shows my old name, please change it.",
    "I passed the exam three weeks ago and nothing has come.",
    "My company wants a letter that says that I am certified.",
)
PAGES = ("/", "/faq/sharing-options", "/faq/credential-expiry", "/faq/missing-digital-credential", "/api/team")
SEARCHES = ("share", "expire", "missing badge", "linkedin", "signature", "profile private")


class Recorder:
    """Adds requests up, and writes a line for every ten seconds."""

    def __init__(self, environment):
        self.environment = environment
        self.times, self.failed = defaultdict(list), Counter()

    def request(self, request_type, name, response_time, exception=None, **_):
        self.times[name].append(response_time / 1000)
        if exception:
            self.failed[f"{name}: {str(exception)[:120]}"] += 1

    def write_on(self):
        while True:
            gevent.sleep(RECORD_SECONDS)
            self.write()

    def write(self):
        times, failed = self.times, self.failed
        self.times, self.failed = defaultdict(list), Counter()
        users = self.environment.runner.user_count if self.environment.runner else 0
        rounded = {name: [round(one, 4) for one in found] for name, found in times.items()}
        with open(OUT, "a", encoding="utf-8") as out:
            print(json.dumps({"at": time.time(), "users": users, "times": rounded, "failed": failed}), file=out)


@events.init.add_listener
def record(environment, **_):
    recorder = Recorder(environment)
    environment.events.request.add_listener(recorder.request)
    environment.events.quitting.add_listener(lambda **_: recorder.write())
    gevent.spawn(recorder.write_on)


class Steps(LoadTestShape):
    """So many users for so long, one step after the other."""

    def tick(self):
        left = self.get_run_time()
        for users, seconds in STEPS:
            if left < seconds:
                return users, 10.0
            left -= seconds
        return None


class Person(FastHttpUser):
    """Somebody at an address of their own; reads, thinks and types between messages."""

    abstract = True
    wait_time = between(5, 15)  # before they come back as somebody else
    network_timeout = connection_timeout = 60.0

    def come(self):
        """As somebody new, in a conversation of their own."""
        self.client.client.cookiejar.clear() if self.client.client.cookiejar is not None else None
        address = f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(1, 255)}"
        self.headers = {"X-Forwarded-For": address}
        self.shown = []

    def begin(self):
        self.come()
        self.client.get("/", name="page", headers=self.headers)
        began = self.client.post("/api/conversations", name="begin", headers=self.headers)
        if began.status_code != 201:
            raise RescheduleTask  # what follows would only fail, too
        self.headers["Authorization"] = f"Bearer {began.json()['token']}"

    def think(self, longest=16.0):
        """Reading the answer and typing; the widget looks for news meanwhile."""
        left = random.uniform(4.0, longest)
        while left > 0:
            gevent.sleep(min(left, LOOK_SECONDS))
            left -= LOOK_SECONDS
            if left > 0:
                self.look()

    def look(self):
        after = f"?after={self.shown[-1]['id']}" if self.shown else ""
        self.client.get(f"/api/messages{after}", name="look", headers=self.headers)

    def say(self, name, text="", payload=""):
        said = {"payload": payload} if payload else {"text": text}
        answer = self.client.post(
            "/api/messages", json={**said, "id": str(uuid.uuid4())}, name=name, headers=self.headers
        )
        self.shown = answer.json()["messages"] if answer.status_code == 200 else []
        return self.shown

    def linger(self):
        """The page stays open for a while."""
        for _ in range(int(LINGER_SECONDS / LOOK_SECONDS)):
            gevent.sleep(LOOK_SECONDS)
            self.look()

    def expect(self, wanted, what):
        """A conversation that goes elsewhere than it should is a failure."""
        said = [one["utterance"] for one in self.shown]
        problem = None if any(one.startswith(wanted) for one in said) else ValueError(f"said {said[:2]}")
        self.environment.events.request.fire(
            request_type="CHECK", name=what, response_time=0, response_length=0, exception=problem, context={}
        )
        return problem is None

    def came(self, where, name):
        """What the postbox has; the time that it took is told."""
        began = time.time()
        found = self.client.get(f"{POSTBOX}/{where}", name="postbox", catch_response=False)
        value = found.json().get("found") if found.status_code == 200 else None
        problem = None if value else ValueError("nothing came")
        self.environment.events.request.fire(
            request_type="WAIT",
            name=name,
            response_time=(time.time() - began) * 1000,
            response_length=0,
            exception=problem,
            context={},
        )
        return value

    def learner(self):
        return f"load{next(numbers) % LEARNERS}@example.com"


class Asker(Person):
    """Asks a few questions of the FAQ, and follows them up."""

    weight = 60

    @task
    def ask(self):
        self.begin()
        for _ in range(random.randint(1, 3)):
            self.think()
            self.say("message", random.choice(QUESTIONS))
            if random.random() < 0.4:
                self.think()
                self.say("message", random.choice(FOLLOW_UPS))
        bot = [one for one in self.shown if one["role"] == "bot"]
        if bot and random.random() < 0.2:
            feedback = f"/api/messages/{bot[-1]['id']}/feedback"
            self.client.post(feedback, json={"helpful": True}, name="rate", headers=self.headers)
        self.linger()


class LooksUp(Person):
    """Proves an address by the code that comes by mail, and asks about the record."""

    weight = 15

    @task
    def look_up(self):
        self.begin()
        self.think()
        address = self.learner()
        self.say("message", "Has my badge been issued?")
        self.think(8.0)
        self.say("message: address", address)
        code = self.came(f"code/{address}", "mail with the code")
        if not code:
            return
        self.think(8.0)
        self.say("message: code", code)
        self.expect("utter_s", "record is shown")
        self.think()
        self.say("message", random.choice(("and when does it come?", "why?", "thank you")))
        self.linger()


class AsksTheTeam(Person):
    """Opens a ticket in the chat."""

    weight = 5

    @task
    def open_ticket(self):
        self.begin()
        self.think()
        self.say("message", "I want to talk to a human")
        for _ in range(6):
            said = " ".join(one["utterance"] for one in self.shown)
            if "utter_ticket_opened" in said:
                break
            self.think(8.0)
            buttons = [one for message in self.shown for one in message["buttons"]]
            yes = next((one for one in buttons if one["payload"] == "/affirm"), None)
            if "contact" in said or "address" in said:
                self.say("message: ticket", self.learner())
            elif yes:
                self.say("message: ticket", payload="/affirm")
            else:
                self.say("message: ticket", random.choice(MATTERS))
        self.expect("utter_ticket_opened", "ticket is opened")
        self.linger()


class WritesForm(Person):
    """Opens a ticket by the plain form."""

    weight = 2

    @task
    def write(self):
        self.come()
        self.client.get("/", name="page", headers=self.headers)
        gevent.sleep(random.uniform(15, 40))
        words = {"email": self.learner(), "about": random.choice(MATTERS), "reason": "requested"}
        self.client.post("/api/tickets", json=words, name="form", headers=self.headers)


class Reader(Person):
    """Reads pages and searches, without a conversation."""

    weight = 13

    @task
    def read(self):
        self.come()
        for page in random.sample(PAGES, 3):
            self.client.get(page, name="page", headers=self.headers)
            gevent.sleep(random.uniform(3, 12))
        for search in random.sample(SEARCHES, 2):
            self.client.get(f"/api/faqs?q={quote_plus(search)}", name="search", headers=self.headers)
            gevent.sleep(random.uniform(3, 12))


class InSlack(Person):
    """A colleague who asks the same in a direct message."""

    weight = 5

    @task
    def ask(self):
        self.come()
        who = f"{random.randrange(10**9):09d}"
        for _ in range(random.randint(1, 3)):
            self._write(f"U{who}", f"D{who}", random.choice(QUESTIONS))
            gevent.sleep(random.uniform(5, 15))

    def _write(self, who, channel, text):
        at = time.time()
        event = {
            "type": "message",
            "channel_type": "im",
            "channel": channel,
            "user": who,
            "text": text,
            "ts": f"{at:.6f}",
        }
        body = json.dumps(
            {
                "type": "event_callback",
                "team_id": SLACK_TEAM,
                "api_app_id": "A1",
                "event_time": int(at),
                "event_id": f"Ev{uuid.uuid4().hex}",
                "event": event,
            }
        )
        signature = hmac.new(SLACK_SECRET.encode(), f"v0:{int(at)}:{body}".encode(), hashlib.sha256).hexdigest()
        signed = {"X-Slack-Request-Timestamp": str(int(at)), "X-Slack-Signature": f"v0={signature}"}
        headers = {**signed, "Content-Type": "application/json"}
        answer = self.client.post("/slack/events", data=body, name="slack event", headers=headers)
        if answer.status_code == 200:
            self.came(f"slack/{channel}", "slack answer")
