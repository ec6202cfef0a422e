"""The studio's own Git repository, from which developers fetch what editors have published."""

import logging
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from bot.errors import BotError
from bot.studio.files import ROOM_HELPS

BRANCH = "content"
SECONDS = 30.0  # for what is done in the repository itself
HISTORY_SECONDS = 120.0  # for the installation's history
STALE_SECONDS = 60.0  # after which a lock belongs to nobody any more
MOST_LOGGED = 500  # characters of what Git says
COMMITTER = ("Content studio", "content@localhost")
AS_INSTALLED = "Content as installed"
AUTHOR_CHARACTERS, MESSAGE_CHARACTERS = 200, 5000  # at most
_CONTENT_FILE = re.compile(r"domain\.yml|data(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Nothing of what the machine, the user or a repository may have set: no hooks, no programs, no upkeep in between.
_OPTIONS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.quotePath=false",
    "core.attributesFile=/dev/null",
    "core.fsync=committed,reference",
    "commit.gpgSign=false",
    "gc.auto=0",
    "maintenance.auto=false",
)

log = logging.getLogger(__name__)


class RepositoryFailed(BotError):
    """Raised where Git did not do what it should; what was published stays as it is, and can be committed later."""


class Repository:
    """A bare repository with the branch `content`; without Git every call works and keeps nothing.

    It has no working tree, so that nothing can be left half written there: a commit is there or not.
    """

    def __init__(self, folder: Path, program: str = "git") -> None:
        """Take a folder, which need not be there yet.

        Args:
            folder: CONTENT_PATH/repository.
            program: the git program.
        """
        self._folder = folder.absolute()  # Git is started in that folder, where a relative path means another
        self._program = program

    def available(self) -> bool:
        """Whether there is a Git that can be used."""
        return bool(self._git_program)

    @cached_property
    def _git_program(self) -> str:
        program = shutil.which(self._program) or ""
        try:
            answer = subprocess.run([program, "--version"], capture_output=True, timeout=SECONDS, env=_environment())
        except (OSError, subprocess.SubprocessError):
            return ""
        return program if answer.returncode == 0 and answer.stdout.startswith(b"git version") else ""

    def commit(self, files: Mapping[str, str | None], author: str, message: str, installed: Path) -> str:
        """Keep files as they are now; returns the id of the commit, "" without Git.

        What was committed last is not committed again: with the same files and message its id is returned.

        Args:
            files: their text by path relative to the root, as `changed_files` names them; None takes one away.
            author: who publishes, a name or an e-mail address.
            message: why, in the publisher's words.
            installed: the root of the installation, with which the repository begins.

        Raises:
            RepositoryFailed: Git did not do it.
        """
        if not self.available():
            return ""
        blobs = {path: None if text is None else text.encode(errors="replace") for path, text in files.items()}
        try:
            if not self._folder.exists():
                self._begin(installed)
            return self._commit(self._folder, blobs, author, message)
        except OSError as error:
            raise RepositoryFailed(f"The repository cannot be written: {error.strerror}.") from error

    def log(self, most: int) -> list[dict[str, str]]:
        """The newest commits first: `id`, `at` (ISO 8601), `author`, `message`; none without Git.

        Raises:
            RepositoryFailed: Git did not do it.
        """
        if not self.available() or not self._folder.exists():
            return []
        form = "--format=%H%x1f%cI%x1f%an%x1f%B"
        told = self._run(self._folder, ["log", "-z", form, f"--max-count={max(most, 0)}", f"refs/heads/{BRANCH}", "--"])
        entries = (entry.split("\x1f", 3) for entry in told.split("\0") if entry)
        return [{"id": one, "at": at, "author": who, "message": why.strip()} for one, at, who, why in entries]

    def show(self, commit: str) -> str:
        """What a commit changed, as a patch; "" where there is no such commit or no Git.

        Raises:
            RepositoryFailed: Git did not do it in time.
        """
        if not _COMMIT.fullmatch(commit) or not self.available() or not self._folder.exists():
            return ""
        if self._answer(self._folder, ["cat-file", "-e", f"{commit}^{{commit}}"]).returncode:
            return ""
        plain = ["--no-color", "--no-ext-diff", "--no-textconv", "--format="]
        return self._run(self._folder, ["show", *plain, commit, "--"])

    def _begin(self, installed: Path) -> None:
        """Make the repository beside its place, with the installation's history if it has one, and move it there."""
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f"{self._folder.name}.", dir=self._folder.parent))
        try:
            self._run(draft, ["init", "--quiet", "--bare", "--template=", str(draft)])
            self._run(draft, ["symbolic-ref", "HEAD", f"refs/heads/{BRANCH}"])
            self._fetch(draft, installed)
            self._commit(draft, self._as_installed(draft, installed), COMMITTER[0], AS_INSTALLED, unless_same=True)
            draft.chmod(0o755)
            draft.rename(self._folder)
        except OSError:
            if not self._folder.exists():  # else somebody else was first
                raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def _fetch(self, folder: Path, installed: Path) -> None:
        """Take over the history of the installation where it is the root of a Git working tree that can be read."""
        root = installed.resolve()
        try:
            inside = self._answer(None, ["-C", str(root), "rev-parse", "--show-prefix"])
            if inside.returncode or inside.stdout.strip():
                return
            fetched = self._answer(
                folder,
                ["fetch", "--quiet", "--no-tags", "--", str(root), f"HEAD:refs/heads/{BRANCH}"],
                seconds=HISTORY_SECONDS,
            )
            if fetched.returncode:
                self._answer(folder, ["update-ref", "-d", f"refs/heads/{BRANCH}"])
        except RepositoryFailed:
            return

    def _as_installed(self, folder: Path, installed: Path) -> dict[str, bytes | None]:
        """The content of the installation; None for what its history has and the installation has no more."""
        found: dict[str, bytes | None] = {}
        if self._head(folder):
            listed = self._run(folder, ["ls-tree", "-r", "-z", "--name-only", BRANCH, "--", "data", "domain.yml"])
            found = {path: None for path in listed.split("\0") if _CONTENT_FILE.fullmatch(path)}
        for file in [installed / "domain.yml", *sorted((installed / "data").rglob("*"))]:
            path = file.relative_to(installed).as_posix()
            if file.is_file() and not file.is_symlink() and _CONTENT_FILE.fullmatch(path):
                found[path] = file.read_bytes()
        return found

    def _commit(
        self,
        folder: Path,
        blobs: Mapping[str, bytes | None],
        author: str,
        message: str,
        unless_same: bool = False,
    ) -> str:
        for path in blobs:
            if not _CONTENT_FILE.fullmatch(path) or ".." in path:
                raise RepositoryFailed("Only files of the content are kept.")
        words = _words(message)
        head = self._head(folder)
        tree = self._tree(folder, head, blobs)
        before, said = self._said(folder, head) if head else ("", "")
        if before == tree and (said == words or unless_same):
            return head
        parents = ["-p", head] if head else []
        commit = self._run(
            folder, ["commit-tree", tree, *parents, "-F", "-"], words.encode() + b"\n", _author(author)
        ).strip()
        self._move(folder, commit, head)
        return commit

    def _tree(self, folder: Path, head: str, blobs: Mapping[str, bytes | None]) -> str:
        with tempfile.TemporaryDirectory(prefix="index.", dir=folder) as place:
            index = {"GIT_INDEX_FILE": str(Path(place) / "index")}
            self._run(folder, ["read-tree", head] if head else ["read-tree", "--empty"], more=index)
            entries = []
            for path, blob in blobs.items():
                kept = (
                    self._run(folder, ["hash-object", "-w", "--stdin"], blob).strip() if blob is not None else "0" * 40
                )
                entries.append(f"{'100644' if blob is not None else '0'} {kept}\t{path}\0")
            self._run(folder, ["update-index", "-z", "--index-info"], "".join(entries).encode(), index)
            return self._run(folder, ["write-tree"], more=index).strip()

    def _said(self, folder: Path, commit: str) -> tuple[str, str]:
        """The tree and the message of a commit."""
        tree, _, message = self._run(folder, ["log", "-1", "--format=%T%n%B", commit, "--"]).partition("\n")
        return tree, message.strip()

    def _head(self, folder: Path) -> str:
        answer = self._answer(folder, ["rev-parse", "--verify", "--quiet", f"refs/heads/{BRANCH}^{{commit}}"])
        return answer.stdout.decode().strip() if answer.returncode == 0 else ""

    def _move(self, folder: Path, commit: str, head: str) -> None:
        """Let the branch point to a commit, unless another has come in between."""
        lock = folder / "refs" / "heads" / f"{BRANCH}.lock"
        try:
            if time.time() - lock.stat().st_mtime > STALE_SECONDS:
                lock.unlink()
        except FileNotFoundError:
            pass
        self._run(folder, ["update-ref", f"refs/heads/{BRANCH}", commit, head or "0" * 40])

    def _run(
        self, folder: Path, arguments: Sequence[str], stdin: bytes = b"", more: Mapping[str, str] | None = None
    ) -> str:
        answer = self._answer(folder, arguments, stdin, more)
        if answer.returncode:
            said = answer.stderr.decode("utf-8", "replace")
            log.error("git %s: %s", arguments[0], said[:MOST_LOGGED])
            for code in ROOM_HELPS:
                if os.strerror(code) in said:
                    raise OSError(code, os.strerror(code))
            raise RepositoryFailed(f"git {arguments[0]} failed with {answer.returncode}.")
        return answer.stdout.decode(errors="replace")

    def _answer(
        self,
        folder: Path | None,
        arguments: Sequence[str],
        stdin: bytes = b"",
        more: Mapping[str, str] | None = None,
        seconds: float | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        options = [part for option in _OPTIONS for part in ("-c", option)]
        place = {"GIT_DIR": str(folder)} if folder else {}
        environment = _environment() | place | dict(more or {})
        seconds = seconds or SECONDS
        try:
            return subprocess.run(
                [self._git_program, *options, *arguments],
                input=stdin,
                capture_output=True,
                timeout=seconds,
                env=environment,
                cwd=folder or "/",
            )
        except subprocess.TimeoutExpired as error:
            raise RepositoryFailed(f"git {arguments[0]} took longer than {seconds:.0f} seconds.") from error
        except OSError as error:
            raise RepositoryFailed("Git cannot be started.") from error


def _environment() -> dict[str, str]:
    """What Git needs to know, and nothing that is set for this process or its user."""
    name, address = COMMITTER
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,
        "XDG_CONFIG_HOME": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_AUTHOR_NAME": name,
        "GIT_AUTHOR_EMAIL": address,
        "GIT_COMMITTER_NAME": name,
        "GIT_COMMITTER_EMAIL": address,
        "LC_ALL": "C",
    }


def _author(author: str) -> dict[str, str]:
    name = (
        re.sub("[<>]", " ", _CONTROL.sub(" ", author)).strip()[:AUTHOR_CHARACTERS].strip(" .,:;\"'\\") or COMMITTER[0]
    )
    return {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": name if "@" in name and " " not in name else COMMITTER[1]}


def _words(message: str) -> str:
    """A message that Git keeps as it is: lines without blanks at their ends, and some words at least."""
    lines = (_CONTROL.sub(" ", line).rstrip() for line in message[:MESSAGE_CHARACTERS].splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() or "Content"
