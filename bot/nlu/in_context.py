"""A message read after what stood before it: an answer, a yes or no, a follow-up, or something new."""

from dataclasses import replace

from bot.nlu.about_the_record import ABOUT_THE_RECORD, NO_ANSWER, SOCIAL, of_the_record
from bot.nlu.as_said import as_said
from bot.nlu.asked_for import CODE_ASKED, as_answer
from bot.nlu.decision import FALLBACK, FAQ, JOINT, OUT_OF_SCOPE, Choice, Context, Decision, intent_of
from bot.nlu.readings import (
    BARELY,
    BESIDE,
    CERTAIN,
    CHECK,
    CLEAR,
    ESCALATE,
    FACT,
    FEW_WORDS,
    LIKELY,
    POSSIBLE,
    PROCESS,
    SMALL,
    SURE,
    Read,
    believable,
    believed,
    beside_small_talk,
    beside_what_asks_nothing,
    best,
    best_sentence,
    but,
    consents,
    follow_up,
    is_remark,
    likeliest,
    only_question,
    parts_together,
    refusal,
    says_yes,
)
from bot.nlu.reason import Reason
from bot.nlu.scoring.replies import NEW

ANY_TIME = "anytime"  # a context that always stands outside of tasks
WATCH = "watch"
# What is read as words for the team, or for the ticket, where it is nothing else.
MEANT_FOR = {
    "team_wrote": "for_team",
    "file_waits": "tell_detail",
    "ticket_about": "tell_detail",
    "ticket_contact": "tell_detail",
    "ticket_consent": "tell_detail",
}
TASKS = ("ticket_about", "ticket_contact", "ticket_consent", "ticket_addition", CODE_ASKED, "address_asked")
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
    WATCH,
)
# What can be meant at any time is believed only where the message by itself is nothing else.
ANYTIME = (ESCALATE, "other_person", WATCH, CHECK, FACT)
LIKE_A_LOOK_UP = (CHECK, "ambiguous", FALLBACK, OUT_OF_SCOPE)  # what a message beside an address may seem to be
WHICH_IS_MISSING = "ambiguous/missing_badge"
WITHOUT_ASKING = (WATCH, "stop_watch", "withdraw_ticket")  # done at once, so only where they are likely
WRITING = ("ticket_about", "ticket_contact", "ticket_consent", "team_wrote")
WAITED_FOR = (CHECK, "faq/earning_notification")  # beside which a wish to be told of it counts
UNRELATED = "out_of_scope/unrelated"
SIBLING = 0.1  # probability from which "not that, the one on LinkedIn" names its answer
FEWEST_LEANING, LEAST_PART = 3, 0.08  # words of a question for more ("help?" is none), and how likely a part must be
CONSENT = 0.8  # probability from which a yes sends a ticket
SAID = ("greet", "thank", "goodbye", "affirm", "deny", "bot_challenge")  # what is said at any time, and clear by itself
# Remarks on what went before, beside which a question counts.
REMARKS = ("misunderstood", "for_assistant", "other_one", "not_helped")


def read(known: Read, context: Context) -> Decision:
    """Decide between what a message means by itself and what it means here."""
    known = believed(beside_small_talk(known))
    decided = _reply(known, context) or _meant_for(known, context) or known.general
    for_team = decided.label in MEANT_FOR.values() and (decided.confidence < SURE or known.names_assistant)
    if (decided.intent in (FALLBACK, *REMARKS) or for_team) and (asked := known.new_questions()):
        decided = Decision(intent=FAQ, label=asked[0], confidence=decided.confidence, reason=Reason.REPLY)
    elif (for_team and known.names_assistant) or (
        decided.label == "for_assistant" and known.asks and known.words > FEW_WORDS
    ):
        decided = decided if known.general.intent == OUT_OF_SCOPE else known.general
    elif decided.intent == FALLBACK:
        decided = only_question(known) or decided
    decided = of_the_record(decided, known, context)
    busy = bool(set(context.contexts) & {*TASKS, "team_wrote"})
    decided = as_said(decided, known, context, busy)
    decided = _of_a_missing_badge(_more_of_it(decided, known, context))
    decided = _not_twice(decided, known, context)
    decided = _not_given_up(decided, known, context)
    if known.addresses == 1 and not set(context.contexts) & set(TASKS):
        decided = _with_address(decided, known, context)
    return as_answer(_with_what_else(_with_question(decided, known), known, context), known)


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


