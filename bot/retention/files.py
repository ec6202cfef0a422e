"""One person's traces in files: mails that lie in folders, logs, and whatever else is beside the database."""

import gzip
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from bot.retention.traces import Traces

MAIL_FOLDERS = ("new", "cur", "tmp")  # of a Maildir
LARGEST_FILE_BYTES = 200_000_000


class Files:
    """All files below some folders, but for those of the database.

    Of a mail that mentions the person, or one of their tickets, nothing stays. Logs lose the lines that mention them;
    from other texts the address is taken. What is no text is only found.
    """

    def __init__(self, folders: Collection[Path], inbox: Path | None = None, but: Collection[Path] = ()) -> None:
        """Where to look.

        Args:
            inbox: a Maildir in which mails of others may lie that nobody has read: those stay, and are told of.
            but: files to leave alone.
        """
        all_folders = {folder.resolve() for folder in (*folders, *([inbox] if inbox else ()))}
        self._folders = sorted(folder for folder in all_folders if not all_folders & set(folder.parents))
        self._inbox, self._but = inbox.resolve() if inbox else None, {path.resolve() for path in but}

    def export(self, traces: Traces, tickets: Collection[str] = ()) -> list[dict[str, str]]:
        """The mails whole, and the lines of other files that mention the person."""
        return list(self._exported(traces, tickets))

    def erase(self, traces: Traces, tickets: Collection[str] = ()) -> int:
        """Take the person out of every file; returns out of how many."""
        return sum(self._erased(path, traces, tickets) for path in self._with(traces, tickets))

    def left(self, traces: Traces, tickets: Collection[str] = ()) -> list[str]:
        """The files that mention the person."""
        return [f"the file {path}" for path in self._with(traces, tickets)]

    def _exported(self, traces: Traces, tickets: Collection[str]) -> Iterator[dict[str, str]]:
        for path in self._with(traces, tickets):
            content = _content(path)
            if _is_mail(path):
                yield {"file": str(path), "text": content.decode("utf-8", "replace")}
            else:
                for excerpt in traces.excerpts(content.decode("utf-8", "replace")):
                    yield {"file": str(path), "text": excerpt}

    def _with(self, traces: Traces, tickets: Collection[str]) -> Iterator[Path]:
        for folder in self._folders:
            for path in sorted(folder.rglob("*")):
                if path.is_file() and not path.is_symlink() and path.resolve() not in self._but:
                    content = _content(path)
                    about = _is_mail(path) and any(reference.encode() in content for reference in tickets)
                    if about or traces.in_value(content) or any(map(traces.in_value, _json_lines(content))):
                        yield path

    def _erased(self, path: Path, traces: Traces, tickets: Collection[str]) -> int:
        if _is_mail(path):
            if self._inbox in path.parents and path.parent.name == "new" and not _from(path, traces):
                return 0
            path.unlink(missing_ok=True)
            return 1
        content = _content(path)
        if content.startswith(b"%PDF-"):
            return 0  # even one that is all letters would be broken
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            return 0
        is_log = ".log" in path.name
        kept = (line for line in text.splitlines(keepends=True) if not traces.in_value(line))
        _write(path, "".join(kept) if is_log else str(traces.without(text)))
        return 1


def _is_mail(path: Path) -> bool:
    return path.parent.name in MAIL_FOLDERS


def _from(path: Path, traces: Traces) -> bool:
    head = path.read_bytes().partition(b"\n\n")[0].decode("utf-8", "replace")
    return any(traces.in_value(line) for line in head.splitlines() if line.lower().startswith("from:"))


def _json_lines(content: bytes) -> Iterator[Any]:
    return (line for line in content.decode("utf-8", "replace").splitlines() if line[:1] in ("{", "["))


def _opener(path: Path) -> Callable[..., Any]:
    return gzip.open if path.suffix == ".gz" else open


def _content(path: Path) -> bytes:
    """The bytes, unpacked; none of what is gone meanwhile or far too large to be a text of ours."""
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            return b""
        with _opener(path)(path, "rb") as file:
            return bytes(file.read())
    except (OSError, EOFError):
        return b""


def _write(path: Path, text: str) -> None:
    """In place: a process that appends to a log goes on doing so."""
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
        return
    with path.open("r+b") as file:
        file.write(text.encode())
        file.truncate()
