"""`python -m bot evaluate FILE.jsonl`: how well the trained model answers labelled questions."""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

OVERLAP_COSINE = 0.93


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "file",
        type=Path,
        help='JSON Lines: {"text": ..., "expect": [labels], "group": optional, "after": optional}; '
        "or conversations to be played, as YAML",
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the full report")
    parser.add_argument("--picture", type=Path, default=Path("results/confusion.png"), help="confusion picture")
    parser.add_argument("--against", type=Path, metavar="OLD.json", help="compare with an earlier report")
    parser.add_argument("--tolerance", type=_share, default=0.02, help="drop per group that fails (default 0.02)")
    parser.add_argument("--min-right", type=_share, default=0.0, help="fail below this share of right answers (0..1)")
    parser.add_argument("--max-wrong", type=_share, default=1.0, help="fail above this share of wrong answers (0..1)")
    parser.add_argument("--model", type=Path, help="model archive (default: the newest)")
    parser.add_argument("--only", default="", metavar="ID", help="of conversations: those whose id contains this")
    parser.add_argument("--min-replies", type=_share, default=0.0, help="fail below this share of right replies (0..1)")
    parser.add_argument("--errors", action="store_true", help="list every question that was not right")


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text} is no share from 0 to 1")
    return share


_share.__name__ = "share"  # what argparse calls it where it is no number


def run(args: argparse.Namespace) -> int:
    """Evaluate; exit code 0 when thresholds hold, 1 when not, 2 for files that cannot be read."""
    if args.file.suffix in (".yml", ".yaml"):
        return _play(args)
    return _ask(args)


def _play(args: argparse.Namespace) -> int:
    from bot.commands import play
    from bot.commands.models import wanted_model
    from bot.evaluation.conversations import summary
    from bot.evaluation.examples import BadFile
    from bot.nlu.standalone import NoModel

    try:
        played = play.play(args.file, wanted_model(args.model), args.only)
    except (BadFile, NoModel) as error:
        print(error, file=sys.stderr)
        return 2
    print(play.page(played))
    print(play.report(played))
    if args.json:
        args.json.write_text(play.as_json(played), encoding="utf-8")
    found = summary(played)
    return 1 if found["right"] < args.min_right or found["replies_right"] < args.min_replies else 0


def _ask(args: argparse.Namespace) -> int:
    from bot.commands.models import wanted_understanding
    from bot.evaluation import accuracy, difference, pictures
    from bot.evaluation.examples import BadFile, earlier_report, questions
    from bot.nlu.standalone import NoModel

    try:
        rows = questions(args.file)
        old = earlier_report(args.against) if args.against else None
        understanding = wanted_understanding(args.model)
    except (BadFile, NoModel) as error:
        print(error, file=sys.stderr)
        return 2
    report = accuracy.summary(_judge_all(rows, understanding))
    if old is not None:
        report["against"] = difference.significance(old, report)
    print(accuracy.table(report))
    if args.errors:
        _print_errors(report)
    pictures.confusion(report, args.picture)
    if args.json:
        args.json.write_text(json.dumps(report, indent=1, ensure_ascii=False), encoding="utf-8")
    problems = _problems(report, old, args)
    if old is not None:
        _print_difference(old, report, understanding)
    for problem in problems:
        print(f"FAILED {problem}")
    return 1 if problems else 0


def _judge_all(rows: list[dict[str, Any]], understanding: Any) -> list[Any]:
    from tqdm import tqdm

    from bot.evaluation.accuracy import judge

    progress = tqdm(rows, desc="Asking", unit=" questions", file=sys.stderr)
    return [judge(row, understanding.decide(row["text"], row.get("context"))[0]) for row in progress]


def _problems(report: dict[str, Any], old: dict[str, Any] | None, args: argparse.Namespace) -> list[str]:
    from bot.evaluation.difference import dropped

    overall, problems = report["overall"], []
    if overall["right"] < args.min_right:
        problems.append(f"right {overall['right']:.1%} is below {args.min_right:.1%}")
    if overall["wrong"] > args.max_wrong:
        problems.append(f"wrong {overall['wrong']:.1%} is above {args.max_wrong:.1%}")
    if old is not None:
        problems.extend(f"dropped: {line}" for line in dropped(old, report, args.tolerance))
    return problems


def _print_errors(report: dict[str, Any]) -> None:
    from bot.evaluation.accuracy import OPPOSITE

    for question in report["questions"]:
        if question["outcome"] != "right":
            outcome = OPPOSITE if question[OPPOSITE] else question["outcome"]
            print(f"{outcome:9s} {_named(question)}: expected {question['expect']}, got {question['got']}")


def _named(question: Mapping[str, Any]) -> str:
    after = f" after {', '.join(question['after'])}" if question["after"] else ""
    return f"{question['text']!r}{after}"


def _print_difference(old: dict[str, Any], report: dict[str, Any], understanding: Any) -> None:
    from bot.evaluation import difference
    from bot.evaluation.examples import training

    print(f"\n{difference.page(report['against'])}")
    for kind, entries in difference.compare(old, report).items():
        print(f"\n{kind.replace('_', ' ')}: {len(entries)}")
        for entry in entries:
            print(f"  {_named(entry)}: {', '.join(entry['was'])} -> {', '.join(entry['now'])}")
    examples = training(Path("data/nlu"))
    texts, labels = [text for text, _ in examples], [label for _, label in examples]
    vectors = understanding.encoder.encode(texts)[:, : understanding.encoder.size]
    pairs = difference.overlaps(texts, labels, vectors, OVERLAP_COSINE)
    print(f"\noverlapping examples under different labels: {len(pairs)}")
    for pair in pairs[:20]:
        first, second = (f"{label} {text!r}" for label, text in zip(pair["labels"], pair["texts"], strict=True))
        print(f"  {pair['cosine']:.2f} {first} ~ {second}")
