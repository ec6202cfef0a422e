"""`python -m bot train`: trains the Rasa model, or leaves it when nothing it depends on has changed."""

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SOURCES = ("config.yml", "domain.yml", "data/catalogue.yml", "requirements.lock")
FOLDERS = (("data/nlu", "*.yml"), ("data/stories", "*.yml"), ("bot/nlu", "*.py"))
MODELS = Path("models")
STAMP = MODELS / "trained-from.sha256"
ROOM = 3_000_000_000  # bytes that must be free: what is kept takes a third, and the model and other files go on growing
UNFINISHED = MODELS / "last-training.new"
TRAINING_LOCK = MODELS / "training.lock"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--if-changed", action="store_true", help="only when content or config changed")
    parser.add_argument("--full", action="store_true", help="everything anew, also where only content changed")


def run(args: argparse.Namespace) -> int:
    """Train, once nobody else trains here; returns Rasa's exit code."""
    from bot.clock import now
    from bot.content import faq_dates
    from bot.settings import Settings

    settings = Settings.load()
    if Path("data/topics.yml").exists():
        faq_dates.bring_up_to_date(now().astimezone(settings.time_zone).date())
    digest = fingerprint(Path("."), settings.encoder_model)
    if args.if_changed and _is_up_to_date(digest):
        return 0
    with _alone() as lock:
        if args.if_changed and _is_up_to_date(digest):  # by whoever trained meanwhile
            return 0
        changed = not args.full and not _is_of(digest) and _train_changes()
        code = 0 if changed else _train_in_full(settings.keep_training, lock)
        if code == 0:
            STAMP.write_text(digest)
            _remove_old(MODELS)
            _say_what_is_live(Path(settings.content_path))
    return code


def _is_of(digest: str) -> bool:
    return STAMP.exists() and STAMP.read_text() == digest and bool(list(MODELS.glob("*.tar.gz")))


def _is_up_to_date(digest: str) -> bool:
    if found := _is_of(digest):
        print("The model is up to date.")
    return found


@contextmanager
def _alone() -> Iterator[int]:
    """Nobody else trains here: two would keep their numbers in one folder, which then fits neither model.

    What is given is held by the process of a training, too, which may outlive this one.
    """
    MODELS.mkdir(exist_ok=True)
    with TRAINING_LOCK.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another training is going on here: this one begins when it has ended.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()


def _train_changes() -> bool:
    """Whether it was enough to train what has changed since the last full training."""
    from bot.clock import now
    from bot.nlu import last_training
    from bot.studio.training import NeedsFullTraining, train_changes

    if not last_training.LAST_TRAINING.exists() or not list(MODELS.glob("*.tar.gz")):
        return False
    target = MODELS / f"{now():%Y%m%d-%H%M%S}-changes.tar.gz"
    try:
        done = train_changes(Path("."), _newest(MODELS), target)
    except NeedsFullTraining as reason:
        print(reason, flush=True)
        return False
    print(f"Only content has changed since the last full training ({done.came} examples came, {done.went} went).")
    print(summary(MODELS, done.seconds), flush=True)
    return True


def _train_in_full(keep: bool, lock: int) -> int:
    from bot.nlu import last_training
    from bot.studio.training import given

    print("Training the model (two to three minutes) ...", flush=True)
    begun, fixed = time.monotonic(), given(Path("."))
    last_training.clear()  # first, so that the disk never holds two
    if keep and shutil.disk_usage(MODELS).free < ROOM:
        print("The disk is too full to keep what training only changes needs: the next change will train in full.")
        keep = False
    environment = {**os.environ, last_training.KEEP_IN: str(UNFINISHED) if keep else ""}
    command = [sys.executable, "-m", "bot.rasa.server", "train", "--data", "data/nlu", "data/stories", "--force"]
    command += ["--quiet", "--skip-validation"]  # validation reads all examples once more; `make test` validates
    code = subprocess.run(command, env=environment, check=False, pass_fds=(lock,)).returncode
    if code == 0:
        if UNFINISHED.exists():
            last_training.finish(UNFINISHED, fixed)
        print(summary(MODELS, time.monotonic() - begun), flush=True)
    else:
        last_training.clear(UNFINISHED)
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
    newest = _newest(directory)
    minutes, rest = divmod(round(seconds), 60)
    return f"Trained in {minutes} min {rest} s: {newest} ({newest.stat().st_size / 1e6:.0f} MB)"


def _newest(directory: Path) -> Path:
    return max(directory.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)


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
