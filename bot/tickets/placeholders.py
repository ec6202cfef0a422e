"""Placeholders of canned answers, and what somebody misspelt that was meant as one. No I/O.

Other braces are nobody's business here: JSON, code, addresses with a part to fill in.
"""

import re
from collections.abc import Callable, Iterable, Iterator

PLACEHOLDERS = ("name", "reference", "credential")
MOST_WRONG = 5  # of what is wrong in a text
_SHORTEST_BEGINNING = 3  # "ref", "cred"
_LONG = 6  # letters of a word in which two may be wrong
# A placeholder takes the blank before it along where there is nothing to put in: "Hello {name}," becomes "Hello,".
_PLACEHOLDER = re.compile(rf"( ?)\{{ *({'|'.join(PLACEHOLDERS)}) *\}}", re.IGNORECASE)
# Words alone between braces; what stands before a template's, a script's or an escaped brace makes it code.
_WORDS = re.compile(r"(?<![$\\{])\{ *([^\W\d_]{1,40}(?:[ '’_-][^\W\d_]{1,40}){0,3}) *\}(?!\})")
_IN_OTHER_BRACKETS = re.compile(
    rf"\{{\{{ *(?:{'|'.join(PLACEHOLDERS)}) *\}}\}}|\[ *(?:{'|'.join(PLACEHOLDERS)}) *\](?!\()|< *(?:name|reference) *>"
    rf"|(?<![$\\{{\w])\{{(?:{'|'.join(PLACEHOLDERS)})\b(?![^\n{{]*\}})",  # without an end
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[ '’_-]+")
_CODE_BEFORE = re.compile(r"[\w/=.@:]$")


def filled(text: str, value: Callable[[str], str]) -> str:
    """A text with what stands for its placeholders; where that is nothing, the blank before it goes, too."""

    def put_in(found: re.Match[str]) -> str:
        words = value(found[2].lower())
        return words and found[1] + words

    return _PLACEHOLDER.sub(put_in, text)


def unknown(text: str) -> list[str]:
    """What a canned answer has in braces that nothing fills in, as it stands there, each once."""
    return _each(text, lambda words, before: not _is_one(words) and (_meant(words) or _is_wish(words, before)))


def left(text: str, also: Iterable[str] = ()) -> list[str]:
    """What of a reply's braces was meant to be filled in and is not, as it stands there, each once.

    Args:
        also: what canned answers have in braces that nothing fills in.
    """
    known = set(also)
    return _each(text, lambda words, before: _meant(words) or f"{{{words}}}" in known)


def _each(text: str, wrong: Callable[[str, str], bool]) -> list[str]:
    return list(dict.fromkeys(found for _, found in sorted(_found(text, wrong))))


def _found(text: str, wrong: Callable[[str, str], bool]) -> Iterator[tuple[int, str]]:
    for match in _WORDS.finditer(text):
        if wrong(match[1], text[max(0, match.start() - 1) : match.start()]):
            yield match.start(), match[0]
    yield from ((match.start(), match[0]) for match in _IN_OTHER_BRACKETS.finditer(text))


def _is_one(words: str) -> bool:
    return words.lower() in PLACEHOLDERS


def _is_wish(words: str, before: str) -> bool:
    """Whether it reads as a placeholder that there might be ("{date}"), and not as a part of an address or of code."""
    return len(words) >= _SHORTEST_BEGINNING and " " not in words and not _CODE_BEFORE.search(before)


def _meant(words: str) -> bool:
    """Whether one of its words is one of ours, its beginning, or that with a slip of the fingers."""
    return any(_is_near(part, ours) for part in _BETWEEN.split(words.lower()) for ours in PLACEHOLDERS)


def _is_near(word: str, ours: str) -> bool:
    from symspellpy.editdistance import DamerauOsa  # only where there are braces: it takes time to load

    if ours.startswith(word) and len(word) >= _SHORTEST_BEGINNING:
        return True
    most = 2 if len(ours) >= _LONG else 1  # letters wrong, missing, too many or swapped with their neighbours
    return DamerauOsa().distance(word, ours, most) >= 0
