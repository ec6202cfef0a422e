"""What stands before a message, made from names as the site makes it from what was said."""

from collections.abc import Iterator, Sequence
from typing import Any

from bot.content.kinds import ANSWER_PREFIX, ResponseKind, kind_of
from bot.content.responses import responses
from bot.conversations.focus import Focus, Offer, Task, Team, offers_of
from bot.nlu.in_context import ANY_TIME

MISSING = "missing_micro_credential"  # the answer after which a look-up is offered, where no other is named
RECORD, OTHERS_RECORD_REFUSED, WATCHING = "record_shown", "refused", "watching"
CONTEXT_NAMES = frozenset(
    {RECORD, OTHERS_RECORD_REFUSED, WATCHING, ANY_TIME}
    | {one.value for kind in (Task, Offer, Team) for one in kind if one.value}
)


def context_after(names: str | Sequence[str]) -> dict[str, Any]:
    """The context of a message that is typed after something, as it goes to Rasa with the message.

    Args:
        names: names of contexts (docs/conversations.md), or ids of FAQs, newest first: their whole answers were the
            last reply, with the offers on their buttons. An offer stands with what it is made for: a look-up with an
            answer on a missing badge, the others with a shown record.

    Raises:
        ValueError: for a name that is none, and for two tasks.
    """
    given = [names] if isinstance(names, str) else list(names)
    topics = tuple(name for name in given if name not in CONTEXT_NAMES)
    if unknown := [name for name in topics if kind_of(f"{ANSWER_PREFIX}{name}") is not ResponseKind.ANSWER]:
        raise ValueError(f"no context and no FAQ: {', '.join(unknown)}")
    tasks = [Task(name) for name in given if name in list(Task)]
    if len(tasks) > 1:
        raise ValueError(f"two tasks at once: {', '.join(tasks)}")
    return _focus(given, tasks[0] if tasks else Task.NONE, topics).as_json()


def _focus(given: Sequence[str], task: Task, topics: tuple[str, ...]) -> Focus:
    offers = [Offer(name) for name in given if name in list(Offer)]
    team = next((Team(name) for name in given if name in list(Team)), Team.NONE)
    record = bool({RECORD, WATCHING} & {*given}) or any(one is not Offer.LOOK_UP for one in offers)
    offered = () if task else tuple(dict.fromkeys([*offers, *offers_of(_buttons(topics))]))
    return Focus(
        task=task,
        offers=offered,
        look_up=Offer.LOOK_UP in offered,
        record=record,
        topics=topics or ((MISSING,) if Offer.LOOK_UP in offers else ()),
        team=team,
        proving=bool(task or team or record) or OTHERS_RECORD_REFUSED in given,
        just=topics,
        refused=OTHERS_RECORD_REFUSED in given,
        watching=WATCHING in given,
    )


def _buttons(topics: Sequence[str]) -> Iterator[str]:
    for topic in topics:
        for button in responses()[f"{ANSWER_PREFIX}{topic}"][0].get("buttons") or []:
            yield button["payload"]
