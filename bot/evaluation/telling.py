"""An explained message as text for a terminal."""

import textwrap
from collections.abc import Iterator

from bot.conversations.message import AssistantReply
from bot.evaluation.explain import Explained, Step
from bot.evaluation.reasons import kind, why
from bot.nlu.decision import Context

LINE_WIDTH = 96
NAMES = 11  # columns


def told(explained: Explained) -> str:
    """What was understood, what was decided and why, and each step that followed."""
    lines = [f"> {explained.text}", *_understood(explained)]
    for number, step in enumerate(explained.steps, 1):
        lines += _step(number, step)
    return "\n".join(lines)


def _understood(explained: Explained) -> Iterator[str]:
    decided = explained.decision
    yield from _row("tokens", " | ".join(explained.tokens))
    if explained.spelt:
        yield from _row("spelling", ", ".join(f'"{typed}" read as "{read}"' for typed, read in explained.spelt))
    yield from _row("entities", ", ".join(_entity(*one) for one in explained.entities) or "none")
    yield from _row("context", _context(explained.context))
    yield from _row("labels", ", ".join(f"{label} {p:.2f}" for label, p in explained.labels))
    yield from _row("decision", f"{kind(decided)}: {why(decided, explained.context, explained.limits)}")
    for part in decided.questions:
        yield from _row("", f'{part.label} {part.confidence:.2f} for "{part.text}"')
    for choice in decided.candidates:
        yield from _row("", f"{choice.label} {choice.confidence:.2f} comes into question")


def _entity(words: str, name: str, value: str) -> str:
    return f'{name} "{words}"' + (f" = {value}" if value != words else "")


def _context(context: Context) -> str:
    parts = [
        f"after faq/{context.faq}" if context.faq else "",
        f"offered {', '.join(context.offered)}" if context.offered else "",
        "an address is being proven" if context.proving else "",
        f"before it stands {', '.join(context.contexts)}" if context.contexts else "",
    ]
    return "; ".join(part for part in parts if part) or "none"


def _step(number: int, step: Step) -> Iterator[str]:
    yield from _row(f"step {number}", f"{step.action}, by {step.policy}" + (f": {step.by}" if step.by else ""))
    for change in step.changed:
        yield from _row("", f"sets {change}" if " = " in change else change)
    for said in step.said:
        yield from _said(said)


def _said(said: AssistantReply) -> Iterator[str]:
    yield from _row("  says", said.utterance)
    for line in said.text.splitlines():
        yield from _row("", line, "| ")
    for button in said.buttons:
        yield from _row("", f"[{button['title']}] {button['payload']}")


def _row(name: str, text: str, mark: str = "") -> Iterator[str]:
    """A name in its column with the text beside it, in as many lines as it takes."""
    room = LINE_WIDTH - NAMES - 2 - len(mark)
    for place, line in enumerate(textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]):
        yield f"  {name if not place else '':<{NAMES - 2}}  {mark}{line}".rstrip()
