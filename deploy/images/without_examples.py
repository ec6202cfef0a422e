"""Takes the examples out of the content of an image: what only training reads. Answers and sentences stay as they are.

`python deploy/images/without_examples.py FOLDER` changes FOLDER/data. A file of data/nlu/ holds examples under `nlu:`
and answers under `responses:`; the first go, and so does data/stories/, which is in the model. The words that people's
questions are known by (they are no names of persons) are kept as a list, without the questions.
"""

import re
import shutil
import sys
from pathlib import Path

from bot.insight.given_names import KEPT_WORDS, TRAINING_DATA, ordinary_words

EXAMPLES = "nlu"
_BLOCK = re.compile(r"([A-Za-z_]+):")


def without_examples(text: str) -> str:
    """The text of a file of Rasa's training data without the block of its examples."""
    kept, inside = [], False
    for line in text.splitlines(keepends=True):
        if begins := _BLOCK.match(line):
            inside = begins[1] == EXAMPLES
        if not inside:
            kept.append(line)
    return "".join(kept)


def strip(folder: Path) -> None:
    """Change the content of a folder."""
    words = sorted(ordinary_words(folder))
    for file in sorted((folder / TRAINING_DATA).rglob("*.yml")):
        file.write_text(without_examples(file.read_text(encoding="utf-8")), encoding="utf-8")
    shutil.rmtree(folder / "data/stories")
    (folder / KEPT_WORDS).write_text("\n".join(words) + "\n", encoding="utf-8")


if __name__ == "__main__":
    strip(Path(sys.argv[1]))
