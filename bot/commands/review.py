"""`python -m bot review`: the examples that were gathered in the console, on their way into the training data."""

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do with them."""
    what = parser.add_subparsers(dest="what", required=True)
    what.add_parser("list", help="the gathered examples by label")
    what.add_parser("show", help="the review file as it is")
    what.add_parser("merge", help="move them into data/nlu")
    drop = what.add_parser("drop", help="forget one of them, or all")
    which = drop.add_mutually_exclusive_group(required=True)
    which.add_argument("text", nargs="?", default="", help="the example")
    which.add_argument("--all", action="store_true", help="all of them")


def run(args: argparse.Namespace) -> int:
    """Do it and say what was done."""
    from bot.insight import review

    if args.what == "drop":
        return _drop(args)
    elif args.what == "show":
        print(
            review.REVIEW_FILE.read_text(encoding="utf-8") if review.REVIEW_FILE.exists() else "Nothing was gathered."
        )
    elif args.what == "merge":
        return _merge()
    else:
        found = review.read()
        for label, examples in found.items():
            print(f"{label}\n" + "\n".join(f"  {one}" for one in examples))
        print("" if found else "Nothing was gathered.")
    return 0


def _drop(args: argparse.Namespace) -> int:
    from bot.insight import review

    if not args.all and not args.text.strip():
        print("Please give the example to drop, or --all for all of them.", file=sys.stderr)
        return 2
    dropped = review.drop("" if args.all else args.text)
    print(f"Dropped {dropped} examples.")
    return 0 if dropped or args.all else 1


def _merge() -> int:
    from bot.insight import review

    done = review.merge()
    left = done.pop("")
    for label, examples in done.items():
        print(f"{label}: {len(examples)} added")
    if left:
        print("Left out, because the example is there already or the label is unknown:\n  " + "\n  ".join(left))
    print("Next: make train, then python -m bot evaluate." if done else "Nothing was added.")
    return 0
