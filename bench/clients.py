"""Conversations written by many clients at once, the same to every server; the clients cost little themselves.

A client is a thread with a plain socket: an HTTP library would take a tenth of the machine from what is measured.
"""

import itertools
import json
import socket
import statistics
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from bot.conversations.focus import Focus
from bot.tokens import sign_message_token

AT_ONCE = {1: 20, 8: 6, 32: 3}  # conversations of each client, one after the other, by how many write at once
FOLLOW_UP, SMALL_TALK, BY_ACTIONS = "and how long does that take?", "thank you", ("how much is the exam", "no, thanks")
_people = itertools.count()


@dataclass(frozen=True)
class Load:
    """What was measured while all clients wrote: seconds of each message, and messages a second."""

    seconds: Sequence[float]
    throughput: float
    silent: int  # messages that nothing was replied to
    worked: Mapping[str, float]  # seconds that the processors worked for a message, by name

    def percentile(self, percent: int) -> float:
        """In milliseconds."""
        return 1000 * statistics.quantiles(self.seconds, n=100, method="inclusive")[percent - 1]


class Door(Protocol):
    """Where messages go in."""

    addresses: Sequence[str]

    def begin(self, connection: "Connection", person: str) -> str:
        """Start a conversation with a greeting; returns what `say` needs."""

    def say(self, connection: "Connection", key: str, text: str) -> int:
        """Send a message; returns how many replies came."""


class Site:
    """Ours: through the site, as a browser does."""

    def __init__(self, *addresses: str) -> None:
        """Where it is."""
        self.addresses = addresses

    def begin(self, connection: "Connection", person: str) -> str:
        """As Door has it."""
        return str(connection.post("/api/conversations", {})["token"])

    def say(self, connection: "Connection", key: str, text: str) -> int:
        """As Door has it."""
        return len(connection.post("/api/messages", {"text": text}, key)["messages"])


class Rest:
    """Stock: Rasa's rest channel itself; each client keeps to one of several servers, which have its conversations."""

    def __init__(self, *addresses: str) -> None:
        """Where they are."""
        self.addresses = addresses

    def begin(self, connection: "Connection", person: str) -> str:
        """As Door has it."""
        self.say(connection, person, "hello")
        return person

    def say(self, connection: "Connection", key: str, text: str) -> int:
        """As Door has it."""
        return len(connection.post("/webhooks/rest/webhook", {"sender": key, "message": text}))


class Signed:
    """Ours without the site: Rasa's own door, with the messages signed as the site signs them, and no context."""

    def __init__(self, secret: str, *addresses: str) -> None:
        """Where they are; each client keeps to one of them."""
        self.addresses, self._secret = addresses, secret

    def begin(self, connection: "Connection", person: str) -> str:
        """As Door has it."""
        self._post(connection, person, {"payload": "/greet"})
        return person

    def say(self, connection: "Connection", key: str, text: str) -> int:
        """As Door has it."""
        return self._post(connection, key, {"text": text, "context": Focus().as_json()})

    def _post(self, connection: "Connection", person: str, body: Any) -> int:
        token = sign_message_token(self._secret, person, "site")
        return len(connection.post("/webhooks/site/webhook", body, token)["messages"])


class Connection:
    """One connection that is kept, from a network of its own: those of one network share the site's limits."""

    def __init__(self, address: str, network: str) -> None:
        """Connect."""
        where = urlsplit(address)
        self._host, self._network = where.netloc, network
        self._socket = socket.create_connection((where.hostname or "", where.port or 80), timeout=120)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> "Connection":
        """Itself."""
        return self

    def __exit__(self, *failure: object) -> None:
        """Disconnect."""
        self._socket.close()

    def post(self, path: str, body: Any, key: str = "") -> Any:
        """Send JSON; returns the JSON of the answer, raises SystemExit where that is no success."""
        data = json.dumps(body)
        head = f"POST {path} HTTP/1.1\r\nHost: {self._host}\r\nX-Forwarded-For: {self._network}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n"
        head += f"Authorization: Bearer {key}\r\n\r\n" if key else "\r\n"
        self._socket.sendall((head + data).encode())
        status, answer = self._answer()
        if status not in (b"200", b"201"):
            raise SystemExit(f"{path} was answered with {status.decode()}: {answer[:300]!r}")
        return json.loads(answer)

    def _answer(self) -> tuple[bytes, bytes]:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, body = received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
        while len(body) < length:
            body += self._more()
        return head.split(b" ", 2)[1], body

    def _more(self) -> bytes:
        found = self._socket.recv(65536)
        if not found:
            raise SystemExit("The connection was closed in the middle of an answer.")
        return found


def conversation(number: int, questions: Sequence[str]) -> list[str]:
    """Ten messages: six questions, a follow-up, small talk, and two that an action answers."""
    six = [questions[(6 * number + place) % len(questions)] for place in range(6)]
    return [*six[:2], FOLLOW_UP, six[2], SMALL_TALK, six[3], BY_ACTIONS[0], *six[4:], BY_ACTIONS[1]]


def write(
    door: Door,
    clients: int,
    questions: Sequence[str],
    conversations: int = 0,
    meter: Callable[[], Mapping[str, float]] = dict,
) -> Load:
    """Let so many clients write at once; conversations are begun before anything is measured.

    Args:
        door: where to.
        clients: how many.
        questions: that an FAQ answers.
        conversations: of each client; as AT_ONCE says, unless given.
        meter: reads the seconds that processors have worked, by name.
    """
    ready, go = threading.Barrier(clients + 1), threading.Event()
    about = conversations or AT_ONCE[clients], questions, ready, go
    with ThreadPoolExecutor(clients) as pool:
        found = [pool.submit(_client, door, number, *about) for number in range(clients)]
        ready.wait(600)
        before, began = meter(), time.perf_counter()
        go.set()
        taken = [one.result() for one in found]
        after = meter()
    end = min(mine[-1][0] for mine in taken)  # from then on fewer write
    every = [one for mine in taken for one in mine]
    counted = [seconds for at, seconds, _ in every if at <= end]
    silent = sum(not replies for *_, replies in every)
    worked = {name: (seconds - before[name]) / len(every) for name, seconds in after.items()}
    return Load(counted, len(counted) / (end - began), silent, worked)


def _client(
    door: Door, number: int, conversations: int, questions: Sequence[str], ready: threading.Barrier, go: threading.Event
) -> list[tuple[float, float, int]]:
    """When each message was answered, the seconds that it took, and how many replies came."""
    address, found = door.addresses[number % len(door.addresses)], []
    network = f"10.{number}.{next(_people) % 250}.7"
    try:
        with Connection(address, network) as connection:
            keys = [door.begin(connection, f"person {next(_people)}") for _ in range(conversations)]
        ready.wait(600)
    except BaseException:
        ready.abort()
        raise
    go.wait()
    with Connection(address, network) as connection:
        for place, key in enumerate(keys):
            for text in conversation(number * conversations + place, questions):
                before = time.perf_counter()
                replies = door.say(connection, key, text)
                now = time.perf_counter()
                found.append((now, now - before, replies))
    return found
