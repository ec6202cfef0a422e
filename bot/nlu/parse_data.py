"""A decision in the format of Rasa's parse data: intent, ranking, response selector, candidates, questions."""

from typing import Any, Mapping, Sequence

import numpy as np

from bot.nlu.decision import Decision, intent_of
from bot.nlu.scoring.scorer import Scores

RANKING_LENGTH = 10


def parse_data(decided: Decision, scores: Scores, responses: Mapping[str, Any]) -> dict[str, Any]:
    """Rasa's properties for a decided message.

    Args:
        decided: from `decision.decide`.
        scores: of the whole message.
        responses: Rasa's retrieval responses, `utter_faq/<id>` to variants.
    """
    by_intent: dict[str, float] = {}
    labels = scores.ranking()
    for label, probability in labels:
        by_intent[intent_of(label)] = by_intent.get(intent_of(label), 0.0) + probability
    by_intent[decided.intent] = max(decided.confidence, by_intent.get(decided.intent, 0.0))
    rest = sorted(((p, n) for n, p in by_intent.items() if n != decided.intent), reverse=True)
    first = {"name": decided.intent, "confidence": by_intent[decided.intent]}
    ranking = [first, *({"name": n, "confidence": p} for p, n in rest)][:RANKING_LENGTH]
    return {
        "intent": first,
        "intent_ranking": ranking,
        "response_selector": _selectors(decided, labels, responses),
        "candidates": [{"label": c.label, "confidence": c.confidence} for c in decided.candidates],
        "also": list(decided.also),
        "questions": [{"text": q.text, "label": q.label, "confidence": q.confidence} for q in decided.questions],
    }


def _selectors(decided: Decision, labels: Sequence[tuple[str, float]], responses: Mapping[str, Any]) -> dict[str, Any]:
    """One entry a retrieval intent, from the labels with their probabilities, best first."""
    by_intent: dict[str, list[tuple[str, float]]] = {}
    for label, probability in labels:
        if "/" in label:
            by_intent.setdefault(intent_of(label), []).append((label, probability))
    if "/" in decided.label:  # what is read in context, and other languages, the scorer has no labels for
        by_intent.setdefault(intent_of(decided.label), [])
    selectors: dict[str, Any] = {"all_retrieval_intents": sorted(by_intent)}
    for intent, keys in by_intent.items():
        if intent_of(decided.label) == intent:
            keys = [(decided.label, decided.confidence), *(k for k in keys if k[0] != decided.label)]
        best, confidence = keys[0]
        selectors[intent] = {
            "response": {
                "responses": responses.get(f"utter_{best}", []),
                "confidence": confidence,
                "intent_response_key": best,
                "utter_action": f"utter_{best}",
            },
            "ranking": [{"intent_response_key": label, "confidence": p} for label, p in keys[:RANKING_LENGTH]],
        }
    return selectors


def feature_matrix(messages: Sequence[Any]) -> np.ndarray:
    """Dense sentence features of messages, one row each; raises ValueError when a message has none."""
    rows = []
    for message in messages:
        _, sentence = message.get_dense_features("text")
        if sentence is None:
            raise ValueError("FaqClassifier needs dense sentence features: put a featurizer before it.")
        rows.append(sentence.features[0])
    return np.stack(rows).astype(np.float32)
