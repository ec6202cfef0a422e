"""`python -m actions`: the action server, bound to the address in ACTIONS_URL, or to ACTIONS_HOST."""

import sys
import warnings
from urllib.parse import urlsplit

from bot.content.root import follow
from bot.last_words import run_plainly
from bot.listening import check_listening
from bot.private_files import keep_private
from bot.settings import Settings
from bot.telemetry.logs import configure_logs
from bot.telemetry.metrics import MetricsReaders
from bot.telemetry.traces import configure_traces


def main() -> int:
    """Serve until stopped; without the warnings of the libraries, as bot/rasa/server.py. Returns the exit code."""
    warnings.showwarning = lambda *args, **kwargs: None
    from actions.server import create

    keep_private()
    settings = Settings.load()
    configure_logs("actions", settings.log_level, settings.log_format)
    configure_traces("actions", settings.otel_exporter_otlp_endpoint, settings.otel_exporter_otlp_headers)
    follow(settings)
    address = urlsplit(settings.actions_url)
    readers = MetricsReaders(settings.metrics_networks, settings.metrics_token)
    host, port = settings.actions_host or address.hostname or "127.0.0.1", address.port or 5055
    check_listening("actions", host, port)  # Sanic would end as if all were well
    app = create(settings.site_secret_key, readers, settings.site_secret_keys_accepted)
    app.run(host=host, port=port, workers=1, access_log=False)
    return 0


if __name__ == "__main__":
    sys.exit(run_plainly(main))
