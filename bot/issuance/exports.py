"""Reads an export of the training system row by row, whatever its encoding, delimiter and faults."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from bot.errors import BotError, InvalidSetting

FIELDS = ("email", "name", "credential", "percent", "completed_on", "result")
NEEDED = ("email", "credential")
LONGEST_ROW = 65_536  # characters
MOST_LINES = 20  # that one quoted row may run over; an unclosed quote is given up after so many
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # how .xlsx and .ods begin, and .xls
DELIMITERS = ",;\t|"
SEPARATOR_LINE = re.compile(r'"?sep=([^\w\s"]|\t)"?[,;]*', re.IGNORECASE)
UNREADABLE = "\ufffd"  # what a decoder writes for bytes that mean nothing in the encoding


class UnreadableFile(BotError):
    """Raised for a file that cannot be imported at all; the message says what to do."""


@dataclass(frozen=True)
class Row:
    """One row: the line it begins on (as an editor counts), its cells, and why it cannot be read, if so."""

    line: int
    cells: list[str]
    fault: str = ""


def parse_columns(text: str) -> dict[str, str]:
    """A mapping such as `email=Mail,"name=Name, full",percent=`; an empty name means that the file has none.

    Raises:
        InvalidSetting: it is not in this form, names an unknown field, or leaves out a needed one.
    """
    columns = {}
    for part in next(csv.reader([text], skipinitialspace=True), []):
        field, equals, title = (piece.strip() for piece in part.partition("="))
        if not equals or field not in FIELDS:
            raise InvalidSetting(f"Columns are mapped as FIELD=NAME, with commas between; FIELD: {', '.join(FIELDS)}.")
        if not title and field in NEEDED:
            raise InvalidSetting(f"The file must have a column for {field}.")
        columns[field] = title
    return columns


class Export:
    """The rows of one file."""

    def __init__(self, file: BinaryIO, columns: Mapping[str, str] | None = None, encoding: str = "") -> None:
        """Read the header.

        Args:
            file: opened for reading bytes, at its beginning.
            columns: titles of the file's columns by field, as from `parse_columns`; those not named are called as
                the field.
            encoding: any that Python knows; a byte order mark in the file wins. Empty: UTF-8.

        Raises:
            UnreadableFile: the file is empty or a workbook, has no such columns, or is in an unknown encoding.
        """
        self.encoding = _encoding(file, encoding)
        self.delimiter, self.header = ",", [""]
        self._file, self._back, self._line = file, list[str](), 0
        self._columns = {field: (columns or {}).get(field, field) for field in FIELDS}
        try:
            self._text = io.TextIOWrapper(file, encoding=self.encoding, errors="replace", newline="")
            self._read_header()
        except (LookupError, UnicodeError):
            raise UnreadableFile("The encoding is not known. Try utf-8, utf-16 or cp1252.") from None

    def __iter__(self) -> Iterator[Row]:
        """Rows from the top, those without any text left out; raises UnreadableFile when the file breaks off."""
        try:
            while (row := self._next_row()) is not None:
                if row.fault or any(cell.strip() for cell in row.cells):
                    yield row
        except (OSError, UnicodeError) as error:
            raise UnreadableFile(f"The file cannot be read after line {self._line}: {type(error).__name__}.") from None

    @property
    def position(self) -> int:
        """How many bytes have been read."""
        return self._file.tell()

    def values(self, row: Row) -> dict[str, str]:
        """The cells of a row by field, "" where the file has no such column.

        Spaces of any kind (French and Swedish programs write "100 %" with one that does not break) are one plain space.
        """
        return {f: " ".join(row.cells[place].split()) if place is not None else "" for f, place in self._places.items()}

    def _read_header(self) -> None:
        lines = (line for line in iter(self._next_line, "") if line.strip())
        line, delimiters = next(lines, ""), DELIMITERS
        if said := SEPARATOR_LINE.fullmatch(line.strip("\r\n ")):  # Excel's own way of naming the delimiter
            line, delimiters = next(lines, ""), said[1]
        if not line:
            raise UnreadableFile("The file is empty.")
        if "\0" in line:
            order = "be" if line.startswith("\0") else "le"
            raise UnreadableFile(f"The file is not text in this encoding. Try --encoding utf-16-{order}.")
        titles = {delimiter: _split(line, delimiter) for delimiter in delimiters}
        wanted = {_plain(title) for title in self._columns.values()}
        self.delimiter = max(titles, key=lambda d: (len(wanted & {_plain(t) for t in titles[d]}), len(titles[d])))
        self.header = titles[self.delimiter]
        self._places = {field: self._place(field, title) for field, title in self._columns.items()}

    def _place(self, field: str, title: str) -> int | None:
        places = [place for place, found in enumerate(self.header) if _plain(found) == _plain(title)]
        if not title:
            return None
        if len(places) == 1:
            return places[0]
        if places:
            raise UnreadableFile(f"The header has two columns called {title!r}; it must be clear which is {field}.")
        raise UnreadableFile(
            f"The header has no column called {title!r}, for {field}. Say what it is called with --columns {field}=NAME"
            + ("." if field in NEEDED else f", or --columns {field}= if the file has none.")
        )

    def _next_row(self) -> Row | None:
        taken: list[str] = []
        number, cells, fault = self._line + 1, list[str](), ""
        try:
            cells = next(csv.reader(self._feed(taken), delimiter=self.delimiter, strict=True), [])
        except csv.Error:
            fault = "is not valid CSV: check its quotation marks"
        if not taken:
            return None
        fault = _damage(taken) or fault or self._ragged(cells)
        if fault:  # the lines that a stray quotation mark has swallowed are rows of their own
            self._back.extend(reversed(taken[1:]))
            self._line = number
            cells = cells if len(taken) == 1 and cells else [taken[0].rstrip("\r\n")]
        return Row(number, cells, fault)

    def _ragged(self, cells: list[str]) -> str:
        while len(cells) > len(self.header) and not cells[-1].strip():
            cells.pop()
        if any(cell.strip() for cell in cells) and len(cells) != len(self.header):
            return f"has {len(cells)} columns, the header has {len(self.header)}"
        return ""

    def _feed(self, taken: list[str]) -> Iterator[str]:
        while len(taken) < MOST_LINES and (line := self._next_line()):
            taken.append(line)
            yield line

    def _next_line(self) -> str:
        """One physical line, the part of an endless one that is kept, or "" at the end."""
        if self._back:
            self._line += 1
            return self._back.pop()
        line = self._text.readline(LONGEST_ROW)
        self._line += bool(line)
        rest = line if len(line) == LONGEST_ROW else ""
        while rest and rest[-1] not in "\r\n":
            rest = self._text.readline(LONGEST_ROW)
        return line


def _encoding(file: BinaryIO, wanted: str) -> str:
    start = file.read(4)
    file.seek(0)
    if start in WORKBOOKS:
        raise UnreadableFile("This is a workbook, not a CSV file: save it as CSV (UTF-8) in the spreadsheet program.")
    for mark, name in BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return name
    return wanted or "utf-8"


def _damage(lines: list[str]) -> str:
    if any(len(line) >= LONGEST_ROW for line in lines):
        return f"is longer than {LONGEST_ROW} characters"
    if any("\0" in line for line in lines):
        return "holds a NUL byte"
    if any(UNREADABLE in line for line in lines):
        return "has bytes that are no text in this encoding: see --encoding"
    return ""


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, strict=True), [])]
    except csv.Error:
        return []


def _plain(title: str) -> str:
    return re.sub(r"\s+", " ", title.strip()).casefold()
