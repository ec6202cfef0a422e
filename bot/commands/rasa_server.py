"""`python -m bot rasa`: the Rasa server alone, with the model that is live."""

import argparse
import os


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options; the address comes from RASA_URL and RASA_HOST."""


def run(args: argparse.Namespace) -> int:
    """Become Rasa's server: signals reach it, and its exit code is told."""
    from bot.commands.launch import rasa_command
    from bot.settings import Settings

    command, environment = rasa_command(Settings.load())
    os.execvpe("/bin/sh", ["sh", "-c", f"exec {command}"], environment)  # noqa: S606  nothing of it was typed by a stranger
