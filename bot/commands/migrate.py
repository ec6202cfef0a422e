"""`python -m bot migrate`: brings the database schema up to date."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options; the database comes from DATABASE_URL."""


def run(args: argparse.Namespace) -> int:
    """Run what is missing and say so."""
    from bot.database import upgrade
    from bot.settings import Settings

    upgrade(Settings.load().database_url)
    print("The database is up to date.")
    return 0
