"""What a program says that cannot go on: one sentence and what to look at, an exit code, and no stack trace."""

import os
import sys
from collections.abc import Callable

from bot.errors import InvalidSetting

ENDED_BY_CTRL_C, READER_GONE = 130, 141  # as a shell says of what ended by Ctrl-C, and of what wrote to `head`
CANNOT = 2
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
    if isinstance(error, OSError):
        return f"{error.filename} cannot be used: {error.strerror}." if error.filename and error.strerror else ""
    return database_words(error)


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
    said = next(iter(str(error.orig).strip().splitlines()), "").strip(" .:")
    return f"The database does not answer: see DATABASE_URL{f' ({said})' if said else ''}."
