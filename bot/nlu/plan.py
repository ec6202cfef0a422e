"""One message on its way through understanding: what to encode, and the decision once it is scored."""

from dataclasses import dataclass, field, replace
from typing import Any, Mapping, Sequence

import numpy as np

from bot.nlu import asked_for, decision, in_context
from bot.nlu.decision import Context, Decision, Thresholds
from bot.nlu.encoding.encoder import Encoder
from bot.nlu.readings import Read
from bot.nlu.scoring.replies import ReplyScorer
from bot.nlu.scoring.scorer import Scorer, Scores
from bot.nlu.text import addresses, bounded, clauses, codes, foreign, mentions, questions
from bot.nlu.text.questions import Span
from bot.nlu.text.sentences import spans


@dataclass(frozen=True)
class Plan:
    """The texts to encode, in order: the message, its parts, the message after its context, without addresses, buttons.

    `scored` says how many of them, from the first, are messages read by themselves, `buttons` where the words of
    buttons begin; `parts` are both sides of each of the `cuts`, then the pieces that all cuts leave, `sentences` those
    of a message read after what stood before.
    `answers`: it holds an address or a code that was asked for.
    """

    texts: list[str]
    scored: int
    parts: list[Span]
    context: Context
    leans: bool
    cuts: int = 0
    sentences: list[Span] = field(default_factory=list)
    addresses: int = 0
    answers: bool = False
    buttons: int = 0
    typed: str = ""
    names_credential: bool = False

    @classmethod
    def of(cls, text: str, context: Any = None, typed: str = "", names_credential: bool = False) -> "Plan":
        """Plan a message.

        Args:
            text: what the person wrote, its spelling put right where that is done.
            context: as `conversations.focus.Focus.as_json` gives it and the channel sends it, or None.
            typed: what the person wrote, to the letter; empty for the same. Its language is told by this.
            names_credential: whether a credential of the catalogue is named.
        """
        known, typed, text = Context.of(context), typed or text, bounded.shortened(text)
        count, words = addresses.count(text), _words(text, known)
        answers = asked_for.is_answer(count, words != addresses.without(text), known)
        text = words if answers and words else text  # what stands beside an answer is read as if it stood alone
        cuts = questions.parts(text)
        parts = [*(part for cut in cuts for part in cut), *questions.pieces(text, cuts)]
        texts = [text, *(text[start:end] for start, end in parts)]
        leans = known.faq is not None and questions.leans_on_context(text)
        if leans:
            texts.append(f"{(known.faq or '').replace('_', ' ')}: {text}")
        scored = len(texts)
        texts += [words] if known.contexts and words and words != text else []
        short = len(text.split()) <= decision.LONGEST_CHOICE_WORDS and "@" not in text
        return cls(
            texts=[*texts, *(known.titles if short else ())],
            scored=scored,
            parts=parts,
            context=known,
            leans=leans,
            cuts=len(cuts),
            sentences=spans(text) if known.contexts else [],
            addresses=count,
            answers=answers,
            buttons=len(texts),
            typed=typed,
            names_credential=names_credential,
        )

    def encode(self, encoder: Encoder) -> np.ndarray:
        """The encoder's rows for `texts`, then for `sentences`; the message and all of its parts are one run."""
        within = encoder.encode_parts(self.texts[0], [*self.parts, *self.sentences])
        rows, sentences = within[: 1 + len(self.parts)], within[1 + len(self.parts) :]
        others = self.texts[1 + len(self.parts) :]
        return np.vstack([rows, *([encoder.encode(others)] if others else []), sentences])

    def asking(self) -> list[int]:
        """The places of the sentences that are put as questions, or as a wish to know something."""
        parts = [self.texts[0][start : end + 1] for start, end in self.sentences]
        return [place for place, part in enumerate(parts) if _asks(part) or clauses.wishes_to_know(part)]

    def alone(self, vectors: np.ndarray, scorer: Scorer) -> list[Scores]:
        """The scores of each sentence, read by itself."""
        if not self.sentences:
            return []
        texts = [addresses.without(self.texts[0][start:end]) for start, end in self.sentences]
        return scorer.score(texts, vectors[len(self.texts) :])

    def questions_apart(self, alone: Sequence[Scores], limits: Thresholds) -> dict[int, str]:
        """The FAQs that single sentences, put as questions, clearly ask for, by the places of the sentences."""
        asked = self.asking()
        found = decision.clear_questions([alone[place] for place in asked], limits)
        return {place: label for place, label in zip(asked, found) if label}

    def read(
        self,
        vectors: np.ndarray,
        replies: ReplyScorer | None,
        general: Decision,
        apart: Mapping[int, str] = {},
        alone: Sequence[Decision] = (),
    ) -> Read:
        """What is known of the message, for `in_context.read`.

        Args:
            vectors: from `encode`.
            replies: trained; None where what stands before does not matter.
            general: the decision on the message by itself.
            apart: from `questions_apart`.
            alone: the decision on each sentence by itself.
        """
        text = self.texts[0]
        words = _words(text, self.context)
        known = Read(
            general=general,
            apart=apart,
            alone=alone,
            asking=self.asking(),
            addresses=self.addresses,
            bare=bool(self.addresses) and not words,
            answers=self.answers,
            asks=_asks(text),
            words=len(text.split()),
            names_team=mentions.team(text),
            names_assistant=mentions.assistant(text),
            names_look_up=mentions.look_up(text),
            told_to_look=mentions.told_to_look(text),
            relays=mentions.relay(text),
            adds=mentions.addition(text),
            tell_no_more=mentions.tell_no_more(text),
            ticket_after_all=mentions.ticket_after_all(text),
            names_other=mentions.somebody_else(text),
            names_owner=mentions.anothers(text),
            names_own=mentions.own(text),
            own_whereabouts=mentions.own_whereabouts(text),
            speaks_of_address=mentions.address(text),
            only_of_other=mentions.only_of_other(text),
            names_credential=self.names_credential,
        )
        if replies is None or not words or not self.context.contexts:
            return known
        row = vectors[self.scored] if words != text else vectors[0]
        rows = vectors[len(self.texts) :]
        texts = [addresses.without(text[start:end]) for start, end in self.sentences]
        found = replies.score_all([words, *texts], np.vstack([row[None], rows]), self.context.contexts)
        here = replies.labels_of(one for one in self.context.contexts if one != in_context.ANY_TIME)
        return replace(known, replies=found[0], sentences=found[1:], here=here)

    def likeness(self, vectors: np.ndarray, size: int) -> list[float]:
        """Cosine of the message to each button; 1 for the one it names by its place ("the second one")."""
        found = [float(row[:size] @ vectors[0][:size]) for row in vectors[self.buttons : len(self.texts)]]
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
    scores = _as_allowed(plan, scores)
    sides = list(zip(plan.texts, scores))[1 : 1 + len(plan.parts)]
    paired = 2 * plan.cuts
    halves = list(zip(sides[:paired:2], sides[1:paired:2]))
    follow_up = scores[-1] if plan.leans else None
    likeness = plan.likeness(vectors, size)
    general = decision.decide(scores[0], halves, follow_up, plan.context, thresholds, likeness, sides[paired:])
    if _chosen(general, plan, likeness):
        return general, scores[0]
    alone = _as_allowed(plan, plan.alone(vectors, scorer))
    apart = plan.questions_apart(alone, thresholds)
    by_themselves = [decision.decide(one, thresholds=thresholds) for one in alone]
    decided = in_context.read(plan.read(vectors, replies, general, apart, by_themselves), plan.context)
    if not in_context.understood(decided):
        decided = _in_its_language(plan.typed) or decided
    return decided, scores[0]


def _as_allowed(plan: Plan, scores: list[Scores]) -> list[Scores]:
    """The scores without the labels that nobody means where the message stands."""
    return scores if plan.context.proving else [one.without(decision.WHILE_PROVING) for one in scores]


def _words(text: str, context: Context) -> str:
    """What a message says beside an address, or beside the code that was asked for."""
    words = addresses.without(text)
    return codes.without(words) if asked_for.CODE_ASKED in context.contexts else words


def _asks(text: str) -> bool:
    """Whether a text is put as a question."""
    return "?" in text or clauses.opens_a_question(text)


def _in_its_language(text: str) -> Decision | None:
    """A message in a language that has a reply of its own."""
    code = foreign.language(text)
    label = f"{foreign.OTHER_LANGUAGE}/{code}"
    return Decision(intent=foreign.OTHER_LANGUAGE, label=label, confidence=foreign.SURE_OF_LANGUAGE) if code else None


def _chosen(general: Decision, plan: Plan, likeness: list[float]) -> bool:
    """Whether a button that was offered is meant."""
    return bool(likeness) and general.label in plan.context.offered
