"""Imports what running processes import, so that Python keeps that compiled, and nothing else: half of the room.

Run in an image's build, in the folder of the project, while files may be written; a container's may not be.
"""

import importlib
import sys

PROCESSES = (
    "rasa.__main__",
    "rasa.core.run",
    "rasa.server",
    "rasa.engine.recipes.default_components",
    "bot.rasa.channel",
    "bot.rasa.policy",
    "bot.rasa.tracker_store",
    "bot.nlu.components.spelling",
    "bot.nlu.components.tokenizer",
    "bot.nlu.components.entities",
    "bot.nlu.components.featurizer",
    "bot.nlu.components.classifier",
    "bot.site.app",
    "bot.site.server",
    "bot.worker",
    "actions.server",
    "alembic.command",
    "onnxruntime",
    "tokenizers",
    "psycopg2",
    "redis",
)

if __name__ == "__main__":
    sys.dont_write_bytecode = False
    for name in PROCESSES:
        importlib.import_module(name)
