"""Servers on loopback that stand for a site or a Rasa server behind a balancer."""

import contextlib
import json
import time
from http.server import BaseHTTPRequestHandler

import httpx


class Echo(BaseHTTPRequestHandler):
    """Answers with the headers that have come; as its server is told, that it cannot, or not at all."""

    def do_GET(self):
        asked = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path != "/healthz":
            self.server.asked.append((self.command, self.path, asked))
            if self.server.does == "end":
                self.close_connection = True
                return
            if self.server.does == "refuse":
                self.send_error(503)
                return
        self.send_response(200)
        self.send_header("X-Port", str(self.server.server_port))
        self.end_headers()
        self.wfile.write(json.dumps(dict(self.headers.items())).encode())

    do_POST = do_GET

    def handle(self):
        """What only looks whether somebody is there ends its connection as it likes."""
        with contextlib.suppress(ConnectionResetError):
            super().handle()

    def log_message(self, *args):
        pass


def answering(address, seconds=120):
    """Wait until somebody answers at an address."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(address, verify=False, trust_env=False).status_code == 200:
                return
        time.sleep(0.05)
