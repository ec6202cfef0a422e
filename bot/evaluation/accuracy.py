"""Judges decisions against expected labels and sums them up by group and by label."""

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from typing import Any, Iterable

from bot.content.twins import opposite
from bot.evaluation.chance import wilson
from bot.nlu.decision import FALLBACK, FAMILIES, OUT_OF_SCOPE, Decision, intent_of
from bot.nlu.text.foreign import OTHER_LANGUAGE

RIGHT, OFFERED, HALF, ASKED, DECLINED, WRONG = "right", "offered", "half", "asked", "declined", "wrong"
# Beside the outcomes: right, with an answer too many; and wrong, with the opposite of what was asked.
EXTRA, OPPOSITE = "extra", "opposite"
# As they stand in the table; EXTRA is part of RIGHT, OPPOSITE of WRONG.
OUTCOME_COLUMNS = (RIGHT, EXTRA, OFFERED, DECLINED, ASKED, HALF, WRONG, OPPOSITE)
TITLES = {DECLINED: "refused"}
NOTE = """percent, with the 95% interval where chance may have put it; extra (an answer not asked for) is part of right,
opposite (import for export) of wrong; offered: asked back with the right button, asked: asked back without it
"""


@dataclass(frozen=True)
class Judged:
    """One question with what was expected, what came, and the verdict.

    Verdicts: right; offered (asked back with the right label among the buttons); half (one of two questions
    answered); asked (asked back without it); declined (said it is not covered); wrong (answered something else).
    `every`: all that is expected is wanted, not any of it; `after`: names of what stood before the question.
    """

    text: str
    expect: tuple[str, ...]
    group: str
    got: tuple[str, ...]
    offered: tuple[str, ...]
    confidence: float
    outcome: str
    every: bool = False
    after: tuple[str, ...] = ()

    @property
    def has_extra(self) -> bool:
        """Right, with an answer that was not asked for."""
        wanted = len(self.expect) if self.every else 1
        return self.outcome == RIGHT and len(self.got) > wanted

    @property
    def is_opposite(self) -> bool:
        """Wrong, with the twin of what was asked (data/twins.yml): import for export, yes for no."""
        return self.outcome == WRONG and any(opposite(asked, got) for asked in self.expect for got in self.got)


def judge(row: dict[str, Any], decided: Decision) -> Judged:
    """The verdict on one decision.

    Args:
        row: `text`, `expect` (labels any of which is right; all of them with `"all": true`), optional `group`, `after`.
        decided: what the NLU decided.
    """
    expect = tuple(row["expect"])
    got = tuple(q.label for q in decided.questions) or (_label(decided),)
    offered = tuple(c.label for c in decided.candidates) or FAMILIES.get(got[0], ())
    every, group = bool(row.get("all")), row.get("group", "questions")
    outcome = _outcome(set(expect), got, set(offered), every)
    return Judged(
        text=row["text"],
        expect=expect,
        group=group,
        got=got,
        offered=offered,
        confidence=round(decided.confidence, 4),
        outcome=outcome,
        every=every,
        after=tuple(row.get("after") or (row.get("context") or {}).get("contexts") or ()),
    )


def _label(decided: Decision) -> str:
    """What is not answered has one label, in whatever language it is written."""
    return OUT_OF_SCOPE if decided.intent in (OUT_OF_SCOPE, OTHER_LANGUAGE) else decided.label


def _outcome(expect: set[str], got: tuple[str, ...], offered: set[str], every: bool) -> str:
    expect = {OUT_OF_SCOPE if intent_of(label) == OUT_OF_SCOPE else label for label in expect}
    if every and len(expect) > 1:
        if expect <= set(got):
            return RIGHT
        if expect & set(got):
            return HALF
    elif expect & set(got):
        return RIGHT
    if offered:
        return OFFERED if expect & offered else ASKED
    if got[0] == OUT_OF_SCOPE:
        return DECLINED
    return ASKED if got[0] == FALLBACK else WRONG


def summary(judged: Iterable[Judged]) -> dict[str, Any]:
    """Counts, shares and their 95% intervals: overall, by group, by expected label."""
    everything = list(judged)
    groups: dict[str, list[Judged]] = defaultdict(list)
    labels: dict[str, list[Judged]] = defaultdict(list)
    for item in everything:
        groups[item.group].append(item)
        labels[item.expect[0]].append(item)
    return {
        "overall": _shares(everything),
        "groups": {name: _shares(items) for name, items in sorted(groups.items())},
        "labels": {name: _shares(items) for name, items in sorted(labels.items())},
        "questions": [{**asdict(item), EXTRA: item.has_extra, OPPOSITE: item.is_opposite} for item in everything],
    }


def _shares(items: list[Judged]) -> dict[str, Any]:
    counts = Counter(item.outcome for item in items)
    counts[EXTRA] = sum(item.has_extra for item in items)
    counts[OPPOSITE] = sum(item.is_opposite for item in items)
    intervals = {name: [round(end, 4) for end in wilson(counts[name], len(items))] for name in OUTCOME_COLUMNS}
    shares = {name: round(counts[name] / len(items), 4) for name in OUTCOME_COLUMNS}
    return {"count": len(items), **shares, "intervals": intervals}


def table(report: dict[str, Any]) -> str:
    """The report for a terminal of 120 columns: groups with their intervals, then labels without."""
    titles = [TITLES.get(name, name) for name in OUTCOME_COLUMNS]
    lines = [NOTE, f"{'by group':24s}{'n':>5s}" + "".join(f" {title:>10s}" for title in titles)]
    for name, shares in {"all": report["overall"], **report["groups"]}.items():
        cells = "".join(f" {_with_interval(shares, column):>10s}" for column in OUTCOME_COLUMNS)
        lines.append(f"{name[:23]:24s}{shares['count']:>5d}{cells}")
    lines += ["", f"{'by label':48s}{'n':>5s}" + "".join(f" {title:>7s}" for title in titles)]
    for name, shares in report["labels"].items():
        cells = "".join(f" {_percent(shares[column]) if shares[column] else '.':>7s}" for column in OUTCOME_COLUMNS)
        lines.append(f"{name[:48]:48s}{shares['count']:>5d}{cells}")
    return "\n".join(lines)


def _with_interval(shares: dict[str, Any], column: str) -> str:
    low, high = shares["intervals"][column]
    return f"{_percent(shares[column])} {100 * low:.0f}-{100 * high:.0f}"


def _percent(share: float) -> str:
    return "100" if share == 1 else f"{100 * share:.1f}" if share else "0"
