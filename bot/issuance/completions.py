"""Training completions from an export into the database: each row is read, checked, and kept once."""

import datetime
import functools
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sql

from bot.errors import BotError, InvalidAddress
from bot.issuance.catalogue import Catalogue
from bot.issuance.cells import (
    FIRST_DAY,
    ISO_DATE,
    LONGEST_EMAIL,
    USUAL_FORMATS,
    BadDate,
    BadRow,
    check_date_format,
    day_of,
    percent_of,
    result_of,
    text_of,
)
from bot.issuance.exports import Export, Row
from bot.issuance.import_history import ImportHistory
from bot.issuance.record import Completion
from bot.issuance.staging import Staging
from bot.issuance.store import Changes, CompletionStore
from bot.last_words import reason_of

ROWS_A_TRANSACTION = 1000
MOST_TITLES = 1000


class WrongDateFormat(BotError):
    """Raised for a file with dates of another format: what the wrong one happens to read would be other days."""


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
        self._day = functools.lru_cache(maxsize=10_000)(functools.partial(day_of, date_format=date_format))

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
            percent=percent_of(values["percent"]),
            completed_on=self._completed_on(values["completed_on"]),
            result=result_of(values["result"]),
            name=text_of("name", values["name"]),
        )

    def _key_and_title(self, text: str) -> tuple[str, str]:
        title = text_of("credential", text)
        known, key = self.catalogue.match(title), text_of("credential", self.catalogue.key(title))
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

    def __init__(self, store: CompletionStore, reader: RowReader, history: ImportHistory | None = None) -> None:
        """Use what others have built; without a history an import cannot be undone."""
        self._store, self._reader, self._history = store, reader, history

    def run(self, export: Export, listener: ImportListener, *, dry_run: bool = False) -> Summary:
        """Read the whole file, then write it in batches of whole transactions.

        Args:
            export: the file.
            listener: told of each rejected row, and from time to time how far it is.
            dry_run: compare with the database, write nothing.

        Raises:
            UnreadableFile: the file breaks off; nothing has been written.
            WrongDateFormat: it has dates of another format; nothing has been written.
            Interrupted: the database failed; whole batches have been written.
            UndoneMeanwhile: somebody has undone this import while it was written; nothing of it is left.
        """
        summary = Summary()
        with Staging() as staging:
            self._read(export, staging, summary, listener)
            summary.duplicates = summary.rows - summary.rejected - len(staging)
            self._write(staging, summary, listener, dry_run=dry_run)
        return summary

    def _read(self, export: Export, staging: Staging, summary: Summary, listener: ImportListener) -> None:
        otherwise: Counter[frozenset[str]] = Counter()
        for row in export:
            summary.rows += 1
            try:
                completion = self._completion(export, row)
            except BadRow as error:
                if isinstance(error, BadDate) and error.readable_as:
                    otherwise[error.readable_as] += 1
                summary.rejected += 1
                summary.reasons[str(error)] += 1
                listener.rejected(row, str(error))
            else:
                staging.add(completion)
                self._count_unknown(completion, summary)
            if summary.rows % ROWS_A_TRANSACTION == 0:
                listener.has_read(export.position)
        listener.has_read(export.position)
        if otherwise:
            raise WrongDateFormat(_wrong_format(otherwise))

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
        remember = self._history.begin() if self._history and not dry_run else None
        for batch in staging.batches(ROWS_A_TRANSACTION):
            try:
                summary.changes += self._store.add(batch, dry_run=dry_run, remember=remember)
            except sql.exc.SQLAlchemyError as error:
                raise Interrupted(f"The database failed ({reason_of(error)}) after {done} lines.") from None
            done += len(batch)
            listener.has_written(done)


def _wrong_format(otherwise: Counter[frozenset[str]]) -> str:
    """What to do about dates that other formats read, by those that read each of them."""
    fitting = [one for one in USUAL_FORMATS if all(one in formats for formats in otherwise)]
    how = " or ".join(f"--date-format {one}" for one in fitting)
    number = sum(otherwise.values())
    rows = "1 row has a date" if number == 1 else f"{number} rows have dates"
    advice = f"They can be read with {how}." if how else "They are not all of one format: mend them in the file first."
    return f"Nothing was imported: {rows} in another format, so the others may mean other days too. {advice}"
