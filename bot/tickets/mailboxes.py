"""Where answers by mail come in: a folder on an IMAP server, or a Maildir, behind one small interface."""

import imaplib
import os
import re
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from bot.errors import InvalidSetting, MailboxUnavailable
from bot.outbox.smtp import LOOPBACK
from bot.tickets.timed_imap import SecondsLeft, TimedImap, TimedImapSsl

LARGEST_MAIL_BYTES = 25_000_000  # bytes read of one mail; hardly any server takes a larger one
IMAP_TIMEOUT = 10.0  # seconds in which a server must say something
LONGEST_LOOK = 300.0  # seconds from the first unread mail that is asked for to the last word of the server
REFUSED = "refused"


@dataclass(frozen=True)
class Received:
    """A mail that nobody has read; `content` is its beginning when it is very large."""

    id: str
    content: bytes = field(repr=False)

    @property
    def whole(self) -> bool:
        """Whether the content is all of it."""
        return len(self.content) < LARGEST_MAIL_BYTES


class Mailbox(Protocol):
    """One folder, opened anew for each look. All methods raise MailboxUnavailable."""

    def unread(self, most: int) -> Iterator[Received]:
        """Up to `most` unread mails, oldest first; each stays unread until `read` or `refuse`."""

    def read(self, mail: Received) -> None:
        """It was kept."""

    def refuse(self, mail: Received) -> None:
        """It belongs to no ticket: moved to the folder "refused" for a person to look at."""

    def close(self) -> None:
        """End what was open; looking again is possible."""


def of(url: str) -> Mailbox:
    """The mailbox of REPLIES_URL; raises InvalidSetting."""
    if url.startswith("maildir:"):
        return MaildirMailbox(Path(url.removeprefix("maildir:")))
    return ImapMailbox(ImapServer.parse(url))


