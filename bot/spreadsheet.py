"""CSV for a spreadsheet, in which nothing that somebody typed can become a formula (OWASP, "CSV Injection")."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20"  # how a formula may begin, in any width of letters
_BLANKS = " \u00a0\u200b\ufeff"
_BEGINNING = re.compile(rf"\A[{_BLANKS}]*[{_SIGNS}\t\r\n]")
# Where lists are separated by other signs than commas, a cell ends there too.
_WITHIN = re.compile(rf"([;|\t\r\n][{_BLANKS}]{{0,9}})(?=[{_SIGNS}])")


def harmless_csv(lines: Iterable[Sequence[str]]) -> str:
    """Lines as CSV, marked as UTF-8, each cell as `harmless` makes it."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([harmless(cell) for cell in line] for line in lines)
    return "\ufeff" + out.getvalue()


def harmless(cell: str) -> str:
    """A cell that every spreadsheet takes for a text: an apostrophe before whatever could begin a formula."""
    text = _WITHIN.sub(r"\1'", cell)
    return f"'{text}" if _BEGINNING.match(cell) else text
