"""`python -m actions`: the action server, bound to the address in ACTIONS_URL."""

import warnings
from urllib.parse import urlsplit

from bot.settings import Settings


def main() -> None:
    """Serve until stopped; without the warnings of the libraries, as bot/rasa/server.py."""
    warnings.showwarning = lambda *args, **kwargs: None
    from rasa_sdk.endpoint import create_app

    address = urlsplit(Settings.load().actions_url)
    app = create_app("actions")
    app.run(host=address.hostname or "127.0.0.1", port=address.port or 5055, workers=1, access_log=False)


if __name__ == "__main__":
    main()
