"""Nothing that looks at what people write takes long over a text that was made for it.

All regular expressions of the code are found by themselves, and are tried with what each of their parts matches, over
and over. Time is CPU time, and the limit is a multiple of what a harmless text of the same length costs.
"""

import importlib
import pkgutil
import random
import re
import sre_constants as ops
import sre_parse
import time
from functools import lru_cache

import pytest

import actions
import bot
from bot.content import faq_search, links, markdown
from bot.conversations.message import clean
from bot.identity import address, code
from bot.insight import masking, review
from bot.issuance import naming, where
from bot.mail_reading import message
from bot.nlu.plan import Plan
from bot.nlu.text import bounded, clauses, foreign, language, mentions, questions, sentences, words
from bot.slack import blocks
from bot.tickets import matter, title
from bot.tickets.transcript import transcript

LENGTH = 5000  # characters
MOST_TIMES = 20  # what a harmless text costs
HARMLESS = "My badge for Level 1 is missing and I passed the exam on Monday, can you check it please? "
# Not people's words, or so short that it does not matter: how many characters they are given at the most.
SHORTER = {
    "bot.identity.address.DOMAIN": address.LONGEST_ADDRESS,
    "bot.identity.address.LOCAL_PART": address.LONGEST_ADDRESS,
    "bot.tickets.title._SIGNED": title.LONGEST_SENTENCE,
    "bot.working_hours._PERIOD": 100,
}
# They see no message of a person, or load Rasa only to hand it on.
LEFT_OUT = (
    *("bot.migrations", "bot.evaluation", "bot.rasa", "bot.nlu.components", "bot.nlu.encoding"),
    "bot.site.widget_script",
)
SEEDS = [
    *"+_&>](*[<\"'`\\/-.,:;!?#@~= \n\ta1é({|😀漢",
    *("[x](", "](", '[x]("', "![", "[[", "**a ", "*a", "_a_", "> ", ">>", "- ", "1. ", "\n ", "<a", "</", "<!--"),
    *("https://a.b/", "a@b", "a@b.", "a.", "US$", "++++++++a", "1:1:", "a+b", "<@U|", "<mailto:", "&#", "</p", "<div"),
    *("what is ", "and also ", "1) ", "not a ", "hi ", "thanks ", "regards ", "last monday ", "12 ", "123456 ", "or "),
    *("call ", "my email is ", "level 1 ", "sertifikit ", "it's kim, not kin ", "On Mon wrote:\n", "> a\n", "-- \n"),
]


class Said:
    role = "user"

    def __init__(self, text):
        self.text = text


@lru_cache(maxsize=1)
def spacy_pipeline():
    return language.build([{"id": "one", "names": ["onestream certified associate", "level 1"]}])


def language_of(text):
    foreign.prepare()
    return foreign.language(text)


READERS = {
    "an answer as HTML": lambda text: markdown.to_html(markdown.escape_markdown(text)),
    "an answer as plain text": lambda text: markdown.to_plain_text(markdown.escape_markdown(text)),
    "an answer in Slack": lambda text: markdown.to_mrkdwn(markdown.escape_markdown(text)),
    "a message from Slack": markdown.from_mrkdwn,
    "a message to Slack": lambda text: blocks.divide(markdown.escape_mrkdwn(text)),
    "paragraphs": markdown.plain_to_html,
    "links": links.linked_html,
    "links in Slack": links.linked_mrkdwn,
    "settings' links": lambda text: markdown.resolve_links(text, {}),
    "a search": faq_search.found,
    "a title": title.title,
    "a matter": lambda text: (matter.says_what(text), matter.addressed_to_team(text), matter.belongs(text, text)),
    "another ticket": lambda text: (matter.wants_another(text), matter.only_says_where(text)),
    "a mail": lambda text: message.read(b"From: a@example.com\n\n" + text.encode()),
    "a mail in HTML": lambda text: message.read(b"From: a@example.com\nContent-Type: text/html\n\n" + text.encode()),
    "a transcript": lambda text: transcript([Said(text)]),
    "a mask": masking.masked,
    "a review": lambda text: list(review.unanswered([Said(text)])),
    "an address": address.normalised,
    "an address in words": lambda text: (address.without(text), address.corrected("a@b.con", text)),
    "a code": code.find_code,
    "tokens and entities": lambda text: spacy_pipeline()(text),
    "words": words.words,
    "bounds": bounded.shortened,
    "cuts": questions.parts,
    "leaning": questions.leans_on_context,
    "sentences": sentences.spans,
    "questions": lambda text: (clauses.asks(text), clauses.opens_a_question(text)),
    "a language": language_of,
    "mentions": lambda text: (mentions.team(text), mentions.anothers(text), mentions.somebody_else(text)),
    "a plan": lambda text: Plan.of(text, {"contexts": ["record_shown"]}),
    "names": lambda text: naming.named_in(text, ["OneStream Certified Associate"]),
    "where": where.asks_where,
    "the site": clean,
}


