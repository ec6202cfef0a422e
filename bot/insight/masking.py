"""Blacks out what could tell who wrote a text, before it is shown or kept elsewhere, and says what that was."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, repeat
from string import ascii_lowercase
from threading import Lock
from typing import TYPE_CHECKING, Any

from bot.insight.given_names import (
    LEAST_LETTERS_OF_A_NAME,
    MONTHS_AND_SEASONS,
    PARTICLES,
    PEOPLE,
    PEOPLE_DO,
    SHORT_NAMES,
    common_english_words,
    english_words,
    everyday_words,
    given_names,
    surnames,
    words_of_ours,
)
from bot.insight.private_patterns import RULES, PrivateKind
from bot.nlu.text.light_imports import without_frameworks

if TYPE_CHECKING:
    pass

NAME, PLACE, FILE_NAME = PrivateKind.NAME.value, PrivateKind.PLACE.value, "(file)"
MOST_READ = 20_000  # texts, after which spaCy begins anew: it keeps every word that it has seen
LEAST_ENGLISH = 4  # one in so many words is among the commonest English ones where a text is English
MOST_NAME_PARTS = 5  # of a name, after its first
Pattern = list[dict[Any, Any]]  # of spaCy's matcher: a dictionary a word
HONORIFICS = (
    r"mr|mrs|ms|mx|miss|dr|prof|professor|sir|madam|madame|mme|mlle|monsieur|herr|frau|señora?|senhora?|sra?|srta|signora?|"
    r"sig|pan|pani|shri|smt|pak|bapak|ibu|engr?|ing|capt|captain|rev|sheikh"
)
_WORD = r"[^\W\d_][\w'’.-]{0,30}"
_TOLD = re.compile(
    r"(?<!\w)((?:(?:my|full|her|his|the|first|last)\s(?:full\s|first\s|last\s)?name"
    r"(?:\s(?:as|in|on|like|per)(?:\s\w{1,20}){1,4}?)?(?:\s(?:is|was|should be)|\s?[:=]|'s)"
    r"|(?:change|correct|update|fix|edit|switch|set)\s(?:(?:my|the|full|display|first|last|her|his)\s){0,3}"
    r"(?:sur)?name\s(?:on\s(?:the|my)\s\w{1,20}\s)?(?:in)?to|(?:sur)?name\s(?:should|must|has\sto|shall)\s(?:be|say|read|show)"
    r"|(?:sir|madam|hello|hi|this\sis|dear),?\smyself"
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
    rf"\s{{1,3}})({_WORD}(?:\s{{1,2}}{_WORD}){{0,3}})"
)
# A name that is a word, where a person says who they are and goes on about something else.
_IS_SOMEBODY = re.compile(
    r"(?<!\w)(?:i am|i['’]?m|this is|it['’]?s|names?(?: is|['’]s)?|called|regards|cheers|thanks|thx|ty|best|wishes)"
    rf"[,.:]?\s{{1,3}}({'|'.join(sorted(PEOPLE))})(?=\s{{0,3}}(?:[,.;!?]|$)|\s(?:and|here|from|again|writing)\b)",
    re.IGNORECASE,
)
# Who stands to the writer as what: a name follows on it, though no list may hold it.
_KNOWN_AS = re.compile(
    rf"(?<!\w)((?:{HONORIFICS}|"
    r"(?:co-?)?worker|colleague|collegue|boss|manager|supervisor|superviser|team\s?lead(?:er)?|lead|director|assistant|"
    r"secretary|trainer|teacher|tutor|instructor|mentor|coach|lecturer|proctor|examiner|classmate|friend|"
    r"flatmate|roommate|neighbou?r|wife|husband|spouse|partner|son|daughter|brother|sister|mother|father|mom|mum|dad|"
    r"child|kid|baby|uncle|aunt|cousin|nephew|niece|grand(?:son|daughter|mother|father|ma|pa)|fianc[eé]e?|boyfriend|"
    r"girlfriend|maiden\sname)"
    rf"(?:\s?[:=(]|(?:\s(?:is|was|named|called|name|{HONORIFICS})\.?){{1,3}}|\.?,?)"
    r"\s{0,2}(?<=[\s(.]))"
    rf"({_WORD}(?:\s{{1,2}}{_WORD}){{0,3}})",
    re.IGNORECASE,
)
_SPEAKS = re.compile(
    rf"(?<![\w'’.-])({_WORD}(?:\s{_WORD}){{0,2}})(?=\s(?:speaking|here|writing|again|on\sbehalf)(?!\w))", re.IGNORECASE
)
_TITLE = re.compile(rf"(?:{HONORIFICS})\.?", re.IGNORECASE)
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
    text = _behind(_TOLD, text, lambda words: _without_name(words, kinds))
    for pattern, group in ((_TOLD_UNPARTED, 0), (_IS_SOMEBODY, 1)):
        text = _without(text, (found.span(group) for found in pattern.finditer(text)), PrivateKind.NAME, kinds)
    text = _behind(_INTRODUCED, text, lambda words: _without_first_run(words, kinds, _is_capital, _is_capital))
    text = _behind(
        _KNOWN_AS, text, lambda words: _without_first_run(words, kinds, _may_be_known_as, _may_follow_on_a_name)
    )
    text = _without(text, _speakers(text), PrivateKind.NAME, kinds)
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
    return masked(text) != text or holds_mark(text)


def holds_mark(text: str) -> bool:
    """Whether a mark of what was blacked out stands in a text, as "(name)"."""
    return any(kind.value in text for kind in PrivateKind)


def _without(text: str, spans: Iterable[tuple[int, int]], kind: PrivateKind, kinds: Counter[PrivateKind]) -> str:
    parts, done = [], 0
    for start, end in spans:
        if start < done:
            continue
        parts += [text[done:start], kind.value]
        done = end
        kinds[kind] += 1
    return "".join([*parts, text[done:]])


def _speakers(text: str) -> Iterator[tuple[int, int]]:
    """Where who says "Leila here" or "Leila Haddad speaking" stands."""
    for found in _SPEAKS.finditer(text):
        words = list(re.finditer(r"\S+", found[1]))
        ends = next((word.end() for word in reversed(words) if not _may_speak(word[0])), 0)
        named = [word for word in words if word.start() >= ends]
        if named:
            yield found.start() + named[0].start(), found.end()


def _behind(pattern: re.Pattern[str], text: str, change: Callable[[str], str]) -> str:
    """The text with what follows on the pattern's first group changed; what stays may hold the next such group."""
    parts, done = [], 0
    while found := pattern.search(text, done):
        changed = change(found[2])
        same = changed == found[2]
        parts += [text[done : found.end(1)], "" if same else changed]
        done = found.end(1) if same else found.end()
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


