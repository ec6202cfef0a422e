"""What of the installation the changes of a draft concern, and how what became of it is told. No I/O."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from bot.studio.answers import AskedMaterial, ModelAnswers
from bot.studio.items import Change, ItemKind
from bot.studio.kept_vectors import Vectors
from bot.studio.reading import Reader

NEAREST, NEAR_LABEL = 300, 300  # questions asked first: by their meaning, and by what is expected or answered
OVERLAP = 0.93  # cosine from which two examples of different labels mean nearly the same


def reads_otherwise(changes: Sequence[Change]) -> bool:
    """Whether changes can change how a message is understood; the words of answers cannot."""
    return any(change.item.kind is not ItemKind.RESPONSE for change in changes)


def responses_with_new_words(changes: Sequence[Change]) -> frozenset[str]:
    """The names of the responses that a person reads otherwise: another text, button or variant, whatever else."""
    return frozenset(
        change.item.name
        for change in changes
        if change.item.kind is ItemKind.RESPONSE and _shown(change.before) != _shown(change.after)
    )


def _shown(variants: Any) -> list[Any]:
    return [(one.get("text"), one.get("buttons"), one.get("channel")) for one in variants or ()]


def answers_of(labels: Collection[str]) -> set[str]:
    """The responses that answer labels, where a label has one of its name."""
    return {f"utter_{label}" for label in labels}


def added_examples(changes: Sequence[Change]) -> set[tuple[str, str]]:
    """The examples that changes bring, with their labels; those that only mean it after something are left out."""
    found = set()
    for change in changes:
        if change.item.kind is ItemKind.EXAMPLES and not change.item.after:
            new = set(_examples(change.after)) - set(_examples(change.before))
            found |= {(text, change.item.name) for text in new}
    return found


def _examples(value: Any) -> Sequence[str]:
    return value or ()


def changed_examples(changes: Sequence[Change]) -> list[str]:
    """The examples that come or go."""
    found: dict[str, None] = {}
    for change in changes:
        if change.item.kind is ItemKind.EXAMPLES:
            found.update(dict.fromkeys(sorted(set(_examples(change.before)) ^ set(_examples(change.after)))))
    return list(found)


def nearest(
    was: ModelAnswers, material: AskedMaterial, reader: Reader, changes: Sequence[Change]
) -> list[tuple[str, int]]:
    """The questions that changes most likely concern: like the changed examples, or of their labels."""
    labels = {change.item.name for change in changes if change.item.kind is ItemKind.EXAMPLES}
    examples = changed_examples(changes)
    if not examples:
        return []
    wanted = np.stack([reader.vectors.embedding(text) for text in examples])
    cosines, of_label = {}, []
    for name, place in was.places():
        row, judged = material.rows[name][place], was.judged[name][place]
        vector = reader.vectors.of_text(row["text"])
        if vector is not None:
            cosines[name, place] = float((wanted @ vector).max())
        if labels & ({*row["expect"]} | set(judged.got if judged else ())):
            of_label.append((name, place))
    near = sorted(cosines, key=lambda place: -cosines[place])[:NEAREST]
    of_label.sort(key=lambda place: -cosines.get(place, 0.0))
    return list(dict.fromkeys([*near, *of_label[:NEAR_LABEL]]))


def groups(was: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The share of right answers (0..1) of each group before and now, and how many questions it has."""
    found = {}
    for name, report in now.items():
        for group, shares in report["groups"].items():
            before = was[name]["groups"][group]["right"]
            found[f"{name} {group}"] = {"was": before, "is": shares["right"], "n": shares["count"]}
    return found


def overlaps_of(
    added: Collection[tuple[str, str]], known: Sequence[tuple[str, str]], vectors: Vectors
) -> list[dict[str, Any]]:
    """Pairs of a new example with one of another label that mean nearly the same.

    Args:
        added: new examples with their labels; they are among the
        known: examples with their labels.
        vectors: one row of length 1 for each of these.
    """
    new = [place for place, one in enumerate(known) if one in added]
    pairs: dict[frozenset[int], dict[str, Any]] = {}
    for place in new:
        cosines = vectors @ vectors[place]
        for other in np.flatnonzero(cosines >= OVERLAP):
            if known[other][1] != known[place][1]:
                pairs.setdefault(
                    frozenset((place, int(other))),
                    {
                        "cosine": round(float(cosines[other]), 3),
                        "labels": [known[place][1], known[other][1]],
                        "texts": [known[place][0], known[other][0]],
                    },
                )
    return sorted(pairs.values(), key=lambda pair: -pair["cosine"])
