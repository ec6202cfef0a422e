"""A server on loopback with Rasa's door as bot/rasa/channel.py defines it; it answers with what it was asked."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bot.errors import InvalidToken
from bot.tokens import verify_message_token

GREETING = {
    "text": "Hello! **Ask** me.",
    "buttons": [{"title": "My badge is missing", "payload": "/ambiguous/missing_badge"}],
    "utterance": "utter_greet",
}


class RasaServer:
    """Records requests; `fail` makes it answer 500, `replies` overrides what it says.

    `understood` is how surely a search means each FAQ, by id; `searches` are those that came, `headers` those of all
    requests. `health` is what it says of itself, `models` are the drafts' models that it has.
    """

    def __init__(self, secret):
        self.secret, self.requests, self.fail, self.replies = secret, [], False, None
        self.headers = []
        self.searches, self.understood = [], {}
        self.health, self.models = {"status": "ok"}, set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def do_GET(self):
                self._send(200, outer.health)

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.headers.append(self.headers)
                try:
                    token = verify_message_token(outer.secret, self.headers["Authorization"].split()[1])
                except InvalidToken:
                    return self._send(401, {"error": "invalid token"})
                if self.path.endswith("/faqs"):
                    outer.searches.append(body["text"])
                    found = [{"id": faq, "confidence": sure} for faq, sure in outer.understood.items()]
                    return self._send(500 if outer.fail else 200, {"faqs": found})
                if self.path.endswith("/preview") and body["model"] not in outer.models:
                    return self._send(404, {"error": "there is no such model"})
                outer.requests.append((token, body))
                if outer.fail:
                    return self._send(500, {})
                return self._send(200, {"messages": outer.answer(body)})

            def _send(self, status, value):
                data = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def answer(self, body):
        if self.replies is not None:
            return self.replies
        if body.get("payload") == "/greet":
            return [GREETING]
        return [
            {
                "text": f"You said: {body.get('text') or body.get('payload')}",
                "buttons": [],
                "utterance": "utter_x",
            }
        ]

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