def _likeliest(known: Read) -> tuple[str, float, str, float, Decision]:
    """The likeliest reply with its probability, the sentence that says most with its own, and what they weigh against.

    The last is what the words by themselves mean whose reply it is: the whole message, or the one sentence.
    """
    label, share = best(known.replies)
    part, part_share, place = best_sentence(known)
    by_itself, small = known.general, intent_of(label) in (NEW, *SMALL)
    weak = share < LIKELY or (intent_of(label) in ANYTIME and label not in known.here and part in known.here)
    weak = weak or (share < CERTAIN and intent_of(part) == FACT and part in known.here and place in known.asking)
    if part and (part_share >= CERTAIN or (small and part_share >= LIKELY)) and (small or weak):
        label, share = part, part_share
        by_itself = known.general if _clear_question(known.general) else beside_what_asks_nothing(known, place)
    if _is_plain_yes_or_no(known) and share < LIKELY:
        label, share = known.general.intent, known.general.confidence
    if label == "other_one" and (named := _named_sibling(known)):
        label = named
    if intent_of(label) == FACT and label not in known.here and (standing := likeliest(known, (f"{FACT}/",))):
        label, share = standing, share + known.replies[standing]
    if label == "acknowledge" and share < LIKELY and (part_of := parts_together(known))[1] > share:
        label, share = part_of
    if label == NEW and (leaning := follow_up(known))[0]:
        label, share = leaning[0], CERTAIN
    return label, share, part, part_share, by_itself


def _reply(known: Read, context: Context) -> Decision | None:
    label, share, part, part_share, by_itself = _likeliest(known)
    if "ticket_consent" in context.contexts and consents(known):
        return Decision(intent="affirm", label="affirm", confidence=SURE, reason=Reason.REPLY)
    if label == "affirm" and known.asks and not says_yes(known) and (part or share < CERTAIN):
        label, share = (part, part_share) if part else best(but("affirm", known.replies)[0])
    if label in ("affirm", ESCALATE) and (no := refusal(known)):
        return Decision(intent="deny", label="deny", confidence=no, reason=Reason.REPLY)
    if label in ("", NEW) or _contradicts(label, share, known.general) or not believable(label, known):
        return None
    if _said_at_any_time(known, label):
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
    if _question_wins(replace(known, general=by_itself), label, share, context):
        return None
    enough = BARELY if intent_of(label) == FACT and label in known.here else POSSIBLE
    enough = LIKELY if intent_of(label) in (CHECK, FACT) and label not in known.here else enough
    enough = LIKELY if label in WITHOUT_ASKING else enough
    social = known.general.intent in SOCIAL and not (known.general.intent in SMALL and known.general.confidence >= SURE)
    open_to_it = not _settled(by_itself) or (label in known.here and social)
    if share >= LIKELY or (share >= enough and open_to_it):
        return Decision(intent=intent_of(label), label=label, confidence=share, reason=Reason.REPLY)
    return None


def _is_plain_yes_or_no(known: Read) -> bool:
    """Whether few words are clearly a yes or a no by themselves, where one can be said."""
    sure = known.general.intent in ("affirm", "deny") and known.general.confidence >= CLEAR
    return sure and known.general.intent in known.here and known.words <= FEW_WORDS and not known.asks


def _said_at_any_time(known: Read, label: str) -> bool:
    """Whether a message is surely small talk, a yes or a no, and no `label` that is learnt for any time."""
    general, few = known.general, known.words <= FEW_WORDS and not known.sentences
    if general.confidence < SURE or general.intent not in SAID or general.intent == label:
        return False
    return (label == "acknowledge" and general.intent in ("greet", "thank")) or (few and label not in known.here)


