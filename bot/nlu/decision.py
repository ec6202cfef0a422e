"""The decision: answer, ask back or decline, from scores alone. Rasa-free, no I/O."""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Mapping, Sequence

import numpy as np

from bot.nlu.reason import Reason
from bot.nlu.scoring.scorer import Scores

FALLBACK = "nlu_fallback"
OUT_OF_SCOPE = "out_of_scope"
FAQ = "faq"
ASKABLE = (FAQ, "check_issuance_status", "escalate")  # what one message may hold two of, one of them a FAQ
JOINT = "+"  # Rasa's notation for two intents in one message
WHILE_PROVING = ("resend_code", "change_address")  # elsewhere nobody means them
VAGUE_LABELS = ("inform", "ambiguous/missing_badge")  # what a bare "the micro one" looks like on its own
LONGEST_CHOICE_WORDS = 10
ANSWERED_AT_ONCE = 3  # answered at once
SHARE_WEIGHT = 0.3  # how much the scorer's preference among the offered labels adds to the words' likeness
FAMILIES = {
    "ambiguous/missing_badge": (
        "faq/missing_digital_credential",
        "faq/missing_micro_credential",
        "faq/missing_some_credentials",
    )
}


@dataclass(frozen=True)
class Thresholds:
    """Limits of the decision, probabilities 0..1 but for `acceptance`; docs/understanding.md says how they were chosen.

    Attributes:
        answer: a label with at least this probability is answered.
        decline: the same for out of scope.
        lead: a label so far before the next is answered from 0.8 of `answer` on.
        candidate: a label with at least this probability may be among the buttons.
        together: the buttons' probabilities must add up to this, or the message is declined.
        acceptance: below this a message is like no example at all and is declined.
        outside_weight: below 1 it takes back the head start that many out-of-scope examples give.
        part: both questions of a message must reach this to be answered together.
        same: a short answer at least so like (cosine) the words of one button chooses it, whatever else it might mean.
        similar: the same for an answer that is vague by itself.
    """

    answer: float = 0.5
    decline: float = 0.7
    lead: float = 0.24
    candidate: float = 0.04
    together: float = 0.2
    acceptance: float = 0.0
    outside_weight: float = 0.6
    part: float = 0.7
    same: float = 0.5
    similar: float = 0.2


@dataclass(frozen=True)
class Context:
    """What the assistant said last: the FAQ it answered, the labels it offered as buttons and what these said.

    `proving`: it has lately asked for an address or a code, or shown a record; `team_asks_address`: the team has just
    written, of an address.
    """

    faq: str | None = None
    offered: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    proving: bool = False
    contexts: tuple[str, ...] = ()
    just: tuple[str, ...] = ()
    team_asks_address: bool = False

    @classmethod
    def of(cls, value: Any) -> "Context":
        """Read a context from message metadata; anything malformed counts as none."""
        if not isinstance(value, Mapping):
            return cls()
        faq, offered, titles = value.get("faq"), _texts(value.get("offered")), _texts(value.get("titles"))
        known = faq if isinstance(faq, str) else None
        return cls(
            faq=known,
            offered=offered,
            titles=titles if len(titles) == len(offered) else (),
            proving=value.get("proving") is True,
            contexts=_texts(value.get("contexts")),
            just=_texts(value.get("just")),
            team_asks_address=value.get("team_asks_address") is True,
        )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, (list, tuple)) else ()


@dataclass(frozen=True)
class Choice:
    """A label with the probability given to it, and the words it stands for where that is a part of the message."""

    label: str
    confidence: float
    text: str = ""


@dataclass(frozen=True)
class Decision:
    """`intent` as Rasa names it, `label` with its key; why.

    `candidates` are to be asked about, `questions` to be answered together, `also` are labels to be answered beside.
    """

    intent: str
    label: str
    confidence: float
    candidates: tuple[Choice, ...] = ()
    questions: tuple[Choice, ...] = field(default=())
    also: tuple[str, ...] = ()
    reason: Reason = Reason.CLEAR


@lru_cache(maxsize=1024)
def intent_of(label: str) -> str:
    """`faq/privacy_settings` belongs to intent `faq`."""
    return label.split("/", 1)[0]


