"""Training completions from an export into the database: each row is read, checked, and kept once."""

import datetime
import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sql

from bot.errors import BotError, InvalidAddress, InvalidSetting
from bot.issuance.catalogue import Catalogue
from bot.issuance.exports import Export, Row
from bot.issuance.record import Completion
from bot.issuance.staging import Staging
from bot.issuance.store import Changes, CompletionStore

ISO_DATE = "%Y-%m-%d"
FIRST_DAY = datetime.date(2000, 1, 1)
LONGEST_EMAIL, LONGEST_CELL = 254, 200
RESULTS = ("", "failed", "passed")
ROWS_A_TRANSACTION = 1000
MOST_TITLES = 1000
PERCENT = re.compile(r"(\d{1,3})([.,]\d{1,12})?\s*(%?)", re.ASCII)
TIME_OF_DAY = re.compile(r"[T\s]\s*\d{1,2}:\d{2}.*$", re.ASCII | re.DOTALL)


class BadRow(BotError):
    """Raised for one row; the text says why it cannot be imported and repeats nothing of the row."""


class Interrupted(BotError):
    """Raised when the database fails half-way; what is written stays, and running it again finishes."""


@dataclass
class Summary:
    """What an import did, or would do."""

    rows: int = 0
    rejected: int = 0
    duplicates: int = 0
    changes: Changes = Changes()
    reasons: Counter[str] = field(default_factory=Counter)
    unknown_titles: Counter[str] = field(default_factory=Counter)


class ImportListener:
    """Hears how an import goes; says nothing of it by itself."""

    def rejected(self, row: Row, reason: str) -> None:
        """A row is left out."""

    def has_read(self, size: int) -> None:
        """So many bytes of the file have been read."""

    def has_written(self, lines: int) -> None:
        """So many lines are in the database."""


class RowReader:
    """Makes a completion from the cells of a row."""

    def __init__(
        self,
        normalise: Callable[[str], str],
        catalogue: Catalogue,
        today: datetime.date,
        date_format: str = ISO_DATE,
    ) -> None:
        """Remember the rules.

        Args:
            normalise: gives an e-mail address in its one spelling or raises InvalidAddress.
            catalogue: gives credentials their id and title; what it does not know keeps the title of the file.
            today: rows dated more than a day later are rejected (a day: time zones).
            date_format: of `strptime`; a time of day after it is ignored.

        Raises:
            InvalidSetting: the format does not name a day.
        """
        check_date_format(date_format)
        self._latest = today + datetime.timedelta(days=1)
        self.catalogue = catalogue
        # Exports repeat addresses, titles and days; the caches are bounded, so that memory is.
        self._address = functools.lru_cache(maxsize=10_000)(normalise)
        self._credential = functools.lru_cache(maxsize=10_000)(self._key_and_title)
        self._day = functools.lru_cache(maxsize=10_000)(functools.partial(_day, date_format=date_format))

    def read(self, values: Mapping[str, str]) -> Completion:
        """The completion; raises BadRow.

        Args:
            values: cells by field, see `exports.FIELDS`.
        """
        credential, title = self._credential(values["credential"])
        return Completion(
            email=self._email(values["email"]),
            credential=credential,
            title=title,
            percent=_percent(values["percent"]),
            completed_on=self._completed_on(values["completed_on"]),
            result=_result(values["result"]),
            name=_text("name", values["name"]),
        )

    def _key_and_title(self, text: str) -> tuple[str, str]:
        title = _text("credential", text)
        known, key = self.catalogue.match(title), _text("credential", self.catalogue.key(title))
        if not key:
            raise BadRow("credential is empty")
        return key, known.title if known else title

    def _email(self, text: str) -> str:
        try:
            address = self._address(text)
        except InvalidAddress:
            raise BadRow("email is not an address") from None
        if len(address) > LONGEST_EMAIL:
            raise BadRow(f"email is longer than {LONGEST_EMAIL} characters")
        return address

    def _completed_on(self, text: str) -> datetime.date | None:
        day = self._day(text)
        if day and day > self._latest:
            raise BadRow("completed_on is in the future")
        if day and day < FIRST_DAY:
            raise BadRow(f"completed_on is before {FIRST_DAY.year}")
        return day


