"""A process that publishes, and is killed at a step of it."""

import os
import signal
from pathlib import Path

from bot.studio import files
from bot.studio.files import ContentFiles
from bot.studio.repository import Repository
from bot.studio.service import Studio
from tests.studio.conftest import ANN, studio_on

# What is done while publishing, in its order: whose method, and whether the process dies before or after it.
STEPS = {
    "before anything is written": (ContentFiles, "write_version", "before"),
    "with half of the files written": (files, "write_file", "third"),
    "before the folder has its name": (ContentFiles, "complete_version", "before"),
    "before the commit": (Repository, "commit", "before"),
    "after the commit": (Repository, "commit", "after"),
    "before the row is live": (Studio, "_become_live", "before"),
    "after the row is live": (Studio, "_become_live", "after"),
    "before the file is replaced": (ContentFiles, "replace_live", "before"),
    "after the file is replaced": (ContentFiles, "replace_live", "after"),
}


def publish(url, folder, draft_id, step, clock):
    """Publish a draft, and die at a step."""
    die_at(step)
    studio_on(url, Path(folder), clock).publish(draft_id, ANN, "Say it better")


def approve(url, folder, publication_id, step, clock, by):
    """Approve a publication, and die at a step."""
    die_at(step)
    studio_on(url, Path(folder), clock, second_person=True).approve(publication_id, by)


def roll_back(url, folder, publication_id, step, clock):
    """Roll back, and die at a step."""
    die_at(step)
    studio_on(url, Path(folder), clock).roll_back(publication_id, ANN)


def die_at(step):
    owner, name, when = STEPS[step]
    do, times = getattr(owner, name), []

    def deadly(*arguments, **others):
        times.append(name)
        if when == "before" or (when == "third" and len(times) == 3):
            os.kill(os.getpid(), signal.SIGKILL)
        done = do(*arguments, **others)
        if when == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    setattr(owner, name, deadly)
