"""One message on its way through understanding: what to encode, and the decision once it is scored."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.nlu import decision, questions
from bot.nlu.decision import Context, Decision, Thresholds
from bot.nlu.scorer import Scorer


@dataclass(frozen=True)
class Plan:
    """The texts to encode, in order: the message, both sides of each cut, the message after its context."""

    texts: list[str]
    cuts: list[tuple[str, str]]
    context: Context
    leans: bool

    @classmethod
    def of(cls, text: str, context: Any = None) -> "Plan":
        """Plan a message.

        Args:
            text: what the person wrote.
            context: `{"faq": id or None, "offered": [labels]}` as the channel sends it, or None.
        """
        known = Context.of(context)
        cuts = questions.parts(text)
        texts = [text, *(side for cut in cuts for side in cut)]
        leans = known.faq is not None and questions.leans_on_context(text)
        if leans:
            texts.append(f"{(known.faq or '').replace('_', ' ')}: {text}")
        return cls(texts, cuts, known, leans)


def decide(plan: Plan, vectors: np.ndarray, scorer: Scorer, thresholds: Thresholds) -> tuple[Decision, Any]:
    """Score a planned message and decide.

    Args:
        plan: from `Plan.of`.
        vectors: encoder rows for `plan.texts`.
        scorer: trained.
        thresholds: limits.

    Returns:
        The decision, and the scores of the whole message for a ranking.
    """
    scores = scorer.score(plan.texts, vectors)
    halves = [((left, scores[1 + 2 * i]), (right, scores[2 + 2 * i])) for i, (left, right) in enumerate(plan.cuts)]
    follow_up = scores[-1] if plan.leans else None
    text = plan.texts[0]
    short = len(text.split()) <= decision.LONGEST_CHOICE_WORDS and "@" not in text
    return decision.decide(scores[0], halves, follow_up, plan.context, thresholds, short=short), scores[0]
