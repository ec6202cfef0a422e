"""Messages with a slip of the pen or two: letters swapped, left out, doubled, the key beside, words written by ear."""

import random
import re

SHORTEST_SLIPPED = 4  # letters of a word that gets a slip
_WORD = re.compile(rf"(?<![\w@./-])[A-Za-z]{{{SHORTEST_SLIPPED},}}(?![\w@/-]|\.\w)")
_BESIDE = {
    "a": "qsz", "b": "vghn", "c": "xdfv", "d": "serfcx", "e": "wsdr", "f": "drtgvc", "g": "ftyhbv", "h": "gyujnb",
    "i": "ujko", "j": "huikmn", "k": "jiolm", "l": "kop", "m": "njk", "n": "bhjm", "o": "iklp", "p": "ol", "q": "wa",
    "r": "edft", "s": "awedxz", "t": "rfgy", "u": "yhji", "v": "cfgb", "w": "qase", "x": "zsdc",
    "y": "tghu", "z": "asx",
}  # fmt: skip
_BY_EAR = (
    ("ie", "ei"), ("ei", "ie"), ("tion", "shun"), ("tial", "shal"), ("ence", "ance"), ("ance", "ence"),
    ("able", "ible"), ("ible", "able"), ("ph", "f"), ("ce", "se"), ("ci", "si"), ("cer", "ser"), ("ck", "k"),
    ("qu", "kw"), ("dg", "g"), ("wh", "w"), ("ght", "t"), ("ai", "ay"), ("ea", "ee"), ("ous", "us"), ("ary", "ery"),
    ("y", "i"), ("x", "ks"),
)  # fmt: skip
SLIP_KINDS = ("swapped", "missing", "doubled", "beside", "by ear", "blank")
WEIGHTS = (5, 6, 3, 4, 4, 1)


def swapped(word: str, chance: random.Random) -> str:
    """Two neighbours the wrong way round, the first letter left alone."""
    places = [i for i in range(1, len(word) - 1) if word[i] != word[i + 1]]
    place = chance.choice(places) if places else 0
    return word[:place] + word[place : place + 2][::-1] + word[place + 2 :] if places else word


def missing(word: str, chance: random.Random) -> str:
    """A letter left out, never the first."""
    place = chance.randrange(1, len(word))
    return word[:place] + word[place + 1 :]


def doubled(word: str, chance: random.Random) -> str:
    """A letter twice, or once where it belongs twice."""
    pairs = [i for i in range(1, len(word)) if word[i] == word[i - 1]]
    if pairs:
        return word[: pairs[0]] + word[pairs[0] + 1 :]
    place = chance.randrange(1, len(word))
    return word[:place] + word[place] + word[place:]


def beside(word: str, chance: random.Random) -> str:
    """The key beside the right one."""
    place = chance.randrange(1, len(word))
    return word[:place] + chance.choice(_BESIDE[word[place].lower()]) + word[place + 1 :]


def by_ear(word: str, chance: random.Random) -> str:
    """Written as it sounds; a letter left out where nothing in it is often written so."""
    found = [(right, wrong) for right, wrong in _BY_EAR if right in word[1:] or (right == "cer" and right in word)]
    if not found:
        return missing(word, chance)
    right, wrong = chance.choice(found)
    start = 0 if right == "cer" else 1
    return word[:start] + word[start:].replace(right, wrong, 1)


MAKERS = {"swapped": swapped, "missing": missing, "doubled": doubled, "beside": beside, "by ear": by_ear}


def misspelt(text: str, chance: random.Random) -> str:
    """A text with a slip, or with two where it has six words or more; the same text where no word is long enough."""
    for _ in range(1 + (len(text.split()) >= 6 and chance.random() < 0.6)):
        words = list(_WORD.finditer(text))
        if not words:
            return text
        word, kind = chance.choice(words), chance.choices(SLIP_KINDS, WEIGHTS)[0]
        if kind == "blank" and text[word.end() : word.end() + 1] == " ":
            text = text[: word.end()] + text[word.end() + 1 :]
            continue
        wrong = MAKERS.get(kind, missing)(word.group(), chance)
        text = text[: word.start()] + wrong + text[word.end() :]
    return text
