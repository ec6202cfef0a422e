"""`python -m bot evaluate CONVERSATIONS.yml`: plays conversations, and prints those that failed, to be read."""

import json
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any


def play(file: Path, archive: Path, only: str = "") -> list[Any]:
    """Play all conversations of a file, or those whose id contains `only`; raises BadFile, NoModel."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    warnings.showwarning = lambda *args, **kwargs: None  # those of the libraries, as in bot/rasa/server.py
    from tqdm import tqdm

    from bot.evaluation.conversations import load
    from bot.evaluation.player import player

    wanted = [one for one in load(file) if only in str(one["id"])]
    print("Loading the model (some 15 seconds) ...", file=sys.stderr, flush=True)
    with player(archive) as playing:
        return [playing.play(one) for one in tqdm(wanted, desc="Playing", unit=" conversations", disable=None)]


def page(played: Sequence[Any]) -> str:
    """The conversations that went wrong, to be read."""
    return "\n".join(line for one in played if not one.right for line in _lines(one))


def report(played: Sequence[Any]) -> str:
    """The figures."""
    from bot.evaluation.conversations import summary

    found = summary(played)
    kinds = found.pop("kinds")
    lines = [f"{name:20s} {value}" for name, value in found.items()]
    return "\n".join([*lines, "", *(f"{k[:60]:60s} {v['right']:3d} of {v['count']}" for k, v in kinds.items())])


def as_json(played: Sequence[Any]) -> str:
    """Everything, for a later comparison."""
    from dataclasses import asdict

    from bot.evaluation.conversations import summary

    return json.dumps({**summary(played), "played": [asdict(one) for one in played]}, indent=1, ensure_ascii=False)


def _lines(one: Any) -> Iterator[str]:
    yield f"\n=== {one.id}  ({one.kind})"
    for turn in one.turns:
        yield f"  > {turn.said}"
        for heard in turn.heard:
            buttons = " ".join(f"[{title}]" for title, _ in heard.buttons)
            text = " / ".join(heard.text.split("\n"))
            yield f"    {heard.utterance}: {text[:400]} {buttons}"
        for problem in turn.problems:
            yield f"    !! {problem}"
    for problem in one.problems:
        yield f"  !! at the end: {problem}"
