"""A message read after what stood before it: an answer, a yes or no, a follow-up, or something new."""

from collections.abc import Mapping
from dataclasses import replace

from bot.nlu.about_the_record import ABOUT_THE_RECORD, NO_ANSWER, SOCIAL, of_the_record
from bot.nlu.decision import FALLBACK, FAQ, JOINT, OUT_OF_SCOPE, Choice, Context, Decision, intent_of
from bot.nlu.readings import (
    BARELY,
    BESIDE,
    CERTAIN,
    CHECK,
    CLEAR,
    ESCALATE,
    FACT,
    LIKELY,
    POSSIBLE,
    SMALL,
    SURE,
    Read,
    believable,
    best,
    best_sentence,
    consents,
    is_remark,
    likeliest,
    refusal,
    says_yes,
)
from bot.nlu.reason import Reason
from bot.nlu.scoring.replies import NEW

ANY_TIME = "anytime"  # a context that always stands outside of tasks
# What is read as words for the team, or for the ticket, where it is nothing else.
MEANT_FOR = {
    "team_wrote": "for_team",
    "ticket_about": "tell_detail",
    "ticket_contact": "tell_detail",
    "ticket_consent": "tell_detail",
}
TASKS = ("ticket_about", "ticket_contact", "ticket_consent", "ticket_addition", "code_asked", "address_asked")
# An address beside these is no wish to have its record looked up.
NOT_A_LOOK_UP = (
    ESCALATE,
    "other_person",
    "for_team",
    "tell_detail",
    "new_ticket",
    "withdraw_ticket",
    "not_solved",
    "ticket_status",
)
# What can be meant at any time is believed only where the message by itself is nothing else.
ANYTIME = (ESCALATE, "other_person", "watch", CHECK, FACT)
WRITING = ("ticket_about", "ticket_contact", "ticket_consent", "team_wrote")
UNRELATED = "out_of_scope/unrelated"
NOT_COVERED = "out_of_scope/other_near"  # of what is like the FAQ, but no question of it
CONSENT = 0.8  # probability from which a yes sends a ticket
# Remarks on what went before, beside which a question counts.
REMARKS = ("misunderstood", "for_assistant", "other_one", "not_helped")


def read(known: Read, context: Context) -> Decision:
    """Decide between what a message means by itself and what it means here."""
    decided = _reply(known, context) or _meant_for(known, context) or known.general
    for_team = decided.label in MEANT_FOR.values() and decided.confidence < SURE
    if (decided.intent in REMARKS or for_team) and (asked := known.new_questions()):
        decided = Decision(intent=FAQ, label=asked[0], confidence=decided.confidence, reason=Reason.REPLY)
    decided = of_the_record(decided, known, context)
    if _is_own_credential(decided, known):
        decided = replace(decided, intent=CHECK, label=CHECK)
    decided = _not_twice(decided, known.replies, context)
    if known.addresses == 1 and not set(context.contexts) & set(TASKS):
        decided = _with_address(decided, known, context)
    return _with_what_else(_with_question(decided, known), known)


def _is_own_credential(decided: Decision, known: Read) -> bool:
    """Whether words that no FAQ answers, or only one on a missing badge, are about a credential of one's own."""
    if not (known.names_credential and known.names_own):
        return False
    missing = decided.intent == FALLBACK and any("missing" in one.label for one in decided.candidates)
    return missing or (decided.label == NOT_COVERED and known.asks)


def understood(decided: Decision) -> bool:
    """Whether a decision stands whatever language the words are in: it is certain, or the words are for the team."""
    if decided.label in MEANT_FOR.values():
        return True
    return decided.intent not in (FALLBACK, OUT_OF_SCOPE) and decided.confidence >= CERTAIN


def _with_question(decided: Decision, known: Read) -> Decision:
    """Two answers where one sentence asks for another FAQ than the message as a whole seems to."""
    asked = known.new_questions()
    other = next((one for one in asked if one != decided.label), "")
    if decided.intent != FAQ or not other or decided.label in asked or decided.reason is Reason.REPLY:
        return decided
    both = (Choice(other, decided.confidence), Choice(decided.label, decided.confidence))
    return replace(decided, intent=f"{FAQ}{JOINT}{FAQ}", questions=both, reason=Reason.TWO_QUESTIONS)


