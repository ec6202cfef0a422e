"""`python -m bot.rasa.server run ...`: Rasa's own command line without the warnings of the libraries beneath it.

They are for the authors of those libraries, and Sanic turns them on again whatever PYTHONWARNINGS says.
"""

import warnings


def main() -> None:
    """Hand over to Rasa."""
    warnings.showwarning = lambda *args, **kwargs: None
    from rasa.__main__ import main as rasa

    rasa()


if __name__ == "__main__":
    main()
