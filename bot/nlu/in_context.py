"""A message read after what stood before it: an answer, a yes or no, a follow-up, or something new."""

from collections.abc import Mapping
from dataclasses import replace

from bot.nlu.decision import FALLBACK, FAQ, JOINT, OUT_OF_SCOPE, Context, Decision, intent_of
from bot.nlu.scoring.replies import NEW

FACT = "fact"
CHECK = "check_issuance_status"
CERTAIN, LIKELY, POSSIBLE = 0.85, 0.55, 0.3  # probability of a reply
CLEAR = 0.9  # of a new question, which then wins over a reply that is not certain
# What is read as words for the team, or for the ticket, where it is nothing else.
MEANT_FOR = {"team_wrote": "for_team", "ticket_about": "tell_detail"}
OWN_TASKS = ("ticket_about", "ticket_contact", "ticket_consent", "ticket_addition", "code_asked")
# An address beside these asks for the look-up: it is about a badge that one misses, or nothing else was said.
WITH_ADDRESS = (CHECK, "affirm", "inform", "acknowledge", FALLBACK, "change_address", "missing_one", "hold", "watch")
MISSING = ("faq/missing_digital_credential", "faq/missing_micro_credential", "faq/missing_some_credentials")


def read(general: Decision, replies: Mapping[str, float], context: Context, addresses: int, bare: bool) -> Decision:
    """Decide between what a message means by itself and what it means here.

    Args:
        general: read by itself.
        replies: probabilities of what it means after what stood before, best first; {} where nothing is known.
        context: what stood before.
        addresses: how many e-mail addresses the message holds.
        bare: it holds nothing beside them.
    """
    decided = _reply(general, replies, context) or _meant_for(general, context) or general
    if addresses == 1 and not set(context.contexts) & set(OWN_TASKS):
        return _with_address(decided, bare)
    return decided


def understood(decided: Decision) -> bool:
    """Whether a decision stands whatever language the words are in: it is certain, or the words are for the team."""
    if decided.label in MEANT_FOR.values():
        return True
    return decided.intent not in (FALLBACK, OUT_OF_SCOPE) and decided.confidence >= CERTAIN


def _reply(general: Decision, replies: Mapping[str, float], context: Context) -> Decision | None:
    best = next(iter(replies.items()), None)
    if best is None:
        return None
    label, share = best
    if label == NEW:
        return None
    if _clear_question(general) and share < CERTAIN and intent_of(label) != FACT:
        return None
    if share >= LIKELY or (share >= POSSIBLE and not _settled(general)):
        return Decision(intent=intent_of(label), label=label, confidence=share)
    return None


def _clear_question(general: Decision) -> bool:
    """Whether a message by itself is clearly a question of the FAQ, or several."""
    return JOINT in general.intent or (general.intent == FAQ and general.confidence >= CLEAR)


def _settled(general: Decision) -> bool:
    """Whether a message by itself says well enough what it wants."""
    return general.intent not in (FALLBACK, OUT_OF_SCOPE, "inform") and general.confidence >= LIKELY


def _meant_for(general: Decision, context: Context) -> Decision | None:
    """Where words are expected, words that are nothing else."""
    label = next((MEANT_FOR[one] for one in context.contexts if one in MEANT_FOR), "")
    if not label or general.intent not in (FALLBACK, OUT_OF_SCOPE, "inform", "affirm", "deny"):
        return None
    return Decision(intent=label, label=label, confidence=general.confidence)


def _with_address(decided: Decision, bare: bool) -> Decision:
    wanted = bare or decided.intent in WITH_ADDRESS or decided.label in MISSING or decided.intent == "ambiguous"
    return replace(decided, intent=CHECK, label=CHECK, candidates=(), questions=()) if wanted else decided
