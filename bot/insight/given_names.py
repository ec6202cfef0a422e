"""Which words are names of people: given names and surnames of many countries, and the names that are words as well."""

import calendar
import importlib
import pkgutil
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path

from bot.content.root import kept_when_asked
from bot.nlu.text.light_imports import without_frameworks
from bot.yaml_files import read_yaml

TRAINING_DATA = Path("data/nlu")
KEPT_WORDS = Path("data/ordinary_words.txt")  # written where examples are left out (deploy/images/without_examples.py)
OWN_FILES = (Path("data/catalogue.yml"), Path("domain.yml"))
FEWEST_TIMES = 3  # that an ordinary word stands there in small letters
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w.-]{1,100}")  # of examples
NAME_WORD = r"[^\W\d_][\w'’.-]{0,30}"
LANGUAGES = (
    "cs",
    "da",
    "de",
    "en",
    "es",
    "fi",
    "hr",
    "hu",
    "id",
    "it",
    "nb",
    "nl",
    "pl",
    "pt",
    "ro",
    "ru",
    "sk",
    "sv",
    "tr",
    "uk",
)
LEAST_LETTERS_OF_A_NAME = 4  # letters of a name that is taken for one in small letters, but for the `short` ones
LISTS = read_yaml(Path(__file__).with_name("names.yml"))


def _listed(name: str) -> frozenset[str]:
    return frozenset(LISTS[name].split())


SHORT_NAMES, MORE_NAMES, PEOPLE = _listed("short"), _listed("more"), _listed("people")
NAMES_ALL_THE_SAME, NO_NAMES = _listed("names_all_the_same"), _listed("words") | _listed("known")
PEOPLE_DO, PARTICLES = _listed("acts"), _listed("particles")
MONTHS_AND_SEASONS = frozenset({"april", "may", "june", "august", "autumn", "summer"})


@lru_cache(maxsize=1)
def given_names() -> frozenset[str]:
    """Given names of some 75 countries and languages in small letters, as the package Faker lists them."""
    return _names()[0]


@lru_cache(maxsize=1)
def surnames() -> frozenset[str]:
    """The same for surnames."""
    return _names()[1]


@kept_when_asked
def ordinary_words(root: Path) -> frozenset[str]:
    """The words of the training data, by which people's questions are known; names of people are hardly among them."""
    if (root / KEPT_WORDS).exists():
        return frozenset((root / KEPT_WORDS).read_text(encoding="utf-8").split())
    found: Counter[str] = Counter()
    for file in (root / TRAINING_DATA).rglob("*.yml"):
        words = (word.strip("'’.-") for word in re.findall(NAME_WORD, file.read_text(encoding="utf-8")))
        found.update(word.lower() for word in words if word.islower() or word[1:] != word[1:].lower())
    return frozenset(word for word, times in found.items() if times >= FEWEST_TIMES)


@kept_when_asked
def words_of_ours(root: Path) -> frozenset[str]:
    """Ordinary words, those of our credentials and sentences, the commonest of other languages: alone never a name."""
    ours = {
        word.strip("'’.-").lower()
        for file in OWN_FILES
        if (root / file).exists()
        for word in re.findall(NAME_WORD, _ADDRESS.sub("", (root / file).read_text(encoding="utf-8")))
    }
    common: set[str] = set()
    for language in LANGUAGES:
        common |= _stop_words(language)
    common -= NAMES_ALL_THE_SAME
    dates = {name.lower() for name in (*calendar.month_name, *calendar.day_name)}
    return ordinary_words(root) | ours | common | NO_NAMES | dates


def _stop_words(language: str) -> frozenset[str]:
    with without_frameworks():
        return frozenset(importlib.import_module(f"spacy.lang.{language}.stop_words").STOP_WORDS)


@lru_cache(maxsize=1)
def common_english_words() -> frozenset[str]:
    """The few hundred that every English text is full of, as "the" and "should"."""
    return _stop_words("en")


@kept_when_asked
def everyday_words(root: Path) -> frozenset[str]:
    """Those of them that follow on a name all the time: of questions, and the commonest English ones."""
    return ordinary_words(root) | common_english_words() | PEOPLE_DO


@kept_when_asked
def english_words(root: Path) -> frozenset[str]:
    """Words that an English text may have, and none of those names: longer lists of words hold many of them."""
    import symspellpy

    words = Path(symspellpy.__file__).with_name("frequency_dictionary_en_82_765.txt").read_text(encoding="utf-8-sig")
    found = frozenset(line.partition(" ")[0] for line in words.splitlines())
    return (found - given_names() - surnames()) | words_of_ours(root)


@lru_cache(maxsize=1)
def _names() -> tuple[frozenset[str], frozenset[str]]:
    """Each provider of the package is read by itself: what makes whole people of them costs much more memory."""
    import faker.providers.person as people

    given: set[str] = set()
    family: set[str] = set()
    for place in pkgutil.iter_modules(people.__path__):
        provider = importlib.import_module(f"{people.__name__}.{place.name}").Provider
        for name in dir(provider):
            listed = getattr(provider, name)
            if name.startswith(("first_", "last_")) and isinstance(listed, (list, tuple, set, frozenset, dict)):
                into = given if name.startswith("first_") else family
                into.update(one.lower() for one in listed if isinstance(one, str))
    parts = {part for one in given for part in re.split(r"[\s-]+", one) if len(part) >= LEAST_LETTERS_OF_A_NAME}
    return frozenset(given | parts | MORE_NAMES), frozenset(family)
