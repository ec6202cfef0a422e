"""What the cells of an export mean, one at a time; each says what is wrong with it and repeats nothing of it."""

import datetime
import re
import unicodedata
from functools import lru_cache

from bot.errors import BotError, InvalidSetting

ISO_DATE = "%Y-%m-%d"
FIRST_DAY = datetime.date(2000, 1, 1)
LONGEST_EMAIL, LONGEST_CELL = 254, 200
RESULTS = {  # as training systems write them
    **dict.fromkeys(("passed", "pass", "completed", "complete", "successful", "succeeded"), "passed"),
    **dict.fromkeys(("failed", "fail", "not passed", "unsuccessful"), "failed"),
    "": "",
}
USUAL_FORMATS = (ISO_DATE, "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d") + (
    *("%d %B %Y", "%d %b %Y", "%d-%b-%Y", "%B %d, %Y", "%b %d, %Y"),
    *("%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%Y%m%d"),
)
PERCENT = re.compile(r"(\d{1,3})([.,]\d{1,12})?\s*(%?)", re.ASCII)
TIME_OF_DAY = re.compile(r"(?:T\s*|(?<!\s)\s+)\d{1,2}:\d{2}.*$", re.ASCII | re.DOTALL)


class BadRow(BotError):
    """Raised for one row; the text says why it cannot be imported and repeats nothing of the row."""


class BadDate(BadRow):
    """Raised for a date that the format does not read; `readable_as` are usual formats that would."""

    def __init__(self, readable_as: frozenset[str]) -> None:
        """Remember them."""
        super().__init__("completed_on is not a date in the expected format")
        self.readable_as = readable_as


def check_date_format(date_format: str) -> None:
    """Raises InvalidSetting unless a day written in the format can be read back."""
    day = datetime.datetime(2023, 12, 31)
    try:
        if datetime.datetime.strptime(day.strftime(date_format), date_format).date() == day.date():
            return
    except ValueError:
        pass
    raise InvalidSetting(f"A date format names day, month and year, such as %d.%m.%Y or {ISO_DATE}.")


def day_of(text: str, date_format: str) -> datetime.date | None:
    """The day as written: the training system's own, whatever offset stands after the time."""
    if not text:
        return None
    for written in (text, TIME_OF_DAY.sub("", text)):
        try:
            return datetime.datetime.strptime(written, date_format).date()
        except ValueError:
            continue
    raise BadDate(_readable_as(text))


@lru_cache(maxsize=10_000)
def _readable_as(text: str) -> frozenset[str]:
    return frozenset(one for one in USUAL_FORMATS if _reads(text, one))


def _reads(text: str, date_format: str) -> bool:
    try:
        datetime.datetime.strptime(TIME_OF_DAY.sub("", text), date_format)
    except ValueError:
        return False
    return True


def percent_of(text: str) -> int | None:
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


def result_of(text: str) -> str:
    result = RESULTS.get(text.lower())
    if result is None:
        raise BadRow("result is not passed, failed or empty")
    return result


def text_of(name: str, text: str) -> str:
    tidy = unicodedata.normalize("NFC", " ".join(text.split()))
    if len(tidy) > LONGEST_CELL:
        raise BadRow(f"{name} is longer than {LONGEST_CELL} characters")
    return tidy
