"""`python -m actions`: the action server, bound to the address in ACTIONS_URL."""

import warnings
from urllib.parse import urlsplit

from bot.content.root import follow
from bot.private_files import keep_private
from bot.settings import Settings
from bot.telemetry import configure_logs


def main() -> None:
    """Serve until stopped; without the warnings of the libraries, as bot/rasa/server.py."""
    warnings.showwarning = lambda *args, **kwargs: None
    from actions.server import create

    keep_private()
    settings = Settings.load()
    configure_logs(settings.log_level)
    follow(settings)
    address = urlsplit(settings.actions_url)
    app = create(settings.site_secret_key)
    app.run(host=address.hostname or "127.0.0.1", port=address.port or 5055, workers=1, access_log=False)


if __name__ == "__main__":
    main()
