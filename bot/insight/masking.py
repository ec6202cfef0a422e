"""Blacks out what could tell who wrote a text, before it is shown or kept elsewhere, and says what that was."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

from bot.insight.given_names import (
    LEAST_LETTERS,
    MONTHS_AND_SEASONS,
    PARTICLES,
    PEOPLE,
    PEOPLE_DO,
    SHORT_NAMES,
    english_words,
    given_names,
    surnames,
    words_of_ours,
)
from bot.insight.private_patterns import RULES, PrivateKind

if TYPE_CHECKING:
    pass

NAME, PLACE, FILE_NAME = PrivateKind.NAME.value, PrivateKind.PLACE.value, "(file)"
MOST_READ = 20_000  # texts, after which spaCy begins anew: it keeps every word that it has seen
MOST_NAME_PARTS = 5  # of a name, after its first
Pattern = list[dict[Any, Any]]  # of spaCy's matcher: a dictionary a word
_WORD = r"[^\W\d_][\w'’.-]{0,30}"
_TOLD = re.compile(
    r"(?<!\w)((?:(?:my|full|her|his|the|first|last)\s(?:full\s|first\s|last\s)?name"
    r"(?:\s(?:is|was|should be)|\s?[:=]|'s)"
    r"|i am called|is called|name's|full name|ich heiße|ich heisse|mein name ist|je m['’]appelle|mon nom est"
    r"|me llamo|mi nombre es|mi chiamo|il mio nome è|me chamo|meu nome é|ik heet|mijn naam is"
    r"|jag heter|jeg heter|jeg hedder|nimeni on|nazywam się|mam na imię|jmenuji se|volám sa|(?:benim )?adım"
    r"|nama saya|tên tôi là|меня зовут|мене звати|με λένε"
    r"|اسمي هو|اسمي|שמי|मेरा नाम|제 이름은|저는)\s{1,3})"
    rf"({_WORD}(?:\s{{1,2}}{_WORD}){{0,5}})",
    re.IGNORECASE,
)
# Scripts that part no words.
_TOLD_UNPARTED = re.compile(
    r"(?<=我叫)[\u4e00-\u9fff]{2,4}(?=[，。,.!?！？\s]|$)|(?<=我的名字是)[\u4e00-\u9fff]{2,4}"
    r"|[\u4e00-\u9fff\u30a0-\u30ff]{2,8}(?=と申します|といいます|です)"
)
_INTRODUCED = re.compile(
    r"(?<!\w)((?:(?:I am|I'm|I’m|i am|i'm|im|this is|This is|Dear|dear|Hi|Hello|hello|hi|Mr|Mrs|Ms|Dr|Herr|Frau)\.?"
    r"|(?:regards|Regards|cheers|Cheers|thanks|Thanks|sincerely|Sincerely|best|Best|wishes|Grüßen|Grüße|Saludos)[,.!]?)"
    rf"\s{{1,3}})({_WORD}(?:\s{{1,2}}{_WORD}){{0,2}})"
)
# A name that is a word, where a person says who they are and goes on about something else.
_IS_SOMEBODY = re.compile(
    r"(?<!\w)(?:i am|i['’]?m|this is|it['’]?s|names?(?: is|['’]s)?|called|regards|cheers|thanks|thx|ty|best|wishes)"
    rf"[,.:]?\s{{1,3}}({'|'.join(sorted(PEOPLE))})(?=\s{{0,3}}(?:[,.;!?]|$)|\s(?:and|here|from|again|writing)\b)",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"\w[\w'’]{0,60}|[^\w\s]")  # spaCy's own tokenizer reads long runs of colons over and over
_FAMILY = re.compile(r"(?:[OD]['’]|Mc|Mac|Fitz|Al-|El-|Ben-)[^\W\d_a-z]")  # O'Connor, McDonald
_JOINTS = frozenset({"-", "–", "'", "’"})


@dataclass(frozen=True)
class Masked:
    """A text without what could tell who wrote it; `kinds` is how often what was blacked out."""

    text: str
    kinds: Mapping[PrivateKind, int] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """What was blacked out, as "2 names, 1 number"; "" for nothing."""
        return ", ".join(kind.counted(number) for kind, number in self.kinds.items())


def masked(text: str) -> str:
    """The text without names, addresses, numbers and whatever else could tell who wrote it, as far as rules find it.

    A name is what is said to be one, what is one in some country and no word of ours, or words in capitals that stand
    together and are no words of ours.
    """
    return masked_with(text).text


def masked_with(text: str) -> Masked:
    """The same, with what was blacked out."""
    kinds: Counter[PrivateKind] = Counter()
    for rule in RULES:
        text = _without(text, rule.spans(text), rule.kind, kinds)
    text = _TOLD.sub(lambda found: found[1] + _without_name(found[2], kinds), text)
    for pattern, group in ((_TOLD_UNPARTED, 0), (_IS_SOMEBODY, 1)):
        text = _without(text, (found.span(group) for found in pattern.finditer(text)), PrivateKind.NAME, kinds)
    text = _INTRODUCED.sub(lambda found: found[1] + _without_first_run(found[2], kinds), text)
    if text:
        text = _without(text, _reader().names_in(text), PrivateKind.NAME, kinds)
    return Masked(text, {kind: kinds[kind] for kind in PrivateKind if kinds[kind]})


def counted(kinds: Iterable[Mapping[PrivateKind, int]]) -> Masked:
    """What was blacked out in several texts, without a text."""
    total: Counter[PrivateKind] = Counter()
    for one in kinds:
        total.update(one)
    return Masked("", {kind: total[kind] for kind in PrivateKind if total[kind]})


def holds_private(text: str) -> bool:
    """Whether a text holds personal data, or a mark of what was blacked out in it, and so must be written anew."""
    return masked(text) != text or any(kind.value in text for kind in PrivateKind)


def _without(text: str, spans: Iterable[tuple[int, int]], kind: PrivateKind, kinds: Counter[PrivateKind]) -> str:
    parts, done = [], 0
    for start, end in spans:
        if start < done:
            continue
        parts += [text[done:start], kind.value]
        done = end
        kinds[kind] += 1
    return "".join([*parts, text[done:]])


def _without_name(words: str, kinds: Counter[PrivateKind]) -> str:
    """What follows on "my name is": all of it up to a word that no name has."""
    parts = words.split()
    ends = next((place for place in range(len(parts)) if _ends_name(parts[place : place + 2])), len(parts))
    if ends and not parts[0].isascii() and parts[0].lower() == parts[0].upper():
        ends = 1  # a script without capitals: what follows may be any word
    if not ends or parts[0].startswith("("):
        return words
    kinds[PrivateKind.NAME] += 1
    end = parts[ends - 1][len(parts[ends - 1].rstrip(".")) :]
    return " ".join([NAME + end, *parts[ends:]])


def _ends_name(words: Sequence[str]) -> bool:
    """Whether a name ends before the first of two words: "de" is a part of one before another part only."""
    ordinary = [_plain(word) in words_of_ours() for word in words]
    return ordinary[0] and not (words[0].lower() in PARTICLES and ordinary[1:] == [False])


def _without_first_run(words: str, kinds: Counter[PrivateKind]) -> str:
    """The words without the name that they begin with, if they do."""
    parts = words.split()
    ends = next((place for place, part in enumerate(parts) if not _is_capital(part)), len(parts))
    if not ends:
        return words
    kinds[PrivateKind.NAME] += 1
    end = parts[ends - 1][len(parts[ends - 1].rstrip(".")) :]
    return " ".join([NAME + end, *parts[ends:]])


def _plain(word: str) -> str:
    """A word in small letters, without what stands around it and the 's behind it."""
    return re.sub(r"['’]s$", "", word.strip(".'’-").lower()).strip("'’")


