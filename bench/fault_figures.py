"""What became of messages during a fault, in figures; pure."""

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from bot.site.records import HIDDEN

NORMAL_SECONDS = 2.0  # an answer that takes longer is not as usual
NEVER = float("inf")
PASSES = ("no answer", "502", "503", "504")  # after these the widget sends again by itself


@dataclass
class Asked:
    """Something that a person asked for: when first (seconds), when they got it, and what they were shown before.

    `told` is what the answer said could not be done.
    """

    what: str
    began: float
    ended: float = NEVER
    shown: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """How long the person waited."""
        return self.ended - self.began

    @property
    def is_usual(self) -> bool:
        """Whether it came at the first try, and as soon as usual."""
        return not self.shown and not self.told and self.seconds <= NORMAL_SECONDS


@dataclass(frozen=True)
class Figures:
    """Of those who asked, or waited, between the beginning of a fault and the end of what it has caused.

    `by_hand` of those answered after a retry had to press or ask again themselves; `told_less` were answered, and told
    that something could not be done.
    """

    asked: int
    at_once: int
    after_retry: int
    by_hand: int
    told_less: int
    never: int
    longest: float
    normal_after: float
    shown: tuple[tuple[str, int], ...]


def figures(everything: Iterable[Asked], began: float, ended: float, now: float) -> Figures:
    """Judge what people met.

    Args:
        everything: that was asked for, before the fault too.
        began: when the fault began.
        ended: when it had ended.
        now: until when people were watched; what is not answered by then counts as never.
    """
    told = [one for one in everything if one.ended > began]
    unusual = [one for one in told if not one.is_usual]
    last = max((min(one.ended, now) for one in unusual), default=began)
    affected = [one for one in told if one.began <= max(ended, last)]
    answered = [one for one in affected if one.ended <= now]
    return Figures(
        asked=len(affected),
        at_once=sum(not one.shown for one in answered),
        after_retry=sum(bool(one.shown) for one in answered),
        by_hand=sum(any(not words.startswith(PASSES) for words in one.shown) for one in answered),
        told_less=sum(bool(one.told) for one in answered),
        never=len(affected) - len(answered),
        longest=max((min(one.ended, now) - one.began for one in affected), default=0.0),
        normal_after=max(0.0, last - ended),
        shown=tuple(Counter(words for one in affected for words in (*one.shown, *one.told)).most_common()),
    )


def is_normal(everything: Iterable[Asked], ended: float, now: float, quiet: float) -> bool:
    """Whether for the last `quiet` seconds everybody was answered as usual, and nobody waits for longer than that."""
    since = max(ended, now - quiet)
    if now - quiet < ended:
        return False
    recent = [one for one in everything if one.ended >= since]
    waiting = [one for one in recent if one.ended > now]
    answered = [one for one in recent if one.ended <= now]
    return (
        bool(answered)
        and all(one.is_usual for one in answered)
        and all(now - one.began <= NORMAL_SECONDS for one in waiting)
    )


def is_kept(kept: list[dict], key: str, ids: list[str]) -> bool:
    """Whether a message stands there once, and its answer does; a record is hidden once its proof is too old."""
    asked = [place for place, message in enumerate(kept) if message.get("client_id") == key]
    if len(asked) != 1:
        return False
    answer = list(takewhile(lambda message: message["role"] != "user", kept[asked[0] + 1 :]))
    hidden = any(message.get("utterance") == HIDDEN for message in answer)
    return hidden or {message["id"] for message in kept} >= set(ids)


def lost_tickets(confirmed: dict[str, str], kept: dict[str, str]) -> list[str]:
    """References that people were given (with whose they are) and that are not kept for them."""
    return [reference for reference, contact in confirmed.items() if kept.get(reference) != contact]


def filed_twice(contacts: Iterable[str], own: str) -> int:
    """How many tickets there are beyond the first of those who file one only: their addresses begin with `own`."""
    return sum(count - 1 for contact, count in Counter(contacts).items() if contact.startswith(own))


@dataclass(frozen=True)
class Letters:
    """How letters came: those that never did, letters of one matter that were made twice, and repeats of one letter."""

    missing: int
    made_twice: int
    repeats: int


def letters(expected: Iterable[tuple[str, str]], came: Iterable[tuple[str, str, str]]) -> Letters:
    """Compare what should have come with what did.

    Args:
        expected: what it is about (a reference, a code) and to whom.
        came: the same with the letter's own id, once for each time that it was taken.
    """
    ids: dict[tuple[str, str], Counter[str]] = {}
    for about, to, letter in came:
        ids.setdefault((about, to), Counter())[letter] += 1
    return Letters(
        missing=sum(one not in ids for one in expected),
        made_twice=sum(len(found) - 1 for found in ids.values()),
        repeats=sum(count - 1 for found in ids.values() for count in found.values()),
    )


def middle_and_longest(seconds: Sequence[float]) -> str:
    """Both in words, or that there are none."""
    return f"{statistics.median(seconds):.1f} / {max(seconds):.1f} s" if seconds else "none"