def merge(scores: Scores, outside_weight: float = 1.0) -> dict[str, float]:
    """Probabilities with all out-of-scope keys counted as one label.

    Out of scope has by far the most examples; `outside_weight` below 1 takes that head start away again.
    """
    names, places, outside = _grouped(scores.labels)
    weighted = np.where(outside, outside_weight, 1.0) * scores.probabilities
    merged = np.bincount(places, weighted, minlength=len(names))
    return dict(zip(names, (merged / merged.sum()).tolist()))


@lru_cache(maxsize=16)
def _grouped(labels: tuple[str, ...]) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
    """The names after merging, which of them each label goes to, and which labels are out of scope."""
    outside = [intent_of(label) == OUT_OF_SCOPE for label in labels]
    merged = [OUT_OF_SCOPE if out else label for label, out in zip(labels, outside)]
    names = tuple(dict.fromkeys(merged))
    return names, np.array([names.index(name) for name in merged], dtype=np.intp), np.array(outside)


def decide(
    whole: Scores,
    halves: Sequence[tuple[tuple[str, Scores], tuple[str, Scores]]] = (),
    follow_up: Scores | None = None,
    context: Context = Context(),
    thresholds: Thresholds = Thresholds(),
    likeness: Sequence[float] = (),
    pieces: Sequence[tuple[str, Scores]] = (),
) -> Decision:
    """Decide what to do with a message.

    Args:
        whole: scores of the whole message.
        halves: for each possible cut in two, both texts with their scores.
        follow_up: scores of the message read after the question answered before; None if it stands alone.
        context: what was said last.
        thresholds: limits.
        likeness: for a short answer to a question back, its cosine to the words of each button; else empty.
        pieces: where there are several cuts, the texts that all of them leave, with their scores.
    """
    chosen = _chosen_button(whole, context, thresholds, likeness) if likeness else None
    if chosen:
        return chosen
    single = _single(whole, thresholds)
    if follow_up is not None and single.intent in (FALLBACK, OUT_OF_SCOPE, FAQ):
        leaning = _leaning(whole, follow_up, context, thresholds)
        if leaning:
            return leaning
    pair = _pair(whole, halves, thresholds)
    return _several(pair, pieces, thresholds) if pair else single


def _single(whole: Scores, limits: Thresholds) -> Decision:
    merged = sorted(merge(whole, limits.outside_weight).items(), key=lambda item: -item[1])
    label, best = merged[0]
    second = merged[1][1] if len(merged) > 1 else 0.0
    if whole.acceptance < limits.acceptance:
        return _declined(whole, best if label == OUT_OF_SCOPE else 1.0 - best, Reason.UNLIKE_ALL)
    family = best + sum(p for name, p in merged if name in FAMILIES.get(label, ()))
    if label in FAMILIES and family >= limits.answer:
        return Decision(intent=intent_of(label), label=label, confidence=family, reason=Reason.FAMILY)
    if label == OUT_OF_SCOPE and best >= limits.decline:
        return _declined(whole, best, Reason.OUTSIDE)
    ahead = best >= 0.8 * limits.answer and best - second >= limits.lead
    if (best >= limits.answer or ahead) and label != OUT_OF_SCOPE:
        reason = Reason.CLEAR if best >= limits.answer else Reason.AHEAD
        return Decision(intent=intent_of(label), label=label, confidence=best, reason=reason)
    candidates = tuple(Choice(n, p) for n, p in merged if n != OUT_OF_SCOPE and p >= limits.candidate)[:3]
    inside = sum(c.confidence for c in candidates)
    if not candidates or inside < limits.together:
        return _declined(whole, max(best, 1.0 - inside), Reason.NOTHING_NEAR)
    return Decision(
        intent=FALLBACK, label=FALLBACK, confidence=1.0 - best, candidates=candidates, reason=Reason.IN_DOUBT
    )


def _declined(whole: Scores, confidence: float, reason: Reason) -> Decision:
    keys = [(label, p) for label, p in whole.ranking() if intent_of(label) == OUT_OF_SCOPE]
    label = keys[0][0] if keys else OUT_OF_SCOPE
    return Decision(intent=OUT_OF_SCOPE, label=label, confidence=confidence, reason=reason)


