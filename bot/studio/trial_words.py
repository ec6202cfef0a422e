"""What came out of a trial, in words for an editor at a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.studio.drafts import Trial, TrialState

MOST_TOLD = 12  # entries of one kind
TRIAL_LINE = 100  # characters of a message or reply
QUESTION_KINDS = {
    "became_right": "now answered right",
    "became_wrong": "no longer answered right",
    "answer_changed": "answered differently",
}
NAMES_OF_LABELS = {
    "nlu_fallback": "asks what is meant",
    "out_of_scope": "says that it can't help with this",
    "check_issuance_status": "looks the credential up",
    "escalate": "offers the team",
}


def telling(trial: Trial, titles: Mapping[str, str] = {}) -> str:
    """The trial as text, whatever its state.

    Args:
        titles: of labels, as buttons have them (`bot.content.responses.button_titles`).
    """
    return "\n".join(_lines(trial, titles))


def _lines(trial: Trial, titles: Mapping[str, str]) -> Iterator[str]:
    if trial.state is TrialState.WAITING:
        yield "The trial has not begun yet."
        return
    if trial.state is TrialState.FAILED:
        yield f"The trial failed. {trial.words}".rstrip()
    elif trial.state is TrialState.RUNNING:
        yield f"{round(100 * trial.share)}% done. {trial.words} ..."
    result = trial.result
    if trial.state is TrialState.DONE:
        yield f"Tried out in {result.get('seconds', 0):.0f} seconds."
    if not result:
        return
    yield from result.get("notes") or ()
    counts = result.get("counts") or {}
    yield from _questions(result, counts, titles)
    yield from _recent(result, counts, titles)
    yield from _conversations(result, counts)
    yield from _overlaps(result.get("overlaps") or (), titles)
    if fallen := result.get("floors_fallen"):
        yield "\nThis gets worse than it may. Publishing it needs a reason:"
        yield from (f"  {one}" for one in fallen)


def _questions(result: Mapping[str, Any], counts: Mapping[str, int], titles: Mapping[str, str]) -> Iterator[str]:
    if counts.get("asked"):
        asked, all_ = counts["asked"], counts["questions"]
        yield f"\nTest questions: {asked:,} asked" + (f" of {all_:,}" if asked < all_ else "")
        found = result.get("questions") or {}
        if not any(found.values()):
            yield "  All of them are answered as before."
        for kind, words in QUESTION_KINDS.items():
            if entries := found.get(kind):
                yield f"  {counts.get(kind, len(entries))} {words}:"
                yield from _some([_changed(one, titles) for one in entries], counts.get(kind, len(entries)))
    answers = [one for one in result.get("new_words") or () if one["questions"] or one["recent"]]
    for one in answers:
        name = titled([one["response"].removeprefix("utter_")], titles)
        yield f"\nAnswer with new words: {name}: {one['questions']:,} test questions, {one['recent']:,} recent messages"


def _recent(result: Mapping[str, Any], counts: Mapping[str, int], titles: Mapping[str, str]) -> Iterator[str]:
    if not counts.get("recent"):
        return
    messages, changed = counts["recent_asked"], counts["recent_changed"]
    yield f"\nWhat people wrote lately: {messages:,} messages, {changed:,} read differently"
    entries = result.get("recent") or []
    yield from _some([f"{_changed(one, titles)}  ({times(one['asked'])})" for one in entries], counts["recent_changed"])


def _conversations(result: Mapping[str, Any], counts: Mapping[str, int]) -> Iterator[str]:
    if "conversations_touched" not in counts:
        return
    touched, played = counts["conversations_touched"], counts.get("conversations_played", 0)
    yield f"\nConversations of the tests: {touched} may go differently, {played} were played"
    for one in result.get("conversations") or ():
        if one.get("only_words"):
            verdict = "goes the same way, in new words"
        elif one["was_right"] and not one["is_right"]:
            verdict = "no longer ends right"
        elif one["is_right"] and not one["was_right"]:
            verdict = "now ends right"
        else:
            verdict = "goes differently, and ends as before"
        yield f"  {one['title']}: {verdict}"
        if parted := one["first_difference"]:
            yield f"    at: {shortened(parted['said'])}"
            yield f"    was: {shortened(parted['was'])}"
            yield f"    now: {shortened(parted['now'])}"


def _overlaps(overlaps: Sequence[Mapping[str, Any]], titles: Mapping[str, str]) -> Iterator[str]:
    if overlaps:
        yield "\nNew examples that mean nearly the same as examples of something else:"
        pairs = [
            f"{shortened(one['texts'][0])} ({titled(one['labels'][:1], titles)}) and "
            f"{shortened(one['texts'][1])} ({titled(one['labels'][1:], titles)})"
            for one in overlaps
        ]
        yield from _some(pairs, len(pairs))


def _changed(entry: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    return f"{shortened(entry['text'])}: {titled(entry['was'], titles)} -> {titled(entry['now'], titles)}"


def _some(lines: Sequence[str], count: int) -> Iterator[str]:
    yield from (f"    {line}" for line in lines[:MOST_TOLD])
    if count > MOST_TOLD:
        yield f"    and {count - min(len(lines), MOST_TOLD):,} more"


def titled(labels: Sequence[str], titles: Mapping[str, str]) -> str:
    """What labels stand for, in words as far as there are any."""
    named = [titles.get(one) or NAMES_OF_LABELS.get(one.split("/")[0]) or one.split("/")[-1] for one in labels]
    return " and ".join(
        f'"{one}"' if labels[place] in titles else one.replace("_", " ") for place, one in enumerate(named)
    )


def shortened(text: str) -> str:
    """One line of it."""
    line = " ".join(text.split())
    return line if len(line) <= TRIAL_LINE else f"{line[: TRIAL_LINE - 4].rstrip()} ..."


def times(number: int) -> str:
    """How often, in words."""
    return "once" if number == 1 else "twice" if number == 2 else f"{number:,} times"
