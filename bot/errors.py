"""The errors of the assistant.

BotError
├── InvalidSetting         a setting has a value that cannot be used
├── InvalidToken           a token is forged, malformed or expired
├── AssistantUnavailable   Rasa did not answer in time
├── InvalidAddress         a text is no e-mail address that mail could be sent to
├── SourceUnavailable      a source of badges or completions cannot be asked
├── DeliveryFailed         a mail server (or Slack) did not take a message; says whether for good
├── MailboxUnavailable     the mailbox for answers by mail cannot be read
├── UnknownTicket          no ticket has that reference
├── AlreadyClaimed         somebody else of the team has the ticket
└── Refused                a request to the site cannot be accepted; carries HTTP status, code and message
"""


class BotError(Exception):
    """Base of all errors that the assistant raises on purpose."""


class InvalidSetting(BotError):
    """Raised at start; the message names the setting and what it takes."""


class InvalidToken(BotError):
    """Raised by `tokens`; the caller answers 401."""


class AssistantUnavailable(BotError):
    """Raised when Rasa cannot be reached or fails; the person is asked to try again."""


class InvalidAddress(BotError):
    """Raised by `identity.address`; the person is asked for the address again."""


class SourceUnavailable(BotError):
    """Raised by a source in `issuance`; the reply says what is known without it."""


class DeliveryFailed(BotError):
    """Raised by a transport of `outbox`; a message that failed for good is not tried again."""

    def __init__(self, message: str, *, permanent: bool = False, retry_after: float = 0.0) -> None:
        """Keep whether another try is useless, and how many seconds the other side wants to be left alone."""
        super().__init__(message)
        self.permanent, self.retry_after = permanent, retry_after


class MailboxUnavailable(BotError):
    """Raised by `tickets.mailboxes`; the worker looks again later."""


class UnknownTicket(BotError):
    """Raised by `tickets`; the person is asked to check the reference."""


class AlreadyClaimed(BotError):
    """Raised by `tickets`; says who has it."""

    def __init__(self, reference: str, by: str) -> None:
        """Keep who was first."""
        super().__init__(f"{reference} is taken")
        self.reference, self.by = reference, by


class Refused(BotError):
    """Raised by the site's views; becomes `{"error": {"code", "message"}}`."""

    def __init__(self, status: int, code: str, message: str, *, retry_after: int = 0) -> None:
        """Keep what the answer will say; `retry_after` are the seconds to wait, if waiting helps."""
        super().__init__(message)
        self.status, self.code, self.message, self.retry_after = status, code, message, retry_after
