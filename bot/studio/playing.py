"""Plays conversations of the tests with a trained model, in a process of its own: only that one holds Rasa.

The process reads content from the folder that it is given, and keeps everything else in a folder that goes with it.
"""

import importlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.evaluation.conversations import Played
from bot.studio.suite import SuiteConversation, played_json, played_of_json

LONGEST_LOADING, LONGEST_CONVERSATION = 300.0, 30.0  # seconds
LOOK_SECONDS_PLAYING = 1.0
CONTENT_LINK = "content"


class CannotPlay(Exception):
    """Raised when the process that plays fails or takes too long."""


@dataclass(frozen=True)
class Cast:
    """What plays: a model, and the folder of the content that it belongs to."""

    model: Path
    root: Path


def play_apart(
    cast: Cast, conversations: Sequence[SuiteConversation], look: Callable[[int], None] = lambda done: None
) -> list[Played]:
    """Play conversations in a process of their own.

    Args:
        look: is told from time to time how many are done, and may raise to stop.

    Raises:
        CannotPlay: the process failed or took too long.
    """
    with _content(cast.root) as (folder, environment):
        job, done = folder / "job.json", folder / "played.jsonl"
        job.write_text(json.dumps([[one.file, one.turns] for one in conversations], default=str), encoding="utf-8")
        done.touch()
        command = [sys.executable, "-m", "bot.studio.playing", str(cast.model.absolute()), str(job), str(done)]
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(command, env=environment, stdin=quiet, stdout=quiet, stderr=quiet)  # noqa: S603
        try:
            _wait(process, done, len(conversations), look)
        finally:
            _end(process)
        lines = done.read_text(encoding="utf-8").splitlines()
    if len(lines) != len(conversations):
        raise CannotPlay
    return [played_of_json(json.loads(line)) for line in lines]


def _wait(process: "subprocess.Popen[bytes]", done: Path, count: int, look: Callable[[int], None]) -> None:
    """Until all are played: the process may take its time to end, which nobody waits for."""
    end = time.monotonic() + LONGEST_LOADING + count * LONGEST_CONVERSATION
    while (played := done.read_bytes().count(b"\n")) < count and process.poll() is None:
        if time.monotonic() > end:
            raise CannotPlay
        look(played)
        with suppress(subprocess.TimeoutExpired):
            process.wait(LOOK_SECONDS_PLAYING)


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.kill()
        process.wait()


@contextmanager
def _content(root: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder that takes the place of CONTENT_PATH, and the environment that leads there."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / CONTENT_LINK).symlink_to(root.absolute(), target_is_directory=True)
        (folder / "live").write_text(json.dumps({"publication": 1, "root": CONTENT_LINK, "model": ""}))
        yield folder, {**os.environ, "CONTENT_PATH": name}


def main(arguments: Sequence[str]) -> int:
    """What the process does: model, conversations as JSON, and the file that gets a line for each that was played."""
    _end_with(os.getppid())
    model, job, done = map(Path, arguments)
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    # By name: nothing else of the studio may reach Rasa.
    player = importlib.import_module("bot.evaluation.player").player
    with player(model) as playing, done.open("a", encoding="utf-8") as file:
        for _, turns in json.loads(job.read_text(encoding="utf-8")):
            file.write(json.dumps(played_json(playing.play(turns)), ensure_ascii=False) + "\n")
            file.flush()
    return 0


def _end_with(parent: int) -> None:
    """End this process once its parent is gone, which may be killed without another word."""

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_SECONDS_PLAYING)
        os._exit(1)

    threading.Thread(target=look, name="parent", daemon=True).start()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
