"""`python -m bot.rasa.server run ...`: Rasa's own command line, without libraries' messages, with our lines of the log.

The warnings are for the authors of those libraries, and Sanic turns them on again whatever PYTHONWARNINGS says. Rasa
knows a LOG_LEVEL as well: with "info" it ends, as its own are in capitals, and with "DEBUG" it logs what people write.
So ours is kept from it, and what it logs from INFO on is written as the lines of the other processes are.
"""

import logging
import os
import re
import sys
import warnings
from typing import Any

from bot.last_words import run_plainly
from bot.passing_files import passing_files
from bot.private_files import keep_private
from bot.settings import Settings
from bot.telemetry.logs import configure_logs

# In training, transformers, the hub and TensorFlow tell how they load, and Rasa copies all features into its cache on
# disk.
TRAINING = {
    "TRANSFORMERS_VERBOSITY": "error",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "RASA_MAX_CACHE_SIZE": "0",
}
# What Rasa warns of in a file that somebody has written; its other warnings are about its own parts.
_IN_A_FILE = re.compile(r"\b(?:data/[\w./-]+|\w+)\.ya?ml\b")


def main() -> int:
    """Hand over to Rasa; returns the exit code, where Rasa does not end the process by itself."""
    training = sys.argv[1:2] == ["train"]
    settings = None if training else Settings.load()
    for name in [name for name in os.environ if name.startswith("LOG_LEVEL")]:  # LOG_LEVEL_LIBRARIES and others, too
        del os.environ[name]
    warnings.showwarning = lambda *args, **kwargs: None
    if training:
        _train_quietly()
    else:
        keep_private()
    from rasa.__main__ import main as rasa

    if settings:
        level = "info" if settings.log_level == "debug" else settings.log_level
        program: Any = sys.modules["rasa.__main__"]
        program.configure_structlog = lambda log_level=None: write_our_lines(level, settings.log_format)
    with passing_files():
        rasa()
    return 0


def write_our_lines(level: str, form: str) -> None:
    """Let Rasa, which has set up its own logging, write lines as the other processes do; see `configure_logs`."""
    import structlog

    configure_logs("rasa", level, form)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )


def _train_quietly() -> None:
    """Only what somebody's own files have wrong is said; `python -m bot train` says the rest."""
    os.environ.update(TRAINING)
    warnings.showwarning = show_mistake
    import rasa.shared.utils.cli

    from bot.rasa import patches

    rasa.shared.utils.cli.print_success = lambda *args: None
    patches.apply_to_training()


def show_mistake(message: Any, category: type[Warning], *place: Any, **kwargs: Any) -> None:
    """Print a warning about a YAML file, without the place in Rasa's code; as `warnings.showwarning`."""
    if issubclass(category, UserWarning) and _IN_A_FILE.search(str(message)):
        print(f"Warning: {message}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(run_plainly(main))
