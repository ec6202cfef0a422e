"""People who chat, look up, ask for codes and file tickets, and send again what is not answered, as the widget does."""

import datetime
import re
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import jwt

from bench.fault_figures import Asked, is_kept

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 30.0  # seconds until it is sent again, as bot/site/widget/30_conversation.js does
LONGEST_CALL = 60.0  # seconds, as bot/site/widget/20_connection.js has it
QUESTIONS = ("What is a micro-credential?", "does my badge expire", "can I export my badges", "what is credly")
LOOK_UP = "has my badge been issued?"
COMPLAINT = "please open a ticket: the date on my certificate is wrong"
REFERENCE = re.compile(r"CRT-\d{4}-\d{5}")
NOT_DONE = ("went wrong on our side", "could not be asked", "could not look everywhere")  # said in an answer
FILES_ONCE = "form-"  # what the addresses begin with of those who file one ticket only
TOKEN_SECRET = "the host site's secret in this bench, 32 characters"


class Crowd:
    """All people, until `stop`; what they asked for, and what was confirmed to them."""

    def __init__(self, site: str, learners: list[str], now: Callable[[], float]) -> None:
        """Begin nothing yet.

        Args:
            site: its address.
            learners: addresses with a training record.
            now: the time by the clock of the machine that is tried, in seconds since 1970.
        """
        self.site, self.learners, self.now = site, learners, now
        self.asked: list[Asked] = []
        self.replies: dict[str, dict[str, list[str]]] = defaultdict(dict)  # by conversation's token and message's id
        self.tickets: dict[str, str] = {}  # whose, by reference
        self.codes: dict[str, float] = {}  # when asked for, by address
        self._stop, self._guard = threading.Event(), threading.Lock()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Three chat, two look up, one each asks for codes, files tickets in the chat, and by the form."""
        parts = (
            [self._chatting] * 3 + [self._looking_up] * 2 + [self._asking_for_codes, self._complaining, self._filing]
        )
        for number, part in enumerate(parts):
            self._threads.append(threading.Thread(target=self._run, args=(part, number), daemon=True))
            self._threads[-1].start()

    def stop(self) -> None:
        """Nobody asks for anything new; what is on its way may end."""
        self._stop.set()
        for thread in self._threads:
            thread.join(LONGEST_CALL)

    def everything(self) -> list[Asked]:
        """What was asked for so far."""
        with self._guard:
            return list(self.asked)

    def _run(self, part: Callable[["Person"], Iterator[float]], number: int) -> None:
        while not self._stop.is_set():
            person = Person(self, self._stop)
            try:
                for seconds in part(person):
                    if self._stop.wait(seconds):
                        return
            except Gone:
                return
            except (LookupError, ValueError):
                self._stop.wait(0.5)
            finally:
                person.client.close()

    def _chatting(self, person: "Person") -> Iterator[float]:
        person.begin()
        for question in QUESTIONS:
            yield 0.7
            person.say("question", text=question)

    def _looking_up(self, person: "Person") -> Iterator[float]:
        person.begin(self._learner())
        for _ in range(2):
            yield 1.0
            person.say("look-up", text=LOOK_UP)

    def _complaining(self, person: "Person") -> Iterator[float]:
        learner = self._learner()
        person.begin(learner)
        yield 1.0
        offered = person.say("ticket", text=COMPLAINT)
        buttons = [button for message in offered for button in message["buttons"]]
        yield 1.0
        send = [button["payload"] for button in buttons if button["title"] == "Send it"]
        if not send:  # it went wrong: once more
            return
        said = " ".join(message["text"] for message in person.say("ticket", payload=send[0]))
        if found := REFERENCE.search(said):
            self.tickets[found[0]] = learner
        yield 2.0

    def _filing(self, person: "Person") -> Iterator[float]:
        address = f"{FILES_ONCE}{uuid.uuid4().hex[:12]}@example.com"
        form = {"id": str(uuid.uuid4()), "email": address, "about": "My badge is missing"}
        self.tickets[person.ask("form", "/api/tickets", form)["reference"]] = address
        yield 3.0

    def _asking_for_codes(self, person: "Person") -> Iterator[float]:
        person.begin()
        yield 0.5
        person.say("code", text=LOOK_UP)
        address = f"code-{uuid.uuid4().hex[:12]}@example.com"
        began = time.monotonic()
        said = " ".join(message["text"] for message in person.say("code", text=address))
        if "code" in said.lower() and not any(words in said for words in NOT_DONE):
            self.codes[address] = began
        yield 2.0

    def _learner(self) -> str:
        with self._guard:
            self.learners.append(self.learners.pop(0))
            return self.learners[0]

    def note(self, one: Asked) -> Asked:
        """Remember what is asked for."""
        with self._guard:
            self.asked.append(one)
        return one


class Gone(Exception):
    """The bench ends."""


class Person:
    """One browser."""

    def __init__(self, crowd: Crowd, stop: threading.Event) -> None:
        """Come from a network of one's own, as limits are no fault."""
        self._crowd, self._stop, self.token = crowd, stop, ""
        number = uuid.uuid4().int
        own = {"X-Forwarded-For": f"10.{number % 250}.{number // 251 % 250}.{number // 63001 % 250}"}
        self.client = httpx.Client(base_url=crowd.site, timeout=LONGEST_CALL, headers=own)

    def begin(self, learner: str = "") -> None:
        """Open the chat, signed in at the host site as a learner or not."""
        now = int(self._crowd.now())
        claims = {"email": learner, "iat": now, "exp": now + 3600, "aud": "credential-assistant"}
        body = {"identity_token": jwt.encode(claims, TOKEN_SECRET, algorithm="HS256")} if learner else {}
        self.token = self.ask("opening", "/api/conversations", body)["token"]
        self.client.headers["Authorization"] = f"Bearer {self.token}"

    def say(self, what: str, **said: str) -> list[dict[str, Any]]:
        """Say something until it is answered."""
        key = str(uuid.uuid4())
        messages: list[dict[str, Any]] = self.ask(what, "/api/messages", {"id": key, **said})["messages"]
        self._crowd.replies[self.token][key] = [message["id"] for message in messages]
        return messages

    def ask(self, what: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Post until it is taken; raises LookupError where it is refused for good."""
        one, pause = self._crowd.note(Asked(what, time.monotonic())), FIRST_PAUSE
        while True:
            answer, shown = self._post(path, body)
            if answer is not None:
                text = " ".join(message["text"] for message in answer.get("messages", ()))
                one.told += [f"the answer says: ... {words} ..." for words in NOT_DONE if words in text]
                one.ended = time.monotonic()
                return answer
            one.shown.append(shown)
            if self._stop.wait(pause):
                raise Gone
            pause = min(pause * 2, LONGEST_PAUSE)

    def _post(self, path: str, body: dict[str, Any]) -> tuple[dict[str, Any] | None, str]:
        try:
            response = self.client.post(path, json=body)
            if response.status_code < 400:
                return dict(response.json()), ""
            error = response.json()["error"]
        except httpx.HTTPError as problem:
            return None, f"no answer ({type(problem).__name__})"
        except (ValueError, KeyError):
            return None, f"{response.status_code} without words"
        return None, f"{response.status_code} {error['code']}: {error['message']}"


def history(site: str, token: str) -> list[dict[str, Any]]:
    """A conversation as it is kept; raises httpx.HTTPError."""
    headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": f"10.9.{uuid.uuid4().int % 250}.9"}
    answer = httpx.get(f"{site}/api/messages", headers=headers, timeout=LONGEST_CALL)
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        return []
    answer.raise_for_status()
    return list(answer.json()["messages"])


def lost_replies(site: str, replies: dict[str, dict[str, list[str]]]) -> int:
    """How many confirmed answers are not in their conversation, or whose message stands there twice."""
    lost = 0
    for token, answered in list(replies.items()):
        kept = history(site, token)
        lost += sum(not is_kept(kept, key, ids) for key, ids in answered.items())
    return lost


def utc(seconds: float) -> datetime.datetime:
    """A moment from seconds since 1970."""
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
