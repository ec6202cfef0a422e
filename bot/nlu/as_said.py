"""What a message says in so many words, whatever it is like: look, tell the team, add it, it is somebody else's."""

from dataclasses import replace

from bot.nlu.decision import FALLBACK, FAQ, JOINT, OUT_OF_SCOPE, Context, Decision
from bot.nlu.readings import CHECK, ESCALATE, LIKELY, SMALL, Read
from bot.nlu.reason import Reason

NOT_COVERED = "out_of_scope/other_near"  # of what is like the FAQ, but no question of it
WEAKER = (FAQ, FALLBACK, OUT_OF_SCOPE, "ambiguous", "inform")  # than what is asked for in so many words
# What an order to look may seem to be; "check again" after a record stays a question about it.
NO_ORDER = (
    *WEAKER,
    *SMALL,
    "affirm",
    "misunderstood",
    "not_helped",
    "other_one",
    "ask_more",
    "show_all",
    "doubt",
    "help",
)


def as_said(decided: Decision, known: Read, context: Context, busy: bool) -> Decision:
    """A decision, or what the words ask for by name.

    Args:
        decided: so far.
        known: of the message.
        context: what stands before it.
        busy: a task goes on, or the team waits for an answer: there words have a meaning of their own.
    """
    first = "ticket_contact" in context.contexts and _is_look_up(known)  # before a ticket is written
    if first or _is_own_credential(decided, known) or (known.names_look_up and _is_missing(decided, known)):
        return replace(decided, intent=CHECK, label=CHECK)
    wanted = "" if busy else _wanted(decided, known, context)
    if not wanted:
        return decided
    sure = max(decided.confidence, LIKELY)
    also = tuple(one.label for one in decided.questions if one.label.startswith(f"{FAQ}/")) or decided.also
    return Decision(intent=wanted, label=wanted, confidence=sure, also=also, reason=Reason.REPLY)


def _wanted(decided: Decision, known: Read, context: Context) -> str:
    if decided.intent == "watch" and known.tell_no_more:
        return "stop_watch"
    if known.adds and "ticket_open" in context.contexts and decided.intent in (*WEAKER, ESCALATE):
        return "tell_detail"
    if known.told_to_look and known.words > 1 and decided.intent in NO_ORDER:
        return CHECK
    if known.relays and (decided.intent in (*WEAKER, CHECK) or JOINT in decided.intent):
        return ESCALATE
    looks = decided.intent == FALLBACK and any(one.label == CHECK for one in decided.candidates)
    return "other_person" if looks and known.names_owner else ""


def _is_look_up(known: Read) -> bool:
    """Whether a message asks somebody to look, and is nothing else by itself."""
    return known.names_look_up and known.general.intent == CHECK and known.general.confidence >= LIKELY


def _is_missing(decided: Decision, known: Read) -> bool:
    """Whether words tell of a missing badge, and may just as well be a wish for the look-up."""
    likely = known.replies.get(CHECK, 0.0) >= LIKELY
    return decided.intent == "ambiguous" or (likely and decided.label.startswith(f"{FAQ}/missing_"))


def _is_own_credential(decided: Decision, known: Read) -> bool:
    """Whether words that no FAQ answers, or only one on a missing badge, are about a credential of one's own."""
    if known.own_whereabouts:
        return decided.intent == FALLBACK or decided.label == NOT_COVERED
    if not (known.names_credential and known.names_own):
        return False
    missing = decided.intent == FALLBACK and any("missing" in one.label for one in decided.candidates)
    return missing or (decided.label == NOT_COVERED and known.asks)