class CompletionImport:
    """Imports one file after the other."""

    def __init__(self, store: CompletionStore, reader: RowReader) -> None:
        """Use what others have built."""
        self._store, self._reader = store, reader

    def run(self, export: Export, listener: ImportListener, *, dry_run: bool = False) -> Summary:
        """Read the whole file, then write it in batches of whole transactions.

        Args:
            export: the file.
            listener: told of each rejected row, and from time to time how far it is.
            dry_run: compare with the database, write nothing.

        Raises:
            UnreadableFile: the file breaks off; nothing has been written.
            Interrupted: the database failed; whole batches have been written.
        """
        summary = Summary()
        with Staging() as staging:
            self._read(export, staging, summary, listener)
            summary.duplicates = summary.rows - summary.rejected - len(staging)
            self._write(staging, summary, listener, dry_run=dry_run)
        return summary

    def _read(self, export: Export, staging: Staging, summary: Summary, listener: ImportListener) -> None:
        for row in export:
            summary.rows += 1
            try:
                completion = self._completion(export, row)
            except BadRow as error:
                summary.rejected += 1
                summary.reasons[str(error)] += 1
                listener.rejected(row, str(error))
            else:
                staging.add(completion)
                self._count_unknown(completion, summary)
            if summary.rows % ROWS_A_TRANSACTION == 0:
                listener.has_read(export.position)
        listener.has_read(export.position)

    def _completion(self, export: Export, row: Row) -> Completion:
        if row.fault:
            raise BadRow(f"row {row.fault}")
        return self._reader.read(export.values(row))

    def _count_unknown(self, completion: Completion, summary: Summary) -> None:
        titles, title = summary.unknown_titles, completion.title
        if not self._reader.catalogue.match(title) and (title in titles or len(titles) < MOST_TITLES):
            titles[title] += 1

    def _write(self, staging: Staging, summary: Summary, listener: ImportListener, *, dry_run: bool) -> None:
        done = 0
        for batch in staging.batches(ROWS_A_TRANSACTION):
            try:
                summary.changes += self._store.add(batch, dry_run=dry_run)
            except sql.exc.SQLAlchemyError as error:
                raise Interrupted(f"The database failed ({type(error).__name__}) after {done} lines.") from None
            done += len(batch)
            listener.has_written(done)


def check_date_format(date_format: str) -> None:
    """Raises InvalidSetting unless a day written in the format can be read back."""
    day = datetime.datetime(2023, 12, 31)
    try:
        if datetime.datetime.strptime(day.strftime(date_format), date_format).date() == day.date():
            return
    except ValueError:
        pass
    raise InvalidSetting(f"A date format names day, month and year, such as %d.%m.%Y or {ISO_DATE}.")


def _day(text: str, date_format: str) -> datetime.date | None:
    """The day as written: the training system's own, whatever offset stands after the time."""
    if not text:
        return None
    for written in (text, TIME_OF_DAY.sub("", text)):
        try:
            return datetime.datetime.strptime(written, date_format).date()
        except ValueError:
            continue
    raise BadRow("completed_on is not a date in the expected format")


def _percent(text: str) -> int | None:
    """Whole percent, rounded down so that 99.6 is not taken for complete.

    0.95 and 1.0 without a percent sign are refused: they may be a share of 1 or of 100, and a guess would turn a
    finished course into an unfinished one, or the other way round.
    """
    if not text:
        return None
    found = PERCENT.fullmatch(text)
    value = float(found[1] + (found[2] or "").replace(",", ".")) if found else -1
    if found is None or value > 100:
        raise BadRow("percent is not a number from 0 to 100")
    if found[2] and not found[3] and 0 < value <= 1:
        raise BadRow("percent may be a share of 1: write it from 0 to 100, or with a percent sign")
    return int(value)


def _result(text: str) -> str:
    result = text.lower()
    if result not in RESULTS:
        raise BadRow("result is not passed, failed or empty")
    return result


def _text(name: str, text: str) -> str:
    tidy = unicodedata.normalize("NFC", " ".join(text.split()))
    if len(tidy) > LONGEST_CELL:
        raise BadRow(f"{name} is longer than {LONGEST_CELL} characters")
    return tidy
