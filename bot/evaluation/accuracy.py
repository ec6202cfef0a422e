"""Judges decisions against expected labels and sums them up by group and by label."""

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from typing import Any, Iterable

from bot.nlu.decision import FALLBACK, FAMILIES, OUT_OF_SCOPE, Decision, intent_of
from bot.nlu.text.foreign import OTHER_LANGUAGE

RIGHT, OFFERED, HALF, ASKED, DECLINED, WRONG = "right", "offered", "half", "asked", "declined", "wrong"
ANSWER_OUTCOMES = (RIGHT, OFFERED, HALF, ASKED, DECLINED, WRONG)
EXTRA = "extra"  # beside the outcomes: right, with an answer too many


@dataclass(frozen=True)
class Judged:
    """One question with what was expected, what came, and the verdict.

    Verdicts: right; offered (asked back with the right label among the buttons); half (one of two questions
    answered); asked (asked back without it); declined (said it is not covered); wrong (answered something else).
    `every`: all that is expected is wanted, not any of it.
    """

    text: str
    expect: tuple[str, ...]
    group: str
    got: tuple[str, ...]
    offered: tuple[str, ...]
    confidence: float
    outcome: str
    every: bool = False


def judge(row: dict[str, Any], decided: Decision) -> Judged:
    """The verdict on one decision.

    Args:
        row: `text`, `expect` (labels any of which is right; all of them with `"all": true`), optional `group`.
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
    """Counts and shares: overall, by group, by expected label."""
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
        "questions": [asdict(item) for item in everything],
    }


def _shares(items: list[Judged]) -> dict[str, float]:
    counts = Counter(item.outcome for item in items)
    shares = {name: round(counts[name] / len(items), 4) for name in ANSWER_OUTCOMES}
    extra = sum(item.outcome == RIGHT and len(item.got) > _answers(item) for item in items)
    return {"count": len(items), **shares, EXTRA: round(extra / len(items), 4)}


def _answers(item: Judged) -> int:
    """How many answers the question wants."""
    return len(item.expect) if item.every else 1


def table(report: dict[str, Any]) -> str:
    """The report as a table for the terminal."""
    columns = (*ANSWER_OUTCOMES, EXTRA)
    head = f"{'':44s}{'n':>5s}" + "".join(f"{name:>10s}" for name in columns)
    lines = [head]
    for title, rows in (
        ("", {"all": report["overall"]}),
        ("groups", report["groups"]),
        ("labels", report["labels"]),
    ):
        lines.append(f"-- {title}" if title else "")
        for name, shares in rows.items():
            cells = "".join(f"{shares[o]:>10.1%}" if shares[o] else f"{'.':>10s}" for o in columns)
            lines.append(f"{name:44s}{shares['count']:>5d}{cells}")
    return "\n".join(lines)
