"""Reads labelled questions (JSON Lines), training examples (Rasa YAML) and two-column CSV files."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.evaluation.contexts import context_after
from bot.yaml_files import read_yaml

_ENTITY = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")


class BadFile(Exception):
    """A file with labelled data cannot be read; the message says which line and why."""


def questions(path: Path) -> list[dict[str, Any]]:
    """Rows with `text` and `expect`, and a `context` where they say what they stand `after`.

    Raises:
        BadFile: the file cannot be read, or a line of it; the line is named.
    """
    rows = []
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(f"{path}: cannot be read ({error})") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            rows.append(_row(line, f"{path}, line {number}"))
    if not rows:
        raise BadFile(f"{path}: no questions in it")
    return rows


def earlier_report(path: Path) -> dict[str, Any]:
    """A report that `evaluate --json` has written; raises BadFile."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadFile(f"{path}: cannot be read ({error})") from error
    if not isinstance(report, dict) or not {"questions", "groups"} <= report.keys():
        raise BadFile(f"{path}: no report of `python -m bot evaluate --json`")
    return report


def _row(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise BadFile(f"{where}: not JSON ({error})") from error
    if not isinstance(row, dict) or not isinstance(row.get("text"), str) or not row["text"].strip():
        raise BadFile(f'{where}: needs "text"')
    if isinstance(row.get("expect"), str):
        row["expect"] = [row["expect"]]
    if not isinstance(row.get("expect"), list) or not row["expect"]:
        raise BadFile(f'{where}: needs "expect", a list of labels')
    return _with_context(row, where) if "after" in row else row


def _with_context(row: dict[str, Any], where: str) -> dict[str, Any]:
    after = [row["after"]] if isinstance(row["after"], str) else row["after"]
    if not isinstance(after, list) or not after or not all(isinstance(one, str) for one in after):
        raise BadFile(f'{where}: "after" takes the name of what stands before, or a list of names')
    if "context" in row:
        raise BadFile(f'{where}: either "after" or "context"')
    try:
        return {**row, "after": after, "context": context_after(after)}
    except ValueError as error:
        raise BadFile(f"{where}: {error}") from error


def training(folder: Path) -> list[tuple[str, str]]:
    """The training examples that mean something by themselves, as (text without entity marks, label)."""
    return [(text, label) for text, label, after in _examples(folder) if not after]


def training_in_context(folder: Path) -> list[tuple[str, str, tuple[str, ...]]]:
    """Those that mean it only after something, as (text, label, what may have stood before)."""
    return [(text, label, after) for text, label, after in _examples(folder) if after]


def _examples(folder: Path) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for path in sorted(folder.rglob("*.yml")):
        content = read_yaml(path)
        for block in content.get("nlu", []):
            after = tuple((block.get("metadata") or {}).get("after") or ())
            for line in block.get("examples", "").splitlines():
                if line.startswith("- "):
                    yield _ENTITY.sub(r"\1", line[2:]).strip(), block["intent"], after


def two_columns(path: Path) -> list[tuple[str, str]]:
    """(text, label) rows of a CSV file; a first row of text,label (or category, intent, sentence ...) is a header."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadFile(f"{path}: cannot be read ({error})") from error
    for number, row in enumerate(rows, start=1):
        if len(row) < 2:
            raise BadFile(f"{path}, row {number}: needs two columns, text and label")
    if rows and rows[0][1].strip().lower() in {"label", "labels", "category", "intent", "class", "target"}:
        rows = rows[1:]
    if not rows:
        raise BadFile(f"{path}: no rows in it")
    return [(row[0], row[1].strip()) for row in rows]
