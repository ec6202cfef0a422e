"""`python -m actions`: the action server, bound to the address in ACTIONS_URL, or to ACTIONS_HOST."""

import warnings
from urllib.parse import urlsplit

from bot.content.root import follow
from bot.private_files import keep_private
from bot.settings import Settings
from bot.telemetry.logs import configure_logs
from bot.telemetry.metrics import MetricsReaders
from bot.telemetry.traces import configure_traces


def main() -> None:
    """Serve until stopped; without the warnings of the libraries, as bot/rasa/server.py."""
    warnings.showwarning = lambda *args, **kwargs: None
    from actions.server import create

    keep_private()
    settings = Settings.load()
    configure_logs("actions", settings.log_level, settings.log_format)
    configure_traces("actions", settings.otel_exporter_otlp_endpoint, settings.otel_exporter_otlp_headers)
    follow(settings)
    address = urlsplit(settings.actions_url)
    readers = MetricsReaders(settings.metrics_networks, settings.metrics_token)
    app = create(settings.site_secret_key, readers, settings.site_secret_keys_accepted)
    host = settings.actions_host or address.hostname or "127.0.0.1"
    app.run(host=host, port=address.port or 5055, workers=1, access_log=False)


if __name__ == "__main__":
    main()
