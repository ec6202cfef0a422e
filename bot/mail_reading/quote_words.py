"""How mail programs introduce what they quote, forward and sign: the words of data/quotes.yml as patterns."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

QUOTE_WORDS = Path("data/quotes.yml")
LONGEST_INTRODUCTION = 400  # characters of an attribution, over all its lines
_I = re.IGNORECASE
_words: dict[str, Any] = yaml.safe_load(QUOTE_WORDS.read_text(encoding="utf-8"))


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_DATE_AFTER = r"\s(?:\w{2,12}\.?,?\s)?\W{0,2}(?:\w{3,12}\.?\s)?\d"
WROTE = re.compile(rf"(?:\b(?:{_any(_words['wrote'])})|{_any(_words['wrote_within'])})(?!\w*_)", _I)
WROTE_LAST = re.compile(rf"{WROTE.pattern}\W*$", _I)
# As some programs for Android write it, within rules: "---- Ann Lee wrote ----"
RULED_WROTE = re.compile(rf"\A-{{2,12}}\s.{{0,200}}{WROTE.pattern}\W{{0,3}}\s-{{2,12}}", _I)
OPENING = re.compile(rf"(?:{_any(_words['opening'])})[\s,]", _I)
# The same behind a sentence or a rule, in one line with it.
OPENING_WITHIN = re.compile(
    rf"(?:(?<=[.!?…)\]\w])\s+|(?<=\w)-{{2,}}\s?)(?=(?:On|Am|Le|El|Em|Il|Op|Den|Dnia|W dniu|Dne){_DATE_AFTER})"
)
WRITER = re.compile(r"[^\s<>@\"'(),:;][^\s<>@\"(),:;]{0,80}@[^\s<>@\"'(),:;]{1,80}")
CLOCK_TIME = re.compile(r"\b\d{1,2}[:.h]\d{2}\b|\b\d{1,2}時|\d{1,2}\s?(?:AM|PM|Uhr)\b", _I)
YEAR = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2}\b|(?:19|20)\d\d年")
DATE_FIRST = re.compile(
    r"(?:\w{2,12}\.?,?\s)?(?:(?:19|20)\d\d\s?[-/.年년]\s?\d{1,2}\s?[-/.月월]\s?\d{1,2}"
    r"|\d{1,2}[./-]\s?\d{1,2}[./-]\s?(?:20)?\d\d"
    r"|\d{1,2}\.?\s\w{3,12}\.?,?\s(?:19|20)\d\d"
    r"|\d{1,2}:\d\d\s?(?:[AP]M)?, \w{3,12} \d{1,2}, 20\d\d)"
)
# Without an address: "Ann Lee wrote on 24.11.2026 09:00:12:"
DATE_LAST = re.compile(
    rf"{WROTE.pattern}\s(?:on|am|le|el|il|em|op|den)\s.{{0,20}}\d.{{0,20}}\d\s?(?:AM|PM|Uhr)?[:：]$", _I
)
GREENWICH = re.compile(r"\b(?:GMT|UTC)\b")

HEADER_LABELS = {label: kind for kind, labels in _words["labels"].items() for label in labels}
HEADER_LABEL = re.compile(r"[*_>\s]{0,4}([^\W\d_][^:：*]{0,24}?)\s?\*{0,2}[:：]\*{0,2}")

ORIGINAL = re.compile(_any(_words["original"]), _I)
FORWARDED = re.compile(_any(_words["forwarded"]), _I)

_DEVICE = _any(_words["devices"])
SENT_FROM = re.compile(
    rf"(?<![\s<(\[*_-])[\s<(\[*_-]{{0,9}}(?:(?:{_any(_words['sent_from'])}).{{0,120}}"
    rf"|sent (?:from|via|with|by|using) .{{0,40}}(?:{_DEVICE}).{{0,120}}(?<!\.)"
    rf"|(?<!\w)(?:\w{{1,30}} ){{0,3}}from (?:my )?(?:{_DEVICE}).{{0,20}})",
    _I,
)
# The same of a program or a phone that no list knows: its name, and perhaps its address.
SENT_FROM_NAME = re.compile(
    r"sent (?:from|via|with|using) (?:my )?(?-i:[A-Z][\w.+-]{0,30}(?: [A-Z0-9][\w+-]{0,20}){0,5})(?<!\.)"
    r"(?:\s?[<(\[]https?://[^\s<>()]{1,200}[>)\]])?",
    _I,
)
EXCUSE = re.compile(rf"\W{{0,4}}(?:{_any(_words['excuses'])})", _I)
