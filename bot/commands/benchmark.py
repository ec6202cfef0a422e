"""`python -m bot benchmark --train A.csv --test B.csv`: the project's understanding on any labelled data."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--train", type=Path, required=True, help="CSV: text, label (header optional)")
    parser.add_argument("--test", type=Path, required=True, help="CSV in the same form")
    parser.add_argument("--oos-label", help="the label that means out of scope, where training or test has one")
    parser.add_argument("--examples", type=int, default=0, metavar="N", help="draw N training rows of each label")
    parser.add_argument(
        "--slips", type=float, default=0.0, metavar="SHARE", help="misspell this share (0..1) of the test"
    )
    parser.add_argument(
        "--seeds", type=int, default=5, help="how many draws, where --examples or --slips draw (default 5)"
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures")


def run(args: argparse.Namespace) -> int:
    """Train, test, print; 2 for files that cannot be read and for numbers that make no sense."""
    import yaml

    from bot.evaluation.benchmark import Setting, measure
    from bot.evaluation.examples import BadFile, two_columns
    from bot.settings import Settings

    try:
        train, test = two_columns(args.train), two_columns(args.test)
    except BadFile as error:
        print(error, file=sys.stderr)
        return 2
    if problem := _problem(args, train):
        print(problem, file=sys.stderr)
        return 2
    pipeline = yaml.safe_load(Path("config.yml").read_text(encoding="utf-8"))["pipeline"]
    config = next(part for part in pipeline if part["name"].endswith("FaqClassifier"))
    setting = Setting(args.examples, args.slips, args.seeds)
    print(f"Training on {_wanted(args, len(train))} ...", file=sys.stderr, flush=True)
    report = measure(train, test, args.oos_label, setting, config, Settings.load().encoder_model)
    for line in page(report):
        print(line)
    if args.json:
        args.json.write_text(json.dumps(report, indent=1), encoding="utf-8")
    return 0


def page(report: Mapping[str, Any]) -> Iterator[str]:
    """The figures, one a line; of several runs the mean, ± their standard deviation, the least and the most."""
    runs = report.get("runs") or []
    if runs:
        yield f"{'':34s} mean of {len(runs)} runs ± standard deviation (least to most)"
    for name, value in report.items():
        if name in ("spread", "runs"):
            continue
        line = f"{name:34s} {value}"
        if name in report.get("spread", {}):
            values = [run[name] for run in runs if run[name] is not None]
            line += f" ± {report['spread'][name]} ({min(values)} to {max(values)})"
        yield line


def _problem(args: argparse.Namespace, train: list[tuple[str, str]]) -> str:
    if len({label for _, label in train}) < 2:
        return f"{args.train}: needs at least two different labels"
    if args.examples < 0 or args.seeds < 1:
        return "--examples takes 0 or more, --seeds 1 or more"
    return "" if 0 <= args.slips <= 1 else "--slips takes a share from 0 to 1"


def _wanted(args: argparse.Namespace, rows: int) -> str:
    drawn = f"{args.examples} rows a label of {rows}" if args.examples else f"{rows} rows"
    return drawn + (f", {args.seeds} times" if args.examples or args.slips else "")
