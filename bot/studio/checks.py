"""Looks through changes for what would go wrong or be read wrongly once they are live."""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, cast

from bot.content.kinds import ANSWER_PREFIX, ResponseKind
from bot.content.markdown import SETTING_LINK
from bot.insight.masking import holds_mark
from bot.studio.content import DOMAIN_FILE, Content, read_text
from bot.studio.items import Change, Item, ItemKind, fits
from bot.studio.markdown_faults import unshown
from bot.studio.yaml_lines import UNPRINTABLE

# Vectors of texts, one row each, of unit length: an array of numbers, which whoever gives it may have kept.
UnitVectors = Callable[[Sequence[str]], Any]  # one row a text, or None where there are no vectors

NEARLY_THE_SAME = 0.88  # cosine from which two examples say the same: of ours 56 pairs of two labels are so near
LONGEST_ANSWER = 3000  # characters of an answer, which Slack takes in one block
LONGEST_TO_READ = 6000  # characters of an answer that is looked through
LONGEST_BUTTON = 75  # characters of a button in Slack
LONGEST_EXAMPLE = 1000  # characters
FEWEST_EXAMPLES = 2  # of a label
ENOUGH_EXAMPLES = 10  # of a label that counts anywhere
WORDS_THAT_ALL_SAY = 3  # after something a message of so few words is nobody's own: "yes please"
LONGEST_VALIDITY = 600  # months
WITH_ANSWER = ("faq/", "fact/", "out_of_scope/", "ambiguous/")  # labels to which a response of the same name belongs
CREDENTIAL_KEYS = {"id", "title", "names", "earned_by", "valid_months"}
LINK_NAMED = re.compile(r"link:([^)\s\"]*)")
PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")
MARKED = re.compile(r"\[[^\[\]]{1,300}\](?:\(([^()]{1,100})\)|\{[^{}]{1,300}\}|\[[^\[\]]{0,300}\])")
MAIL_ADDRESS = re.compile(r"(?<![\w.+'-])[\w.+'-]+@([\w-]+(?:\.[\w-]+)+)")
_NAME_ELSEWHERE = re.compile(r"(?<![\w/])\w{1,100}/\w{1,100}(?![\w/])")  # those without a group only code knows
_LABEL = re.compile(r"/([^{\s]+)")
_WORD = re.compile(r"\w+")


class Severity(str, Enum):
    """How much a finding matters."""

    ERROR = "error"  # nothing may be published with it
    WARNING = "warning"  # somebody should look at it


@dataclass(frozen=True, kw_only=True)
class ContentFinding:
    """Something to put right, or to look at, in a change."""

    level: Severity
    item: Item
    field: str  # "text", "buttons", "title", "question", "names" ...; for examples the example itself
    message: str  # for an editor; says what to do
    about: str = ""  # what it clashes with: the other example, say
    variant: int = 0  # which of the variants of a response, from 0


@dataclass(frozen=True)
class _Values:
    """All items as they are after the changes."""

    of: Mapping[Item, Any]
    labels: frozenset[str]
    entities: frozenset[str]

    def response(self, name: str) -> Any:
        return self.of.get(Item(ItemKind.RESPONSE, name))


