"""Logs: one line for each event, for people (LOG_FORMAT=text) or machines (json), without personal data."""

import atexit
import datetime
import logging
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog
from structlog.stdlib import ProcessorFormatter

from bot.telemetry import traces
from bot.telemetry.requests import request_id

FRAMES = 12  # the innermost ones of an error
LONGEST_LINE = 2000  # characters


class LineFormatter(ProcessorFormatter):
    """A record as one line, with its request and trace, and what was given as `extra={"fields": {...}}`.

    Of an error it tells the type and where it happened, not its text, which may quote what a person wrote. Of what
    Rasa logs as an event with values it tells the event alone, for the same reason.
    """

    def __init__(self, process: str, form: str, colours: bool = False) -> None:
        """Write lines of a process.

        Args:
            process: "site", "rasa", "actions" or "worker".
            form: "text" or "json".
            colours: whether a terminal shows the text.
        """
        self._process = process
        writes = {"text": [_for_people, structlog.dev.ConsoleRenderer(colors=colours, pad_event=0)]}
        json: list[Any] = [structlog.processors.JSONRenderer(ensure_ascii=False)]
        super().__init__(processors=[self._line, *writes.get(form, json)])

    def _line(self, logger: Any, name: str, event: Any) -> dict[str, Any]:
        record: logging.LogRecord = event["_record"]
        at = datetime.datetime.fromtimestamp(record.created, datetime.timezone.utc)
        trace = traces.trace_id()
        return {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "process": self._process,
            "logger": record.name,
            "message": str(event.get("event_info") or event["event"])[:LONGEST_LINE],
            **({"request_id": request_id.get()} if request_id.get() else {}),
            **({"trace_id": trace} if trace else {}),
            **getattr(record, "fields", {}),
            **_error(event.get("exc_info")),
        }


def configure_logs(process: str, level: str, form: str) -> None:
    """Write the logs of this process to standard output.

    Args:
        process: as `LineFormatter` takes it.
        level: from which on ours are told: "debug", "info", "warning" or "error"; libraries' are from warnings on.
        form: "text" or "json".
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(LineFormatter(process, form, sys.stdout.isatty()))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("bot").setLevel(level.upper())
    logging.getLogger("actions").setLevel(level.upper())
    # What is thrown away while the interpreter takes itself apart may still log, when a line can't be written any more.
    atexit.register(logging.disable)


def _for_people(logger: Any, name: str, line: dict[str, Any]) -> dict[str, Any]:
    """The same under the names that structlog writes first; the supervisor names the process already."""
    told = {key: value for key, value in line.items() if key not in ("time", "message", "process")}
    return {"timestamp": line["time"], "event": line["message"], **told}


def _error(raised: Any) -> dict[str, Any]:
    if raised is True:
        raised = sys.exc_info()
    if isinstance(raised, BaseException):
        raised = type(raised), raised, raised.__traceback__
    if not raised or not raised[0]:
        return {}
    return {"error": raised[0].__name__, "trace": _places(raised[2])}


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-FRAMES:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
