"""`python -m bot purge`: deletes conversations older than RETENTION_DAYS."""

import argparse
import datetime


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options."""


def run(args: argparse.Namespace) -> int:
    """Delete and say how many."""
    from bot import bootstrap, worker
    from bot.settings import Settings

    print(f"Deleted {worker.purge(bootstrap.build(Settings.load()), datetime.datetime.utcnow())} conversations.")
    return 0
