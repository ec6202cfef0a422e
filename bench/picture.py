"""Draws what bench/scale.py has measured: throughput, times, and which process the processors worked for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

COLOURS = {"ours 1": "#1f77b4", "ours 2": "#6baed6", "stock 1": "#d95f02", "stock 2": "#fdae6b"}
PARTS = {"Rasa": "#4c78a8", "site": "#f58518", "actions": "#54a24b", "database": "#b279a2", "balancer": "#9d755d"}
BAR = 0.2


def draw(found: Mapping[str, Mapping[str, Any]], path: Path) -> None:
    """Write a PNG.

    Args:
        found: figures by pipeline and number of Rasa processes ("ours 2"), then by number of clients.
        path: of the picture; its folder is made.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (rates, times, work) = pyplot.subplots(1, 3, figsize=(13, 4))
    for place, (name, rows) in enumerate(found.items()):
        left = [number + (place - (len(found) - 1) / 2) * BAR for number in range(len(rows))]
        colour, label = COLOURS.get(name), f"{name} Rasa"
        rates.bar(left, [row["messages/s"] for row in rows.values()], BAR, color=colour, label=label)
        middle, top = ([row[f"p{percent} ms"] for row in rows.values()] for percent in (50, 95))
        times.bar(left, top, BAR, color=colour, label=f"{label}, p95", alpha=0.6)
        times.scatter(left, middle, marker="_", color="black", zorder=3)
        for axes in (rates, times):
            axes.set_xticks(range(len(rows)), [f"{clients} clients" for clients in rows])
        _stack(work, place, rows["32"]["processor ms a message"])
    rates.set_title("messages a second")
    times.set_title("milliseconds: p95, and p50 as a line")
    work.set_title("ms of the processors a message, 32 clients")
    work.set_xticks(range(len(found)), list(found))
    rates.legend(fontsize=8)
    work.legend(PARTS, fontsize=8)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def _stack(axes: Any, place: int, spent: Mapping[str, float]) -> None:
    bottom = 0.0
    for part, colour in PARTS.items():
        axes.bar(place, spent.get(part, 0.0), 0.6, bottom=bottom, color=colour)
        bottom += spent.get(part, 0.0)
