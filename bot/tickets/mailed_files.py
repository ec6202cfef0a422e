"""The files of a mail that came in, for its ticket."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256

from bot.attachments.attachment import Attachment, Upload
from bot.attachments.service import Attachments
from bot.errors import FileRefused, RequestError, TooManyFiles
from bot.mail_reading.attached import files

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class MailedFiles:
    """Takes over what can be taken; the rest stays in the mail, which the ticket keeps whole."""

    attachments: Attachments

    @contextmanager
    def taken(self, content: bytes, sender: str, by_team: bool) -> Iterator[list[str]]:
        """The ids of the files of a mail, kept; taken back when the block raises EmptyText or TextTooLong.

        Args:
            content: the mail as it came; b"" for none.
            sender: whose address counts as one network: nobody uses up what all learners may add.
            by_team: whether they write for the team, whose files are not counted.

        Raises:
            StoreUnavailable: the mail has to be read again later.
        """
        kept = [file.id for file in self._take(content, sender, by_team)] if content else []
        try:
            yield kept
        except RequestError:
            self.attachments.discard(kept)
            raise

    def _take(self, content: bytes, sender: str, by_team: bool) -> list[Attachment]:
        kept: list[Attachment] = []
        network = sha256(f"mail from {sender}".encode("utf-8", "replace")).hexdigest()
        try:
            found = files(content)
        except Exception as error:  # noqa: BLE001  Python's parser fails in many ways; the words count without the files
            log.warning("the files of a mail cannot be read: %s", type(error).__name__)
            return kept
        for file in found:
            upload = Upload(file.name, file.content)
            try:
                if by_team:
                    kept.append(self.attachments.from_team(upload, sender))
                else:
                    kept.append(self.attachments.from_learner(upload, network=network))
            except (FileRefused, TooManyFiles) as error:
                log.info("a file of a mail is not taken: %s", type(error).__name__)
        return kept
