"""The editor's answer diff: what two evaluations say differently about the same questions."""

from typing import Any, Mapping, Sequence

import numpy as np

from bot.evaluation.accuracy import OFFERED, RIGHT

GOOD = (RIGHT, OFFERED)


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Questions that became right, became wrong, or are answered differently.

    Args:
        old: an earlier report as `evaluate --json` wrote it.
        new: the report of today.
    """
    before = {q["text"]: q for q in old["questions"]}
    changes: dict[str, list[dict[str, Any]]] = {"became_right": [], "became_wrong": [], "answer_changed": []}
    for now in new["questions"]:
        was = before.get(now["text"])
        if was is None or (list(was["got"]) == list(now["got"]) and was["outcome"] == now["outcome"]):
            continue
        entry = {"text": now["text"], "expect": now["expect"], "was": was["got"], "now": now["got"]}
        if (was["outcome"] in GOOD) == (now["outcome"] in GOOD):
            changes["answer_changed"].append(entry)
        else:
            changes["became_right" if now["outcome"] in GOOD else "became_wrong"].append(entry)
    return changes


def dropped(old: Mapping[str, Any], new: Mapping[str, Any], tolerance: float) -> list[str]:
    """Groups whose share of right answers fell by more than `tolerance` (0..1)."""
    return [
        f"{name}: {old['groups'][name]['right']:.1%} -> {shares['right']:.1%}"
        for name, shares in new["groups"].items()
        if name in old["groups"] and old["groups"][name]["right"] - shares["right"] > tolerance
    ]


def overlaps(texts: Sequence[str], labels: Sequence[str], vectors: np.ndarray, limit: float) -> list[dict[str, Any]]:
    """Pairs of training examples under different labels that mean nearly the same.

    Args:
        texts: training examples.
        labels: one each.
        vectors: unit-length rows.
        limit: cosine from which a pair is listed.
    """
    cosines = vectors @ vectors.T
    rows, columns = np.nonzero(np.triu(cosines, 1) >= limit)
    pairs = [
        {
            "cosine": round(float(cosines[i, j]), 3),
            "labels": [labels[i], labels[j]],
            "texts": [texts[i], texts[j]],
        }
        for i, j in zip(rows, columns)
        if labels[i] != labels[j]
    ]
    return sorted(pairs, key=lambda pair: -pair["cosine"])
