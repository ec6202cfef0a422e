"""`python -m bot worker`: the background worker alone."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options."""


def run(args: argparse.Namespace) -> int:
    """Work until stopped."""
    from bot import bootstrap, worker
    from bot.content.root import follow
    from bot.settings import Settings
    from bot.telemetry import configure_logs

    settings = Settings.load()
    configure_logs(settings.log_level)
    follow(settings)
    services = bootstrap.build(settings)
    worker.run_until_signalled(lambda stop: worker.tasks(services, services.outbox, stop))
    return 0
