"""Sends mail by SMTP; with TLS the server's certificate is always verified, and nothing falls back to plain text."""

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from bot.errors import DeliveryFailed, InvalidSetting
from bot.outbox.message import InvalidMail, Letter, OutgoingMail, build, parse_address

SMTP_TIMEOUT = 10.0  # seconds for one answer while connecting
LONGEST_SEND = 60.0  # seconds for one letter on an open connection; well below the lease in service.py
LOOPBACK = ("localhost", "127.0.0.1", "::1")


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
        try:
            return ssl.create_default_context(cafile=self.ca)
        except (OSError, ssl.SSLError) as error:
            raise InvalidSetting("The file named by ca= in SMTP_URL cannot be read as PEM certificates.") from error


DEFAULT_PORTS = {"": 25, "starttls": 587, "smtps": 465}


class SmtpTransport:
    """One connection, opened at the first letter and kept until `close`. Not for several threads."""

    def __init__(self, url: str, sender: str, timeout: float = SMTP_TIMEOUT, longest: float = LONGEST_SEND) -> None:
        """Read the settings; nothing is connected yet.

        Args:
            url: SMTP_URL.
            sender: From and envelope sender, with or without a name.
            timeout: seconds to wait for an answer while connecting.
            longest: seconds for one letter. Servers may think for minutes (RFC 5321 4.5.3.2), and whoever hangs up
                after the end of a mail may have to send it twice.

        Raises:
            InvalidSetting
        """
        self._server, self._sender = MailServer.parse(url), sender
        self._context = self._server.context() if self._server.tls else None
        self._timeout, self._longest = timeout, longest
        self._connection: smtplib.SMTP | None = None
        try:
            self._from = parse_address("From", sender).addr_spec
        except InvalidMail as error:
            raise InvalidSetting(f"MAIL_FROM cannot be used: {error}") from error

    def send(self, letter: Letter) -> None:
        """Hand one letter to the server; raises DeliveryFailed."""
        mail = OutgoingMail.from_json(letter.payload)
        message = build(mail, letter.id, self._sender, letter.created_at)
        to = parse_address("To", mail.to).addr_spec
        try:
            connection = self._ready()
            with cut_off(connection, self._longest):
                connection.send_message(message, self._from, [to])
        except (OSError, smtplib.SMTPException) as error:
            if not isinstance(error, (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)):
                self._drop()
            raise failure(error) from None  # the server's words may hold addresses

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
def cut_off(connection: smtplib.SMTP, seconds: float) -> Iterator[None]:
    """End the connection when the block takes longer: a server that dribbles never runs into a time-out."""
    timer = threading.Timer(seconds, _shut_down, [connection])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _shut_down(connection: smtplib.SMTP) -> None:
    with suppress(OSError):
        if connection.sock is not None:
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)  # below TLS: its own waits for the other side


def failure(error: Exception) -> DeliveryFailed:
    """What a failed send means: 5xx for the recipient or the mail is final, all else may be better later."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next(iter(error.recipients.values()))[0]
        return DeliveryFailed(f"recipient refused ({code})", permanent=code >= 500)
    if isinstance(error, smtplib.SMTPDataError):
        return DeliveryFailed(f"mail refused ({error.smtp_code})", permanent=error.smtp_code >= 500)
    if isinstance(error, smtplib.SMTPResponseException):
        return DeliveryFailed(f"mail server answered {error.smtp_code} ({type(error).__name__})")
    return DeliveryFailed(f"mail server not reached ({type(error).__name__})")
