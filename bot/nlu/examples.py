"""The training examples of a content folder, as the components see them, read without Rasa.

Rasa reads data/nlu/ in the order of the files' names, takes entity markup off, and leaves out what stands twice
(rasa 3.6, rasa/shared/nlu/training_data); the same is done here, which a test compares.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bot.nlu.decision import FAQ, JOINT, OUT_OF_SCOPE, intent_of
from bot.nlu.scoring.kept import Taught
from bot.nlu.scoring.replies import NEW
from bot.nlu.text import foreign
from bot.yaml_files import read_yaml

SOMETHING_NEW = "something_new"
# How many examples of each label stand for "something new" in every context, by intent.
AT_LARGE = {FAQ: 50, OUT_OF_SCOPE: 12, "greet": 15, "help": 15, "bot_challenge": 15, "goodbye": 15, "thank": 15}
_BLANKS = "\n\r "
# As Rasa's own, but for brackets within brackets, over which that one would go again and again.
_MARKUP = re.compile(r"\[([^\[\]]+)\](?:\([^:()]+(?::[^()]+)?\)|\{[^{}]+\}|\[[^\[\]]*\])")


def read(root: Path) -> tuple[list[Taught], dict[str, Any]]:
    """All examples of `root`/data/nlu in Rasa's order, and the responses that stand beside them.

    Raises:
        OSError, yaml.YAMLError: a file cannot be read.
    """
    found: dict[tuple[Taught, str], Taught] = {}
    responses: dict[str, Any] = {}
    for path in sorted(map(str, (root / "data" / "nlu").rglob("*.y*ml"))):
        content = read_yaml(Path(path)) or {}
        responses.update(content.get("responses") or {})
        for group in content.get("nlu") or []:
            if "intent" not in group:
                continue
            told = json.dumps(group.get("metadata"), sort_keys=True)
            for text, about in _texts(group.get("examples") or ""):
                example = Taught(text, str(group["intent"]).strip(), contexts(group.get("metadata")))
                found.setdefault((example, told + about), example)
    return list(found.values()), responses


def contexts(metadata: Any) -> tuple[str, ...]:
    """What must have stood before the examples of an intent with this metadata; () for examples at large."""
    return tuple(metadata.get("after") or ()) if isinstance(metadata, dict) else ()


def at_large(examples: Sequence[Taught]) -> list[int]:
    """The places of the examples that the scorer learns: single questions that need no context."""
    return [place for place, one in enumerate(examples) if _is_learnt(one) and not one.after]


def in_context(examples: Sequence[Taught]) -> tuple[list[int], list[Taught]]:
    """The places of the examples that the reply scorer learns, and each as it learns it.

    Those of a context come first; then the first ones of each label at large, which stand for something new. Nothing
    where no example needs a context.
    """
    own = [place for place, one in enumerate(examples) if _is_learnt(one) and one.after]
    if not own:
        return [], []
    learnt = [
        one._replace(label=NEW) if one.label == SOMETHING_NEW else one for one in (examples[place] for place in own)
    ]
    seen: dict[str, int] = {}
    new = []
    for place in at_large(examples):
        label = examples[place].label
        seen[label] = seen.get(label, 0) + 1
        if seen[label] <= AT_LARGE.get(intent_of(label), 0):
            new.append(place)
    return own + new, learnt + [examples[place]._replace(label=NEW) for place in new]


def digest(examples: Sequence[Taught]) -> str:
    """Of all examples in their order: models with the same one know the same words and scores."""
    return hashlib.sha256(json.dumps(examples).encode()).hexdigest()


def _is_learnt(example: Taught) -> bool:
    """Two questions (`faq+faq`) and other languages are found without having been learnt."""
    return bool(example.text) and JOINT not in example.label and intent_of(example.label) != foreign.OTHER_LANGUAGE


def without_markup(text: str) -> str:
    """An example as a person would write it, without marks of entities."""
    return _MARKUP.sub(r"\1", text)


def _texts(examples: Any) -> Iterator[tuple[str, str]]:
    """The plain texts of one group, each with its own metadata as JSON."""
    if isinstance(examples, str):
        for line in examples.splitlines():
            if line.startswith("-"):
                yield without_markup(line[1:].strip(_BLANKS)), ""
        return
    for one in examples:
        text = str(one.get("text", "")).strip(_BLANKS)
        yield without_markup(text), json.dumps(one.get("metadata"), sort_keys=True)
