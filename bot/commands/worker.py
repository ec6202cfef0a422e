"""`python -m bot worker`: the background worker alone."""

import argparse
import logging


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options."""


def run(args: argparse.Namespace) -> int:
    """Work until stopped."""
    from bot import bootstrap, worker
    from bot.settings import Settings

    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    services = bootstrap.build(Settings.load())
    worker.run_until_signalled(lambda stop: worker.tasks(services, services.outbox, stop))
    return 0
