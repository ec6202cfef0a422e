"""Labels that are each other's twin or opposite, as data/twins.yml has them: export and import, yes and no."""

from collections.abc import Mapping
from pathlib import Path

from bot.content.kinds import ANSWER_PREFIX, ResponseKind, faq_id, kind_of
from bot.content.root import kept
from bot.yaml_files import read_yaml


@kept
def twins(root: Path) -> Mapping[str, str]:
    """The twin of every label that has one."""
    found: dict[str, str] = read_yaml(root / "data/twins.yml")
    return found


def other_one(label: str) -> str:
    """The twin of a label, "" where it has none."""
    return twins().get(label, "")


def opposite(first: str, second: str) -> bool:
    """Whether one of two labels is the other's twin; a fact counts as the answer that it is of."""
    one, other = _answer(first), _answer(second)
    return other_one(one) == other or other_one(other) == one


def _answer(label: str) -> str:
    is_fact = kind_of(f"utter_{label}") is ResponseKind.FACT
    return ANSWER_PREFIX.removeprefix("utter_") + faq_id(f"utter_{label}") if is_fact else label