def _named_sibling(known: Read) -> str:
    """Of the answers that may be meant by "the other one" the one whose words are in the message, "" for none."""
    likely = [label for label, share in known.replies.items() if share >= SIBLING and label in known.here]
    return next((label for label in likely if intent_of(label) == FAQ), "")


def _question_wins(known: Read, label: str, share: float, context: Context) -> bool:
    """Whether a message by itself is so clearly a new question that it is no reply."""
    general = known.general
    if label == general.label or (label.startswith(ABOUT_THE_RECORD) and "record_shown" in context.contexts):
        return False
    if set(context.contexts) & set(WRITING) and not known.asks and JOINT not in general.intent:
        return False
    sure = general.confidence >= SURE and intent_of(label) == PROCESS
    if intent_of(label) in (FACT, FAQ, PROCESS) and label in known.here and not sure:
        return False
    if not known.asks and label in known.here and general.label.removeprefix(f"{FAQ}/") in context.contexts:
        return False  # told after its answer, and not asked again
    if label == ESCALATE and general.intent in (FAQ, "bot_challenge") and general.confidence >= CLEAR:
        return True
    if label == "other_one" and general.intent == FAQ and general.confidence >= LIKELY and share < CERTAIN:
        return True
    if label == WATCH and general.label == UNRELATED and general.confidence >= LIKELY:
        return True
    declined = general.intent == OUT_OF_SCOPE and general.confidence >= LIKELY
    which_one = general.intent == "ambiguous" and general.confidence >= CLEAR and label not in known.here
    asked = _clear_question(general) and "missing" not in general.label
    if label == CHECK and (declined or which_one or asked) and share < SURE:
        return True
    if label not in known.here and intent_of(label) in ANYTIME and general.intent in (FAQ, OUT_OF_SCOPE, CHECK):
        same = label == "other_person" and general.intent == CHECK
        sure = share >= SURE and label == WATCH and (general.label in WAITED_FOR or "missing" in general.label)
        return not (same or sure) and (general.confidence >= CLEAR or (general.confidence >= LIKELY and share < SURE))
    return _clear_question(general) and share < CERTAIN


def _contradicts(label: str, share: float, general: Decision) -> bool:
    """Whether a yes or no, or news, is read into what by itself is thanks, a greeting or a question."""
    if label == "tell_claim":
        return general.intent in SMALL and general.confidence >= POSSIBLE and share < CERTAIN
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
    if label == "for_team" and not known.asks and general.intent in SOCIAL and general.confidence < CERTAIN:
        report = True  # a word or two that only seem to be small talk: "home"
    if not label or not (report or general.intent in (FALLBACK, OUT_OF_SCOPE, "inform", "ambiguous")):
        return None
    if general.intent == OUT_OF_SCOPE and known.asks and general.confidence >= CERTAIN and label == "tell_detail":
        return None
    return Decision(intent=label, label=label, confidence=general.confidence, reason=Reason.REPLY)


def _of_a_missing_badge(decided: Decision) -> Decision:
    """What is in doubt, but only about what a missing badge is answered with: the likeliest, or which one it is."""
    likely = [one for one in decided.candidates if one.label == CHECK or "missing" in one.label]
    together = sum(one.confidence for one in likely)
    if decided.intent != FALLBACK or together < LIKELY or decided.candidates[0] not in likely:
        return decided
    kinds = [one.label for one in likely if intent_of(one.label) == FAQ]
    label = likely[0].label if len(kinds) < 2 else WHICH_IS_MISSING
    return Decision(intent=intent_of(label), label=label, confidence=together, reason=Reason.FAMILY)


def _more_of_it(decided: Decision, known: Read, context: Context) -> Decision:
    """A part of the answer given, or more of it, where a question on it seems to be a call for help, or a yes."""
    leans = known.asks and known.words >= FEWEST_LEANING and known.replies.get(NEW, 0.0) < LIKELY
    yes_to_nothing = decided.intent == "affirm" and not any(one.endswith("_offered") for one in context.contexts)
    seems = decided is known.general and (decided.intent == "help" or yes_to_nothing)
    if not seems or "answer_given" not in context.contexts or not leans:
        return decided
    parts = [one for one, share in known.replies.items() if intent_of(one) in (FACT, FAQ) and share >= LEAST_PART]
    label = next((one for one in parts if one in known.here), "ask_more")
    return Decision(intent=intent_of(label), label=label, confidence=POSSIBLE, reason=Reason.REPLY)


