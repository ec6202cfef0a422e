"""Keeps mail in a Maildir, the folder that mail programs and Python's `mailbox` read; for trying things on a laptop."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from bot.errors import DeliveryFailed, InvalidSetting
from bot.outbox.message import Contents, InvalidMail, Letter, OutgoingMail, build, parse_address


class MaildirTransport:
    """A file each letter, named by its id: what lies there already is not added again."""

    def __init__(self, path: Path, sender: str, contents: Contents = lambda key: None) -> None:
        """Make the folder, for its owner only, when the first letter comes; raises InvalidSetting."""
        self._path, self._sender, self._contents = path, sender, contents
        try:
            parse_address("From", sender)
        except InvalidMail as error:
            raise InvalidSetting(f"MAIL_FROM cannot be used: {error}") from error

    def send(self, letter: Letter) -> None:
        """Add a letter, complete or not at all; raises DeliveryFailed."""
        mail = OutgoingMail.from_json(letter.payload)
        message = build(mail, letter.id, self._sender, letter.created_at, self._contents)
        try:
            self._deliver(letter.id, message.as_bytes(policy=message.policy.clone(linesep="\n")))
        except OSError as error:
            raise DeliveryFailed(f"{self._path} cannot be written ({type(error).__name__})") from error

    def close(self) -> None:
        """Nothing is kept open."""

    def _deliver(self, name: str, content: bytes) -> None:
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for part in ("tmp", "new", "cur"):
            (self._path / part).mkdir(mode=0o700, exist_ok=True)
        if any(file.name.partition(":")[0] == name for file in (self._path / "cur").iterdir()):
            return  # delivered before, and read since
        draft = self._path / "tmp" / f"{name}.{secrets.token_hex(4)}"
        with open(draft, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, self._path / "new" / name)
        draft.unlink()
