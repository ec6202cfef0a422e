"""What processes tell about themselves: one line of JSON for each event, without personal data."""

import datetime
import json
import logging
import sys
import traceback
from contextvars import ContextVar
from pathlib import Path
from types import TracebackType

request_id: ContextVar[str] = ContextVar("request_id", default="")
FRAMES = 12  # the innermost ones of an error


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON, with the id of its request, and what was given as `extra={"fields": {...}}`.

    Of an error it tells the type and where it happened, not its text, which may quote what a person wrote.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.datetime.fromtimestamp(record.created, datetime.timezone.utc)
        line = {
            "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **({"id": request_id.get()} if request_id.get() else {}),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[0]:
            line["error"], line["trace"] = record.exc_info[0].__name__, _places(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False)


def configure_logs(level: str) -> None:
    """Write the logs of this process to standard output, from a level on ("debug", "info", "warning" or "error")."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("bot").setLevel(level.upper())


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-FRAMES:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