def _reply(known: Read, context: Context) -> Decision | None:
    label, share = best(known.replies)
    part, part_share = best_sentence(known.sentences)
    small = intent_of(label) in (NEW, *SMALL)
    if part and (part_share >= CERTAIN or (small and part_share >= LIKELY)) and (small or share < LIKELY):
        label, share = part, part_share
    if "ticket_consent" in context.contexts and consents(known):
        return Decision(intent="affirm", label="affirm", confidence=SURE, reason=Reason.REPLY)
    if label == "affirm" and part and known.asks and not says_yes(known):
        label, share = part, part_share
    if label in ("affirm", ESCALATE) and (no := refusal(known)):
        return Decision(intent="deny", label="deny", confidence=no, reason=Reason.REPLY)
    if label in ("", NEW) or _contradicts(label, share, known.general) or not believable(label, known):
        return None
    wants_more = known.asks or "record_shown" in context.contexts
    if (
        label == "acknowledge"
        and wants_more
        and share < CERTAIN
        and known.general.intent not in (*SMALL, "affirm", "deny")
    ):
        return None
    if label == "affirm" and "ticket_consent" in context.contexts and share < CONSENT:
        return Decision(intent="acknowledge", label="acknowledge", confidence=share, reason=Reason.REPLY)
    if _question_wins(known, label, share, context):
        return None
    enough = BARELY if intent_of(label) == FACT and label in known.here else POSSIBLE
    enough = LIKELY if intent_of(label) in (CHECK, FACT) and label not in known.here else enough
    open_to_it = not _settled(known.general) or (label in known.here and known.general.intent in SOCIAL)
    if share >= LIKELY or (share >= enough and open_to_it):
        return Decision(intent=intent_of(label), label=label, confidence=share, reason=Reason.REPLY)
    return None


def _question_wins(known: Read, label: str, share: float, context: Context) -> bool:
    """Whether a message by itself is so clearly a new question that it is no reply."""
    general = known.general
    if label.startswith(ABOUT_THE_RECORD) and "record_shown" in context.contexts:
        return False
    if set(context.contexts) & set(WRITING) and not known.asks and JOINT not in general.intent:
        return False
    if intent_of(label) in (FACT, FAQ) and label in known.here:
        return False
    if label == ESCALATE and general.intent == FAQ and general.confidence >= CLEAR:
        return True
    if label == "other_one" and general.intent == FAQ and general.confidence >= LIKELY and share < CERTAIN:
        return True
    if label == "watch" and general.label == UNRELATED and general.confidence >= LIKELY:
        return True
    if label == CHECK and general.intent == OUT_OF_SCOPE and general.confidence >= LIKELY and share < SURE:
        return True
    if label not in known.here and intent_of(label) in ANYTIME and general.intent in (FAQ, OUT_OF_SCOPE, CHECK):
        same = label == "other_person" and general.intent == CHECK
        sure = share >= SURE and label == "watch" and general.label in (CHECK, "faq/earning_notification")
        return not (same or sure) and (general.confidence >= CLEAR or (general.confidence >= LIKELY and share < SURE))
    return _clear_question(general) and share < CERTAIN


def _contradicts(label: str, share: float, general: Decision) -> bool:
    """Whether a yes or no is claimed of what by itself is thanks, a greeting or a question: only a clear yes counts."""
    if label not in ("affirm", "deny") or general.intent == label or general.confidence < LIKELY:
        return False
    return share < SURE and general.intent not in (*NO_ANSWER, ESCALATE, "stop")


def _clear_question(general: Decision) -> bool:
    """Whether a message by itself is clearly a question of the FAQ, or several."""
    return JOINT in general.intent or (general.intent == FAQ and general.confidence >= CLEAR)


def _settled(general: Decision) -> bool:
    """Whether a message by itself says well enough what it wants."""
    return general.intent not in (FALLBACK, OUT_OF_SCOPE, "inform") and general.confidence >= LIKELY


