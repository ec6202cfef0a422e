"""The folder CONTENT_PATH: a folder for each publication, copies of what was installed, models, and what is live.

A folder is written under another name and renamed when it is whole, so that none is ever seen half.
"""

import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from bot.whole_files import UNFINISHED_ENDING

VERSIONS, INSTALLED_COPIES, ARCHIVES, LIVE_NAME = "versions", "installed", "models", "live"
CONTENT_PARTS = ("domain.yml", "data")
OWN_DATES = "data/faq_dates.yml"  # written by training, and at each publication: no change of anybody
FORGOTTEN_SECONDS = 86_400.0  # after which an archive that nothing names may go
# What processes leave that are killed as they write: what is renamed once it is whole, and what goes with a trial.
LEFT_HALF = (
    f"*{UNFINISHED_ENDING}",
    f"*/*{UNFINISHED_ENDING}",
    f"trials/*/*{UNFINISHED_ENDING}",
    "trials/[0-9]*",
    "repository.*",
    "repository/index.*",
)
TELL = "Tell whoever runs the assistant."
ROOM_HELPS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_CONTENT_NAME = re.compile(r"[A-Za-z0-9-][A-Za-z0-9_.-]*")  # not what editors and systems leave lying about
Signature = tuple[tuple[str, int, int, int], ...]


