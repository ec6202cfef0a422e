"""A server on loopback with the parts of Slack's Web API that we use; it refuses what Slack would refuse."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from tests.servers.blockkit import problems_of_message, problems_of_view

APP_TOKEN = "xapp-of-the-tests"
TOKEN, TEAM, BOT = "xoxb-of-the-tests", "T0OURS", "U0BOT"


def user(name, team=TEAM, **more):
    """A full member, as users.info shows one."""
    flags = {"deleted": False, "is_bot": False, "is_restricted": False, "is_ultra_restricted": False}
    profile = {"email": f"{name}@example.com", "real_name": name}
    return {"team_id": team, "is_email_confirmed": True, **flags, "profile": profile, **more}


class Server(ThreadingHTTPServer):
    """Takes as many connections at once as a burst makes."""

    request_queue_size = 256
    daemon_threads = True


class SlackServer:
    """Records calls and what is shown; `answers[method]` are answers to give instead, one each, then it is well again.

    An answer is (status, headers, body), or an Event: the call hangs until it is set. `always[method]` stays.
    """

    def __init__(self):
        self.calls, self.problems, self.answers, self.always = [], [], {}, {}
        self.users, self.groups, self.responses, self.token = {}, {}, [], TOKEN
        self.shown, self.socket = {}, ""  # messages by ts; where Socket Mode connects to
        self.files, self.may_read_files = {}, True  # contents by path below /files/; whether the bot has files:read
        self._guard, self._number = threading.RLock(), 0
        self.changed = threading.Condition(self._guard)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def do_GET(self):
                if self.path.startswith("/files/"):
                    return outer.hand_out(self)
                outer.handle(self, dict(parse_qsl(urlsplit(self.path).query)))

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                is_json = self.headers.get("Content-Type", "").startswith("application/json")
                outer.handle(self, json.loads(body) if is_json and body else dict(parse_qsl(body)))

        self.server = Server(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self.url = f"{self.address}/api"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def handle(self, handler, arguments):
        path = urlsplit(handler.path).path
        method = path.removeprefix("/api/")
        planned = self._planned(method)
        if isinstance(planned, threading.Event):
            planned.wait(120)
            planned = None
        status, headers, answer = planned or self._answer(handler, path, method, arguments)
        with self.changed:
            self.calls.append((method, arguments, answer.get("ok", True) and status == 200))
            if path.startswith("/respond/"):
                self.responses.append((path.removeprefix("/respond/"), arguments))
            self.changed.notify_all()
        data = json.dumps(answer).encode()
        handler.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def hand_out(self, handler):
        """A file, to the bot alone; anybody else gets a page to sign in, as Slack does it."""
        known = self.may_read_files and handler.headers.get("Authorization") == f"Bearer {self.token}"
        content = self.files.get(handler.path.removeprefix("/files/"), b"") if known else b"<html>Sign in</html>"
        handler.send_response(200)
        handler.send_header("Content-Type", "application/octet-stream" if known else "text/html; charset=utf-8")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def file(self, name, content):
        """A file as an event describes it."""
        self.files[name] = content
        return {"id": f"F0{len(self.files)}", "name": name, "url_private_download": f"{self.address}/files/{name}"}

    def made(self, method):
        """The arguments of the calls of a method that succeeded."""
        with self._guard:
            return [arguments for name, arguments, ok in self.calls if name == method and ok]

    def wait(self, ready, seconds=60):
        """Until `ready()` of something that the calls change; what it returned."""
        found = None

        def look():
            nonlocal found
            found = ready()
            return found

        with self.changed:
            self.changed.wait_for(look, seconds)
        assert found, f"nothing came: {[name for name, _, _ in self.calls]}"
        return found

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def _planned(self, method):
        with self._guard:
            queue = self.answers.get(method)
            return queue.pop(0) if queue else self.always.get(method)

    def _answer(self, handler, path, method, arguments):
        if path.startswith("/respond/"):
            return self._checked(problems_of_message(arguments), {"ok": True})
        if method == "apps.connections.open":
            known = handler.headers.get("Authorization") == f"Bearer {APP_TOKEN}"
            return 200, {}, {"ok": True, "url": self.socket} if known else {"ok": False, "error": "invalid_auth"}
        if handler.headers.get("Authorization") != f"Bearer {self.token}":
            return 200, {}, {"ok": False, "error": "invalid_auth"}
        known = getattr(self, "_" + method.replace(".", "_"), None)
        return known(arguments) if known else (200, {}, {"ok": False, "error": "unknown_method"})

    def _checked(self, problems, answer):
        self.problems += problems
        return 200, {}, ({"ok": False, "error": "invalid_blocks"} if problems else answer)

    def _auth_test(self, arguments):
        return 200, {}, {"ok": True, "team_id": TEAM, "user_id": BOT, "bot_id": "B0BOT"}

    def _users_info(self, arguments):
        found = self.users.get(arguments.get("user"))
        answer = {"ok": True, "user": {"id": arguments["user"], **found}} if found else None
        return 200, {}, answer or {"ok": False, "error": "user_not_found"}

    def _usergroups_users_list(self, arguments):
        found = self.groups.get(arguments.get("usergroup"))
        return 200, {}, {"ok": True, "users": found} if found is not None else {"ok": False, "error": "no_such_subteam"}

    def _chat_postMessage(self, arguments):
        with self._guard:
            self._number += 1
            ts = f"1900000000.{self._number:06d}"
            self.shown[ts] = arguments
        answer = {"ok": True, "ts": ts, "channel": arguments.get("channel")}
        missing = [] if arguments.get("channel") else ["no channel"]
        return self._checked(missing + problems_of_message(arguments), answer)

    def _chat_postEphemeral(self, arguments):
        missing = [] if arguments.get("channel") and arguments.get("user") else ["no channel or user"]
        return self._checked(missing + problems_of_message(arguments), {"ok": True, "message_ts": "1900000000.9"})

    def _chat_update(self, arguments):
        if arguments.get("ts") not in self.shown:
            return 200, {}, {"ok": False, "error": "message_not_found"}
        self.shown[arguments["ts"]] = arguments
        return self._checked(problems_of_message(arguments), {"ok": True, "ts": arguments["ts"]})

    def _views_open(self, arguments):
        missing = [] if arguments.get("trigger_id") else ["no trigger_id"]
        return self._checked(missing + problems_of_view(arguments["view"]), {"ok": True, "view": {"id": "V1"}})

    def _views_publish(self, arguments):
        return self._checked(problems_of_view(arguments["view"]), {"ok": True, "view": {"id": "V2"}})
