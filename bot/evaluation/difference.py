"""The editor's answer diff: what two evaluations say differently about the same questions."""

from typing import Any, Mapping, Sequence

import numpy as np

from bot.evaluation.accuracy import OFFERED, RIGHT, WRONG
from bot.evaluation.chance import LEVEL, mcnemar

GOOD = (RIGHT, OFFERED)
LabelledQuestion = Mapping[str, Any]


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Questions that became right, became wrong, or are answered differently.

    Args:
        old: an earlier report as `evaluate --json` wrote it.
        new: the report of today.
    """
    before = {_place(q): q for q in old["questions"]}
    changes: dict[str, list[dict[str, Any]]] = {"became_right": [], "became_wrong": [], "answer_changed": []}
    for now in new["questions"]:
        was = before.get(_place(now))
        if was is None or (list(was["got"]) == list(now["got"]) and was["outcome"] == now["outcome"]):
            continue
        entry = {
            "text": now["text"],
            "after": now["after"],
            "expect": now["expect"],
            "was": was["got"],
            "now": now["got"],
        }
        if (was["outcome"] in GOOD) == (now["outcome"] in GOOD):
            changes["answer_changed"].append(entry)
        else:
            changes["became_right" if now["outcome"] in GOOD else "became_wrong"].append(entry)
    return changes


def _place(question: LabelledQuestion) -> tuple[str, tuple[str, ...]]:
    """What makes a question the same one: its words, and what stood before them."""
    return question["text"], tuple(question.get("after") or ())


def significance(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Whether each group became better or worse by more than chance, on the questions that both reports have.

    A question of which something else is expected now is another one.

    Returns:
        By group ("all" first): `same`, how many questions both have, and for `right` and `wrong` how many `were` and
        `are`, how many `came` and `went`, `p` of McNemar's test, and the `verdict`: better, worse, may be chance, same.
    """
    before = {(*_place(q), tuple(q["expect"])): q for q in old["questions"]}
    pairs = [(before.get((*_place(q), tuple(q["expect"]))), q) for q in new["questions"]]
    same = [(was, now) for was, now in pairs if was is not None]
    groups = sorted({now["group"] for _, now in same})
    found = {"all": same, **{name: [pair for pair in same if pair[1]["group"] == name] for name in groups}}
    return {name: {"same": len(one), **_changes(one)} for name, one in found.items()}


def _changes(pairs: Sequence[tuple[LabelledQuestion, LabelledQuestion]]) -> dict[str, dict[str, Any]]:
    found = {}
    for outcome, better in ((RIGHT, 1), (WRONG, -1)):
        so = [(was["outcome"] == outcome, now["outcome"] == outcome) for was, now in pairs]
        came, went = so.count((False, True)), so.count((True, False))
        p = mcnemar(came, went)
        believed = "better" if (came - went) * better > 0 else "worse"
        found[outcome] = {
            "were": sum(was for was, _ in so),
            "are": sum(now for _, now in so),
            "came": came,
            "went": went,
            "p": round(p, 4),
            "verdict": believed if p < LEVEL else "may be chance" if came or went else "same",
        }
    return found


def page(changes: Mapping[str, Mapping[str, Any]]) -> str:
    """`significance` for a terminal of 120 columns."""
    lines = ["the same questions before and now; + became so, - no longer so; p by McNemar's exact test"]
    titles = "".join(f"{outcome:>12s} {'+':>4s}{'-':>4s}{'p':>7s}  {'':13s}" for outcome in (RIGHT, WRONG))
    lines.append(f"{'':24s}{'n':>5s}{titles}".rstrip())
    for name, group in changes.items():
        cells = _cells(group[RIGHT]) + _cells(group[WRONG])
        lines.append(f"{name[:23]:24s}{group['same']:>5d}{cells}".rstrip())
    return "\n".join(lines)


def _cells(one: Mapping[str, Any]) -> str:
    changed = f"{one['were']:>5d} to {one['are']:<4d}{one['came']:>4d}{one['went']:>4d}"
    return f"{changed}{one['p']:>7.3f}  {one['verdict']:13s}"


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
