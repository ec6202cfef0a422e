"""Blacks out what could tell who wrote a text, before it is shown or kept elsewhere."""

import re
from collections import Counter
from pathlib import Path

from bot.content.root import kept

TRAINING_DATA = Path("data/nlu")
FEWEST_TIMES = 3  # that an ordinary word stands there in small letters
NAME, PLACE, FILE_NAME = "(name)", "(place)", "(file)"
# An address begins where nothing of the kind stands before it: otherwise a long word is read from each of its letters.
PRIVATE = (
    (re.compile(r"(?<![\w.+'-])[\w.+'-]+@[\w-]+(?:\.[\w-]+)+"), "(address)"),
    (re.compile(r"\d(?:[\s-]?\d){5,}"), "(number)"),
)
_WORD = r"[^\W\d_][\w'’.-]{0,30}"
_WAY = "street|st|road|rd|avenue|ave|lane|ln|drive|boulevard|blvd|court|way|square|terrace|crescent|close|parkway"
_COMPOUND = "straße|strasse|str\\.|weg|gasse|platz|allee|straat|laan|gatan|vägen|gade|vej|gata"
_BEFORE = "rue|avenue|boulevard|calle|avenida|rua|via|viale|piazza|ulica|ul\\."
STREETS = (
    re.compile(rf"(?<!\w)\d{{1,5}}[a-z]?,?\s{{1,3}}(?:{_WORD}\s{{1,3}}){{1,3}}(?:{_WAY})(?!\w)\.?", re.IGNORECASE),
    re.compile(rf"(?<![\w-])[\w-]{{1,40}}(?:{_COMPOUND})\s{{0,3}}\d{{1,4}}[a-z]?(?!\w)", re.IGNORECASE),
    re.compile(rf"(?<!\w)(?:{_BEFORE})\s{_WORD}(?:\s{_WORD}){{0,3}},?\s?\d{{1,4}}(?!\w)", re.IGNORECASE),
    re.compile(rf"(?<!\w)\d{{1,4}},?\s(?:{_BEFORE})\s{_WORD}(?:\s{_WORD}){{0,3}}", re.IGNORECASE),
    re.compile(r"(?<!\w)[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}(?!\w)"),  # a British postcode
    re.compile(r"(?<!\w)\d{5}\s(?=[^\W\d_])[^\W\d_a-z][\w-]{1,30}"),  # a postcode with its town
)
_TOLD = re.compile(
    r"(?<!\w)((?:my|full|her|his|the)\s(?:full\s)?name(?:\s(?:is|was|should be)|\s?[:=]|'s)|i am called|name's)\s{1,3}"
    rf"({_WORD}(?:\s{{1,2}}{_WORD}){{0,3}})",
    re.IGNORECASE,
)
_INTRODUCED = re.compile(
    r"(?<!\w)((?:(?:I am|I'm|I’m|i am|i'm|im|this is|This is|Dear|dear|Hi|Hello|hello|hi|Mr|Mrs|Ms|Dr|Herr|Frau)\.?"
    r"|(?:regards|Regards|cheers|Cheers|thanks|Thanks|sincerely|Sincerely|best|Best|wishes)[,.!]?)\s{1,3})"
    rf"({_WORD}(?:\s{{1,2}}{_WORD}){{0,2}})"
)
_RUN = re.compile(rf"(?<![\w'’.-]){_WORD}(?:\s{_WORD})+")


def masked(text: str) -> str:
    """The text without e-mail addresses, numbers of six digits or more, streets, and what are most likely names.

    A name is what is said to be one, or words in capitals that stand together and are no words of ours.
    """
    for pattern, instead in PRIVATE:
        text = pattern.sub(instead, text)
    for pattern in STREETS:
        text = pattern.sub(PLACE, text)
    text = _TOLD.sub(lambda found: f"{found[1]} {_without_name(found[2])}", text)
    text = _INTRODUCED.sub(lambda found: found[1] + _without_run(found[2], least=1), text)
    return _RUN.sub(lambda found: _without_run(found[0], least=2), text)


def _without_name(words: str) -> str:
    """What follows on "my name is": all of it up to a word that no name has."""
    parts = words.split()
    ends = next((place for place, part in enumerate(parts) if part.lower() in ordinary_words()), len(parts))
    return " ".join([*([NAME] if ends else []), *parts[ends:]])


def _without_run(words: str, least: int) -> str:
    """The words with the runs of at least so many of them blacked out that look like a name."""
    kept: list[str] = []
    run: list[str] = []
    for part in [*words.split(), ""]:
        if part and _is_name(part):
            run.append(part)
            continue
        end = run[-1][len(run[-1].rstrip(".")) :] if run else ""
        kept += [NAME + end] if len(run) >= least else run
        kept += [part] if part else []
        run = []
    return " ".join(kept)


def _is_name(word: str) -> bool:
    bare = word.strip(".'’-")
    own = re.sub(r"['’]s$", "", bare)
    return own[:1].isupper() and not own.isupper() and own.lower() not in ordinary_words()


@kept
def ordinary_words(root: Path) -> frozenset[str]:
    """The words of the training data, by which people's questions are known; names of people are hardly among them."""
    found: Counter[str] = Counter()
    for file in (root / TRAINING_DATA).rglob("*.yml"):
        words = (word.strip("'’.-") for word in re.findall(_WORD, file.read_text(encoding="utf-8")))
        found.update(word.lower() for word in words if word.islower() or word[1:] != word[1:].lower())
    return frozenset(word for word, times in found.items() if times >= FEWEST_TIMES)
