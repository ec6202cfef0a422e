"""`python -m bot.rasa.server run ...`: Rasa's own command line, without libraries' warnings and without our LOG_LEVEL.

The warnings are for the authors of those libraries, and Sanic turns them on again whatever PYTHONWARNINGS says. Rasa
knows a LOG_LEVEL as well: with "info" it ends, as its own are in capitals, and with "DEBUG" it logs what people write.
"""

import os
import warnings


def main() -> None:
    """Hand over to Rasa."""
    os.environ.pop("LOG_LEVEL", None)
    warnings.showwarning = lambda *args, **kwargs: None
    from rasa.__main__ import main as rasa

    rasa()


if __name__ == "__main__":
    main()