def patterns():
    """The regular expressions of all modules, also those in tuples, by the first name that has them."""
    found = {}
    for package in (bot, actions):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.startswith(LEFT_OUT) or module.name.endswith("__main__"):
                continue
            for name, value in vars(importlib.import_module(module.name)).items():
                for one in _within(value):
                    found.setdefault(one, f"{module.name}.{name}")
    counts = {}
    for pattern, name in found.items():
        counts[name] = counts.get(name, 0) + 1
        yield pytest.param(pattern, SHORTER.get(name, LENGTH), id=f"{name}-{counts[name]}")


def _within(value):
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, (tuple, list, set, frozenset)):
        for one in value:
            yield from _within(one)
    elif isinstance(value, dict):
        for pair in value.items():
            yield from _within(pair)


def provoking(pattern):
    """What stands first, what is repeated, what stands last: all that a pattern repeats, after what comes before it."""
    chance, tree = random.Random(7), sre_parse.parse(pattern.pattern, pattern.flags)
    found = {("", seed, "\x00") for seed in SEEDS}
    for _ in range(2):
        whole = _matching(tree, chance)
        pairs = {("", whole), ("", f"{whole} "), ("", whole[:-1])}
        for before, repeated in _repetitions(tree, chance):
            pairs |= {(before, repeated), ("", before + repeated), ("", before)}
        found |= {(*pair, end) for pair in pairs if pair[1] for end in ("\x00", "")}
    return sorted(found)


def _repetitions(tree, chance, before=""):
    for op, value in tree:
        inside = [value[2]] if op in (ops.MAX_REPEAT, ops.MIN_REPEAT) else []
        inside += [value[3]] if op is ops.SUBPATTERN else []
        inside += value[1] if op is ops.BRANCH else []
        inside += [value[1]] if op in (ops.ASSERT, ops.ASSERT_NOT) else []
        if op in (ops.MAX_REPEAT, ops.MIN_REPEAT):
            yield before, _matching(value[2], chance)
        for part in inside:
            yield from _repetitions(part, chance, before)
        before += _matching([(op, value)], chance)


def _matching(tree, chance):
    """A text that a part of a pattern matches, as far as that is easily said."""
    made = ""
    for op, value in tree:
        if op is ops.LITERAL:
            made += chr(value)
        elif op is ops.NOT_LITERAL:
            made += "b" if value == ord("a") else "a"
        elif op is ops.ANY:
            made += "a"
        elif op is ops.IN:
            made += _one_of(value, chance)
        elif op is ops.BRANCH:
            made += _matching(chance.choice(value[1]), chance)
        elif op is ops.SUBPATTERN:
            made += _matching(value[3], chance)
        elif op in (ops.MAX_REPEAT, ops.MIN_REPEAT):
            made += _matching(value[2], chance) * max(value[0], min(value[1], chance.choice((1, 2))))
    return made


def _one_of(characters, chance):
    if characters[0][0] is ops.NEGATE:
        return chance.choice("a 1.é")
    op, value = chance.choice(characters)
    if op is ops.LITERAL:
        return chr(value)
    if op is ops.RANGE:
        return chr(chance.randint(value[0], min(value[1], value[0] + 30)))
    return {ops.CATEGORY_DIGIT: "1", ops.CATEGORY_SPACE: " ", ops.CATEGORY_NOT_WORD: " "}.get(value, "a")


def filled(seed, length=LENGTH, before="", end="\x00"):
    """A text of one length: the seed over and over, and at last something that does not fit."""
    return (before + seed * (length // len(seed) + 1))[: length - 1] + end


def spent(reader, text):
    """Seconds of CPU."""
    began = time.process_time()
    reader(text)
    return time.process_time() - began


def takes_long(reader, text, limit):
    """Whether it does so three times, as other things may happen at the same time."""
    return all(spent(reader, text) > limit for _ in range(3))


@lru_cache(maxsize=1)
def yardstick():
    """What it costs to read a harmless text of this length for its sentences, questions and words, in seconds.

    The least of several times: what a busy machine adds would let slow patterns through.
    """
    text = filled(HARMLESS)
    return min(
        spent(lambda text: (words.words(text), questions.parts(text), title.title(text), links.linked_html(text)), text)
        for _ in range(7)
    )


@pytest.mark.parametrize(("pattern", "length"), patterns())
def test_no_pattern_takes_long(pattern, length):
    def look(text):
        text = text.encode() if isinstance(pattern.pattern, bytes) else text
        for _ in pattern.finditer(text):
            pass
        pattern.fullmatch(text)
        pattern.sub(text[:0], text)

    limit = MOST_TIMES * yardstick()
    for before, seed, end in provoking(pattern):
        assert not takes_long(look, filled(seed, length, before, end), limit), (before, seed, end)


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_no_reader_takes_long(reader):
    reader(filled(HARMLESS))
    limit = MOST_TIMES * max(spent(reader, filled(HARMLESS)), yardstick())
    for seed in SEEDS:
        assert not takes_long(reader, filled(seed, end="x"), limit), seed


def test_a_slow_pattern_would_be_found():
    with pytest.raises(AssertionError):
        test_no_pattern_takes_long(re.compile(r"\s+(?=and)"), 2 * LENGTH)  # far beyond the limit on any machine
