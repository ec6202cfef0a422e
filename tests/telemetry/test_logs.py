"""Lines of the log: for people and for machines, with their request, and with nothing that a person wrote."""

import io
import json
import logging
import subprocess
import sys

import pytest
import structlog

from bot.rasa.server import write_our_lines
from bot.telemetry.logs import LineFormatter, configure_logs
from bot.telemetry.requests import in_request

PRIVATE = "jane@example.com"


@pytest.fixture()
def restored():
    """What a test does to the logging of this process is undone: ours by the fixture of all tests, Rasa's here."""
    yield
    structlog.reset_defaults()


def line_of(form, level=logging.INFO, message="request", raised=None, **fields):
    record = logging.LogRecord("bot.site.watch", level, "", 0, message, (), raised and (type(raised), raised, None))
    record.fields = fields
    return LineFormatter("site", form).format(record)


def test_a_machine_reads_one_object_a_line():
    with in_request("req-12345678"):
        told = json.loads(line_of("json", route="/api/messages", status=200, milliseconds=1.5))
    assert told.pop("time").endswith("Z")
    assert told == {
        "level": "info",
        "process": "site",
        "logger": "bot.site.watch",
        "message": "request",
        "request_id": "req-12345678",
        "route": "/api/messages",
        "status": 200,
        "milliseconds": 1.5,
    }


def test_a_person_reads_one_line_of_words():
    with in_request("req-12345678"):
        line = line_of("text", route="/api/messages", status=200)
    assert "\n" not in line and "\x1b" not in line
    for told in ("info", "request", "bot.site.watch", "route=/api/messages", "status=200", "request_id=req-12345678"):
        assert told in line


@pytest.mark.parametrize("form", ["text", "json"])
def test_of_an_error_its_kind_is_told_but_not_its_words(form):
    line = line_of(form, logging.ERROR, "unexpected", ValueError(PRIVATE))
    assert "ValueError" in line and PRIVATE not in line


def test_a_line_break_in_a_message_does_not_begin_a_second_object():
    assert len(line_of("json", message="one\ntwo").splitlines()) == 1


def test_what_rasa_logs_is_written_as_our_lines_without_the_values_that_it_adds(restored, monkeypatch):
    written = io.StringIO()
    monkeypatch.setattr("sys.stdout", written)
    write_our_lines("info", "json")
    logger = structlog.get_logger("rasa.core.processor")
    logging.getLogger("rasa.core.processor").setLevel(logging.INFO)
    with in_request("req-12345678"):
        logger.info("processor.message.parse", event_info="Received a message.", text=PRIVATE, user_message=PRIVATE)
        logger.error("processor.failed", text=PRIVATE, exc_info=ValueError(PRIVATE))
        logging.getLogger("rasa.core.agent").warning("a plain line")
        logging.getLogger("bot.rasa.models").info("the model answers now")
        logging.getLogger("sqlalchemy").info("a library's detail")
    told = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [one["message"] for one in told] == [
        "Received a message.",
        "processor.failed",
        "a plain line",
        "the model answers now",
    ]
    assert {one["process"] for one in told} == {"rasa"} and {one["request_id"] for one in told} == {"req-12345678"}
    assert told[1]["error"] == "ValueError" and PRIVATE not in written.getvalue()


@pytest.mark.parametrize(("level", "lines"), [("info", 2), ("warning", 1)])
def test_the_level_decides_what_is_told(restored, monkeypatch, level, lines):
    written = io.StringIO()
    monkeypatch.setattr("sys.stdout", written)
    configure_logs("actions", level, "json")
    logging.getLogger("actions.base").info("done")
    logging.getLogger("bot.outbox").warning("failed")
    assert len(written.getvalue().splitlines()) == lines


def test_what_is_logged_while_the_interpreter_takes_itself_apart_ends_in_no_stack_trace():
    code = (
        "import logging, bot.telemetry.logs as ours\n"
        "class Left:\n"
        "    def __del__(self, log=logging.getLogger('asyncio')):\n"
        "        log.error('Unclosed connector')\n"
        "ours.configure_logs('rasa', 'info', 'json')\n"
        "Left()\n"
        "ours.kept = Left()\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert ended.stderr == "" and ended.stdout.count("Unclosed connector") == 1
