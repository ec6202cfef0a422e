"""One message on its way through understanding: what to encode, and the decision once it is scored."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.nlu import decision, in_context
from bot.nlu.decision import Context, Decision, Thresholds
from bot.nlu.encoding.encoder import Encoder
from bot.nlu.scoring.replies import ReplyScorer
from bot.nlu.scoring.scorer import Scorer
from bot.nlu.text import addresses, foreign, questions


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
    reply: str = ""
    addresses: int = 0

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
        found = addresses.count(text)
        reply = addresses.without(text) if known.contexts else ""
        if reply and reply != text:
            texts.append(reply)
        short = len(text.split()) <= decision.LONGEST_CHOICE_WORDS and "@" not in text
        titles = known.titles if short else ()
        scored = len(texts) - (bool(reply) and reply != text)
        return cls(
            texts=[*texts, *titles],
            scored=scored,
            parts=parts,
            context=known,
            leans=leans,
            reply=reply,
            addresses=found,
        )

    def encode(self, encoder: Encoder) -> np.ndarray:
        """The encoder's rows for `texts`; the message and its parts are one run."""
        rows, others = encoder.encode_parts(self.texts[0], self.parts), self.texts[1 + len(self.parts) :]
        return np.vstack([rows, encoder.encode(others)]) if others else rows

    @property
    def _apart(self) -> int:
        """1 where the message is read a second time without its addresses, for what it means here."""
        return int(bool(self.reply) and self.reply != self.texts[0])

    def likely_replies(self, vectors: np.ndarray, replies: ReplyScorer) -> dict[str, float]:
        """What the message may mean after what stood before, best first."""
        if not self.reply:
            return {}
        row = vectors[self.scored] if self._apart else vectors[0]
        return replies.score(self.reply, row, self.context.contexts)

    def likeness(self, vectors: np.ndarray, size: int) -> list[float]:
        """Cosine of the message to each button; 1 for the one it names by its place ("the second one")."""
        found = [float(row[:size] @ vectors[0][:size]) for row in vectors[self.scored + self._apart :]]
        place = questions.position(self.texts[0]) if found else None
        if place is not None and place < len(found):
            return [float(i == place) for i in range(len(found))]
        return found


def decide(
    plan: Plan,
    vectors: np.ndarray,
    size: int,
    scorer: Scorer,
    thresholds: Thresholds,
    replies: ReplyScorer | None = None,
) -> tuple[Decision, Any]:
    """Score a planned message and decide.

    Args:
        plan: from `Plan.of`.
        vectors: from `plan.encode`.
        size: how many numbers of a row are the sentence embedding.
        scorer: trained.
        thresholds: limits.
        replies: trained; None where what stands before does not matter.

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
    general = decision.decide(scores[0], halves, follow_up, plan.context, thresholds, likeness)
    likely = plan.likely_replies(vectors, replies) if replies and not _chosen(general, plan, likeness) else {}
    bare = plan.addresses > 0 and not addresses.without(plan.texts[0])
    decided = in_context.read(general, likely, plan.context, plan.addresses, bare)
    if not _chosen(decided, plan, likeness) and not in_context.understood(decided):
        decided = _in_its_language(plan.texts[0]) or decided
    return decided, scores[0]


def _in_its_language(text: str) -> Decision | None:
    """A message in a language that has a reply of its own."""
    code = foreign.language(text)
    label = f"{foreign.OTHER_LANGUAGE}/{code}"
    return Decision(intent=foreign.OTHER_LANGUAGE, label=label, confidence=foreign.SURE) if code else None


def _chosen(general: Decision, plan: Plan, likeness: list[float]) -> bool:
    """Whether a button that was offered is meant."""
    return bool(likeness) and general.label in plan.context.offered