def check(
    content: Content,
    changes: Sequence[Change],
    *,
    likeness: UnitVectors | None,
    test_texts: Callable[[], Mapping[str, str]],
    settings_links: Container[str],
    masked: Callable[[str], str],
) -> list[ContentFinding]:
    """What is wrong with changes, errors first; only what they bring, not what stood there before.

    Args:
        content: what they are made on.
        changes: at most one for each item.
        likeness: gives vectors of texts; None where meaning is not asked.
        test_texts: gives the messages of the tests and what they are meant as; asked only where examples are new.
        settings_links: the names of links that settings give an address.
        masked: blacks out personal data, as `bot.insight.masking` does.
    """
    sound = [change for change in changes if fits(change.item.kind, change.after) and _speaks(change)]
    found = [
        _error(change.item, "", "This has another form than it must have: undo the change and make it anew.")
        for change in changes
        if change not in sound
    ]
    before, after = _values(content, []), _values(content, sound)
    for change in sound:
        if change.after is not None and change.item.kind is ItemKind.RESPONSE:
            found += _of_response(change, before, after, content, settings_links)
        elif change.after is not None and change.item.kind is ItemKind.CREDENTIAL:
            found += _of_credential(change, after)
        elif change.item.kind is ItemKind.CREDENTIAL:
            found.append(
                _warning(change.item, "", "Records and badges of this credential are not recognised any more.")
            )
    found += _of_examples(sound, before, after, likeness, test_texts, masked)
    found += _of_references(sound, before, after)
    found += _of_places(sound, content, before, after)
    return sorted(dict.fromkeys(found), key=lambda finding: finding.level is not Severity.ERROR)


def _error(item: Item, field: str, message: str, about: str = "", variant: int = 0) -> ContentFinding:
    return ContentFinding(level=Severity.ERROR, item=item, field=field, message=message, about=about, variant=variant)


def _warning(item: Item, field: str, message: str, about: str = "", variant: int = 0) -> ContentFinding:
    return replace(_error(item, field, message, about, variant), level=Severity.WARNING)


def _speaks(change: Change) -> bool:
    """Whether a response has the parts that a response has, each in its form."""
    if change.item.kind is ItemKind.CREDENTIAL and change.after is not None:
        value = cast(dict[str, Any], change.after)
        names = value.get("names", [])
        return isinstance(names, list) and all(isinstance(one, str) for one in [*names, value.get("title", "")])
    if change.item.kind is not ItemKind.RESPONSE:
        return True
    return all(map(_is_variant, cast(list[dict[str, Any]], change.after or [])))


def _is_variant(variant: Mapping[str, Any]) -> bool:
    buttons, about = variant.get("buttons", []), variant.get("metadata", {})
    return (
        set(variant) <= {"text", "channel", "buttons", "metadata"}
        and isinstance(variant.get("text", ""), str)
        and isinstance(about, dict)
        and isinstance(about.get("related", []), list)
        and isinstance(buttons, list)
        and all(isinstance(one, dict) and all(isinstance(text, str) for text in one.values()) for one in buttons)
    )


def _values(content: Content, changes: Sequence[Change]) -> _Values:
    of: dict[Item, Any] = {item: content.value(item) for item in content.items()}
    for change in changes:
        of[change.item] = change.after
    of = {item: value for item, value in of.items() if value is not None}
    domain = content.files[DOMAIN_FILE]
    responses = (item.name.removeprefix("utter_") for item in of if item.kind is ItemKind.RESPONSE)
    examples = (item.name for item in of if item.kind is ItemKind.EXAMPLES)
    intents = (one if isinstance(one, str) else next(iter(one)) for one in domain.get("intents") or [])
    entities = frozenset(one if isinstance(one, str) else next(iter(one)) for one in domain.get("entities") or [])
    return _Values(of, frozenset([*responses, *examples, *intents]), entities)


# Responses


def _of_response(
    change: Change, before: _Values, after: _Values, content: Content, settings_links: Container[str]
) -> Iterator[ContentFinding]:
    item, variants = change.item, cast(list[dict[str, Any]], change.after)
    old = before.of.get(item) or []
    yield from _of_channels(item, variants)
    yield from _of_metadata(item, variants[0].get("metadata") or {}, after)
    links = _Links(content, settings_links)
    for place, variant in enumerate(variants):
        if variant in old:
            continue
        text = variant.get("text", "")
        same = [one.get("text", "") for one in old]
        if text not in same:
            findings = [*_of_text(item, text), *_of_placeholders(item, text, same), *links.findings(item, text, same)]
            yield from (replace(finding, variant=place) for finding in findings)
        yield from (replace(finding, variant=place) for finding in _of_buttons(item, variant.get("buttons") or []))


