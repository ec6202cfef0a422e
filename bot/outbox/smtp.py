"""Sends mail by SMTP; with TLS the server's certificate is always verified, and nothing falls back to plain text."""

import logging
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import parse_qsl, unquote, urlsplit

from bot.certificates import of_file
from bot.errors import DeliveryFailed, InvalidSetting
from bot.outbox.message import Contents, InvalidMail, Letter, OutgoingMail, build, parse_address

SMTP_TIMEOUT = 10.0  # seconds for one answer while connecting
LONGEST_SEND = 60.0  # seconds for one letter on an open connection; well below the lease in service.py
LOOPBACK = ("localhost", "127.0.0.1", "::1")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class MailServer:
    """What SMTP_URL says."""

    host: str
    port: int
    tls: str  # "", "starttls" or "smtps"
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    ca: str | None = None

    @classmethod
    def parse(cls, url: str) -> "MailServer":
        """Read smtp://user:password@host:587/?starttls=1 or smtps://…; raises InvalidSetting without the password."""
        try:
            parts = urlsplit(url)
            options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
            port, host = parts.port, parts.hostname or ""
        except ValueError as error:
            raise InvalidSetting("SMTP_URL cannot be read: check its port, and write @ : / ? # in it as %..") from error
        if parts.scheme not in ("smtp", "smtps") or not host:
            raise InvalidSetting("SMTP_URL must begin with smtp:// or smtps:// and name a host.")
        if set(options) - {"starttls", "ca"} or options.get("starttls", "0") not in ("0", "1"):
            raise InvalidSetting("SMTP_URL takes ?starttls=1 (or 0) and ca=FILE after the address, nothing else.")
        encrypted = "smtps" if parts.scheme == "smtps" else "starttls" if options.get("starttls") == "1" else ""
        server = cls(
            host=host,
            port=port or DEFAULT_PORTS[encrypted],
            tls=encrypted,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            ca=options.get("ca"),
        )
        server.check()
        return server

    def check(self) -> None:
        """Refuse what would be unsafe, or fail at every letter."""
        if self.user and not self.tls and self.host not in LOOPBACK:
            raise InvalidSetting("SMTP_URL has a password: add ?starttls=1 or use smtps://, or it would travel openly.")
        if not f"{self.user}{self.password}".isascii():
            raise InvalidSetting("User and password in SMTP_URL must be ASCII.")

    def context(self) -> ssl.SSLContext:
        """Verifies certificate and host name, against the system's authorities or our own file."""
        return of_file(self.ca, "SMTP_URL")


DEFAULT_PORTS = {"": 25, "starttls": 587, "smtps": 465}


