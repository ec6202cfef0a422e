"""What a program says that cannot go on: one sentence and what to look at, an exit code, and no stack trace."""

import errno
import os
import sys
from collections.abc import Callable

from bot.errors import InvalidSetting

ENDED_BY_CTRL_C, READER_GONE = 130, 141  # as a shell says of what ended by Ctrl-C, and of what wrote to `head`
CANNOT = 2
OF_DISKS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG)
INSUFFICIENT_PRIVILEGE = "42501"  # of PostgreSQL


def run_plainly(work: Callable[[], int]) -> int:
    """Do the work of a program; returns its exit code, or says why there is nothing to be done.

    What nobody has foreseen is raised: that is a mistake of ours, and its place is wanted.
    """
    try:
        code = work()
        sys.stdout.flush()  # here, where it can still be told that nobody reads on
        return code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is left goes nowhere, without another word at the end
        return READER_GONE
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return ENDED_BY_CTRL_C
    except Exception as error:
        words = words_of(error)
        if not words:
            raise
        print(words, file=sys.stderr)
        return CANNOT


def words_of(error: BaseException) -> str:
    """What is wrong with a setting, the database, a file or a port, and where to look; "" for any other error."""
    if isinstance(error, InvalidSetting):
        return str(error)
    return file_words(error) if isinstance(error, OSError) else database_words(error)


def file_words(error: OSError) -> str:
    """Which file cannot be used, and why; "" where neither a file nor a disk is what is wrong.

    Python knows no name where an open file is written to, so a full disk names none.
    """
    if error.filename and error.strerror:
        return f"{error.filename} cannot be used: {error.strerror}."
    return f"A file cannot be written: {error.strerror}." if error.errno in OF_DISKS else ""


def database_words(error: BaseException) -> str:
    """Why the database does not answer, as it or its client says; "" where the error is another one."""
    exceptions = sys.modules.get("sqlalchemy.exc")  # whoever has not loaded it has no error of it
    if exceptions is None or not isinstance(error, exceptions.DBAPIError):
        return ""
    away = isinstance(error, (exceptions.OperationalError, exceptions.InterfaceError, exceptions.InternalError))
    damaged = type(error) is exceptions.DatabaseError  # as SQLite says of a file that is none of its own
    forbidden = getattr(error.orig, "pgcode", None) == INSUFFICIENT_PRIVILEGE
    if not (away or damaged or forbidden):
        return ""
    return f"The database does not answer: see DATABASE_URL ({reason_of(error)})."


def reason_of(error: BaseException) -> str:
    """What the database or its client says of an error, where that is not about rows; its kind otherwise."""
    exceptions = sys.modules["sqlalchemy.exc"]
    about_rows = isinstance(error, (exceptions.IntegrityError, exceptions.DataError))
    said = "" if about_rows else str(getattr(error, "orig", None) or "")
    return next(iter(said.strip().splitlines()), "").strip(" .:") or type(error).__name__
