"""One message on its way through understanding: what to encode, and the decision once it is scored."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.nlu import decision, questions
from bot.nlu.decision import Context, Decision, Thresholds
from bot.nlu.scorer import Scorer


@dataclass(frozen=True)
class Plan:
    """The texts to encode, in order: the message, both sides of each cut, the message after its context, the buttons.

    `scored` says how many of them, from the first, are messages; the rest are the words of buttons just offered.
    """

    texts: list[str]
    scored: int
    cuts: list[tuple[str, str]]
    context: Context
    leans: bool

    @classmethod
    def of(cls, text: str, context: Any = None) -> "Plan":
        """Plan a message.

        Args:
            text: what the person wrote.
            context: `{"faq": id or None, "offered": [labels], "titles": [words of their buttons]}` as the channel
                sends it, or None.
        """
        known = Context.of(context)
        cuts = questions.parts(text)
        texts = [text, *(side for cut in cuts for side in cut)]
        leans = known.faq is not None and questions.leans_on_context(text)
        if leans:
            texts.append(f"{(known.faq or '').replace('_', ' ')}: {text}")
        short = len(text.split()) <= decision.LONGEST_CHOICE_WORDS and "@" not in text
        titles = known.titles if short else ()
        return cls([*texts, *titles], len(texts), cuts, known, leans)

    def likeness(self, vectors: np.ndarray, size: int) -> list[float]:
        """Cosine of the message to each button; 1 for the one it names by its place ("the second one")."""
        found = [float(row[:size] @ vectors[0][:size]) for row in vectors[self.scored :]]
        place = questions.position(self.texts[0]) if found else None
        if place is not None and place < len(found):
            return [float(i == place) for i in range(len(found))]
        return found


def decide(plan: Plan, vectors: np.ndarray, size: int, scorer: Scorer, thresholds: Thresholds) -> tuple[Decision, Any]:
    """Score a planned message and decide.

    Args:
        plan: from `Plan.of`.
        vectors: encoder rows for `plan.texts`.
        size: how many numbers of a row are the sentence embedding.
        scorer: trained.
        thresholds: limits.

    Returns:
        The decision, and the scores of the whole message for a ranking.
    """
    scores = scorer.score(plan.texts[: plan.scored], vectors[: plan.scored])
    halves = [((left, scores[1 + 2 * i]), (right, scores[2 + 2 * i])) for i, (left, right) in enumerate(plan.cuts)]
    follow_up = scores[-1] if plan.leans else None
    likeness = plan.likeness(vectors, size)
    return decision.decide(scores[0], halves, follow_up, plan.context, thresholds, likeness), scores[0]
