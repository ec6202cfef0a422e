"""`python -m bot train`: trains the Rasa model, or leaves it when nothing it depends on has changed."""

import argparse
import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path

SOURCES = ("config.yml", "domain.yml", "data/catalogue.yml", "requirements.lock")
FOLDERS = (("data/nlu", "*.yml"), ("data/stories", "*.yml"), ("bot/nlu", "*.py"))
STAMP = Path("models/trained-from.sha256")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--if-changed", action="store_true", help="only when content or config changed")


def run(args: argparse.Namespace) -> int:
    """Train; returns Rasa's exit code."""
    from bot.clock import now
    from bot.content import faq_dates
    from bot.settings import Settings

    settings = Settings.load()
    if Path("data/topics.yml").exists():
        faq_dates.bring_up_to_date(now().astimezone(settings.time_zone).date())
    digest = fingerprint(Path("."), settings.encoder_model)
    if args.if_changed and STAMP.exists() and STAMP.read_text() == digest and list(Path("models").glob("*.tar.gz")):
        print("The model is up to date.")
        return 0
    print("Training the model (two to three minutes) ...", flush=True)
    begun = time.monotonic()
    command = [sys.executable, "-m", "bot.rasa.server", "train", "--data", "data/nlu", "data/stories", "--force"]
    command += ["--quiet", "--skip-validation"]  # validation reads all examples once more; `make test` validates
    code = subprocess.run(command, check=False).returncode
    if code == 0:
        STAMP.write_text(digest)
        _remove_old(Path("models"))
        print(summary(Path("models"), time.monotonic() - begun), flush=True)
        _say_what_is_live(Path(settings.content_path))
    return code


def _say_what_is_live(content: Path) -> None:
    """A word where this was not trained from what is live: what is published is not what is installed."""
    try:
        live = json.loads((content / "live").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    if isinstance(live, dict) and live.get("root"):
        print(
            f"This is the model of what is installed. Publication {live.get('publication')} is live, and stays so. "
            "To bring what was changed here into it: python -m bot content update --by EMAIL",
            flush=True,
        )


def summary(directory: Path, seconds: float) -> str:
    """The closing line: how long training took, and the new model with its size."""
    newest = max(directory.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    minutes, rest = divmod(round(seconds), 60)
    return f"Trained in {minutes} min {rest} s: {newest} ({newest.stat().st_size / 1e6:.0f} MB)"


def fingerprint(root: Path, encoder_model: str) -> str:
    """A digest of everything that a model is made from."""
    files = [root / name for name in SOURCES]
    for folder, pattern in FOLDERS:
        files.extend(sorted((root / folder).rglob(pattern)))
    digest = hashlib.sha256(encoder_model.encode())
    for file in files:
        if file.is_file():
            digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _remove_old(directory: Path, keep: int = 3) -> None:
    for old in sorted(directory.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)[:-keep]:
        old.unlink()