def _is_capital(word: str) -> bool:
    """Whether it has one capital, as names have, and is no word of ours."""
    bare = word.strip(".'’-")
    return bare[:1].isupper() and (not bare.isupper() or len(bare) == 1) and _plain(word) not in words_of_ours()


def _is_given(word: str) -> bool:
    if _FAMILY.match(word):
        return True
    plain = _plain(word)
    if plain not in given_names() or plain in words_of_ours():
        return False
    return (
        len(plain) >= LEAST_LETTERS or plain in SHORT_NAMES or (word[:1].isupper() and len(plain) == LEAST_LETTERS - 1)
    )


def _is_surname(word: str) -> bool:
    return _plain(word) in surnames() and _plain(word) not in words_of_ours() and len(_plain(word)) >= LEAST_LETTERS


def _is_unknown(word: str) -> bool:
    one_capital = word[1:] == word[1:].lower()
    return _is_odd(word) and len(word) >= LEAST_LETTERS and word.isalpha() and one_capital


def _is_odd(word: str) -> bool:
    return _is_capital(word) and _plain(word) not in english_words()


def _is_listed(word: str) -> bool:
    """Whether it is a name where another stands before it, be it a word as well."""
    return word[:1].isupper() and not word.isupper() and (_plain(word) in given_names() or _plain(word) in surnames())


def _is_person(word: str) -> bool:
    return word[:1].isupper() and not word.isupper() and _plain(word) in PEOPLE


