"""Questions about a record that is shown: never answered in general where the record knows it."""

from bot.nlu.decision import FALLBACK, OUT_OF_SCOPE, Context, Decision
from bot.nlu.readings import BARELY, CLEAR, LIKELY, SMALL, Read, likeliest
from bot.nlu.reason import Reason
from bot.nlu.scoring.replies import NEW

ABOUT_THE_RECORD = ("ask_record_", "tell_claim", "missing_one")
OTHER_OF_RECORD = "ask_record_other"
# What the FAQ says in general of what a record tells of its owner.
RECORD_KNOWS = {
    "faq/credential_expiry": "ask_record_until",
    "faq/unclaimed_credential": "ask_record_again",
    "faq/identify_credential_type": "ask_record_kind",
    "faq/missing_micro_credential": "ask_record_when",
    "faq/missing_digital_credential": "ask_record_when",
    "ambiguous/missing_badge": "ask_record_when",
}
OWN_QUESTION_WORDS = 9  # so long may a question be that leans on the record
NAMING_WORDS = 6  # of a message that names a credential and says little else
NO_ANSWER = (FALLBACK, OUT_OF_SCOPE, "inform", "affirm", "deny")
# What a message may be by itself, and still be a reply to what stands.
SOCIAL = (*SMALL, "affirm", "deny", "stop", "help", "bot_challenge")


def of_the_record(decided: Decision, known: Read, context: Context) -> Decision:
    """The question about the record that a message most likely asks, the decision as it is where it asks none."""
    if "record_shown" not in context.contexts or context.just:  # an answer of the FAQ was the last reply
        return decided
    asked, confidence = "", LIKELY
    if decided.label in RECORD_KNOWS and _leans_on_it(known):
        asked = likeliest(known, ABOUT_THE_RECORD) or RECORD_KNOWS[decided.label]
    elif _names_another(decided, known):
        asked = OTHER_OF_RECORD
    elif decided.intent == FALLBACK or _unlike_all(decided):
        asked, confidence = likeliest(known, ABOUT_THE_RECORD), BARELY
    return Decision(intent=asked, label=asked, confidence=confidence, reason=Reason.REPLY) if asked else decided


def _unlike_all(decided: Decision) -> bool:
    """Whether words say nothing that is known, inside or outside of the FAQ."""
    return decided.intent == OUT_OF_SCOPE and decided.reason is Reason.UNLIKE_ALL


def _leans_on_it(known: Read) -> bool:
    """Whether few words, put as if in general, are meant of the record."""
    return known.words <= OWN_QUESTION_WORDS and known.replies.get(NEW, 0.0) < CLEAR


def _names_another(decided: Decision, known: Read) -> bool:
    """Whether few words name a credential and say little else."""
    if not known.names_credential or known.words > NAMING_WORDS:
        return False
    return decided.intent in (*SOCIAL, *NO_ANSWER) or (decided.label == "tell_claim" and decided.confidence < LIKELY)