class SmtpTransport:
    """One connection, opened at the first letter and kept until `close`. Not for several threads."""

    def __init__(
        self,
        url: str,
        sender: str,
        timeout: float = SMTP_TIMEOUT,
        longest: float = LONGEST_SEND,
        contents: Contents = lambda key: None,
    ) -> None:
        """Read the settings; nothing is connected yet.

        Args:
            url: SMTP_URL.
            sender: From and envelope sender, with or without a name.
            timeout: seconds to wait for an answer while connecting.
            longest: seconds for one letter. Servers may think for minutes (RFC 5321 4.5.3.2), and whoever hangs up
                after the end of a mail may have to send it twice.
            contents: looks up the files that go with a mail.

        Raises:
            InvalidSetting
        """
        self._server, self._sender = MailServer.parse(url), sender
        self._context = self._server.context() if self._server.tls else None
        self._timeout, self._longest, self._contents = timeout, longest, contents
        self._connection: smtplib.SMTP | None = None
        self._own_envelopes = True
        try:
            self._from = parse_address("From", sender).addr_spec
        except InvalidMail as error:
            raise InvalidSetting(f"MAIL_FROM cannot be used: {error}") from error

    def send(self, letter: Letter) -> None:
        """Hand one letter to the server; raises DeliveryFailed."""
        mail = OutgoingMail.from_json(letter.payload)
        message = build(mail, letter.id, self._sender, letter.created_at, self._contents)
        to = parse_address("To", mail.to).addr_spec
        stalled = threading.Event()
        try:
            connection = self._ready()
            with cut_off(connection, self._longest, stalled):
                self._hand_over(connection, message, mail.bounces_to, to)
        except (OSError, smtplib.SMTPException) as error:
            late = TimeoutError in (type(error), type(error.__context__))  # smtplib says only that it was cut off
            away = self._connection is None or stalled.is_set() or late
            if not isinstance(error, (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)):
                self._drop()
            raise failure(error, away=away) from None  # the server's words may hold addresses

    def _hand_over(self, connection: smtplib.SMTP, message: EmailMessage, bounces_to: str, to: str) -> None:
        """Reports of what is not delivered go to `bounces_to`, where the server lets us; else to the sender."""
        content = bytes(message)  # smtplib's own way would write ">From" where a line begins with "From"
        if bounces_to and self._own_envelopes:
            try:
                connection.sendmail(bounces_to, [to], content)
                return
            except smtplib.SMTPSenderRefused as error:
                if error.smtp_code < 500 or error.smtp_code == 552:
                    raise
            log.warning("the mail server takes no other sender than MAIL_FROM: reports of lost mail go there")
            self._own_envelopes = False
        connection.sendmail(self._from, [to], content)

    def close(self) -> None:
        """Say goodbye, if there is a connection."""
        if self._connection is not None:
            with suppress(OSError, smtplib.SMTPException), cut_off(self._connection, self._timeout):
                self._connection.quit()
        self._drop()

    def _ready(self) -> smtplib.SMTP:
        if self._connection is not None and not self._alive(self._connection):
            self._drop()
        if self._connection is None:
            self._connection = self._open()
        _wait_at_most(self._connection, self._longest)
        return self._connection

    def _alive(self, connection: smtplib.SMTP) -> bool:
        _wait_at_most(connection, self._timeout)
        try:
            with cut_off(connection, self._timeout):
                return connection.rset()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    def _open(self) -> smtplib.SMTP:
        server = self._server
        connection: smtplib.SMTP
        if server.tls == "smtps":
            connection = smtplib.SMTP_SSL(server.host, server.port, timeout=self._timeout, context=self._context)
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=self._timeout)
        try:
            with cut_off(connection, self._longest):
                if server.tls == "starttls":
                    connection.starttls(context=self._context)  # raises when the server does not offer it
                if server.user:
                    connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _wait_at_most(connection: smtplib.SMTP, seconds: float) -> None:
    if connection.sock is not None:
        connection.sock.settimeout(seconds)


@contextmanager
def cut_off(connection: smtplib.SMTP, seconds: float, too_long: threading.Event | None = None) -> Iterator[None]:
    """End the connection when the block takes longer, and say so: a server that dribbles never runs into a time-out."""
    timer = threading.Timer(seconds, _shut_down, [connection, too_long])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _shut_down(connection: smtplib.SMTP, too_long: threading.Event | None) -> None:
    if too_long is not None:
        too_long.set()
    with suppress(OSError):
        if connection.sock is not None:
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)  # below TLS: its own waits for the other side


def failure(error: Exception, *, away: bool) -> DeliveryFailed:
    """What a failed send means: 5xx for the recipient or the mail is final, all else may be better later.

    Args:
        away: the server was not reached, or kept us waiting. 421 means the same (RFC 5321 3.8), whatever it answers.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next(iter(error.recipients.values()))[0]
        return DeliveryFailed(f"recipient refused ({code})", permanent=code >= 500, server=code == 421)
    if isinstance(error, smtplib.SMTPDataError):
        code = error.smtp_code
        return DeliveryFailed(f"mail refused ({code})", permanent=code >= 500, server=code == 421)
    if isinstance(error, smtplib.SMTPSenderRefused) and error.smtp_code == 552:  # larger than it takes
        return DeliveryFailed("mail refused (552)", permanent=True)
    if isinstance(error, smtplib.SMTPResponseException):
        return DeliveryFailed(f"mail server answered {error.smtp_code} ({type(error).__name__})", server=True)
    return DeliveryFailed(f"mail server not reached ({type(error).__name__})", server=away)
