"""`make audit`: the pins against an advisory database, as far as one answers, and against the reviewed list.

Ends with 1 where an advisory is not on the list, where the list speaks of other versions than those that are pinned, or
where a review has run out.
"""

import argparse
import sys
from datetime import datetime, timezone
from pathlib import Path

from upkeep.advisories import REVIEWED_LIST, Review, problems, read, unreviewed
from upkeep.databases import PIP_AUDIT, Answer, NoDatabase, ask, look_up
from upkeep.pins import pinned


def main(arguments: list[str] | None = None) -> int:
    """Print what was found; returns 0 when nothing is left to be done."""
    options = _parser().parse_args(arguments)
    reviews, wanted = read(options.list), pinned(options.folder)
    wrong = list(problems(reviews, wanted, options.today))
    ids = sum(len(one.advisories) for one in reviews)
    print(f"{len(wanted)} pins. Reviewed: {ids} advisories of {len(reviews)} packages, {_reached(reviews)}.")
    answer = _answer(wanted, options)
    new = unreviewed(answer.findings, reviews) if answer else []
    for line in (*wrong, *(f"Not reviewed: {one.said}" for one in new)):
        print(line)
    if answer and not new:
        print("Everything that it knows of the pins is on the list.")
    return 1 if wrong or new else 0


def _answer(wanted: set[tuple[str, str]], options: argparse.Namespace) -> Answer | None:
    """What a database knows; None, which is said, where none could be asked."""
    try:
        answer = look_up(wanted, options.database) if options.database else ask(wanted, options.program)
    except NoDatabase as error:
        print(f"NO ADVISORY DATABASE WAS ASKED, only the list was checked ({error}).")
        return None
    print(f"Asked: {answer.database}. It knows {len(answer.findings)} advisories of the pins.")
    if answer.unknown:
        print(f"It does not know {', '.join(answer.unknown)}.")
    return answer


def _reached(reviews: list[Review]) -> str:
    reached = [f"{one.package} {one.version}" for one in reviews if one.reached.lower().startswith("yes")]
    return f"reached by our use: {', '.join(reached)}" if reached else "none reached by our use"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m upkeep.audit", description=__doc__)
    parser.add_argument("--database", type=Path, help="a clone of the Python Packaging Advisory Database")
    parser.add_argument("--list", type=Path, default=REVIEWED_LIST)
    parser.add_argument("--folder", type=Path, default=Path(), help="where the lock files are")
    parser.add_argument("--program", type=Path, default=PIP_AUDIT)
    today = datetime.now(timezone.utc).date()
    parser.add_argument("--today", type=lambda text: datetime.fromisoformat(text).date(), default=today)
    return parser


if __name__ == "__main__":
    sys.exit(main())