def _of_channels(item: Item, variants: Sequence[Mapping[str, Any]]) -> Iterator[ContentFinding]:
    channels = [variant.get("channel", "") for variant in variants]
    if "" not in channels:
        yield _error(item, "channel", "Write what is said everywhere, not in Slack alone.")
    if len(set(channels)) < len(channels):
        yield _error(item, "channel", "There are two texts for the same place: keep one of them.")
    if set(channels) - {"", "slack"}:
        yield _error(item, "channel", "A text of its own can be written for Slack only.")


def _of_metadata(item: Item, about: Mapping[str, Any], after: _Values) -> Iterator[ContentFinding]:
    kinds = {kind.value for kind in ResponseKind if kind is not ResponseKind.UNKNOWN}
    if about.get("kind") not in kinds:
        yield _error(item, "kind", f"Say what kind of text it is, one of: {', '.join(sorted(kinds))}.")
    if not item.name.startswith(ANSWER_PREFIX):
        return
    if about.get("kind") != ResponseKind.ANSWER.value:
        yield _error(item, "kind", "An answer of the FAQ has to be of the kind “answer”.")
    for field, words in (("question", "the question that it answers"), ("title", "the short question for buttons")):
        text = about.get(field)
        if not isinstance(text, str) or not text.strip():
            yield _error(item, field, f"Write {words}.")
            continue
        if "\n" in text or UNPRINTABLE.search(text):
            yield _error(item, field, "Write it on one line, in letters and signs that can be shown.")
        yield from _taken(item, field, text, after)
    if len(str(about.get("title") or "")) > LONGEST_BUTTON:
        yield _warning(item, "title", f"Slack cuts titles of buttons behind {LONGEST_BUTTON} characters: shorten it.")
    if Item(ItemKind.EXAMPLES, item.name.removeprefix("utter_")) not in after.of:
        yield _error(item, "examples", "Write some messages that ask for it: without them the answer is never given.")


def _taken(item: Item, field: str, text: str, after: _Values) -> Iterator[ContentFinding]:
    for other, variants in after.of.items():
        if other.kind is not ItemKind.RESPONSE or other == item or not other.name.startswith(ANSWER_PREFIX):
            continue
        if as_words(str((variants[0].get("metadata") or {}).get(field, ""))) == as_words(text):
            yield _error(item, field, "Another question is called the same: tell them apart.", about=other.name)


def _of_text(item: Item, text: str) -> Iterator[ContentFinding]:
    if not text.strip():
        yield _error(item, "text", "The answer is empty: write it, or take it out as a whole.")
    if UNPRINTABLE.search(text):
        yield _error(item, "text", "There is a character that cannot be shown: type the text anew around it.")
        return
    if len(text) > LONGEST_TO_READ:
        yield _error(item, "text", f"Shorten it to {LONGEST_ANSWER} characters: nobody reads so much.")
        return
    if len(text) > LONGEST_ANSWER:
        yield _warning(
            item, "text", f"Nobody reads so much, and Slack cuts it: stay below {LONGEST_ANSWER} characters."
        )
    for fault, words in unshown(text):
        yield (_error if fault.lost else _warning)(item, "text", fault.value, about=words)


def _of_placeholders(item: Item, text: str, before: Sequence[str]) -> Iterator[ContentFinding]:
    known = {name for one in before for name in PLACEHOLDER.findall(one)}
    used = set(PLACEHOLDER.findall(text))
    can = f"only {_listed(known)} can stand here" if known else "nothing is filled in here"
    for name in sorted(used - known):
        yield _error(item, "text", f"{{{name}}} would be shown as it stands: {can}.", about=f"{{{name}}}")
    if "{" in PLACEHOLDER.sub("", text) or "}" in PLACEHOLDER.sub("", text):
        yield _error(item, "text", "A brace { or } stands alone: take it out, they are for what is filled in.")
    for name in sorted(known - used):
        yield _warning(
            item,
            "text",
            f"{{{name}}} is no longer in the text: what it was filled with is not said any more.",
            f"{{{name}}}",
        )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))


