"""`python -m bot COMMAND`: each command lives in bot/commands and is imported only when it is called."""

import argparse
import importlib
import sys

COMMANDS = {
    "ask": ("one question, answered in the terminal", "ask"),
    "explain": ("what was understood in a message and why, and which rule spoke", "explain"),
    "evaluate": ("accuracy on labelled questions, and the answer diff", "evaluate"),
    "benchmark": ("the understanding on any labelled data", "benchmark"),
    "train": ("train the model", "train"),
    "run": ("start everything", "launch"),
    "rasa": ("the Rasa server alone", "rasa_server"),
    "site": ("the support site alone", "site"),
    "worker": ("the background worker alone", "worker"),
    "migrate": ("bring the database schema up to date", "migrate"),
    "import": ("training completions into the database", "import_completions"),
    "tickets": ("the tickets of the certification team", "tickets"),
    "content": ("drafts of answers and examples: edit, try out, publish, roll back", "content"),
    "backup": ("copy all data into a folder, while everything runs", "backup"),
    "restore": ("bring a backup back", "restore"),
    "purge": ("delete what is older than RETENTION_DAYS; hand out or erase one person's data", "purge"),
}
PUBLIC = ("train", "benchmark")  # a model has nobody's data, and may be run by another user than it was trained by


def main(arguments: list[str]) -> int:
    """Run one command; returns its exit code."""
    from bot.last_words import run_plainly

    return run_plainly(lambda: _run(arguments))


def _run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bot")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    wanted = next((word for word in arguments if word in COMMANDS), None)
    for name, (text, module) in COMMANDS.items():
        sub = commands.add_parser(name, help=text, description=text)
        if name == wanted:
            importlib.import_module(f"bot.commands.{module}").add_arguments(sub)
    args, more = parser.parse_known_args(arguments)
    if more and (not hasattr(args, "texts") or any(word.startswith("-") for word in more)):
        parser.error(f"unrecognized arguments: {' '.join(more)}")
    if more:
        args.texts += more  # argparse knows a list only where no option stands before it
    from bot.private_files import keep_private

    if args.command not in PUBLIC:
        keep_private()
    return int(importlib.import_module(f"bot.commands.{COMMANDS[args.command][1]}").run(args))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
