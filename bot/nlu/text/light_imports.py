"""Keeps deep-learning frameworks out of processes that only use rules."""

import sys
from contextlib import contextmanager
from typing import Iterator

FRAMEWORKS = ("torch", "tensorflow")


@contextmanager
def without_frameworks() -> Iterator[None]:
    """Imports inside the block find neither PyTorch nor TensorFlow, unless they are loaded already.

    spaCy's thinc imports both wherever they are installed (thinc/compat.py), which costs seconds at start and hundreds
    of megabytes, and a rule pipeline never uses them.
    """
    hidden = [name for name in FRAMEWORKS if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment] # the import system's own way to say "not there"
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
