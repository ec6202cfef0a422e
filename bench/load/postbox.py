"""Where mail and Slack's messages arrive; whoever plays a person asks over HTTP what has come for them.

GET /code/ADDRESS waits for the next one-time code mailed there, GET /slack/CHANNEL for the next message posted there.
"""

import collections
import json
import re
import threading
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import unquote

from aiosmtpd.controller import Controller

from bench.machine import free_port
from tests.servers.slack import Server, SlackServer, user

CODE = re.compile(rb"^ +(\d{6})\r?$", re.MULTILINE)
LONGEST_WAIT = 30.0  # seconds
MOST_REMEMBERED = 100  # calls of the Slack-like server, which tests look at


class Postbox:
    """The mail server, the Slack-like server, and the counter where what came is asked for."""

    def __init__(self) -> None:
        """Start all three on loopback."""
        self.mails, self.posts = 0, 0
        self._there = collections.defaultdict[str, collections.deque[str]](collections.deque)
        self._changed = threading.Condition()
        self._mail = Controller(self, hostname="127.0.0.1", port=free_port(), server_kwargs={"decode_data": False})
        self._mail.start()
        self.slack = Workplace(self)
        self._counter = Server(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._counter.serve_forever, args=(0.1,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._counter.server_port}"
        self.smtp_url = f"smtp://127.0.0.1:{self._mail.port}"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """A mail: only its code is kept."""
        self.mails += 1
        found = CODE.search(envelope.content)
        if found:
            for address in envelope.rcpt_tos:
                self.put(f"code/{address}", found[1].decode())
        return "250 OK"

    def put(self, where: str, what: str) -> None:
        """Something has come."""
        with self._changed:
            self._there[where].append(what)
            self._changed.notify_all()

    def take(self, where: str, seconds: float = LONGEST_WAIT) -> str | None:
        """The next that comes there; None where nothing does in time."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._there.get(where)), seconds)
            came = self._there.get(where)
            found = came.popleft() if came else None
            if not came:
                self._there.pop(where, None)
        return found

    def close(self) -> None:
        """Stop all three."""
        self._counter.shutdown()
        self._counter.server_close()
        self.slack.close()
        self._mail.stop()


class Workplace(SlackServer):
    """A Slack-like server with as many members as are asked for, that remembers little."""

    def __init__(self, postbox: Postbox) -> None:
        """Posts go to the postbox."""
        super().__init__()
        self._postbox = postbox
        self.calls = collections.deque(maxlen=MOST_REMEMBERED)
        self.responses = collections.deque(maxlen=MOST_REMEMBERED)

    def _users_info(self, arguments: dict[str, str]) -> Any:
        name = arguments.get("user", "")
        return 200, {}, {"ok": True, "user": {"id": name, **user(f"slack.{name.lower()}")}}

    def _chat_postMessage(self, arguments: dict[str, Any]) -> Any:  # noqa: N802  Slack's name
        self._postbox.posts += 1
        self._postbox.put(f"slack/{arguments.get('channel', '')}", "posted")
        answer = super()._chat_postMessage(arguments)
        while len(self.shown) > MOST_REMEMBERED * 100:
            self.shown.pop(next(iter(self.shown)), None)
        return answer


def _handler(postbox: Postbox) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):  # HTTP/1.0: a connection for each question
        def log_message(self, *args: Any) -> None:
            pass

        def do_GET(self) -> None:  # noqa: N802  http.server's name
            found = postbox.take(unquote(self.path).strip("/"))
            data = json.dumps({"found": found}).encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    return Handler
