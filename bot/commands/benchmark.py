"""`python -m bot benchmark --train A.csv --test B.csv`: the project's understanding on any labelled data."""

import argparse
import json
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--train", type=Path, required=True, help="CSV: text, label (header optional)")
    parser.add_argument("--test", type=Path, required=True, help="CSV in the same form")
    parser.add_argument("--oos-label", help="the label that means out of scope, where training or test has one")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures")


def run(args: argparse.Namespace) -> int:
    """Train, test, print; 2 for files that cannot be read."""
    import yaml

    from bot.evaluation.benchmark import measure
    from bot.evaluation.examples import BadFile, two_columns
    from bot.settings import Settings

    try:
        train, test = two_columns(args.train), two_columns(args.test)
    except BadFile as error:
        print(error, file=sys.stderr)
        return 2
    if len({label for _, label in train}) < 2:
        print(f"{args.train}: needs at least two different labels", file=sys.stderr)
        return 2
    pipeline = yaml.safe_load(Path("config.yml").read_text(encoding="utf-8"))["pipeline"]
    config = next(part for part in pipeline if part["name"].endswith("FaqClassifier"))
    print(f"Training on {len(train)} rows ...", file=sys.stderr, flush=True)
    report = measure(train, test, args.oos_label, config, Settings.load().encoder_model)
    for name, value in report.items():
        print(f"{name:24s} {value}")
    if args.json:
        args.json.write_text(json.dumps(report, indent=1), encoding="utf-8")
    return 0
