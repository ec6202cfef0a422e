"""One message on its way through understanding: what to encode, and the decision once it is scored."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.nlu import decision
from bot.nlu.decision import Context, Decision, Thresholds
from bot.nlu.encoding.encoder import Encoder
from bot.nlu.scoring.scorer import Scorer
from bot.nlu.text import questions


@dataclass(frozen=True)
class Plan:
    """The texts to encode, in order: the message, both sides of each cut, the message after its context, the buttons.

    `scored` says how many of them, from the first, are messages; the rest are the words of buttons just offered.
    """

    texts: list[str]
    scored: int
    parts: list[questions.Span]
    context: Context
    leans: bool

    @classmethod
    def of(cls, text: str, context: Any = None) -> "Plan":
        """Plan a message.

        Args:
            text: what the person wrote.
            context: `{"faq": id or None, "offered": [labels], "titles": [words of their buttons], "proving": bool}`
                as the channel sends it, or None.
        """
        known = Context.of(context)
        parts = [part for cut in questions.parts(text) for part in cut]
        texts = [text, *(text[start:end] for start, end in parts)]
        leans = known.faq is not None and questions.leans_on_context(text)
        if leans:
            texts.append(f"{(known.faq or '').replace('_', ' ')}: {text}")
        short = len(text.split()) <= decision.LONGEST_CHOICE_WORDS and "@" not in text
        titles = known.titles if short else ()
        return cls(texts=[*texts, *titles], scored=len(texts), parts=parts, context=known, leans=leans)

    def encode(self, encoder: Encoder) -> np.ndarray:
        """The encoder's rows for `texts`; the message and its parts are one run."""
        rows, others = encoder.encode_parts(self.texts[0], self.parts), self.texts[1 + len(self.parts) :]
        return np.vstack([rows, encoder.encode(others)]) if others else rows

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
        vectors: from `plan.encode`.
        size: how many numbers of a row are the sentence embedding.
        scorer: trained.
        thresholds: limits.

    Returns:
        The decision, and the scores of the whole message for a ranking.
    """
    scores = scorer.score(plan.texts[: plan.scored], vectors[: plan.scored])
    if not plan.context.proving:
        scores = [one.without(decision.WHILE_PROVING) for one in scores]
    sides = list(zip(plan.texts, scores))[1 : 1 + len(plan.parts)]
    halves = list(zip(sides[::2], sides[1::2]))
    follow_up = scores[-1] if plan.leans else None
    likeness = plan.likeness(vectors, size)
    return decision.decide(scores[0], halves, follow_up, plan.context, thresholds, likeness), scores[0]