def _chosen_button(whole: Scores, context: Context, limits: Thresholds, likeness: Sequence[float]) -> Decision | None:
    """A bare answer to the question the assistant has just asked ("the micro one")."""
    total = sum(whole.of(offered) for offered in context.offered) or 1.0
    fits = [alike + SHARE_WEIGHT * whole.of(label) / total for alike, label in zip(likeness, context.offered)]
    best = max(range(len(fits)), key=lambda i: fits[i])
    label, share = max(merge(whole, limits.outside_weight).items(), key=lambda item: item[1])
    vague = label in VAGUE_LABELS or label in context.offered or share < limits.answer
    if likeness[best] < (limits.similar if vague else limits.same):
        return None
    chosen = context.offered[best]
    return Decision(intent=intent_of(chosen), label=chosen, confidence=min(1.0, likeness[best]), reason=Reason.BUTTON)


def _leaning(whole: Scores, follow_up: Scores, context: Context, limits: Thresholds) -> Decision | None:
    """A follow-up is answered when reading it together with the question before makes one answer clear."""
    alone, together = merge(whole, limits.outside_weight), merge(follow_up, limits.outside_weight)
    if max(p for name, p in alone.items()) >= 0.85:
        return None
    mixed = {name: (alone[name] + 2 * together.get(name, 0.0)) / 3 for name in alone}
    before = f"{FAQ}/{context.faq}"
    best = max((p, name) for name, p in mixed.items() if name != before and intent_of(name) == FAQ)
    if best[0] >= 0.3 and best[0] > mixed.get(OUT_OF_SCOPE, 0.0):
        return Decision(intent=FAQ, label=best[1], confidence=best[0], reason=Reason.FOLLOW_UP)
    return None


def _pair(
    whole: Scores,
    halves: Sequence[tuple[tuple[str, Scores], tuple[str, Scores]]],
    limits: Thresholds,
) -> Decision | None:
    """Two questions, when some cut gives two different clear ones."""
    best: tuple[float, Choice, Choice] | None = None
    for (left_text, left), (right_text, right) in halves:
        first, second = _clear(left, left_text, limits), _clear(right, right_text, limits)
        if first is None or second is None or not _separate(first.label, second.label):
            continue
        weaker = min(first.confidence, second.confidence)
        if weaker >= limits.part and (best is None or weaker > best[0]):
            best = (weaker, first, second)
    if best is None:
        return None
    weaker, first, second = best
    kinds = sorted((intent_of(first.label), intent_of(second.label)), key=lambda kind: kind != FAQ)
    return Decision(
        intent=JOINT.join(kinds),
        label=first.label,
        confidence=weaker,
        questions=(first, second),
        reason=Reason.TWO_QUESTIONS,
    )


def _several(pair: Decision, pieces: Sequence[tuple[str, Scores]], limits: Thresholds) -> Decision:
    """Of a message with two questions, three or more, when so many pieces of it are clear and different ones."""
    found: list[Choice] = []
    for text, scores in pieces:
        one = _clear(scores, text, limits)
        if one and one.confidence >= limits.part and all(_separate(one.label, other.label) for other in found):
            found.append(one)
    if len(found) < 3 or any(intent_of(one.label) != FAQ for one in found):
        return pair
    return replace(pair, intent=JOINT.join((FAQ, FAQ)), label=found[0].label, questions=tuple(found[:ANSWERED_AT_ONCE]))


def clear_questions(scores: Sequence[Scores], limits: Thresholds) -> list[str]:
    """For each text the FAQ that it clearly asks for, "" where it does not."""
    found = [_clear(one, "", limits) if one.acceptance >= limits.acceptance else None for one in scores]
    clear = [one and intent_of(one.label) == FAQ and one.confidence >= limits.part for one in found]
    return [one.label if one and is_clear else "" for one, is_clear in zip(found, clear)]


def _separate(first: str, second: str) -> bool:
    """Whether two labels can stand side by side: two FAQs, or a FAQ and a request that is not about the same badge."""
    faqs = [label for label in (first, second) if intent_of(label) == FAQ]
    if first == second or not faqs:
        return False
    return len(faqs) == 2 or not any(faqs[0] in family for family in FAMILIES.values())


def _clear(scores: Scores, text: str, limits: Thresholds) -> Choice | None:
    label, probability = max(merge(scores, limits.outside_weight).items(), key=lambda item: item[1])
    return Choice(label, probability, text) if intent_of(label) in ASKABLE else None
