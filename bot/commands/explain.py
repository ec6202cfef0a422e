"""`python -m bot explain "text"`: what was understood and why, which rule or form spoke, and what was said."""

import argparse
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("text", help="the message to explain")
    parser.add_argument("--after", action="append", default=[], metavar="TEXT", help="said before it; may be repeated")
    parser.add_argument("--model", type=Path, help="model archive (default: the newest)")


def run(args: argparse.Namespace) -> int:
    """Say all messages in order and explain each; 2 when one is empty or there is no model."""
    from bot.commands.models import wanted_model
    from bot.nlu.standalone import NoModel

    texts = [*args.after, args.text]
    if not all(text.strip() for text in texts):
        return _fail("Please give a message with words in it.")
    try:
        archive = wanted_model(args.model)
    except NoModel as error:
        return _fail(str(error))
    print("Loading the trained model, which takes some 15 seconds ...", file=sys.stderr, flush=True)
    _explain(archive, texts)
    return 0


def _explain(archive: Path, texts: list[str]) -> None:
    import os
    import warnings

    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    warnings.showwarning = lambda *args, **kwargs: None  # those of the libraries, as in bot/rasa/server.py
    from bot.evaluation.explain import Dialogue
    from bot.evaluation.in_process import private_services
    from bot.evaluation.telling import told

    with private_services():
        dialogue = Dialogue.load(archive)
        for text in texts:
            print(told(dialogue.say(text)), end="\n\n", flush=True)


def _fail(text: str) -> int:
    print(text, file=sys.stderr)
    return 2
