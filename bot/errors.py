"""The errors of the assistant.

BotError
├── InvalidSetting         a setting has a value that cannot be used
├── InvalidToken           a token is forged, malformed or expired
├── AssistantUnavailable   Rasa did not answer in time
├── UnknownModel           a draft has no model that could answer
├── InvalidAddress         a text is no e-mail address that mail could be sent to
├── SourceUnavailable      a source of badges or completions cannot be asked
├── DeliveryFailed         a mail server (or Slack) did not take a message; says whether for good
├── MailboxUnavailable     the mailbox for answers by mail cannot be read
├── UnknownTicket          no ticket has that reference
├── UnknownMail            no mail that came in has that number
├── MissingFile            the content of a file is not where it was kept
├── StoreUnavailable       where the contents of files lie cannot be used
├── AlreadyClaimed         somebody else of the team has the ticket
├── TicketChanged          somebody else has changed the ticket since it was looked at
├── NotStaff               a ticket is given to somebody who is not of the team
└── RequestError           what a person wants cannot be done; the text says why, in words for them
    ├── NoConversation     the conversation has ended or was never begun
    ├── UnknownButton      the button was never offered in the conversation
    ├── UnknownMessage     the conversation has no such message
    ├── UnknownAnswer      the conversation has no such answer that could be rated
    ├── TooManyMessages    too many messages wait for an answer; says in how many seconds to try again
    ├── InvalidTag         a tag has other characters than letters, digits and hyphens, or there are too many
    ├── CannotMerge        a ticket cannot go on in itself
    ├── UnknownPlaceholder a canned answer has a placeholder that nothing fills in
    ├── UnfilledPlaceholder  a reply has a placeholder that was not filled in
    ├── UnknownFile        there is no such file, or it is not this person's to see
    ├── FileRefused        a file is not taken; says why
    ├── TooManyFiles       too many files were added; says in how many seconds to try again
    ├── EmptyText          nothing was written
    └── TextTooLong        more was written than is taken

Errors that only one place raises and catches stand there: BotErrors are `Refused` in bot/site/errors.py, which also
turns all of these into HTTP, `InvalidMail` in bot/outbox/message.py, `UnreadableFile` in bot/issuance/exports.py,
`BadRow` in bot/issuance/cells.py, `WrongDateFormat` and `Interrupted` in bot/issuance/completions.py, `UndoneMeanwhile`
in bot/issuance/import_history.py, `TooManyLookups` in bot/lookups/service.py, `PrivateText` in
bot/insight/review.py, and those of drafts, content and publications in bot/studio. `NoModel` in bot/nlu/standalone.py,
`BadFile` in bot/evaluation/examples.py, `BackupFailed` in bot/backup/manifest.py and `WouldLoseData` in
bot/migrations/going_back.py are no BotErrors: bot/nlu knows nothing of the rest, and only commands meet the others.
"""

from collections.abc import Sequence


class BotError(Exception):
    """Base of all errors that the assistant raises on purpose."""


class InvalidSetting(BotError):
    """Raised at start; the message names the setting and what it takes."""


class InvalidToken(BotError):
    """Raised by `tokens`, `identity` and `watching`; the caller answers 401, or 404 to a link."""


class AssistantUnavailable(BotError):
    """Raised when Rasa cannot be reached or fails; the person is asked to try again."""


class UnknownModel(BotError):
    """Raised by `conversations.assistant`; the editor is told to try the draft out again."""


class InvalidAddress(BotError):
    """Raised by `identity.address`; the person is asked for the address again."""


class SourceUnavailable(BotError):
    """Raised by a source in `issuance`; the reply says what is known without it."""


class DeliveryFailed(BotError):
    """Raised by a transport of `outbox`; a message that failed for good is not tried again."""

    def __init__(
        self, message: str, *, permanent: bool = False, retry_after: float = 0.0, server: bool = False
    ) -> None:
        """Keep what the failure means.

        Args:
            permanent: another try is useless.
            retry_after: seconds for which the other side wants to be left alone.
            server: no message would have been taken: the server is away, does not answer or does not let us in.
        """
        super().__init__(message)
        self.permanent, self.retry_after, self.server = permanent, retry_after, server