class _Links:
    """Checks `[words](link:NAME "replacement")`."""

    def __init__(self, content: Content, settings_links: Container[str]) -> None:
        self._settings_links = settings_links
        texts = (
            variant.get("text") or ""
            for item in content.items()
            if item.kind is ItemKind.RESPONSE
            for variant in cast(list[dict[str, Any]], content.value(item))
        )
        self._named = {name for text in texts for name in LINK_NAMED.findall(text)}

    def findings(self, item: Item, text: str, before: Sequence[str]) -> Iterator[ContentFinding]:
        known = {name for one in before for name in LINK_NAMED.findall(one)}
        for name in dict.fromkeys(LINK_NAMED.findall(SETTING_LINK.sub("", text))):
            message = "This link is not written as links are: [words](link:name), the name in small letters and _."
            yield _error(item, "text", message, about=f"link:{name}")
        for name in dict.fromkeys(found[1] for found in SETTING_LINK.findall(text)):
            if name in self._settings_links or name in known:
                continue
            if name in self._named:
                message = (
                    "No address is set for this link yet: until then its words are left out or shown as plain text."
                )
                yield _warning(item, "text", message, about=f"link:{name}")
            else:
                message = "No setting has this name: ask who runs the assistant, or write the address itself as a link."
                yield _error(item, "text", message, about=f"link:{name}")


def _of_buttons(item: Item, buttons: Sequence[Mapping[str, str]]) -> Iterator[ContentFinding]:
    for button in buttons:
        title = button.get("title", "")
        if set(button) != {"title", "payload"} or not _LABEL.match(button.get("payload", "")):
            yield _error(item, "buttons", "A button has words and a question or step that it leads to.", about=title)
        elif not title.strip():
            yield _error(item, "buttons", "A button has no words: write what the person would say.")
        elif "\n" in title or UNPRINTABLE.search(title):
            yield _error(item, "buttons", "Write the words of a button on one line.", about=title)
        elif len(title) > LONGEST_BUTTON:
            message = f"Slack cuts the words of buttons behind {LONGEST_BUTTON} characters: shorten them."
            yield _warning(item, "buttons", message, about=title)


# References from one to another


def _of_references(changes: Sequence[Change], before: _Values, after: _Values) -> Iterator[ContentFinding]:
    """What points to nothing after the changes and did point to something before, or is new."""
    broken_before = set(_broken(before))
    removed = {change.item.name for change in changes if change.after is None}
    changed = {change.item for change in changes}
    for item, field, target in dict.fromkeys(_broken(after)):
        if (item, field, target) in broken_before:
            continue
        if item in changed:
            message = "This leads to something that is not there: choose another, or write it first."
            yield _error(item, field, message, about=target)
            continue
        culprit = next(
            (one for one in changed if one.name.removeprefix("utter_") == target and one.name in removed), item
        )
        yield _error(culprit, "", f"{item.name} still leads to it: change that first.", about=item.name)
    yield from _of_pairs(changes, before, after)


def _broken(values: _Values) -> Iterator[tuple[Item, str, str]]:
    for item, variants in values.of.items():
        if item.kind is not ItemKind.RESPONSE:
            continue
        for variant in variants:
            labels = (_LABEL.match(button.get("payload", "")) for button in variant.get("buttons") or [])
            yield from ((item, "buttons", found[1]) for found in labels if found and found[1] not in values.labels)
        about = variants[0].get("metadata") or {}
        for one in about.get("related") or []:
            if values.response(f"{ANSWER_PREFIX}{one}") is None:
                yield item, "related", f"faq/{one}"
        if about.get("of") and values.response(f"{ANSWER_PREFIX}{about['of']}") is None:
            yield item, "of", f"faq/{about['of']}"
        if about.get("again") and values.response(str(about["again"])) is None:
            yield item, "again", str(about["again"]).removeprefix("utter_")


