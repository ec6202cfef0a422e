"""Analytics: what people asked and what helped; and what the review needs of it."""

import datetime
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from flask import current_app, render_template, request

from bot.content.responses import button_titles, responses
from bot.content.root import live
from bot.insight import analytics, review, turns
from bot.nlu.standalone import Understanding, newest_model
from bot.site import plots
from bot.site.console.counted import Counted, CountedFigures, Figure
from bot.site.console.entrance import bp, services

PERIODS = (7, 30, 90)  # days
MOST_KEPT_VECTORS = 5000  # 8 MB
REQUESTS = ("check_issuance_status", "escalate", "ticket_status", "ambiguous/missing_badge")
KIND_WORDS = {
    turns.ANSWERED: "answered",
    turns.LOOKED_UP: "looked up",
    turns.CLARIFIED: "asked back",
    turns.TURNED_DOWN: "declined",
    turns.NOT_UNDERSTOOD: "not understood",
    turns.ESCALATED: "passed to the team",
}
OUTCOME_WORDS = {
    turns.CONFIRMED: "said that it helped",
    turns.SILENT: "silent",
    turns.CLARIFIED: "asked back last",
    turns.TURNED_DOWN: "declined last",
    turns.ESCALATED: "passed to the team",
}

_encoding = threading.Lock()
_vectors_of: WeakKeyDictionary[Any, OrderedDict[str, Any]] = WeakKeyDictionary()


@bp.get("/analytics")
def insight() -> str:
    """Numbers and plots of a period."""
    days = period()
    since, until = between(days)
    found, titles = analytics.read(services().database, since, until, zone()), button_titles()
    rows = sorted(found.helpfulness.items(), key=lambda item: (-item[1].no, item[0]))
    bars = [(f"{day.day} {day:%b}", counts) for day, counts in sorted(found.days.items())]
    return render_template(
        "console/analytics.html",
        days=days,
        periods=PERIODS,
        found=found,
        kinds=KIND_WORDS,
        outcomes=OUTCOME_WORDS,
        helpful=[(titles.get(f"faq/{name}", name), one) for name, one in rows],
        ratio=plots.yes_and_no,
        plot=plots.stacked_bars("Questions a day", bars, KIND_WORDS),
        shares=plots.share_bar("Conversations", found.outcomes, OUTCOME_WORDS),
    )


def declines() -> dict[str, str]:
    """The labels of what the FAQ does not cover, with their words."""
    names = sorted(name for name in responses() if name.startswith(review.DECLINE_PREFIX))
    found = [name.removeprefix("utter_") for name in names]
    return {label: label.partition("/")[2].replace("_", " ") for label in found}


def labels() -> dict[str, str]:
    """The labels that an example may get, with their words."""
    titles = button_titles().items()
    return {label: title for label, title in titles if label.startswith("faq/") or label in REQUESTS}


def period() -> int:
    """The days that the address asks for."""
    given = request.args.get("days", "")
    return int(given) if given in map(str, PERIODS) else 30


def between(days: int) -> tuple[datetime.datetime, datetime.datetime]:
    """From midnight, as the team's clocks have it, so many days ago to now."""
    now = services().clock()
    first = now.astimezone(zone()).date() - datetime.timedelta(days=days - 1)
    return datetime.datetime.combine(first, datetime.time(), zone()), now + datetime.timedelta(seconds=1)


def zone() -> datetime.tzinfo:
    """Where the team works."""
    return services().settings.time_zone


def understanding() -> Understanding:
    """The understanding that is live, read when somebody first looks at the review."""
    return _loaded(live().model or newest_model())


def counted_figures(key: Hashable, count: Callable[[], Figure], long_seconds: float | None = None) -> Counted[Figure]:
    """Figures of a period, kept where they take long to count.

    Args:
        key: what they depend on.
        count: counts them, in whatever thread: it must not ask Flask which request it is for.
        long_seconds: what long is, where `CountedFigures` is not to say it.
    """
    figures: CountedFigures = current_app.extensions["counted"]
    return figures.get(key, count, long_seconds)


@lru_cache(maxsize=1)
def _loaded(model: Path) -> Understanding:
    return Understanding.load(model)


def encode(texts: Sequence[str]) -> Any:
    """Sentence vectors; those of the last texts are kept, as an editor comes back to the same ones."""
    model = understanding()
    with _encoding:
        vectors = _vectors_of.setdefault(model.encoder, OrderedDict())
        missing = list(dict.fromkeys(text for text in texts if text not in vectors))
        if missing:
            new = model.encoder.encode(missing)[:, : model.encoder.size]
            vectors.update(zip(missing, np.asarray(new, dtype=np.float32)))
        found = np.stack([vectors[text] for text in texts])
        for text in texts:
            vectors.move_to_end(text)
        while len(vectors) > MOST_KEPT_VECTORS:
            vectors.popitem(last=False)
    return found


def closest(text: str) -> str:
    """The FAQ most like a text."""
    return _closest(understanding(), text)


@lru_cache(maxsize=1000)
def _closest(model: Understanding, text: str) -> str:
    _, scores = model.decide(text)
    return next(label for label, _ in scores.ranking() if label.startswith("faq/"))
