"""`python -m bot migrate`: brings the database schema up to date, or back to what an earlier version needs."""

import argparse
import sys
import time

LOOK_AT_SCHEMA_SECONDS = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The database comes from DATABASE_URL."""
    help_text = (
        "undo the migrations after this one (a number of bot/migrations/versions, such as 0009); deletes no rows"
    )
    parser.add_argument("--back-to", metavar="NUMBER", help=help_text)
    parser.add_argument("--wait", metavar="SECONDS", type=float, help="change nothing, wait until somebody else has")


def run(args: argparse.Namespace) -> int:
    """Run what is missing, wait for it, or undo what is asked for, and say so; 2 when that cannot be."""
    from bot.database import upgrade
    from bot.settings import Settings

    url = Settings.load().database_url
    if args.back_to:
        return _go_back(url, args.back_to)
    if args.wait is not None:
        return _wait(url, args.wait)
    upgrade(url)
    print("The database is up to date.")
    return 0


def _wait(url: str, seconds: float) -> int:
    from sqlalchemy.exc import SQLAlchemyError

    from bot.database import Database

    database, until = Database(url), time.monotonic() + seconds
    problem = "Its schema is not the one of this version."
    while True:
        try:
            if database.is_up_to_date():
                return 0
        except SQLAlchemyError as error:
            problem = f"It does not answer ({type(error).__name__})."
        if time.monotonic() >= until:
            print(f"The database is not ready. {problem}", file=sys.stderr)
            return 2
        time.sleep(LOOK_AT_SCHEMA_SECONDS)


def _go_back(url: str, revision: str) -> int:
    from alembic.util import CommandError

    from bot.database import Database
    from bot.migrations.going_back import WouldLoseData

    database = Database(url)
    try:
        database.go_back(revision)
    except (CommandError, WouldLoseData) as error:
        print(f"Nothing has changed. {error}", file=sys.stderr)
        return 2
    finally:
        database.engine.dispose()
    print(f"The database is as migration {revision} left it.")
    return 0