def _of_pairs(changes: Sequence[Change], before: _Values, after: _Values) -> Iterator[ContentFinding]:
    """Labels whose response is missing."""
    examples = {item.name for item in after.of if item.kind is ItemKind.EXAMPLES}
    for change in changes:
        name = change.item.name.removeprefix("utter_")
        if not name.startswith(WITH_ANSWER) or name not in examples or after.response(f"utter_{name}") is not None:
            continue
        if change.item.kind is ItemKind.EXAMPLES and before.of.get(change.item) is None:
            yield _error(change.item, "text", "Write what is answered to these messages.")
        elif change.item.kind is ItemKind.RESPONSE:
            yield _error(change.item, "examples", "Take out its example messages, too: nothing would answer them.")


def _of_places(
    changes: Sequence[Change], content: Content, before: _Values, after: _Values
) -> Iterator[ContentFinding]:
    """What comes or goes where only code would know it."""
    named = _named_elsewhere(content)
    moments = {one for item in before.of for one in item.after.split(",")}
    moments |= {item.name.removeprefix(ANSWER_PREFIX) for item in after.of if item.name.startswith(ANSWER_PREFIX)}
    for change in changes:
        item, label = change.item, change.item.name.removeprefix("utter_")
        answered = label.startswith(WITH_ANSWER)
        if item.kind is ItemKind.CREDENTIAL:
            continue
        if change.after is None and label in named:
            yield _error(item, "", f"{named[label]} still names it: ask a developer to take it out there, too.")
        elif change.after is None and not answered and _last_of(item, after):
            yield _error(item, "", "The assistant says or does this by itself: change its words, but leave it there.")
        elif before.of.get(item) is None and not answered and label not in before.labels:
            yield _error(item, "", "Nothing is done with this yet: choose something that is there, or ask a developer.")
        elif item.after and not set(item.after.split(",")) <= moments:
            yield _error(item, "", "Nothing of this name can stand before a message: choose another place.")


def _named_elsewhere(content: Content) -> dict[str, str]:
    """The labels that other files name, with the file."""
    found = {}
    for path in ["data/twins.yml", *(f"data/stories/{name}.yml" for name in ("rules", "stories", "tasks"))]:
        if (content.root / path).exists():
            text = read_text(content.root, path)
            found.update({one.removeprefix("utter_"): path for one in _NAME_ELSEWHERE.findall(text)})
    return found


def _last_of(item: Item, after: _Values) -> bool:
    """Whether nothing is left of what an item was of: its response, or all examples of its label."""
    return item.kind is ItemKind.RESPONSE or not any(_same_label(one, item) for one in after.of)


# Examples


def _of_examples(
    changes: Sequence[Change],
    before: _Values,
    after: _Values,
    likeness: UnitVectors | None,
    test_texts: Callable[[], Mapping[str, str]],
    masked: Callable[[str], str],
) -> Iterator[ContentFinding]:
    added: list[tuple[Item, str]] = []
    for change in changes:
        if change.item.kind is not ItemKind.EXAMPLES or change.after is None:
            continue
        yield from _of_amount(change.item, before, after)
        old = set(before.of.get(change.item) or [])
        added += [(change.item, one) for one in cast(list[str], change.after) if one not in old]
    if not added:
        return
    ours = _own_addresses(before)
    for item, example in added:
        yield from _of_words(item, example, after.entities)
        yield from _of_personal_data(item, example, masked, ours)
    yield from _of_doubles(added, after, test_texts())
    if likeness:
        yield from _of_meaning(added, after, likeness)


