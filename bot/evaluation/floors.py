"""The shares that groups of labelled questions must reach, and which of them a report stays below."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from bot.evaluation.accuracy import OFFERED, RIGHT, WRONG
from bot.evaluation.examples import BadFile
from bot.yaml_files import read_yaml

FLOORS_FILE = "floors.yml"
MEASURES = (RIGHT, f"{RIGHT} or {OFFERED}", f"not {WRONG}")
Floors = Mapping[str, Mapping[str, Mapping[str, float]]]


def read_floors(path: Path) -> Floors:
    """Floors (0..1) by the name of the file with questions, its groups and the measure.

    Raises:
        BadFile: it cannot be read, or has another form than tests/data/floors.yml explains.
    """
    try:
        found = read_yaml(path)
        for name, groups in found.items():
            for group, floors in groups.items():
                for measure, floor in floors.items():
                    if measure not in MEASURES or not 0 <= floor <= 1:
                        raise BadFile(
                            f"{path}, {name}, {group}: {measure} must be one of {', '.join(MEASURES)}, 0 to 1"
                        )
    except (OSError, UnicodeDecodeError, yaml.YAMLError, AttributeError, TypeError) as error:
        raise BadFile(f"{path}: no floors can be read from it ({type(error).__name__})") from error
    return dict(found)


def reached(shares: Mapping[str, float]) -> dict[str, float]:
    """The measures of one group of a report (`accuracy.summary`), 0..1."""
    right, offered, wrong = shares[RIGHT], shares[OFFERED], shares[WRONG]
    return dict(zip(MEASURES, (right, right + offered, 1 - wrong)))


def floors_fallen(
    reports: Mapping[str, Mapping[str, Any]], floors: Floors, before: Mapping[str, Mapping[str, Any]] | None = None
) -> list[str]:
    """What a report stays below, each as "unseen faq right 93.1% < 94.0%"; no floor counts for a group it has not.

    Args:
        reports: from `accuracy.summary`, by the name of the file with the questions.
        floors: from `read_floors`.
        before: earlier reports; what was below its floor already and has not sunk is not told. None tells all.
    """
    fallen = []
    for name, groups in floors.items():
        for group, wanted in groups.items():
            now = _reached(reports, name, group)
            was = _reached(before or {}, name, group)
            for measure, floor in wanted.items():
                if now and now[measure] < floor and not (was and was[measure] <= now[measure]):
                    fallen.append(f"{name} {group} {measure} {_tenths(now[measure], floor)} < {100 * floor:.1f}%")
    return fallen


def _reached(reports: Mapping[str, Mapping[str, Any]], name: str, group: str) -> dict[str, float]:
    shares = reports.get(name, {}).get("groups", {}).get(group)
    return reached(shares) if shares else {}


def _tenths(share: float, floor: float) -> str:
    """Per cent, never rounded up to the floor that it stays below."""
    shown = f"{100 * share:.1f}%"
    return shown if shown != f"{100 * floor:.1f}%" else f"{100 * share:.2f}%"