class MaildirMailbox:
    """Unread is what has no flag S (seen)."""

    def __init__(self, path: Path) -> None:
        """Use a folder, which may come later."""
        self._path = path

    def unread(self, most: int) -> Iterator[Received]:
        """See Mailbox."""
        with _files():
            found = [file for part in ("new", "cur") for file in (self._path / part).glob("[!.]*") if not _seen(file)]
            oldest = sorted(found, key=lambda file: (file.stat().st_mtime, file.name))[:most]
        for file in oldest:
            with _files(), suppress(FileNotFoundError), file.open("rb") as opened:  # another worker was quicker
                yield Received(str(file), opened.read(LARGEST_MAIL_BYTES))

    def read(self, mail: Received) -> None:
        """See Mailbox."""
        self._move(mail, self._path / "cur")

    def refuse(self, mail: Received) -> None:
        """See Mailbox."""
        self._move(mail, self._path / f".{REFUSED}" / "cur")

    def close(self) -> None:
        """Nothing is kept open."""

    def _move(self, mail: Received, folder: Path) -> None:
        file = Path(mail.id)
        with _files():
            for part in ("tmp", "new", "cur"):
                (folder.parent / part).mkdir(mode=0o700, parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                os.replace(file, folder / f"{file.name.partition(':')[0]}:2,S")


def _seen(file: Path) -> bool:
    return "S" in file.name.partition(":2,")[2]


@contextmanager
def _files() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise MailboxUnavailable(f"the Maildir cannot be used ({type(error).__name__})") from error


@dataclass(frozen=True)
class ImapServer:
    """What REPLIES_URL says about an IMAP server."""

    host: str
    port: int
    tls: bool
    user: str = field(repr=False)
    password: str = field(repr=False)
    folder: str
    ca: str | None

    @classmethod
    def parse(cls, url: str) -> "ImapServer":
        """Read imaps://user:password@host:993/FOLDER; raises InvalidSetting without the password."""
        try:
            parts = urlsplit(url)
            options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise InvalidSetting("REPLIES_URL cannot be read: check its port, and write @ : / ? # as %..") from error
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        folder = unquote(parts.path.strip("/")) or "INBOX"
        if parts.scheme not in ("imap", "imaps") or not host or not user or not password or set(options) - {"ca"}:
            raise InvalidSetting("REPLIES_URL must be imaps://user:password@host/FOLDER or maildir:FOLDER.")
        if parts.scheme == "imap" and host not in LOOPBACK:
            raise InvalidSetting("REPLIES_URL must begin with imaps://, or the password would travel openly.")
        if not re.fullmatch(r"[ -~]+", user + password + folder):
            raise InvalidSetting("User, password and folder in REPLIES_URL must be ASCII.")
        tls = parts.scheme == "imaps"
        port, ca = port or (993 if tls else 143), options.get("ca")
        return cls(host=host, port=port, tls=tls, user=user, password=password, folder=folder, ca=ca)

    def connect(self, left: SecondsLeft) -> imaplib.IMAP4:
        """A connection, not yet logged in; the server's certificate is verified. It ends when no seconds are left."""
        if not self.tls:
            return TimedImap(left, self.host, self.port, timeout=IMAP_TIMEOUT)
        context = ssl.create_default_context(cafile=self.ca)
        return TimedImapSsl(left, self.host, self.port, ssl_context=context, timeout=IMAP_TIMEOUT)


class ImapMailbox:
    """Unread is what has no flag \\Seen; one connection, opened at the first command and kept until `close`.

    A look takes LONGEST_LOOK at most: what was not read by then is read at the next one.
    """

    def __init__(self, server: ImapServer, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Nothing is connected yet; `monotonic` tells seconds."""
        self._server, self._monotonic = server, monotonic
        self._connection: imaplib.IMAP4 | None = None
        self._until = monotonic() + LONGEST_LOOK

    def unread(self, most: int) -> Iterator[Received]:
        """See Mailbox."""
        self._until = self._monotonic() + LONGEST_LOOK
        found = self._do("UID", "SEARCH", None, "UNSEEN")
        for uid in (found[0] or b"").decode("ascii").split()[:most]:
            answer = self._do("UID", "FETCH", uid, f"(BODY.PEEK[]<0.{LARGEST_MAIL_BYTES}>)")
            content = next((part[1] for part in answer if isinstance(part, tuple)), None)
            if content is not None:  # else another worker was quicker
                yield Received(uid, content)

    def read(self, mail: Received) -> None:
        """See Mailbox."""
        self._do("UID", "STORE", mail.id, "+FLAGS.SILENT", r"(\Seen)")

    def refuse(self, mail: Received) -> None:
        """See Mailbox. On a server that lets us make no folder it stays, read."""
        with suppress(MailboxUnavailable):
            self._do("CREATE", REFUSED)
        self.read(mail)
        with suppress(MailboxUnavailable):
            if "MOVE" in self._capabilities():
                self._do("UID", "MOVE", mail.id, REFUSED)
                return
            self._do("UID", "COPY", mail.id, REFUSED)
            self._do("UID", "STORE", mail.id, "+FLAGS.SILENT", r"(\Deleted)")
            if "UIDPLUS" in self._capabilities():  # a plain EXPUNGE would take what others have marked
                self._do("UID", "EXPUNGE", mail.id)

    def close(self) -> None:
        """Say goodbye, if there is a connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError, imaplib.IMAP4.error):
                connection.logout()
            with suppress(OSError):  # a server that says no goodbye
                connection.shutdown()

    def _capabilities(self) -> tuple[str, ...]:
        return tuple(self._ready().capabilities)

    def _do(self, command: str, *arguments: Any) -> list[Any]:
        """One command; its answer's text is dropped, because it may hold addresses."""
        connection = self._ready()
        try:
            method = connection.uid if command == "UID" else getattr(connection, command.lower())
            status, answer = method(*arguments)
        except (OSError, imaplib.IMAP4.error) as error:
            self._drop()
            raise MailboxUnavailable(f"the mailbox failed at {command} ({type(error).__name__})") from None
        if status != "OK":
            raise MailboxUnavailable(f"the mailbox refused {' '.join([command, *map(str, arguments[:1])])}")
        return list(answer)

    def _ready(self) -> imaplib.IMAP4:
        if self._connection is None:
            try:
                connection = self._server.connect(lambda: self._until - self._monotonic())
                self._connection = connection
                connection.login(self._server.user, self._server.password)
                _, told = connection.capability()  # Dovecot tells more to who has logged in
                connection.capabilities = tuple(str(told[-1], "ascii").upper().split())
                status, _ = connection.select(_quoted(self._server.folder))
            except (OSError, imaplib.IMAP4.error) as error:
                self._drop()
                what = "refused the login" if isinstance(error, imaplib.IMAP4.error) else "was not reached"
                raise MailboxUnavailable(f"the mailbox {what} ({type(error).__name__})") from None
            if status != "OK":
                self._drop()
                raise MailboxUnavailable("the mailbox has no such folder")
        assert self._connection is not None
        return self._connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError, imaplib.IMAP4.error):
                connection.shutdown()


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