def _not_given_up(decided: Decision, known: Read, context: Context) -> Decision:
    """The wish for the ticket where a message that names it seems to give it up."""
    asked_for_it = known.ticket_after_all and bool({"ticket_about", "ticket_contact"} & set(context.contexts))
    wanted = decided.label == "stop" and asked_for_it
    return replace(decided, intent=ESCALATE, label=ESCALATE, reason=Reason.REPLY) if wanted else decided


def _not_twice(decided: Decision, known: Read, context: Context) -> Decision:
    """The answer that has just been given is not given again: a part of it, or where more is to be had."""
    topic = decided.label.removeprefix(f"{FAQ}/")
    if topic == decided.label or topic not in (*context.contexts, *context.just):
        return decided
    replies = known.replies
    longer = tuple(f"{FACT}/{one}_" for one in context.contexts if one.startswith(f"{topic}_"))
    parts = [one for one in replies if one.startswith(f"{FACT}/{topic}_") and not one.startswith(longer or " ")]
    label = parts[0] if parts and (topic in context.just or replies[parts[0]] >= POSSIBLE) else ""
    if not label and topic.startswith("missing_") and (topic in context.just or not known.asks):
        label = "not_helped"
    if not label:
        return replace(decided, intent="ask_more", label="ask_more") if topic in context.just else decided
    return replace(decided, intent=intent_of(label), label=label, reason=Reason.REPLY)


def _anothers(known: Read, context: Context) -> bool:
    """Whether an address is somebody else's: it is said so, or he or she is spoken of alone or after a refusal."""
    refused = "refused" in context.contexts and known.names_other and not known.names_own
    return known.names_owner or known.only_of_other or refused


def _tells_of_a_badge(known: Read) -> bool:
    """Whether a message by itself is about a badge that is not there, or asks for the look-up."""
    return known.general.intent in (CHECK, "ambiguous") or "missing" in known.general.label


def _with_address(decided: Decision, known: Read, context: Context) -> Decision:
    """A message with an address: most often the record of that address is meant."""
    bare, meant, standing = known.bare, "", set(context.contexts)
    team_offered = "team_offered" in standing and "look_up_offered" not in standing
    says_where = bare and "another_offered" not in standing  # the team may answer
    if bare and context.team_asks_address:
        meant = "for_team"
    elif team_offered and (says_where or (decided.intent == "affirm" and not _tells_of_a_badge(known))):
        meant = ESCALATE
    elif _anothers(known, context) and not bare and decided.intent not in (*NOT_A_LOOK_UP, FAQ):
        meant = "other_person"
    elif known.names_team and not bare and (decided.intent in LIKE_A_LOOK_UP or "missing" in decided.label):
        meant = ESCALATE
    if meant:
        return Decision(intent=meant, label=meant, confidence=decided.confidence, reason=Reason.REPLY)
    no_wish = decided.intent == "other_person" or (decided.intent == ESCALATE and not known.names_team)
    own = no_wish and "refused" in context.contexts and not known.names_owner
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


def _with_what_else(decided: Decision, known: Read, context: Context) -> Decision:
    """A message that holds two things: what it asks beside is answered as well, unless it was the last reply."""
    if JOINT in decided.intent or decided.intent in (FALLBACK, *BESIDE):
        return decided
    read_apart = [best(one) for one in known.sentences]
    also = [label for label, share in read_apart if intent_of(label) in BESIDE and share >= CERTAIN]
    also += [one for one in known.new_questions() if not (decided.intent == CHECK and "missing" in one)]
    said = {decided.label, *(f"{FAQ}/{topic}" for topic in context.just)}
    return replace(decided, also=tuple(dict.fromkeys(one for one in (*decided.also, *also) if one not in said))[:2])
