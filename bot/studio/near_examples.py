"""Which examples may mean nearly the same as new ones: found by what training has kept, without encoding them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bot.nlu.encoding.encoder import Encoder
from bot.nlu.last_training import LAST_TRAINING, SCORER
from bot.nlu.scoring.kept import SolvedRows

MOST_NEAR = 40  # of each text


def near_examples(texts: Sequence[str], encoder: Encoder, kept: Path = LAST_TRAINING) -> frozenset[str]:
    """The examples nearest to texts; none where training has kept nothing.

    Args:
        encoder: that of the model.
        kept: what the last full training has kept.
    """
    try:
        rows = SolvedRows.load(kept / SCORER)
    except (OSError, ValueError, KeyError):
        return frozenset()
    alike = rows.projected(encoder.encode(texts)) @ rows.known.T
    nearest = np.argpartition(-alike, min(MOST_NEAR, alike.shape[1] - 1), axis=1)[:, :MOST_NEAR]
    return frozenset(rows.messages[place].text for place in rows.place[np.unique(nearest)])