def _without_first_run(
    words: str, kinds: Counter[PrivateKind], may_begin: Callable[[str], bool], may_go_on: Callable[[str], bool]
) -> str:
    """The words without the name that they begin with, if they do."""
    parts = words.split()
    tests = chain([may_begin], repeat(may_go_on))
    ends = next((place for place, (part, test) in enumerate(zip(parts, tests)) if not test(part)), len(parts))
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
        len(plain) >= LEAST_LETTERS_OF_A_NAME
        or plain in SHORT_NAMES
        or (word[:1].isupper() and len(plain) == LEAST_LETTERS_OF_A_NAME - 1)
    )


def _is_surname(word: str) -> bool:
    return (
        _plain(word) in surnames()
        and _plain(word) not in words_of_ours()
        and len(_plain(word)) >= LEAST_LETTERS_OF_A_NAME
    )


def _is_unknown(word: str) -> bool:
    one_capital = word[1:] == word[1:].lower()
    return _is_odd(word) and len(word) >= LEAST_LETTERS_OF_A_NAME and word.isalpha() and one_capital


def _is_odd(word: str) -> bool:
    return _is_capital(word) and _plain(word) not in english_words()


def _may_be_known_as(word: str) -> bool:
    """Whether it is a name behind a title or "my boss": one in capitals, a listed one or one that is like no word."""
    plain = _plain(word)
    listed = len(plain) > 2 and plain not in words_of_ours() and (plain in given_names() or plain in surnames())
    return (_is_capital(word) or listed or _is_strange(word)) and not _TITLE.fullmatch(word)


def _may_speak(word: str) -> bool:
    """The same, but for "Brazilian here" or "Student here"."""
    return _may_be_known_as(word) and (_plain(word) not in english_words() or _is_listed(word))


def _may_follow_on_a_name(word: str) -> bool:
    return _may_be_known_as(word) or _is_surname_behind(word)


