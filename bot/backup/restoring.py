"""A backup brought back: looked through first, put into places that are empty, compared, and erased in again."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bot.backup.folders import copy_file, empty_folder, file_digest
from bot.backup.manifest import BackupFailed, Manifest
from bot.backup.places import DATABASES, Places
from bot.database import is_newer, upgrade
from bot.retention.erasures import ERASURES_FILE, ErasureLog, erased_among
from bot.retention.search import all_addresses
from bot.settings import Settings

MOST_DAMAGED_NAMED = 5  # files in one message
EraseAddress = Callable[[str], bool]


@dataclass(frozen=True)
class Restored:
    """What was brought back.

    Args:
        manifest: of the backup.
        unset: settings that were set when it was made, and are not now.
        erased: how many people were erased again, because they were after the backup was made.
        not_erased: how many of them could not be erased everywhere.
    """

    manifest: Manifest
    unset: tuple[str, ...]
    erased: int
    not_erased: int


def restore(settings: Settings, source: Path, erase: EraseAddress, replace: bool = False) -> Restored:
    """Bring a backup back to where the settings say; nothing else may run meanwhile.

    Args:
        settings: of the house that gets it.
        source: the backup's folder.
        erase: erases one address everywhere; whether nothing is left of it.
        replace: whether what is there already goes.

    Raises:
        BackupFailed: with what to do; until the backup was found whole and the places empty nothing has changed.
    """
    manifest, places = Manifest.read(source), Places.of(settings)
    log = ErasureLog(places.content / ERASURES_FILE, settings.site_secret_key, settings.site_secret_keys_accepted)
    if not settings.var_lasts and not (places.content / ERASURES_FILE).exists():
        raise BackupFailed(
            f"Nobody knows who was erased since the backup: there is no {places.content / ERASURES_FILE}. Put the "
            "newest copy of it there. Where nobody was erased, an empty file says so."
        )
    try:
        _check(manifest, source, places)
        places.see_that_rows_can_be_brought_back()
        unknown = log.of_other_keys(manifest.began_at, source / "content" / ERASURES_FILE)
        if unknown:
            raise BackupFailed(
                f"{unknown} erasures since the backup are noted under another SITE_SECRET_KEY: nobody knows whose they "
                "are. Put that key into SITE_SECRET_KEYS_ACCEPTED."
            )
        if not replace:
            _refuse_filled(places)
        _bring_back_files(manifest, source, places, replace)
        if f"content/{ERASURES_FILE}" in manifest.files:
            log.bring_back(source / "content" / ERASURES_FILE)
    except OSError as error:
        raise BackupFailed(f"{error.filename or 'A file'} cannot be read or written: {error.strerror}.") from error
    places.bring_back_rows([source / name for name in manifest.files if _is_of_database(name)], replace)
    _compare(manifest, places)
    upgrade(places.database_url)
    again = erased_among(all_addresses(places.database_url), log, manifest.began_at)
    done = [erase(address) for address in again]
    now_set = {name.upper() for name in settings.__fields_set__}
    return Restored(manifest, tuple(sorted(set(manifest.settings) - now_set)), len(done), done.count(False))


def _check(manifest: Manifest, source: Path, places: Places) -> None:
    """The backup is whole, and fits this version and this database."""
    if manifest.database != places.kind:
        raise BackupFailed(f"The backup is of {manifest.database}, DATABASE_URL of {places.kind}: set the same kind.")
    if is_newer(manifest.revision):
        raise BackupFailed(
            f"The backup is of a newer version: its schema is {manifest.revision}, which this one does not know. "
            "Restore it with that version, or a newer one."
        )
    damaged = [name for name, digest in manifest.files.items() if not _is_whole(source, name, digest)]
    if damaged:
        named = ", ".join(damaged[:MOST_DAMAGED_NAMED]) + (" and more" if len(damaged) > MOST_DAMAGED_NAMED else "")
        raise BackupFailed(f"The backup is damaged ({len(damaged)} of {len(manifest.files)} files: {named}).")


def _is_whole(source: Path, name: str, digest: str) -> bool:
    path = PurePosixPath(name)
    if path.as_posix() != name or path.is_absolute() or ".." in path.parts:  # "a//b" is "/b" below "a"
        return False
    file = source / path
    inside = file.resolve().is_relative_to(source.resolve())
    return inside and file.is_file() and not file.is_symlink() and file_digest(file) == digest


def _is_of_database(name: str) -> bool:
    return name.startswith(f"{DATABASES}/")


def _refuse_filled(places: Places) -> None:
    filled = [f"{name} ({folder})" for name, folder in places.folders().items() if _entries(folder)]
    if places.rows():
        filled.insert(0, "the database")
    if filled:
        raise BackupFailed(
            f"There is something already in: {', '.join(filled)}. Give --replace to have the backup in its place; what "
            "is there now is gone then, so make a backup of it first."
        )


def _entries(folder: Path) -> bool:
    return folder.is_dir() and any(entry.name != ERASURES_FILE for entry in folder.iterdir())


def _bring_back_files(manifest: Manifest, source: Path, places: Places, replace: bool) -> None:
    folders = places.folders()
    if replace:
        for folder in folders.values():
            empty_folder(folder, but=ERASURES_FILE)  # what is known of erasures is never less afterwards
    if not any(places.models.glob("*.tar.gz")):
        folders["models"] = places.models
    for name in manifest.files:
        kind, _, path = name.partition("/")
        if kind in folders and name != f"content/{ERASURES_FILE}":
            copy_file(source / name, folders[kind] / path)


def _compare(manifest: Manifest, places: Places) -> None:
    rows = places.rows()
    other = [f"{name}: {rows.get(name, 0)} instead of {n}" for name, n in manifest.rows.items() if rows.get(name) != n]
    if other:
        raise BackupFailed(
            f"Not all rows are there ({', '.join(other)}). Does something run? Stop it, and restore again."
        )
