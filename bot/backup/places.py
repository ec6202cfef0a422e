"""Where a house keeps what a backup holds, and its database, of either kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from bot.attachments.store import ATTACHMENTS_FOLDER
from bot.backup import postgres_dump, sqlite_copy
from bot.backup.manifest import BackupFailed
from bot.database import tracker_url
from bot.outbox.transport import MAILDIR
from bot.settings import Settings

DATABASES, DUMP = "database", "postgresql.dump"


@dataclass(frozen=True)
class Places:
    """Folders by their name in a backup; `attachments` is None where they lie in a bucket."""

    database_url: str
    attachments: Path | None
    content: Path
    mail: Path = MAILDIR
    models: Path = Path("models")

    @classmethod
    def of(cls, settings: Settings) -> "Places":
        """As the settings say."""
        url = settings.attachments_url
        folder = Path(url.removeprefix("folder:")) if url else ATTACHMENTS_FOLDER
        return cls(
            database_url=settings.database_url,
            attachments=None if url.startswith("s3:") else folder,
            content=Path(settings.content_path),
        )

    @property
    def kind(self) -> str:
        """ "sqlite" or "postgresql"."""
        return str(make_url(self.database_url).get_backend_name())

    def folders(self) -> dict[str, Path]:
        """Those that are copied as they are, by their names in the backup."""
        found = {"content": self.content, "mail": self.mail}
        return {**found, **({"attachments": self.attachments} if self.attachments else {})}

    def files(self) -> list[Path]:
        """The databases of SQLite: ours first, Rasa's beside it."""
        urls = (self.database_url, tracker_url(self.database_url))
        return [Path(str(make_url(url).database)) for url in urls]

    def rows(self) -> dict[str, int]:
        """How many rows each table has; none where there is no database yet. Raises BackupFailed."""
        if self.kind != "sqlite":
            return postgres_dump.postgres_rows(self.database_url)
        return {name: count for file in self.files() for name, count in sqlite_copy.sqlite_rows(file).items()}

    def copy_rows(self, folder: Path) -> tuple[dict[str, int], str]:
        """Copy the database into a folder; returns the rows of each table, and the newest migration.

        Raises:
            BackupFailed: with what to do.
        """
        folder.mkdir()
        if self.kind != "sqlite":
            return postgres_dump.dump(self.database_url, folder / DUMP)
        ours = self.files()[0]
        if not ours.exists():
            raise BackupFailed(f"There is no database {ours}: see DATABASE_URL.")
        copies = [sqlite_copy.copy_database(file, folder / file.name) for file in self.files() if file.exists()]
        rows = {name: count for counted in copies for name, count in counted.items()}
        return rows, sqlite_copy.revision_of(folder / ours.name)

    def see_that_rows_can_be_brought_back(self) -> None:
        """Raises BackupFailed where the database is away, or the program for it; before anything is changed."""
        if self.kind != "sqlite":
            postgres_dump.restore_program(self.database_url)

    def bring_back_rows(self, copies: Sequence[Path], replace: bool) -> None:
        """Put what `copy_rows` has copied where the database is.

        Args:
            copies: the files of the backup's database, those that its manifest has and no others.
            replace: whether what is there already goes.

        Raises:
            BackupFailed: with the reason.
        """
        if self.kind != "sqlite":
            dump = next((one for one in copies if one.name == DUMP), None)
            if dump is None:
                raise BackupFailed("The backup has no database: its manifest does not name one.")
            return postgres_dump.undump(dump, self.database_url, replace)
        ours, rasas = self.files()
        for copy in copies:
            sqlite_copy.bring_back(copy, rasas if copy.name == rasas.name else ours)
