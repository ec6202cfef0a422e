"""Progress bars of what takes more than a few seconds in training; nothing where nobody watches a terminal."""

from collections.abc import Iterable
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")


def shown(items: Iterable[T], what: str, total: int | None = None) -> Iterable[T]:
    """The items, with a bar on standard error that moves as they are taken.

    Args:
        items: units of work that take about equally long.
        what: in a few words, before the bar.
        total: how many there are, where `items` cannot tell.
    """
    return tqdm(items, desc=f"{what:<24s}", total=total, disable=None, bar_format="{desc} {bar:30} {percentage:3.0f}%")