@lru_cache(maxsize=4096)
def _is_strange(word: str) -> bool:
    """Whether it is no English word in small letters, nor one with a slip of the finger."""
    plain = _plain(word)
    if not word.islower() or not plain.isalpha() or len(plain) <= LEAST_LETTERS_OF_A_NAME or plain in english_words():
        return False
    parts = [(plain[:place], plain[place:]) for place in range(len(plain) + 1)]
    slips = chain(
        (before + after[1:] for before, after in parts),
        (before + after[1:2] + after[:1] + after[2:] for before, after in parts),
        (
            before + letter + after[skipped:]
            for before, after in parts
            for letter in ascii_lowercase
            for skipped in (0, 1)
        ),
    )
    return english_words().isdisjoint(slips)


def _is_surname_behind(word: str) -> bool:
    """Whether it is a surname in small letters where a given name stands before it, though it is a word as well."""
    plain = _plain(word)
    return (
        word.islower()
        and len(plain) >= LEAST_LETTERS_OF_A_NAME
        and plain in surnames()
        and plain not in everyday_words()
    )


def _is_initial(word: str) -> bool:
    return len(word) == 1 and word.isupper()


def _is_listed(word: str) -> bool:
    """Whether it is a name where another stands before it, be it a word as well."""
    return word[:1].isupper() and not word.isupper() and (_plain(word) in given_names() or _plain(word) in surnames())


def _is_person(word: str) -> bool:
    return word[:1].isupper() and not word.isupper() and _plain(word) in PEOPLE


class _Reader:
    """Finds names by spaCy's matcher, with flags of words that say which may be one."""

    def __init__(self) -> None:
        """Prepare the rules; no model is needed."""
        with without_frameworks():
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
            lambda word: word.islower() and len(word) >= LEAST_LETTERS_OF_A_NAME and _plain(word) not in english_words()
        )
        particle = flag(lambda word: word.lower() in PARTICLES and word.lower() not in ("y", "la", "le", "el"))
        month = flag(lambda word: _plain(word) in MONTHS_AND_SEASONS)
        family = flag(lambda word: _is_capital(word) or (_is_listed(word) and _plain(word) not in everyday_words()))
        stranger = flag(_is_strange)
        behind, initial = flag(_is_surname_behind), flag(_is_initial)
        known_capital = flag(lambda word: word[:1].isupper() and _is_surname(word))
        small = flag(lambda word: word[:1].islower() and word.isalpha())
        more: Pattern = [{part: True, "OP": "?"}] * MOST_NAME_PARTS  # "*" would read a long run from each of its words
        self._matcher: Matcher = Matcher(self._vocab, validate=False)
        names: list[Pattern] = [
            [{given: True}, *more],
            [{given: True}, {strange: True}],
            [{given: True}, {behind: True}],
        ]
        unlisted = flag(lambda word: word.isalpha() and len(word) > 2 and _plain(word) not in words_of_ours())
        names.append([{given: True}, {particle: True}, {particle: True, "OP": "?"}, {unlisted: True}])
        self._matcher.add("name", names, greedy="LONGEST")
        in_capitals: list[Pattern] = [[{odd: True}, *more, {capital: True}], [{capital: True}, *more, {odd: True}]]
        self._matcher.add("name in capitals", in_capitals, greedy="LONGEST")
        dot: Pattern = [{"ORTH": "."}]
        behind_initials: Pattern = [{initial: True}, *dot, {initial: True, "OP": "?"}, {"ORTH": ".", "OP": "?"}]
        before_initials: Pattern = [{family: True}, {"ORTH": ",", "OP": "?"}, {initial: True}, *dot]
        behind_initials += [{family: True}, *more]
        self._matcher.add("name behind initials", [behind_initials], greedy="LONGEST")
        self._matcher.add("name before initials", [before_initials], greedy="LONGEST")
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
        strangers: list[Pattern] = [[{small: True}, {strange: True}, {given: True}]]
        strangers.append([{small: True}, {stranger: True}, {stranger: True}])
        self._within.add("strange", strangers)

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
        """A capital or a strange word says nothing in German, say: they count where the text is English."""
        rule = self._vocab.strings[key]
        if rule not in ("unknown", "strange"):
            return True
        told = [word.lower() for word in words if word[0].isalpha()]
        if rule == "strange":
            return LEAST_ENGLISH * sum(word in common_english_words() for word in told) >= len(told)
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
