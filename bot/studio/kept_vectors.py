"""Vectors of texts that are asked again and again, kept in a file beside the trials: test questions, never messages."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.nlu.encoding.encoder import Encoder
from bot.nlu.plan import Plan
from bot.whole_files import replacing

PROBE_TEXTS = ("How do I share my badge on LinkedIn?", "has it been issued yet", "Merci beaucoup !")
VECTOR_KEY = 12  # bytes
FORMER_FILES = 2  # of other encoders that are kept beside
Vectors = NDArray[np.float32]
Halves = NDArray[np.float16]  # as they are kept


class KeptVectors:
    """What an encoder makes of texts and of their parts, each looked up before the encoder is asked."""

    def __init__(self, encoder: Encoder, folder: Path | None = None) -> None:
        """What was kept is read when it is needed.

        Args:
            encoder: that is asked for what is not there.
            folder: where the vectors are kept; None for in memory alone.
        """
        self.encoder, self._folder = encoder, folder
        self.name = hashlib.blake2b(encoder.encode(PROBE_TEXTS).tobytes(), digest_size=8).hexdigest()
        self._places: dict[bytes, int] = {}
        self._old: Halves = np.zeros((0, 0), dtype=np.float16)
        self._new: list[Halves] = []
        self._passing: dict[bytes, Halves] = {}
        self._was_read = False

    def of(self, plan: Plan, keep: bool = True) -> Vectors:
        """As `plan.encode` gives them, but for rounding to 16 bits.

        Args:
            keep: whether what is new may be kept in the file; what people wrote must not, and is there until `forget`.
        """
        self._read()
        keys = list(_keys(plan))
        if any(key not in self._places and key not in self._passing for key in keys):
            for key, row in zip(keys, plan.encode(self.encoder).astype(np.float16)):
                self._note(key, row, keep)
        return np.stack([self._row(key) for key in keys]).astype(np.float32)

    def forget(self) -> None:
        """Let go of what is not to be kept."""
        self._passing.clear()

    def _note(self, key: bytes, row: Halves, keep: bool) -> None:
        if not keep:
            self._passing[key] = row
        elif key not in self._places:
            self._places[key] = len(self._old) + len(self._new)
            self._new.append(row)

    def embedding(self, text: str) -> Vectors:
        """The sentence embedding of any text, which is not kept."""
        found = self.of_text(text)
        if found is None:
            found = self.encoder.encode([text])[0, : self.encoder.size]
        return found

    def of_text(self, text: str) -> Vectors | None:
        """The sentence embedding of a whole text that was met before, None for another."""
        self._read()
        key = _key(text)
        return self._row(key)[: self.encoder.size].astype(np.float32) if key in self._places else None

    def save(self) -> None:
        """Keep what is new; a disk that is full costs time at the next trial, nothing else."""
        if self._folder is None or not self._new:
            return
        rows = np.vstack([*([self._old] if len(self._old) else []), np.stack(self._new)])
        keys = np.frombuffer(b"".join(self._places), dtype=np.uint8).reshape(len(self._places), VECTOR_KEY)
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            with replacing(self._file) as unfinished, unfinished.open("wb") as file:
                np.savez(file, keys=keys, rows=rows)
            others = sorted(self._folder.glob("*.npz"), key=lambda path: -path.stat().st_mtime)
            for path in [path for path in others if path != self._file][FORMER_FILES - 1 :]:
                path.unlink()

    @property
    def _file(self) -> Path:
        assert self._folder is not None  # noqa: S101  for mypy
        return self._folder / f"{self.name}.npz"

    def _read(self) -> None:
        if self._folder is None or self._was_read:
            return
        self._was_read = True
        with suppress(OSError, ValueError, KeyError, EOFError):  # broken or not there: all is encoded anew
            with np.load(self._file) as arrays:
                rows, keys = arrays["rows"], arrays["keys"]
            if len(rows) == len(keys):
                self._old, self._places = rows, {key.tobytes(): place for place, key in enumerate(keys)}

    def _row(self, key: bytes) -> Halves:
        place = self._places.get(key)
        if place is None:
            return self._passing[key]
        found: Halves = self._old[place] if place < len(self._old) else self._new[place - len(self._old)]
        return found


def _keys(plan: Plan) -> Iterator[bytes]:
    """One for each row of `Plan.encode`, in its order."""
    whole = plan.texts[0]
    yield _key(whole)
    for start, end in plan.parts:
        yield _key(whole, start, end)
    for text in plan.texts[1 + len(plan.parts) :]:
        yield _key(text)
    for start, end in plan.sentences:
        yield _key(whole, start, end)


def _key(text: str, start: int = 0, end: int = 0) -> bytes:
    return hashlib.blake2b(f"{start} {end} {text}".encode(errors="replace"), digest_size=VECTOR_KEY).digest()