def _meant_for(known: Read, context: Context) -> Decision | None:
    """Where words are expected, words that are nothing else."""
    label, general = next((MEANT_FOR[one] for one in context.contexts if one in MEANT_FOR), ""), known.general
    if not label and is_remark(known):
        label = likeliest(known) or "tell_claim" if "record_shown" in context.contexts else ""
        label = label or ("not_helped" if any(one.startswith("missing_") for one in context.contexts) else "")
        return Decision(intent=label, label=label, confidence=POSSIBLE, reason=Reason.REPLY) if label else None
    likely, share = best(known.replies)
    if likely == NEW and share >= CLEAR and (label == "for_team" or known.asks or _settled(general)):
        return None
    report = general.intent in (FAQ, CHECK) and not known.asks
    if not label or not (report or general.intent in (FALLBACK, OUT_OF_SCOPE, "inform", "ambiguous")):
        return None
    if general.intent == OUT_OF_SCOPE and known.asks and general.confidence >= CERTAIN and label == "tell_detail":
        return None
    return Decision(intent=label, label=label, confidence=general.confidence, reason=Reason.REPLY)


def _not_twice(decided: Decision, replies: Mapping[str, float], context: Context) -> Decision:
    """The answer that has just been given is not given again: a part of it, or where more is to be had."""
    topic = decided.label.removeprefix(f"{FAQ}/")
    if topic == decided.label or topic not in (*context.contexts, *context.just):
        return decided
    longer = tuple(f"{FACT}/{one}_" for one in context.contexts if one.startswith(f"{topic}_"))
    parts = [one for one in replies if one.startswith(f"{FACT}/{topic}_") and not one.startswith(longer or " ")]
    label = parts[0] if parts and (topic in context.just or replies[parts[0]] >= POSSIBLE) else ""
    if not label and topic.startswith("missing_"):
        label = "not_helped"
    if not label:
        return replace(decided, intent="ask_more", label="ask_more") if topic in context.just else decided
    return replace(decided, intent=intent_of(label), label=label, reason=Reason.REPLY)


def _with_address(decided: Decision, known: Read, context: Context) -> Decision:
    """A message with an address: most often the record of that address is meant."""
    bare, meant = known.bare, ""
    if decided.intent == "affirm" and "team_offered" in context.contexts and "look_up_offered" not in context.contexts:
        meant = ESCALATE
    elif known.names_owner and not bare and decided.intent in (CHECK, "ambiguous", FALLBACK):
        meant = "other_person"
    elif known.names_team and not bare and decided.intent in (CHECK, "ambiguous", FALLBACK, OUT_OF_SCOPE):
        meant = ESCALATE
    if meant:
        return Decision(intent=meant, label=meant, confidence=decided.confidence, reason=Reason.REPLY)
    own = decided.intent == "other_person" and "refused" in context.contexts and not known.names_owner
    if decided.intent in NOT_A_LOOK_UP and not bare and not own:
        return decided
    if "team_wrote" in context.contexts and not bare and not known.asks and decided.intent not in (FAQ, CHECK):
        return Decision(intent="for_team", label="for_team", confidence=decided.confidence, reason=Reason.REPLY)
    clear = decided.intent in (FAQ, OUT_OF_SCOPE) and decided.confidence >= LIKELY and "missing" not in decided.label
    if clear and not bare:
        return decided
    beside = [one.label for one in decided.questions if intent_of(one.label) == FAQ and "missing" not in one.label]
    also = tuple(dict.fromkeys([*decided.also, *beside]))
    return replace(decided, intent=CHECK, label=CHECK, candidates=(), questions=(), also=also)


def _with_what_else(decided: Decision, known: Read) -> Decision:
    """A message that holds two things: what it asks beside is answered as well."""
    if JOINT in decided.intent or decided.intent in (FALLBACK, *BESIDE):
        return decided
    read_apart = [best(one) for one in known.sentences]
    also = [label for label, share in read_apart if intent_of(label) in BESIDE and share >= CERTAIN]
    also += [one for one in known.new_questions() if not (decided.intent == CHECK and "missing" in one)]
    return replace(
        decided, also=tuple(dict.fromkeys(one for one in (*decided.also, *also) if one != decided.label))[:2]
    )
