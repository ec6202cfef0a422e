"""In which language other than English a message is written, for the languages that have a reply of their own."""

import importlib
import re
from collections.abc import Set
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from bot.nlu.text.light_imports import without_frameworks

OTHER_LANGUAGE = "other_language"  # the intent: found as such, never learnt; its keys are languages
IN_LATIN_SCRIPT = ("es", "pt", "fr", "de", "it", "nl")
REPLIED = (*IN_LATIN_SCRIPT, "ja", "zh")  # the keys of data/nlu/context/languages.yml
# Latin script alone cannot tell these from one another; the last ones have no reply, and must not pass for those above.
TOLD_APART = ("en", *IN_LATIN_SCRIPT, "sv", "da", "pl", "tr", "cs", "fi", "ro")
SURE_OF_LANGUAGE = 0.7  # probability of the language
FEWEST_LATIN_WORDS = 4  # shorter messages are names, thanks and a yes
FEWEST_PLAIN = 2  # that can be in no name
FEWEST_CHARACTERS = 2  # in Chinese and Japanese
LONGEST = 600  # characters looked at
_NOT_WORDS = re.compile(r"(?<!\S)(?:\S*[@/_<>{}=\\]\S*|\S*\d\S*)|\b\w+(?:\.\w+)+\b")
_PARTS = re.compile(r"['’-]")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_NAME = re.compile(r"(?<=[^.?!¿¡:\s]\s)[A-ZÀ-Þ][^\s.?!]*")  # a capital within a sentence
_IN_NAMES = frozenset(
    ("de", "del", "della", "di", "da", "do", "das", "dos", "la", "le", "les", "du", "des", "au", "y", "e", "et")
    + ("von", "van", "vom", "zu", "zum", "der", "den", "am", "im")
)
_KANA = re.compile(r"[\u3040-\u30ff\uff66-\uff9f]")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")


@lru_cache(maxsize=1)
def identifier() -> LanguageIdentifier:
    """The trained detector; takes most of a second the first time."""
    whole = LanguageIdentifier.from_pickled_model(MODEL_FILE, norm_probs=True)
    whole.set_languages(TOLD_APART)
    # Restricted, it still holds the tables of all languages; a new one of its parts does not.
    features = len(whole.nb_ptc)
    tables = (whole.nb_ptc, whole.nb_pc, features, whole.nb_classes, whole.tk_nextmove, whole.tk_output)
    return LanguageIdentifier(*tables, norm_probs=True)


@lru_cache(maxsize=1 + len(IN_LATIN_SCRIPT))
def function_words(code: str) -> frozenset[str]:
    """Words such as "the" and "not" of a language, which a row of names has none of."""
    with without_frameworks():
        return frozenset(importlib.import_module(f"spacy.lang.{code}.stop_words").STOP_WORDS)


def prepare() -> None:
    """Load everything now, where the first message should not wait."""
    identifier()
    for code in ("en", *IN_LATIN_SCRIPT):
        function_words(code)


def language(text: str) -> str:
    """The ISO 639-1 code of a language of REPLIED; "" for English, other languages, and what is too short to tell."""
    seen = _NOT_WORDS.sub(" ", text[:LONGEST])
    kana, han = len(_KANA.findall(seen)), len(_HAN.findall(seen))
    if kana + han:
        return _by_characters(seen, kana, han)
    if len(_WORD.findall(seen)) < FEWEST_LATIN_WORDS:
        return ""
    plain = _NAME.sub(" ", seen.lower() if seen.isupper() else seen)
    words = {word for word in _WORD.findall(plain) if word.islower()} - _IN_NAMES
    if len(words) < FEWEST_PLAIN:
        return ""
    code, probability = identifier().rank(plain)[0]
    if code not in IN_LATIN_SCRIPT or probability < SURE_OF_LANGUAGE:
        return ""
    spoken = {part for word in _WORD.findall(plain.lower()) for part in _PARTS.split(word)}
    return _by_function_words(code, spoken - _IN_NAMES)


def _by_function_words(code: str, words: Set[str]) -> str:
    """The language with the most function words, the detected one where several have as many; "" for English."""
    counts = {one: len(words & function_words(one)) for one in ("en", code, *IN_LATIN_SCRIPT)}
    best = max(counts, key=lambda one: (counts[one], one == "en", one == code))
    return best if counts[best] and best != "en" else ""


def _by_characters(seen: str, kana: int, han: int) -> str:
    """Chinese and Japanese are told by their characters, of which one stands for about two Latin letters."""
    letters = sum(character.isalpha() for character in seen)
    if kana + han < FEWEST_CHARACTERS or 2 * (kana + han) < letters - kana - han:
        return ""
    return "ja" if kana else "zh"
