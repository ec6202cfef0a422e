"""The address or the code that is asked for: taken whatever stands beside it, and a question beside it answered."""

from dataclasses import replace

from bot.nlu.decision import Context, Decision, intent_of
from bot.nlu.readings import BESIDE, FACT, PROCESS, SMALL, Read
from bot.nlu.reason import Reason

CODE_ASKED = "code_asked"
WAITS_FOR_ADDRESS = ("address_asked", CODE_ASKED, "ticket_contact")
INFORM = "inform"
# Words beside what was asked for, which change nothing about it.
NOTHING_BESIDE = (*SMALL, "stop", "deny", "affirm", "help", "not_helped", "already_did", "misunderstood")


def is_answer(addresses: int, holds_code: bool, context: Context) -> bool:
    """Whether a message holds what the assistant waits for: one address, or the code."""
    asked = set(WAITS_FOR_ADDRESS) & set(context.contexts)
    return bool(asked) and (addresses == 1 or (holds_code and CODE_ASKED in asked))


def as_answer(decided: Decision, known: Read) -> Decision:
    """The address or code that was asked for is taken whatever stands beside it, and a question beside it answered."""
    if not known.answers:
        return decided
    labels = [one.label for one in decided.questions] or [decided.label]
    if known.asks and all(intent_of(one) in BESIDE for one in labels):
        beside = [one for one in labels if "missing" not in one]
        return replace(_taken(decided), also=tuple(dict.fromkeys([*beside, *decided.also]))[:2])
    told = not known.asks and decided.intent in (FACT, PROCESS)
    return _taken(decided) if told or decided.intent in NOTHING_BESIDE else decided


def _taken(decided: Decision) -> Decision:
    return Decision(intent=INFORM, label=INFORM, confidence=decided.confidence, also=decided.also, reason=Reason.REPLY)