def _of_amount(item: Item, before: _Values, after: _Values) -> Iterator[ContentFinding]:
    of_label = sum(len(value) for one, value in after.of.items() if _same_label(one, item))
    if of_label < FEWEST_EXAMPLES:
        yield _error(item, "", f"Write at least {FEWEST_EXAMPLES} examples: from one alone nothing is learnt.")
    elif of_label < ENOUGH_EXAMPLES and not item.after and before.of.get(item) is None:
        yield _warning(item, "", f"These are few: {ENOUGH_EXAMPLES} different ones are a good beginning.")


def _same_label(one: Item, other: Item) -> bool:
    return one.kind is ItemKind.EXAMPLES and one.name == other.name


def _of_words(item: Item, example: str, entities: Container[str]) -> Iterator[ContentFinding]:
    if not example.strip():
        yield _error(item, example, "This example is empty: take it out.")
    elif "\n" in example or "\r" in example or UNPRINTABLE.search(example) or example != example.strip():
        yield _error(item, example, "An example is one line, without line breaks and without blanks around it.")
    elif not _WORD.search(example) and example.isascii():
        yield _warning(item, example, "There is no word in it.")
    if len(example) > LONGEST_EXAMPLE:
        yield _error(item, example, f"Shorten it to {LONGEST_EXAMPLE} characters: nobody writes more in one message.")
        return
    if example.startswith("/"):
        yield _error(item, example, "A message cannot begin with a slash: it would be taken for a button.")
    for marked in MARKED.finditer(example):
        name = (marked[1] or "").partition(":")[0]
        if name in entities:
            message = f"The brackets mark it as “{name}” and are not part of the message: leave them out if in doubt."
            yield _warning(item, example, message, about=marked[0])
        else:
            message = (
                "Brackets that stand so behind each other mean something else in the files: write it without them."
            )
            yield _error(item, example, message, about=marked[0])


def _own_addresses(values: _Values) -> set[str]:
    """The addresses that our own answers name, which are nobody's."""
    texts = (
        variant.get("text") or ""
        for item, value in values.of.items()
        if item.kind is ItemKind.RESPONSE
        for variant in value
    )
    return {found.group().lower() for text in texts for found in MAIL_ADDRESS.finditer(text)}


def _of_personal_data(
    item: Item, example: str, masked: Callable[[str], str], ours: Container[str]
) -> Iterator[ContentFinding]:
    addresses = [
        found.group()
        for found in MAIL_ADDRESS.finditer(example)
        if found.group().lower() not in ours and "example" not in found[1].lower().split(".")[-2:]
    ]
    for address in addresses:
        message = "Examples are kept for good, so no address of a person may stand in one: take it out."
        yield _error(item, example, message, about=address)
    if holds_mark(example):
        yield _error(item, example, "Something was blacked out in this message. Write it anew, as anybody could.")
    shown = MAIL_ADDRESS.sub("", example)
    hidden = masked(shown)
    if hidden != shown and not addresses:
        message = "This may tell who wrote it: write other names and numbers, or take them out."
        yield _warning(item, example, message, about=hidden)


def _of_doubles(
    added: Sequence[tuple[Item, str]], after: _Values, test_texts: Mapping[str, str]
) -> Iterator[ContentFinding]:
    asked = {as_words(example) for _, example in added}
    known: dict[str, list[tuple[Item, str]]] = {}
    for item, examples in after.of.items():
        for other in examples if item.kind is ItemKind.EXAMPLES else ():
            words = as_words(other)
            if words in asked:
                known.setdefault(words, []).append((item, other))
    tests = {as_words(text): (text, meant) for text, meant in test_texts.items()}
    for item, example in added:
        words = as_words(example)
        if words in tests and not (item.after and len(words.split()) <= WORDS_THAT_ALL_SAY):
            text, meant = tests[words]
            message = (
                f"This is a test message (of {meant}): what is learnt by heart tests nothing. Write it differently."
            )
            yield _error(item, example, message, about=text)
        for other, text in known[words]:
            if other.name != item.name and meets(other, item):
                message = f"The same stands under {other.name}, so neither is learnt: decide for one of the two."
                yield _error(item, example, message, about=text)
            elif other == item and text != example:
                yield _warning(item, example, "Nearly the same stands here already: one of them is enough.", about=text)


