"""The spaCy pipeline: an English tokenizer with rules for credential names, e-mail addresses and dates."""

import datetime
import re
from typing import Any, Iterable

from bot.nlu.text import (
    bounded,
    misspellings,  # noqa: F401  registers its component
)
from bot.nlu.text.light_imports import without_frameworks

with without_frameworks():
    import spacy
    from spacy.language import Language
    from spacy.tokens import Doc, Span
    from spacy.util import filter_spans

CREDENTIAL, EMAIL, DATE = "credential", "email", "date"
LONGEST_SCANNED = 2000

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+(?![\w-])")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_WEEKDAY = r"(?:mon|tues?|wednes|thurs?|fri|satur|sun)day"
_SEASON = r"(?:spring|summer|autumn|fall|winter)"
_YEAR = r"(?:19|20)\d{2}"
_COUNT = r"(?:\d{1,3}|a|one|two|three|four|five|six|seven|eight|nine|ten)"
_BEFORE = r"(?:(?<=\bin )|(?<=\bsince )|(?<=\bfrom )|(?<=\bof )|(?<=\buntil )|(?<=\bby ))"  # "in March", not "may I"
_DATES = re.compile(
    rf"\b(?:\d{{4}}-\d{{1,2}}-\d{{1,2}}|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:,?\s+\d{{4}})?"
    rf"|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?"
    rf"|(?:{_MONTH}|{_SEASON})\s+(?:of\s+)?{_YEAR}|{_BEFORE}(?:{_MONTH}|{_YEAR})"
    rf"|(?:last|this)\s+(?:{_WEEKDAY}|week|weekend|month|quarter|year|{_SEASON}|{_MONTH})"
    rf"|this\s+morning|last\s+night|(?:the\s+)?day\s+before\s+yesterday|yesterday|today"
    rf"|{_COUNT}\s+(?:day|week|month|year)s?\s+ago|{_WEEKDAY})\b",
    re.IGNORECASE,
)
_MONTH_ALONE = re.compile(rf"(?:(?:last|this)\s+)?{_MONTH}(?:,?\s+(?:of\s+)?{_YEAR})?", re.IGNORECASE)


def build(catalogue: Iterable[dict[str, Any]] = ()) -> Language:
    """A spaCy pipeline whose documents carry entities `credential`, `email` and `date`.

    Args:
        catalogue: credentials with `id` and `names`, as `read_catalogue` gives them.
    """
    language = spacy.blank("en")
    tokenize = language.tokenizer
    language.tokenizer = lambda text: tokenize(bounded.in_place(text))  # type: ignore[assignment]
    ruler = language.add_pipe("entity_ruler", config={"phrase_matcher_attr": "LOWER"})
    patterns = [
        {"label": CREDENTIAL, "pattern": name, "id": entry["id"]} for entry in catalogue for name in entry["names"]
    ]
    ruler.add_patterns(patterns)  # type: ignore[attr-defined]
    spelt = [(pattern["pattern"], pattern["id"]) for pattern in patterns]
    language.add_pipe("misspelt_names", config={"names": spelt, "label": CREDENTIAL})
    language.add_pipe("text_patterns")
    return language


@Language.component("text_patterns")
def _text_patterns(doc: Doc) -> Doc:
    """Adds e-mail addresses and dates to the entities that the catalogue gave."""
    text = doc.text[:LONGEST_SCANNED]
    spans: list[Span] = []
    for label, pattern in ((EMAIL, _EMAIL), (DATE, _DATES)):
        for match in pattern.finditer(text):
            span = doc.char_span(match.start(), match.end(), label=label, alignment_mode="expand")
            if span is not None:
                spans.append(span)
    doc.ents = tuple(filter_spans([*spans, *doc.ents]))  # type: ignore[assignment]
    return doc


def resolve_date(words: str, today: datetime.date | None = None) -> datetime.date | None:
    """The day that "last Monday" or "3 March" means, looking back from `today`; None when it is no day ("May")."""
    import dateparser

    if _MONTH_ALONE.fullmatch(words.strip()):
        return None
    day = datetime.datetime.combine(today or datetime.date.today(), datetime.time(12))
    plain = re.sub(r"^(?:on|last|this)\s+(?=\w+day\b)", "", words.strip(), flags=re.IGNORECASE)
    settings = {"RELATIVE_BASE": day, "PREFER_DATES_FROM": "past"}
    found = dateparser.parse(plain, languages=["en"], settings=settings)  # type: ignore[arg-type]
    return found.date() if found else None
