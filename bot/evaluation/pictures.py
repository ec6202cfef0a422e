"""Draws which label is taken for which."""

from pathlib import Path
from typing import Any, Mapping


def confusion(report: Mapping[str, Any], path: Path) -> None:
    """Write a PNG: expected labels down, what came across; the diagonal is right."""
    import matplotlib

    matplotlib.use("Agg")
    import numpy as np
    from matplotlib import pyplot

    pairs = [(_expected(q), q["got"][0]) for q in report["questions"]]
    names = sorted({name for pair in pairs for name in pair})
    counts = np.zeros((len(names), len(names)))
    for expected, got in pairs:
        counts[names.index(expected), names.index(got)] += 1
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    size = max(6.0, 0.32 * len(names))
    figure, axes = pyplot.subplots(figsize=(size + 2, size))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
    axes.set_yticks(range(len(names)), names, fontsize=7)
    axes.set_xlabel("the assistant's decision")
    axes.set_ylabel("expected")
    for row, column in zip(*np.nonzero(counts)):
        colour = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, int(counts[row, column]), ha="center", va="center", fontsize=6, color=colour)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=130)
    pyplot.close(figure)


def _expected(question: Mapping[str, Any]) -> str:
    matching = [label for label in question["expect"] if label in question["got"]]
    label = (matching or question["expect"])[0]
    return "out_of_scope" if label.startswith("out_of_scope") else str(label)
