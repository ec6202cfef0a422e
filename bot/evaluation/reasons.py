"""The reason of a decision in words, with the numbers that it rests on."""

from bot.nlu.decision import FAQ, Context, Decision, Thresholds
from bot.nlu.reason import Reason

DECISION_WORDS = {
    Reason.BUTTON: "answered, by a button just offered",
    Reason.FOLLOW_UP: "answered, as a follow-up",
    Reason.TWO_QUESTIONS: "two questions",
    Reason.CLEAR: "answered",
    Reason.AHEAD: "answered",
    Reason.REPLY: "read after what stood before",
    Reason.FAMILY: "asked back",
    Reason.IN_DOUBT: "asked back",
    Reason.OUTSIDE: "declined",
    Reason.UNLIKE_ALL: "declined",
    Reason.NOTHING_NEAR: "declined",
}


def kind(decided: Decision) -> str:
    """What was done with the message, in a word or a few."""
    clear = decided.reason in (Reason.CLEAR, Reason.AHEAD)
    return "understood" if clear and decided.intent != FAQ else DECISION_WORDS[decided.reason]


def why(decided: Decision, context: Context, limits: Thresholds) -> str:
    """One sentence.

    Args:
        decided: the decision.
        context: what was said before it.
        limits: the thresholds it was made with.
    """
    found = f"{decided.label} has {decided.confidence:.2f}"
    together = sum(choice.confidence for choice in decided.candidates)
    return {
        Reason.BUTTON: f"its words are like the button's by {decided.confidence:.2f}; `same` {limits.same:.2f} is "
        f"enough, or `similar` {limits.similar:.2f} for words that are vague by themselves",
        Reason.FOLLOW_UP: f"{found} when it is read together with faq/{context.faq}, answered before",
        Reason.REPLY: f"{found} there, and fits better than what it means by itself",
        Reason.TWO_QUESTIONS: f"each part reaches `part` {limits.part:.2f} by itself",
        Reason.CLEAR: f"{found}, and `answer` is {limits.answer:.2f}",
        Reason.AHEAD: f"{found}: short of `answer` {limits.answer:.2f}, but not of {0.8 * limits.answer:.2f}, and "
        f"`lead` {limits.lead:.2f} before the next",
        Reason.FAMILY: f"{found} with the answers it may stand for, and `answer` is {limits.answer:.2f}",
        Reason.IN_DOUBT: f"no label reaches `answer` {limits.answer:.2f}; those of at least `candidate` "
        f"{limits.candidate:.2f} have {together:.2f} together, and `together` is {limits.together:.2f}",
        Reason.OUTSIDE: f"out of scope has {decided.confidence:.2f}, and `decline` is {limits.decline:.2f}",
        Reason.UNLIKE_ALL: f"it is like no example: below `acceptance` {limits.acceptance:.2f}",
        Reason.NOTHING_NEAR: f"no label reaches `answer` {limits.answer:.2f}, and those of at least `candidate` "
        f"{limits.candidate:.2f} stay below `together` {limits.together:.2f}",
    }[decided.reason]
