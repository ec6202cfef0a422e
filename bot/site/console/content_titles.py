"""What the content pages call things: items, kinds of sentences, places of a conversation; never a bare label."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Protocol

from bot.content.kinds import ANSWER_PREFIX
from bot.site.console.content_fields import Sentence, about_of
from bot.studio.checks import ContentFinding
from bot.studio.items import Item, ItemKind


class ItemValues(Protocol):
    """What knows the value of an item: content, or content with a draft's changes."""

    def value(self, item: Item) -> Any:
        """An item, None where it is not there."""


FAQ_LABEL, LABEL_OF_FACT, DECLINED_LABEL, UTTER = "faq/", "fact/", "out_of_scope/", "utter_"
KIND_TITLES = {
    "social": "Greetings and small talk",
    "thanks": "Thanks",
    "clarification": "Asking which question is meant",
    "ambiguous": "Questions that may mean several things",
    "rephrase": "Not understood",
    "offer": "Offering the team",
    "decline_again": "Declining once more",
    "decline": "Declining",
    "address": "Asking for the address",
    "code": "The one-time code",
    "refusal": "Refusing to show another’s record",
    "record": "What the record shows",
    "ticket": "Tickets",
    "handover": "Passing on to the team",
    "form": "Asking for a text",
    "failure": "When something fails",
    "button": "Titles of buttons",
}
LABEL_TITLES = {
    "nlu_fallback": "Not understood",
    "affirm": "Yes",
    "deny": "No",
    "greet": "Hello",
    "thank": "Thank you",
    "goodbye": "Goodbye",
    "bot_challenge": "Are you a person?",
    "help": "What can you do?",
    "check_issuance_status": "Please look up my record",
    "escalate": "Let me write to the team",
    "ticket_status": "What about my ticket?",
    "acknowledge": "All right",
    "ask_more": "Tell me more",
    "ask_record_again": "May I do it again?",
    "ask_record_kind": "Of which kind is it?",
    "ask_record_next": "What comes next?",
    "ask_record_other": "Something else about the record",
    "ask_record_until": "Until when?",
    "ask_record_when": "When?",
    "ask_record_why": "Why?",
    "change_address": "Another address, please",
    "change_text": "Let me change the text",
    "correct_address": "There is a slip in my address",
    "doubt": "Are you sure?",
    "for_assistant": "That was meant for you",
    "for_team": "That was meant for the team",
    "hold": "Wait a moment",
    "inform": "A name, a date or an address alone",
    "missing_one": "One of them is missing",
    "new_ticket": "Another ticket, please",
    "no_mailbox": "I cannot get at that mailbox",
    "not_arrived": "The code has not arrived",
    "not_solved": "It is not solved",
    "other_person": "It is about somebody else",
    "resend_code": "Send the code again",
    "show_all": "Show me all of it",
    "stop": "Stop",
    "stop_watch": "Do not tell me any more",
    "watch": "Tell me when it is there",
    "withdraw_ticket": "Take my ticket back",
    "something_new": "Something else altogether",
    "not_helped": "That did not help",
    "already_did": "I have done that",
    "other_one": "The other one",
    "misunderstood": "That is not what I asked",
    "ambiguous/missing_badge": "My badge is missing, whichever it is",
    "out_of_scope": "Not ours",
}
_LABEL_IN_WORDS = re.compile(r"(?<![\w/])(?:utter_)?((?:faq|fact|out_of_scope)/\w+)")
PLACE_TITLES = {"anytime": "anywhere", "answer_given": "any answer", "record_shown": "the record"}


def in_words(name: str) -> str:
    """A name of the files as words: "ticket_resolved" is "Ticket resolved"."""
    words = name.replace("/", ": ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def item_title(item: Item, content: ItemValues) -> str:
    """What an item is called, by its own words where it has some."""
    if item.kind is ItemKind.CREDENTIAL:
        value = content.value(item)
        return str(value.get("title", item.name)) if isinstance(value, dict) else in_words(item.name)
    if item.kind is ItemKind.EXAMPLES:
        return label_title(item.name, content)
    label = item.name.removeprefix(UTTER)
    if label.startswith((FAQ_LABEL, LABEL_OF_FACT, DECLINED_LABEL)):
        return label_title(label, content)
    return LABEL_TITLES.get(label) or in_words(label)


def label_title(label: str, content: ItemValues, *, short: bool = False) -> str:
    """What a label is called: the question of an FAQ (or its `short` title), a fact's sentence, else its words."""
    value = content.value(Item(ItemKind.RESPONSE, f"{UTTER}{label}"))
    has = Sentence.of(value)
    if label.startswith(FAQ_LABEL):
        return (has.title if short else "") or has.question or has.title or in_words(label.removeprefix(FAQ_LABEL))
    if label.startswith(LABEL_OF_FACT):
        return shortened(has.text, 90) or in_words(label.removeprefix(LABEL_OF_FACT))
    if label.startswith(DECLINED_LABEL):
        words = in_words(label.removeprefix(DECLINED_LABEL))
        return f"Not ours: {words.lower()}" if short else words
    return LABEL_TITLES.get(label) or in_words(label)


def in_editors_words(findings: Iterable[ContentFinding], content: ItemValues) -> list[ContentFinding]:
    """Findings that call each label what the pages call it."""

    def titled(found: re.Match[str]) -> str:
        return f"“{label_title(found[1], content, short=True)}”"

    return [replace(one, message=_LABEL_IN_WORDS.sub(titled, one.message)) for one in findings]


def item_sort(item: Item) -> str:
    """What kind of thing an item is, in two words at most."""
    if item.kind is ItemKind.CREDENTIAL:
        return "Credential"
    if item.kind is ItemKind.EXAMPLES:
        return "Example messages"
    if item.name.startswith(ANSWER_PREFIX):
        return "Answer"
    return "Fact" if item.name.startswith(f"{UTTER}{LABEL_OF_FACT}") else "Sentence"


def place_of(item: Item, content: ItemValues) -> str:
    """After what the examples count, in words; "" for everywhere."""
    names = [name for name in item.after.split(",") if name]
    return ", ".join(_place(name, content) for name in names)


def kind_title(name: str) -> str:
    """What a kind of sentences is called."""
    return KIND_TITLES.get(name) or in_words(name)


def faq_of(item: Item, content: ItemValues) -> str:
    """The id of the FAQ that an item belongs to, "" for none."""
    label = item.name.removeprefix(UTTER)
    if label.startswith(FAQ_LABEL):
        return label.removeprefix(FAQ_LABEL)
    if label.startswith(LABEL_OF_FACT):
        value = content.value(Item(ItemKind.RESPONSE, f"{UTTER}{label}"))
        return str(about_of(value).get("of", ""))
    return ""


def shortened(text: str, most: int) -> str:
    """The beginning of a text, at most so many characters, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _place(name: str, content: ItemValues) -> str:
    if name in PLACE_TITLES:
        return PLACE_TITLES[name]
    value = content.value(Item(ItemKind.RESPONSE, f"{ANSWER_PREFIX}{name}"))
    return f"“{Sentence.of(value).title}”" if value else name.replace("_", " ")
