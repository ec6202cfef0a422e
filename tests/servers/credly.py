"""A server on loopback that answers like Credly's issuer API, as far as its behaviour is known, and fails on request.

Unknown filter keys are ignored (the worse of the two possible behaviours), `next_page_url` loses the filter.
"""

import base64
import json
import math
import socket
import threading
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from tests.servers.quiet_http import QuietHandler, QuietServer

PER_PAGE = 50
ISSUER = "OneStream Software"


class Asked(NamedTuple):
    """One request as it arrived."""

    method: str
    path: str
    params: dict[str, str]
    authorization: str


class CredlyServer:
    """Issued badges of one organisation; `add` some, then ask. `requests` is the log."""

    def __init__(self, token="a-token", organization="org-1"):
        self.token, self.organization = token, organization
        self.badges, self.accounts, self.requests = [], {}, []
        self.filtering, self.delay = True, 0.0
        self._plan, self._changed, self.released = [], threading.Condition(), threading.Event()
        self.server = QuietServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"credly": self}))
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def add(self, email, title="Example Basics", state="accepted", *, account=None, **fields):
        """Issue a badge; `account` lists all addresses of the account that holds it, the first is the main one.

        `fields` replace those of the payload.
        """
        number = len(self.badges) + 1
        badge = _badge(number, email, title, state, (account or [email])[0]) | fields
        self.badges.append(badge)
        self.accounts[badge["id"]] = {a.lower() for a in (account or [email])}
        return badge

    def fail(self, status, times=math.inf, retry_after=None, body=None):
        """Answer the next requests with an error."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        body = body or {"data": {"message": f"error {status}"}, "metadata": None}
        self._plan.append([times, lambda handler: handler.reply(status, json.dumps(body).encode(), headers)])

    def garbage(self, body=b"<html><body>Be right back</body></html>", times=math.inf):
        """Answer 200 with something that is no list of badges."""
        self._plan.append([times, lambda handler: handler.reply(200, body)])

    def drop_connection(self, times=math.inf):
        """Close the connection without an answer."""
        self._plan.append([times, lambda handler: handler.cut()])

    def truncate(self, times=math.inf):
        """Close the connection in the middle of the body."""
        self._plan.append([times, lambda handler: handler.reply(200, b'{"data": [', promised=500)])

    def redirect(self, location, times=math.inf):
        """Point elsewhere."""
        self._plan.append([times, lambda handler: handler.reply(302, b"", {"Location": location})])

    def trickle(self, every=0.05):
        """Send headers line by line and never finish, so that no time-out between two reads ever fires."""
        self.released.clear()
        self._plan.append([math.inf, lambda handler: handler.trickle(every)])

    def hang(self):
        """Give no answer until `recover` or the end of the test; then answer as usual."""
        self.released.clear()
        self._plan.append([math.inf, lambda handler: self.released.wait() and handler.answer()])

    def slow(self, seconds):
        """Take so long for every answer."""
        self.released.clear()
        self.delay = seconds

    def ignore_filters(self):
        """Send everybody's badges, whatever was asked."""
        self.filtering = False

    def answers_again(self):
        """New requests are answered; those that misbehave go on with it."""
        self._plan.clear()

    def recover(self):
        """Behave again."""
        self._plan.clear()
        self.released.set()

    def wait_for_requests(self, number):
        """Block until so many requests have arrived."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.requests) >= number, timeout=60)

    def close(self):
        """Stop; whatever hangs is let go."""
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    def arrived(self, asked):
        """Log a request and return the planned misbehaviour for it, if any."""
        with self._changed:
            self.requests.append(asked)
            self._changed.notify_all()
            while self._plan:
                self._plan[0][0] -= 1
                if self._plan[0][0] >= 0:
                    return self._plan[0][1]
                self._plan.pop(0)
        return None

    def pause(self):
        """Be as slow as told."""
        if self.delay:
            self.released.wait(self.delay)

    def page(self, params):
        """One page of the badges that match."""
        found = [b for b in self.badges if not self.filtering or self._matches(b, params.get("filter", ""))]
        number, pages = int(params.get("page", 1)), max(1, math.ceil(len(found) / PER_PAGE))
        shown = found[(number - 1) * PER_PAGE : number * PER_PAGE]
        base = f"{self.url}/organizations/{self.organization}/badges?page="
        metadata = {
            "count": len(shown),
            "current_page": number,
            "total_count": len(found),
            "total_pages": pages,
            "per": PER_PAGE,
            "previous_page_url": f"{base}{number - 1}" if number > 1 else None,
            "next_page_url": f"{base}{number + 1}" if number < pages else None,
        }
        return {"data": shown, "metadata": metadata}

    def _matches(self, badge, filters):
        for part in filters.split("|") if filters else []:
            key, _, value = part.partition("::")
            wanted = {v.lower() for v in value.split(",")}
            if key == "recipient_email" and badge["recipient_email"].lower() not in wanted:
                return False
            if key == "recipient_email_all" and not self.accounts[badge["id"]] & wanted:
                return False
            if key == "state" and badge["state"] not in wanted:
                return False
        return True


class _Handler(QuietHandler):
    def do_GET(self):
        parts = urlsplit(self.path)
        self.params = {k: v[-1] for k, v in parse_qs(parts.query).items()}
        asked = Asked(self.command, parts.path, self.params, self.headers.get("Authorization", ""))
        misbehave = self.credly.arrived(asked)
        self.credly.pause()
        with suppress(ConnectionError):
            misbehave(self) if misbehave else self.answer()

    do_POST = do_PUT = do_DELETE = do_GET

    def answer(self):
        right = "Basic " + base64.b64encode(f"{self.credly.token}:".encode()).decode()
        if self.headers.get("Authorization") != right:
            return self._error(401, "Invalid token.")
        if self.command != "GET" or urlsplit(self.path).path != f"/v1/organizations/{self.credly.organization}/badges":
            return self._error(404, "Not found.")
        return self.reply(200, json.dumps(self.credly.page(self.params)).encode())

    def _error(self, status, message):
        self.reply(status, json.dumps({"data": {"message": message}, "metadata": None}).encode())

    def reply(self, status, body, headers=None, promised=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(promised or len(body)))
        self.end_headers()
        self.wfile.write(body)
        if promised:
            self.cut()

    def cut(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def trickle(self, every):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not self.credly.released.wait(every):
            self.wfile.write(b"X-Wait: 1\r\n")
        self.cut()


def _badge(number, email, title, state, account):
    pending, identity = state == "pending", f"00000000-0000-4000-8000-{number:012d}"
    owner = {"type": "Organization", "id": "org-1", "name": ISSUER, "verified": False}
    user = {"id": account, "email": account, "first_name": "*****", "confirmed": True, "photo": "*****"}
    address = f"https://www.credly.com/badges/{identity}"
    links = {"accept_badge_url": f"{address}/accept"} if pending else {"badge_url": address}
    return {
        "id": identity,
        "state": state,
        "recipient_email": email,
        "issued_to": "Ann Example",
        "issued_at": "2030-01-15T10:00:00.000Z",
        "issued_at_date": "2030-01-15",
        "expires_at": None,
        "expires_at_date": None,
        "state_updated_at": None,
        "public": True,
        "locale": "en",
        "evidence": [],
        "replacement_badge_id": None,
        "revocation_reason": None,
        "user": {} if pending else user,
        "issuer": {
            "summary": f"issued by {ISSUER}",
            "entities": [{"label": "Issued by", "primary": True, "entity": owner}],
        },
        "badge_template": {"name": title, "vanity_slug": "example-basics", "type_category": "Learning", "skills": []},
        **links,
    }