class MailboxUnavailable(BotError):
    """Raised by `tickets.mailboxes`; the worker looks again later."""


class UnknownTicket(BotError):
    """Raised by `tickets`; the person is asked to check the reference."""


class UnknownMail(BotError):
    """Raised by `tickets.received`; it was deleted, or the address is wrong."""


class MissingFile(BotError):
    """Raised by a store of `attachments`; its text is the key, which names nobody."""


class StoreUnavailable(BotError):
    """Raised by a store of `attachments`; the person tries again later."""


class AlreadyClaimed(BotError):
    """Raised by `tickets`; says who has it."""

    def __init__(self, reference: str, by: str) -> None:
        """Keep who was first."""
        super().__init__(f"{reference} is taken")
        self.reference, self.by = reference, by


class TicketChanged(BotError):
    """Raised by `tickets`; nothing was done, and the person is shown what is new."""


class NotStaff(BotError):
    """Raised by `desk`; the list of the team has changed since the form was shown."""


class AnswerChanged(BotError):
    """Raised by `desk`; nothing was done, and the person is shown what a colleague wrote."""


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

    message = "That button does not work any more. Please type your question instead."


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


class TooManyTickets(RequestError):
    """Raised by `tickets`; says how long to wait, in seconds."""

    message = "There have been too many requests. Please try again later."

    def __init__(self, retry_after: int = 3600) -> None:
        """Keep when another one is taken."""
        super().__init__()
        self.retry_after = retry_after


class InvalidTag(RequestError):
    """Raised by `desk` where tags are typed."""

    message = "Tags are letters, digits and hyphens, at most 30 each, and at most ten of them."


class CannotMerge(RequestError):
    """Raised by `desk`."""

    message = "A ticket cannot be merged with itself."


class UnknownPlaceholder(RequestError):
    """Raised by `desk` where a canned answer is kept; names it, and those that there are."""

    def __init__(self, found: Sequence[str] = (), known: Sequence[str] = ()) -> None:
        """Say which of its braces nothing fills in, and what is filled in."""
        named = [f"{{{one}}}" for one in known]
        super().__init__(
            f"Nothing fills in {' or '.join(found)}, so nothing was kept. "
            f"The placeholders are {' and '.join([', '.join(named[:-1]), *named[-1:]])}."
        )


class UnfilledPlaceholder(RequestError):
    """Raised by `tickets` before anything is sent; what is `found` may be sent as it stands by who wants that."""

    def __init__(self, found: Sequence[str] = ()) -> None:
        """Name what would reach the learner as it stands."""
        are, it, they = (
            ("is", "it stands", "it stands for") if len(found) == 1 else ("are", "they stand", "they stand for")
        )
        super().__init__(
            f"{' and '.join(found)} {are} not filled in and would reach the learner as {it}, so nothing was "
            f"sent. Write what {they}, or send it once more to leave it like this."
        )
        self.found = tuple(found)


class UnknownFile(RequestError):
    """Raised by `attachments`, whatever the reason: who may not see a file does not learn that there is one."""

    message = "There is no such file here, or it cannot be shown any more."


class FileRefused(RequestError):
    """Raised by `attachments`; the message says what is wrong and what would be taken."""

    message = "This file cannot be taken."


class TooManyFiles(RequestError):
    """Raised by `attachments`; waiting `retry_after` seconds helps."""

    message = "There have been too many files. Please try again later."

    def __init__(self, retry_after: int) -> None:
        """Keep when another one is taken."""
        super().__init__()
        self.retry_after = retry_after


class EmptyText(RequestError):
    """Raised where a text is needed."""

    message = "Please write something."


class TextTooLong(RequestError):
    """Raised where a text is taken; says how long it may be."""

    def __init__(self, most: int) -> None:
        """Name the most characters that are taken."""
        super().__init__(f"Please shorten your message to {most:,} characters.")