class ContentFiles:
    """Writes and removes what lies under CONTENT_PATH."""

    def __init__(self, root: Path, installation: Path = Path(".")) -> None:
        """Nothing is written yet.

        Args:
            root: CONTENT_PATH, made when it is needed.
            installation: where the installed data/ and domain.yml are.
        """
        self.root, self.installation = root, installation
        self._digests: dict[Path, tuple[Signature, str]] = {}

    def version(self, publication_id: int) -> str:
        """The folder of a publication, relative to CONTENT_PATH."""
        return f"{VERSIONS}/{publication_id}"

    def installed_copy(self, digest: str) -> Path:
        """The folder that keeps what was installed under a digest."""
        return self.root / INSTALLED_COPIES / digest

    def write_version(self, publication_id: int, base: Path, files: Mapping[str, str]) -> Path:
        """Write the whole content of a publication under a name that nobody reads yet; raises OSError.

        Args:
            base: the folder whose content it is but for `files`, text by path.
        """
        unfinished = self.root / f"{self.version(publication_id)}.{secrets.token_hex(4)}{UNFINISHED_ENDING}"
        copy_content(base, unfinished, files)
        return unfinished

    def complete_version(self, publication_id: int, unfinished: Path) -> None:
        """Give the written folder its name; raises OSError, also where there is one of that name."""
        folder = self.root / self.version(publication_id)
        if (unfinished / OWN_DATES).exists():  # which was written after the others
            _sync(unfinished / OWN_DATES)
        os.rename(unfinished, folder)
        _sync(folder.parent)

    def remove_version(self, publication_id: int) -> None:
        """Take away what was written for a publication that does not go live."""
        for folder, number in self.versions().items():
            if number == publication_id:
                shutil.rmtree(folder, ignore_errors=True)

    def versions(self) -> dict[Path, int]:
        """The folders that are there, finished or not, with their publications."""
        found = {}
        for folder in (self.root / VERSIONS).glob("*"):
            number = folder.name.partition(".")[0]
            if number.isdigit():
                found[folder] = int(number)
        return found

    def keep_installed(self) -> str:
        """Copy what is installed, unless the same is kept already; returns its digest. Raises OSError."""
        for _ in range(3):
            digest = self.digest(self.installation)
            folder = self.installed_copy(digest)
            if folder.is_dir():
                return digest
            unfinished = folder.with_name(f"{digest}.{secrets.token_hex(4)}{UNFINISHED_ENDING}")
            try:
                copy_content(self.installation, unfinished, {})
                if self.digest(unfinished) == digest:
                    try:
                        os.rename(unfinished, folder)
                    except OSError:
                        if not folder.is_dir():  # else another process was quicker
                            raise
                    return digest
            finally:
                self._digests.pop(unfinished, None)
                shutil.rmtree(unfinished, ignore_errors=True)
        raise OSError("The installation is being changed at the moment.")

    def digest(self, folder: Path) -> str:
        """What tells the content of a folder from all others; quick where no file has changed since."""
        files = dict(sorted(content_files(folder)))
        files.pop(OWN_DATES, None)
        signature = tuple((name, *_stamp(path)) for name, path in files.items())
        known = self._digests.get(folder)
        if known and known[0] == signature:
            return known[1]
        digest = hashlib.sha256()
        for name, path in files.items():
            digest.update(f"{name}\0{path.stat().st_size}\0".encode() + path.read_bytes())
        self._digests[folder] = signature, digest.hexdigest()[:32]
        return self._digests[folder][1]

    def live(self) -> dict[str, Any] | None:
        """What the file says that all processes follow; None where it is not there or broken."""
        try:
            said = json.loads((self.root / LIVE_NAME).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return said if isinstance(said, dict) else None

    def models_named(self) -> set[str]:
        """The models that are live or about to be, relative to CONTENT_PATH; "" stands for the installed one."""
        named = {str((self.live() or {}).get("model") or "")}
        for prepared in self.root.glob(f"{LIVE_NAME}.*{UNFINISHED_ENDING}"):
            with suppress(OSError, ValueError, AttributeError):  # gone meanwhile, or half written
                named.add(str(json.loads(prepared.read_text(encoding="utf-8")).get("model") or ""))
        return named

    def prepare_live(self, publication_id: int, root: str, model: str) -> None:
        """Write what is going to be live under another name, so that no disk can be full later; raises OSError."""
        write_file(self._prepared(publication_id), _live_text(publication_id, root, model))

    def replace_live(self, publication_id: int, root: str, model: str) -> None:
        """Let all processes follow from now on; raises OSError."""
        prepared, wanted = self._prepared(publication_id), _live_text(publication_id, root, model)
        if not prepared.exists() or prepared.read_bytes() != wanted:  # or of a process that was taken for dead
            write_file(prepared, wanted)
        os.replace(prepared, self.root / LIVE_NAME)
        _sync(self.root)

    def remove_prepared(self, publication_id: int) -> None:
        """Take away what `prepare_live` wrote; what cannot be taken away now goes after a day."""
        with suppress(OSError):
            os.remove(self._prepared(publication_id))

    def _prepared(self, publication_id: int) -> Path:
        return self.root / f"{LIVE_NAME}.{publication_id}{UNFINISHED_ENDING}"

    def has(self, name: str) -> bool:
        """Whether a file or folder is there, by its path relative to CONTENT_PATH."""
        return bool(name) and (self.root / name).exists()

    def remove_archives(self, kept: Collection[str], known: Collection[str]) -> None:
        """Take away models that are not needed any more.

        Args:
            kept: those to keep, relative to CONTENT_PATH.
            known: those that had an owner; what nothing names may just be written, and goes after a day.
        """
        now = time.time()
        for archive in (self.root / ARCHIVES).glob("*.tar.gz"):
            name = f"{ARCHIVES}/{archive.name}"
            with suppress(OSError):
                if name not in kept and (name in known or now - archive.stat().st_mtime > FORGOTTEN_SECONDS):
                    archive.unlink()

    def remove_left(self) -> None:
        """Take away what processes left that were killed as they wrote, after a day."""
        now = time.time()
        for left in [path for place in LEFT_HALF for path in self.root.glob(place)]:
            with suppress(OSError):
                if now - left.stat().st_mtime <= FORGOTTEN_SECONDS:
                    continue
                if left.is_dir():
                    shutil.rmtree(left, ignore_errors=True)
                else:
                    left.unlink()


def what_helps(error: OSError) -> str:
    """What an editor can do where a file could not be written, as a sentence."""
    if error.errno is None:  # raised by ourselves, with the reason
        return "Try again in a minute."
    return "Make room and try again." if error.errno in ROOM_HELPS else TELL


def _live_text(publication_id: int, root: str, model: str) -> bytes:
    return json.dumps({"publication": publication_id, "root": root, "model": model}).encode()


def content_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files of a folder's content, by their path relative to it."""
    for part in CONTENT_PARTS:
        place = folder / part
        if place.is_file():
            yield part, place
            continue
        for directory, inner, names in os.walk(place):
            inner[:] = [name for name in inner if not name.startswith((".", "_"))]
            for name in names:
                path = Path(directory, name)
                if _CONTENT_NAME.fullmatch(name):
                    yield path.relative_to(folder).as_posix(), path


def copy_content(base: Path, target: Path, files: Mapping[str, str]) -> None:
    """Write content into a folder that is made for it, safe on the disk; raises OSError.

    Args:
        base: the folder whose data/ and domain.yml are copied, but for
        files: the text of some by path, which may be new.
    """
    texts = {name: text.encode() for name, text in files.items()}
    folders = {target}
    for name, path in content_files(base):
        if name not in texts:
            _put(target / name, path.read_bytes(), folders)
    for name, content in texts.items():
        _put(target / name, content, folders)
    for folder in folders:
        _sync(folder)


def write_file(path: Path, content: bytes) -> None:
    """Write a file that is safe on the disk when this returns; raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _put(path: Path, content: bytes, folders: set[Path]) -> None:
    write_file(path, content)
    folders.add(path.parent)


def _sync(path: Path) -> None:
    """Have a folder, or a file that was written by others, safe on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _stamp(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size