def _of_meaning(added: Sequence[tuple[Item, str]], after: _Values, likeness: UnitVectors) -> Iterator[ContentFinding]:
    others = [
        (item, example)
        for item, examples in after.of.items()
        if item.kind is ItemKind.EXAMPLES and any(item.name != one.name and meets(item, one) for one, _ in added)
        for example in examples
    ]
    if not others:
        return
    vectors = likeness([example for _, example in others])
    if vectors is None:
        return
    for (item, example), row in zip(added, likeness([example for _, example in added])):
        words = as_words(example)
        cosines = vectors @ row
        for place in sorted((cosines >= NEARLY_THE_SAME).nonzero()[0], key=lambda one: -cosines[one]):
            other, text = others[place]
            if other.name != item.name and meets(other, item) and as_words(text) != words:
                message = (
                    f"This means nearly the same as an example of {other.name}: decide where such messages belong."
                )
                yield _warning(item, example, message, about=text)
                break


def meets(one: Item, other: Item) -> bool:
    """Whether the examples of two labels can be meant by the same message: nowhere special, or behind the same."""
    if not one.after or not other.after:
        return one.after == other.after
    return not set(one.after.split(",")).isdisjoint(other.after.split(","))


def as_words(text: str) -> str:
    """A text by its words alone, whatever its capitals and signs; as it is where it has none."""
    return " ".join(_WORD.findall(text.casefold())) or text.strip()


# Credentials


def _of_credential(change: Change, after: _Values) -> Iterator[ContentFinding]:
    item, value = change.item, cast(dict[str, Any], change.after)
    if value.get("id") != item.name or set(value) - CREDENTIAL_KEYS:
        yield _error(item, "", "A credential has a title, names, and perhaps what earns it and how long it is valid.")
    title, names = value.get("title", ""), value.get("names", [])
    if not title.strip():
        yield _error(item, "title", "Write the title, as people read it.")
    if not names or not all(as_words(name) for name in names):
        yield _error(item, "names", "Write at least one name that people have for it, and none that is empty.")
    if any("\n" in text or UNPRINTABLE.search(text) for text in [title, *names, str(value.get("earned_by", ""))]):
        yield _error(item, "names", "Titles and names stand on one line, in letters and signs that can be shown.")
    yield from _of_validity(item, value)
    for name in sorted({one for one in names if names.count(one) > 1}) if len(names) < 1000 else ():
        yield _warning(item, "names", "This name stands twice: once is enough.", about=name)
    own = {as_words(name): name for name in [*names, title]}
    for other, held in after.of.items():
        if other.kind is not ItemKind.CREDENTIAL or other == item:
            continue
        if as_words(held["title"]) == as_words(title):
            yield _error(item, "title", f"{held['id']} has the same title: people could not tell them apart.")
        for clash in {as_words(name) for name in [*held["names"], held["title"]]} & set(own):
            message = f"This name stands for “{held['title']}”, too: one name can stand for one credential only."
            yield _error(item, "names", message, about=own[clash])


def _of_validity(item: Item, value: Mapping[str, Any]) -> Iterator[ContentFinding]:
    months, earned_by = value.get("valid_months"), value.get("earned_by", "")
    if "valid_months" in value and (type(months) is not int or not 0 < months <= LONGEST_VALIDITY):
        yield _error(item, "valid_months", f"Say in whole months how long it is valid, from 1 to {LONGEST_VALIDITY}.")
    if not isinstance(earned_by, str):
        yield _error(item, "earned_by", "Say in words what earns it, or leave it out.")
