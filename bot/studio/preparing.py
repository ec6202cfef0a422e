"""Asks what is live the questions of the tests before anybody tries a draft out: the first trial is quick, too."""

import sys
from collections.abc import Callable
from pathlib import Path

from bot.evaluation.accuracy import judge
from bot.nlu.standalone import newest_model
from bot.passing_files import passing_files
from bot.studio import suite
from bot.studio.answers import AskedMaterial, KeptAnswers, ModelAnswers, reading_key
from bot.studio.files import ContentFiles
from bot.studio.reading import AskedText, Reader, labels_read

TESTS = Path("tests/data")
KEPT_FOLDER = "trials/kept"  # in CONTENT_PATH
CHUNK = 500  # texts; what was encoded until then is kept, should the process end


def live_model(files: ContentFiles) -> Path:
    """The archive that answers now; raises NoModel."""
    name = str((files.live() or {}).get("model") or "")
    return files.root / name if name else newest_model()


def prepare(model: Path, tests: Path, folder: Path, open_reader: Callable[[Path, Path], Reader] = Reader.open) -> bool:
    """Ask a model all that trials compare, unless its answers are kept; whether there was anything to do.

    Args:
        model: the archive that is live.
        tests: the folder with questions and conversations.
        folder: where vectors and answers are kept.
        open_reader: of an archive and that folder.
    """
    material = AskedMaterial.read(tests)
    kept = KeptAnswers(folder, material)
    found = kept.find(model)
    if not material.count or (found and found.complete):
        return False
    reader, answers = open_reader(model, folder), ModelAnswers.none_of(material)
    places = answers.places()
    for start in range(0, len(places), CHUNK):
        chunk = places[start : start + CHUNK]
        rows = [material.rows[name][place] for name, place in chunk]
        decisions = reader.read([AskedText(row["text"], row.get("context")) for row in rows])
        for (name, place), row, decided in zip(chunk, rows, decisions):
            answers.judged[name][place] = judge(row, decided)
        reader.vectors.save()
    _read_conversations(material, reader, answers)
    reader.vectors.save()
    kept.keep(model, answers)
    return True


def _read_conversations(material: AskedMaterial, reader: Reader, answers: ModelAnswers) -> None:
    alone = list(dict.fromkeys(AskedText(text) for one in material.conversations for text in one.messages))
    _note(answers, reader, alone)
    after = suite.texts_of(material.conversations, lambda text: answers.labels[reading_key(AskedText(text))])
    unique = {reading_key(one): one for found in after for one in found}
    _note(answers, reader, [one for key, one in unique.items() if key not in answers.labels])


def _note(answers: ModelAnswers, reader: Reader, texts: list[AskedText]) -> None:
    for text, decided in zip(texts, reader.read(texts)):
        answers.labels[reading_key(text)] = labels_read(decided)


def main(content: Path) -> int:
    """What the process does that the worker starts; `content` is CONTENT_PATH."""
    with passing_files():
        prepare(live_model(ContentFiles(content)), TESTS, content / KEPT_FOLDER)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
