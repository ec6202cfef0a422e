"""The credentials that the assistant knows by name, read from data/catalogue.yml."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.content.root import kept
from bot.errors import InvalidSetting
from bot.issuance.record import Kind
from bot.yaml_files import read_yaml

CATALOGUE = Path("data/catalogue.yml")
_FIELDS = {"id", "title", "names", "earned_by", "valid_months"}


@dataclass(frozen=True)
class Credential:
    """One credential. `earned_by` is shown to people; `valid_months` is None where no source names a validity."""

    id: str
    title: str
    kind: Kind
    names: tuple[str, ...]
    earned_by: str = ""
    valid_months: int | None = None


class Catalogue:
    """Finds credentials by id, title or name, whatever the capitals and spacing."""

    def __init__(self, credentials: Sequence[Credential]) -> None:
        """Raises InvalidSetting where an id or a name stands for two credentials."""
        self._credentials = tuple(credentials)
        self._by_name: dict[str, Credential] = {}
        ids = [credential.id for credential in credentials]
        for credential in credentials:
            if ids.count(credential.id) > 1:
                raise InvalidSetting(f"Catalogue: the id {credential.id!r} is used twice; ids must differ.")
            for name in (credential.id, credential.title, *credential.names):
                other = self._by_name.setdefault(_normalised(name), credential)
                if other is not credential:
                    problem = f"the name {name!r} stands for both {other.id!r} and {credential.id!r}"
                    raise InvalidSetting(f"Catalogue: {problem}; take it from one of them.")

    @classmethod
    def read(cls, path: Path) -> "Catalogue":
        """The catalogue of a file; raises InvalidSetting, saying what to mend, for one that cannot be used."""
        try:
            content = read_yaml(path)
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise InvalidSetting(f"The catalogue cannot be read as YAML: {error}") from error
        entries = content.get("credentials") if isinstance(content, dict) else None
        if not isinstance(entries, list):
            raise InvalidSetting("Catalogue: the file must hold a list named `credentials`.")
        return cls([_credential(number, entry) for number, entry in enumerate(entries, start=1)])

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """All of them, in their order."""
        return self._credentials

    def match(self, text: str) -> Credential | None:
        """The credential of that title, name or id."""
        return self._by_name.get(_normalised(text))

    def key(self, text: str) -> str:
        """What joins completions and badges: the id, or the title in lower case where the catalogue knows none."""
        credential = self.match(text)
        return credential.id if credential else _normalised(text)

    def key_among(self, text: str, titles: Mapping[str, str]) -> str:
        """The key of the credential that is meant, among those of somebody's record.

        Where none of them has the key itself, it is the only one whose title holds one of its names: "lead architect"
        in "OneStream Certified Professional - Lead Architect".

        Args:
            text: a title, a name or an id.
            titles: of the record, by their keys.
        """
        key, known = self.key(text), self.match(text)
        if key in titles or known is None:
            return key
        names = [f" {_in_words(name)} " for name in (known.title, *known.names)]
        holding = [one for one, title in titles.items() if any(name in f" {_in_words(title)} " for name in names)]
        return holding[0] if len(holding) == 1 else key

    @staticmethod
    def kind(title: str) -> Kind:
        """Certification or micro-credential, as the title tells."""
        return Kind.of(title)


class LiveCatalogue(Catalogue):
    """The catalogue of the content that is live, as it is at each question."""

    def __init__(self) -> None:
        """Raises InvalidSetting, saying what to mend, where today's cannot be used."""
        _catalogue()

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """All of them, in their order."""
        return _catalogue().credentials

    def match(self, text: str) -> Credential | None:
        """The credential of that title, name or id."""
        return _catalogue().match(text)


@kept
def _catalogue(root: Path) -> Catalogue:
    return Catalogue.read(root / CATALOGUE)


def _normalised(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def _in_words(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", _normalised(text)))


def _credential(number: int, entry: Any) -> Credential:
    """One entry of the file; `number` tells the editor which."""
    if not isinstance(entry, dict):
        raise InvalidSetting(f"Catalogue: credential {number} must have id, title and names.")
    where = f"Catalogue: credential {number} ({entry.get('id') or entry.get('title') or 'without id'})"
    if unknown := sorted(str(key) for key in set(entry) - _FIELDS):
        raise InvalidSetting(f"{where} has {', '.join(unknown)}; it may have {', '.join(sorted(_FIELDS))}.")
    for field in ("id", "title"):
        if not _is_text(entry.get(field)):
            raise InvalidSetting(f"{where} needs {field}, a text (in quotes if it is a number).")
    names = entry.get("names")
    if not isinstance(names, list) or not names or not all(_is_text(name) for name in names):
        raise InvalidSetting(f"{where} needs names, a list of at least one text (in quotes if it is a number).")
    earned_by, months = entry.get("earned_by", ""), entry.get("valid_months")
    if not isinstance(earned_by, str):
        raise InvalidSetting(f"{where}: earned_by must be a text; leave it out where no source says it.")
    if months is not None and (type(months) is not int or months < 1):
        raise InvalidSetting(f"{where}: valid_months must be a whole number from 1; leave it out for no validity.")
    title, earned_by = entry["title"].strip(), earned_by.strip()
    named = {"id": entry["id"], "title": title, "kind": Kind.of(title), "names": tuple(names)}
    return Credential(**named, earned_by=earned_by, valid_months=months)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
