"""A conversation by mail, to the person whose it is."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.database import Database
from bot.outbox import templates
from bot.outbox.message import OutgoingMail
from bot.outbox.store import OutboxStore
from bot.tickets.mails import words_of
from bot.tickets.transcript import TranscriptMessage, transcript


class DatedMessage(TranscriptMessage, Protocol):
    """A message of a conversation that says when it was written."""

    @property
    def created_at(self) -> datetime | None:
        """When, None where that was not kept."""


class TranscriptMails:
    """Puts transcripts into the outbox; who may have one is for the caller to know."""

    def __init__(
        self, database: Database, outbox: OutboxStore, site: str, team: str, zone: ZoneInfo, clock: Clock
    ) -> None:
        """Put the parts together.

        Args:
            database: one whose schema exists.
            outbox: where mail waits.
            site: address of the support page.
            team: where an answer to the mail goes.
            zone: whose time the mail tells.
            clock: the time.
        """
        self._database, self._outbox = database, outbox
        self._site, self._team, self._zone, self._clock = site, team, zone, clock

    def send(self, address: str, messages: Iterable[DatedMessage]) -> None:
        """Send a conversation to an address that it has proven; the mail is wiped as soon as it has gone.

        Args:
            address: a proven one.
            messages: what of the conversation may still be read, oldest first.
        """
        said = list(messages)
        lines = [
            (line.role, words_of(line), self._when(message.created_at))
            for line, message in zip(transcript(said), said, strict=True)
        ]
        words = templates.render("transcript", lines=lines, site=self._site)
        mail = OutgoingMail(
            to=address, subject=words.subject, text=words.text, html=words.html, reply_to=self._team, secret=True
        )
        with self._database.transaction() as connection:
            self._outbox.add(connection, mail, self._clock())

    def _when(self, moment: datetime | None) -> str:
        return f"{moment.astimezone(self._zone):%Y-%m-%d %H:%M %Z}" if moment else ""
