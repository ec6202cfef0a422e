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
└── RequestError           what a person wants cannot be done; the text says why, in words for them
    ├── NoConversation     the conversation has ended or was never begun
    ├── UnknownButton      the button was never offered in the conversation
    ├── UnknownMessage     the conversation has no such message
    ├── UnknownAnswer      the conversation has no such answer that could be rated
    ├── TooManyMessages    too many messages wait for an answer; says in how many seconds to try again
    ├── EmptyText          nothing was written
    └── TextTooLong        more was written than is taken

Errors that only one place raises and catches stand there: BotErrors are `Refused` in bot/site/errors.py, which also
turns all of these into HTTP, `InvalidMail` in bot/outbox/message.py, `UnreadableFile` in bot/issuance/exports.py,
`BadRow` and `Interrupted` in bot/issuance/completions.py. `NoModel` in bot/nlu/standalone.py, `BadFile` in
bot/evaluation/examples.py and `WouldLoseData` in bot/migrations/going_back.py are no BotErrors: bot/nlu knows nothing
of the rest, and only commands meet the other two.
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


class RequestError(BotError):
    """Raised by features; `message` is shown to the person, whatever the face."""

    message = "That is not possible."

    def __init__(self, message: str = "") -> None:
        """Say it in the class's own words unless others fit better."""
        self.message = message or self.message
        super().__init__(self.message)


class NoConversation(RequestError):
    """Raised by `conversations`; the person begins a new one."""

    message = "This conversation has ended. Please start a new one."


class UnknownButton(RequestError):
    """Raised by `conversations`; nobody presses what was not offered to them."""

    message = "That button is not part of this conversation."


class UnknownMessage(RequestError):
    """Raised by `conversations` when asked for what came after it."""

    message = "There is no such message in this conversation."


class UnknownAnswer(RequestError):
    """Raised by `conversations` when it is rated."""

    message = "There is no such answer in this conversation."


class TooManyMessages(RequestError):
    """Raised by `conversations`; waiting `retry_after` seconds helps."""

    message = "Too many messages at once. Please wait for the answer."
    retry_after = 5


class EmptyText(RequestError):
    """Raised where a text is needed."""

    message = "Please write something."


class TextTooLong(RequestError):
    """Raised where a text is taken; says how long it may be."""

    def __init__(self, most: int) -> None:
        """Name the most characters that are taken."""
        super().__init__(f"Please shorten your message to {most:,} characters.")
