"""Vectors of examples for checks while somebody types: known ones as the last training kept them, new ones encoded."""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.nlu.encoding.encoder import Encoder
from bot.nlu.examples import without_markup
from bot.nlu.last_training import LAST_TRAINING, SCORER, about
from bot.nlu.scoring.kept import SolvedRows
from bot.nlu.standalone import NoModel, encoder_of, newest_model

MOST_ENCODED = 100  # texts at once


class ExampleVectors:
    """Gives vectors as the scorer compares them; reads model and examples when they are first asked for."""

    def __init__(self, models: Path = LAST_TRAINING.parent, kept: Path = LAST_TRAINING) -> None:
        """Nothing is read yet.

        Args:
            models: the folder with the model's archive.
            kept: what the last full training has kept.
        """
        self._models, self._kept = models, kept
        self._guard = threading.Lock()
        self._number = ""
        self._encoder: Encoder | None = None
        self._rows: SolvedRows | None = None
        self._places: dict[str, int] = {}

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32] | None:
        """Vectors of length 1, one row a text; None where no training has kept any.

        Where many texts are new (those of two questions at once, of other languages), they get zeros: to encode them
        would keep the person waiting, and nothing is like them.
        """
        texts = [without_markup(text) for text in texts]
        with self._guard:
            try:
                self._read()
            except (OSError, ValueError, KeyError, NoModel):
                return None
            rows, encoder, places = self._rows, self._encoder, self._places
        if rows is None or encoder is None:
            return None
        new = list(dict.fromkeys(text for text in texts if text not in places))
        encoded = dict(zip(new, rows.projected(encoder.encode(new)))) if 0 < len(new) <= MOST_ENCODED else {}
        row = np.array([places.get(text, -1) for text in texts])
        found: NDArray[np.float32] = np.where((row >= 0)[:, None], rows.known[row], np.float32(0))
        for place in np.flatnonzero(row < 0) if encoded else ():
            found[place] = encoded[texts[place]]
        return found

    def _read(self) -> None:
        number = about(self._kept).number
        if number == self._number:
            return
        self._encoder = encoder_of(newest_model(self._models))
        self._rows = SolvedRows.load(self._kept / SCORER)
        self._places = {self._rows.messages[place].text: row for row, place in enumerate(self._rows.place)}
        self._number = number
