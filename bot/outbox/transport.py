"""The interface of what carries letters, and the choice of the one that carries mail."""

from pathlib import Path
from typing import Protocol

from bot.outbox.maildir import MaildirTransport
from bot.outbox.message import Contents, Letter
from bot.outbox.smtp import SmtpTransport
from bot.settings import Settings

MAILDIR = Path("var/mail")


class Transport(Protocol):
    """Carries letters of one kind. One worker uses it, one letter at a time."""

    def send(self, letter: Letter) -> None:
        """Hand a letter over; a repeat of one already handed over is recognisable on the other side.

        Raises:
            DeliveryFailed: it was not taken; `permanent` when it never will be. Its text names no person.
        """

    def close(self) -> None:
        """End what was kept open between letters; sending again is possible."""


def of(settings: Settings, contents: Contents) -> Transport:
    """SMTP when SMTP_URL is set, the Maildir var/mail otherwise; raises InvalidSetting.

    Args:
        settings: say which.
        contents: looks up the files that go with a mail.
    """
    if settings.smtp_url:
        return SmtpTransport(settings.smtp_url, settings.mail_from, contents=contents)
    return MaildirTransport(MAILDIR, settings.mail_from, contents)