class _Reader:
    """Finds names by spaCy's matcher, with flags of words that say which may be one."""

    def __init__(self) -> None:
        """Prepare the rules; no model is needed."""
        from spacy.attrs import LOWER
        from spacy.matcher import Matcher
        from spacy.vocab import Vocab

        self._guard, self._read, self._words = Lock(), 0, words_of_ours()
        self._vocab: Vocab = Vocab(lex_attr_getters={LOWER: str.lower})
        flag = self._vocab.add_flag
        given, surname, capital, unknown, person = map(
            flag, (_is_given, _is_surname, _is_capital, _is_unknown, _is_person)
        )
        part = flag(
            lambda word: _is_given(word) or _is_surname(word) or _is_capital(word) or _is_listed(word) or _joins(word)
        )
        odd = flag(_is_odd)
        strange = flag(
            lambda word: word.islower() and len(word) >= LEAST_LETTERS and _plain(word) not in english_words()
        )
        month = flag(lambda word: _plain(word) in MONTHS_AND_SEASONS)
        known_capital = flag(lambda word: word[:1].isupper() and _is_surname(word))
        small = flag(lambda word: word[:1].islower() and word.isalpha())
        more: Pattern = [{part: True, "OP": "?"}] * MOST_NAME_PARTS  # "*" would read a long run from each of its words
        self._matcher: Matcher = Matcher(self._vocab, validate=False)
        names: list[Pattern] = [[{given: True}, *more], [{given: True}, {strange: True}]]
        self._matcher.add("name", names, greedy="LONGEST")
        in_capitals: list[Pattern] = [[{odd: True}, *more, {capital: True}], [{capital: True}, *more, {odd: True}]]
        self._matcher.add("name in capitals", in_capitals, greedy="LONGEST")
        word_and_name: Pattern = [{person: True}, {capital: True}, *more]
        self._matcher.add("word and name", [word_and_name], greedy="LONGEST")
        acts: Pattern = [{person: True, month: False}, {"LOWER": {"IN": sorted(PEOPLE_DO)}}]
        self._matcher.add("who acts", [acts])
        # Only where a sentence has begun in small letters.
        self._within: Matcher = Matcher(self._vocab, validate=False)
        within: dict[str, Pattern] = {
            "person": [{small: True}, {person: True, month: False}],
            "surname": [{small: True}, {known_capital: True}],
            "unknown": [{small: True}, {unknown: True}],
        }
        for name, pattern in within.items():
            self._within.add(name, [pattern])

    @property
    def is_worn(self) -> bool:
        """Whether another one should take its place: it has read so much, or our words are others now."""
        return self._read >= MOST_READ or self._words is not words_of_ours()

    def names_in(self, text: str) -> list[tuple[int, int]]:
        """Where the names stand, from the left; none of them overlap."""
        from spacy.tokens import Doc

        places = [found.span() for found in _TOKEN.finditer(text)]
        words = [text[start:end] for start, end in places]
        with self._guard:
            self._read += 1
            doc = Doc(self._vocab, words)
            found = [
                (start, end - 1 if self._vocab.strings[key] == "who acts" else end)
                for key, start, end in self._matcher(doc)
            ]
            if not _is_title(words):
                found += [(start + 1, end) for key, start, end in self._within(doc) if self._counts(key, words)]
        return _spans(words, places, found)

    def _counts(self, key: int, words: Sequence[str]) -> bool:
        """A capital says nothing in German, say: it counts where most words are English."""
        if self._vocab.strings[key] != "unknown":
            return True
        told = [word.lower() for word in words if word[0].isalpha()]
        return 3 * sum(word in english_words() for word in told) >= 2 * len(told)


def _joins(word: str) -> bool:
    return (
        word in _JOINTS
        or word.lower() in PARTICLES
        or (len(word) <= 2 and word[:1].isupper() and word[1:] in ("", "."))
    )


def _is_title(words: Sequence[str]) -> bool:
    told = [word for word in words if word.isalpha() and len(word) > 1]
    return len(told) > 3 and 5 * sum(word[:1].isupper() for word in told) >= 3 * len(told)


def _spans(
    words: Sequence[str], places: Sequence[tuple[int, int]], found: Iterable[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Characters of runs of words, those that overlap as one, without joints and particles at their ends."""
    named: set[int] = set()
    for start, end in found:
        while end > start and _is_joint(words[end - 1]):
            end -= 1
        named.update(range(start, end))
    spans: list[tuple[int, int]] = []
    for place in sorted(named):
        if spans and place - 1 in named:
            spans[-1] = spans[-1][0], places[place][1]
        else:
            spans.append(places[place])
    return spans


def _is_joint(word: str) -> bool:
    return word in _JOINTS or word.lower() in PARTICLES


_readers: list[_Reader] = []


def _reader() -> _Reader:
    if not _readers or _readers[0].is_worn:
        _readers[:] = [_Reader()]
    return _readers[0]
