"""A backup of a house that works: rows of one moment, then the files that they name, then what tells all of it."""

import datetime
import os
import secrets
import shutil
import time
from collections.abc import Collection
from contextlib import suppress
from functools import partial
from pathlib import Path

from bot.backup.folders import copy_file, copy_folder, file_digest, folder_files
from bot.backup.manifest import BackupFailed, Manifest
from bot.backup.places import DATABASES, Places
from bot.settings import Settings
from bot.studio.files import ARCHIVES, LIVE_NAME, ContentFiles

BUCKET_LEFT_OUT = "The attachments are in the bucket of ATTACHMENTS_URL, which has versions and backups of its own."
SECRETS_LEFT_OUT = "Secrets are not in it: keep .env elsewhere, and var/secret_key where SITE_SECRET_KEY is not set."
TRAINED_FROM = "trained-from.sha256"  # bot/commands/train.py: what the newest model was trained from


def back_up(settings: Settings, target: Path, now: datetime.datetime) -> Manifest:
    """Make a backup in a folder that is not there yet, for its owner only; returns what it says of itself.

    It appears whole, or not at all.

    Raises:
        BackupFailed: with what to do; nothing is left then.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BackupFailed(f"{target} is there already: give a folder that is not.")
    unfinished = target.with_name(f"{target.name}.{secrets.token_hex(4)}.unfinished")
    try:
        unfinished.mkdir(mode=0o700, parents=True)
        made = _made(settings, unfinished, now)
        os.sync()
        os.replace(unfinished, target)
    except OSError as error:
        raise BackupFailed(f"{error.filename or target} cannot be read or written: {error.strerror}.") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return made


def _made(settings: Settings, folder: Path, now: datetime.datetime) -> Manifest:
    began, places = time.monotonic(), Places.of(settings)
    # What is live may be older than the rows, which it follows after a restore; never newer: they would not know of it.
    copied, models = _live(places.content, folder / "content")
    rows, revision = places.copy_rows(folder / DATABASES)
    for name in folder_files(folder / DATABASES):
        copied[f"{DATABASES}/{name}"] = file_digest(folder / DATABASES / name)
    models |= ContentFiles(places.content).models_named()
    wanted = {"content": partial(_belongs, models)}
    for name, source in places.folders().items():
        found = copy_folder(source, folder / name, wanted.get(name, lambda file: True))
        copied |= {f"{name}/{file}": digest for file, digest in found.items()}
    copied |= _installed_model(places.models, folder / "models") if "" in models else {}
    manifest = Manifest(
        began_at=now,
        seconds=round(time.monotonic() - began, 1),
        database=places.kind,
        revision=revision,
        rows=rows,
        files=copied,
        settings=tuple(sorted(name.upper() for name in settings.__fields_set__)),
        left_out=(SECRETS_LEFT_OUT, *([] if places.attachments else [BUCKET_LEFT_OUT])),
    )
    manifest.write(folder)
    return manifest


def _live(content: Path, target: Path) -> tuple[dict[str, str], set[str]]:
    """Copy what is live; its digest, and the models that are live or about to be."""
    models, copied = ContentFiles(content).models_named(), {}
    with suppress(FileNotFoundError):
        copied[f"content/{LIVE_NAME}"] = copy_file(content / LIVE_NAME, target / LIVE_NAME)
    return copied, models | ContentFiles(target).models_named()


def _belongs(models: Collection[str], file: str) -> bool:
    """Whether a file of CONTENT_PATH is copied after the rows: of the models those that are named."""
    return file in models if file.startswith(f"{ARCHIVES}/") else file != LIVE_NAME


def _installed_model(models: Path, target: Path) -> dict[str, str]:
    archives = sorted(models.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    wanted = [*archives[-1:], *models.glob(TRAINED_FROM)]
    return {f"models/{path.name}": copy_file(path, target / path.name) for path in wanted}
