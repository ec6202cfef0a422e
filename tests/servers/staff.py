"""A member of staff at the console, by Flask's test client: reads the code in the outbox as it would come by mail."""

import re
from unittest.mock import patch

import bot.clock
from bot.outbox.message import OutgoingMail
from bot.outbox.service import Outbox
from bot.site.console import sign_in
from tests.waiting import wait_until

ANNA, BEN, CHARLIE = "anna@example.com", "ben@example.com", "charlie@example.com"


class Mailbox:
    """Where the outbox delivers to."""

    def __init__(self, database):
        self.mails, self._outbox = [], Outbox(database, {"mail": self}, bot.clock.now)

    def send(self, letter):
        self.mails.append(OutgoingMail.from_json(letter.payload))

    def close(self):
        pass

    def to(self, address):
        """Every mail to an address, oldest first."""
        self._outbox.deliver_due("test")
        return [mail for mail in self.mails if mail.to == address]

    def code(self, address):
        """The code in the newest mail to an address, once there is one."""
        wait_until(lambda: self.to(address), "the mail with a code")
        return re.search(r"^ +(\d{6})$", self.to(address)[-1].text, re.MULTILINE)[1]


class Staff:
    """One browser."""

    def __init__(self, app, mailbox):
        self.client, self.mailbox = app.test_client(), mailbox

    def get(self, path, **options):
        return self.client.get(f"/console{path}", **options)

    def post(self, path, *, seen_on="", **fields):
        """Send a form; its hidden fields are those of a page."""
        page = self.get(seen_on or path).text
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
        fields = {name.rstrip("_"): value for name, value in fields.items()}
        names = ("csrf_token", "key", "seen")
        answer = self.client.post(
            f"/console{path}", data={**{name: hidden[name] for name in names if name in hidden}, **fields}
        )
        self.client.application.extensions["console"].finish()  # the code that was asked for is sent beside
        return answer

    def act(self, reference, action, **fields):
        return self.post(f"/tickets/{reference}/{action}", seen_on=f"/tickets/{reference}", **fields)

    def sign_in(self, address):
        with patch.object(sign_in, "EVENLY", 0.0):  # whose answer comes when tells a test nothing, unless it asks
            self.post("/sign-in", address=address)
        answer = self.post("/code", code=self.mailbox.code(address))
        assert answer.status_code == 303
        return self
