"""The studio's own Git repository, from which developers fetch what editors have published."""

from collections.abc import Mapping
from pathlib import Path

BRANCH = "content"


class Repository:
    """The working copy of the studio; without Git every call works and keeps nothing."""

    def __init__(self, folder: Path, program: str = "git") -> None:
        """Take a folder, which need not be there yet.

        Args:
            folder: CONTENT_PATH/repository.
            program: the git program.
        """
        self._folder, self._program = folder, program

    def available(self) -> bool:
        """Whether there is a Git that can be used."""
        raise NotImplementedError

    def commit(self, files: Mapping[str, str | None], author: str, message: str, installed: Path) -> str:
        """Keep files as they are now; returns the id of the commit, "" without Git.

        Args:
            files: their text by path relative to the root, as `changed_files` names them; None takes one away.
            author: who publishes, a name or an e-mail address.
            message: why, in the publisher's words.
            installed: the root of the installation, with which the repository begins.

        Raises:
            RepositoryFailed: Git did not do it.
        """
        raise NotImplementedError

    def log(self, most: int) -> list[dict[str, str]]:
        """The newest commits first: `id`, `at` (ISO 8601), `author`, `message`; none without Git."""
        raise NotImplementedError

    def show(self, commit: str) -> str:
        """What a commit changed, as a patch; "" where there is no such commit or no Git."""
        raise NotImplementedError
