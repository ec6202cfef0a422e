"""What the outbox would send, read by the test."""

import re

from bot.outbox.message import OutgoingMail


class Mailbox:
    """A transport that keeps the mails; they are taken out of the outbox when somebody looks."""

    def __init__(self):
        self.mails, self.outbox = [], None

    def send(self, letter):
        self.mails.append(OutgoingMail.from_json(letter.payload))

    def close(self):
        pass

    @property
    def last(self):
        self._fetch()
        return self.mails[-1] if self.mails else None

    def count(self):
        self._fetch()
        return len(self.mails)

    def code(self, address):
        self._fetch()
        text = next(mail.text for mail in reversed(self.mails) if mail.to == address)
        return re.search(r"\b\d{6}\b", text).group()

    def _fetch(self):
        while self.outbox.deliver_due("test"):
            pass
