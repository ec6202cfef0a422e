"""When each FAQ was last changed: data/faq_dates.yml, whose dates count for the words that they were written for."""

import datetime
import hashlib
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.content.faqs import Faq, every_faq
from bot.content.root import kept

DATES_FILE = Path("data/faq_dates.yml")
HEADING = "# When question or answer last changed, and a digest of their words; `python -m bot train` keeps it.\n"


@dataclass(frozen=True)
class Dated:
    """The day of the last change, and the digest of the words that stand since then."""

    changed: datetime.date
    digest: str


def changed_on(faq: Faq) -> datetime.date | None:
    """The day on which question or answer last changed; None where their words are not those that have the date."""
    dated = _dates().get(faq.id)
    return dated.changed if dated and dated.digest == digest_of(faq) else None


def digest_of(faq: Faq) -> str:
    """What tells the words of an FAQ from all others."""
    return hashlib.sha256(f"{faq.question}\n{faq.answer}".encode()).hexdigest()[:16]


def bring_up_to_date(today: datetime.date, file: Path | None = None, root: Path = Path(".")) -> list[str]:
    """Write the date for every FAQ whose words have changed since the file was written; returns their ids.

    Args:
        today: their date from now on.
        file: where the dates stand; None for the file of the content.
        root: the folder with the content.
    """
    file = file or root / DATES_FILE
    before = read(file)
    dates: dict[str, dict[str, object]] = {}
    changed = []
    for faq in every_faq(root):
        known = before.get(faq.id)
        if known is None or known.digest != digest_of(faq):
            known = Dated(today, digest_of(faq))
            changed.append(faq.id)
        dates[faq.id] = {"changed": known.changed, "digest": known.digest}
    if changed or set(before) - set(dates):
        file.write_text(HEADING + yaml.safe_dump(dates, sort_keys=False), encoding="utf-8")
        _dates.forget()
    return changed


def read(file: Path = DATES_FILE) -> dict[str, Dated]:
    """What the file has, by the id of the FAQ; nothing where there is no file."""
    if not file.exists():
        return {}
    listed = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    return {faq_id: Dated(entry["changed"], str(entry["digest"])) for faq_id, entry in listed.items()}


@kept
def _dates(root: Path) -> dict[str, Dated]:
    return read(root / DATES_FILE)
