"""`python -m bot worker`: the background worker alone."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options."""


def run(args: argparse.Namespace) -> int:
    """Work until stopped."""
    from bot import bootstrap, worker
    from bot.content.root import follow
    from bot.settings import Settings
    from bot.telemetry.logs import configure_logs
    from bot.telemetry.metrics import MetricsReaders, serve_metrics
    from bot.telemetry.traces import configure_traces

    settings = Settings.load()
    configure_logs("worker", settings.log_level, settings.log_format)
    configure_traces("worker", settings.otel_exporter_otlp_endpoint, settings.otel_exporter_otlp_headers)
    follow(settings)
    services = bootstrap.build(settings)
    if settings.worker_metrics_address:
        readers = MetricsReaders(settings.metrics_networks, settings.metrics_token)
        serve_metrics(settings.worker_metrics_address, readers)
    worker.run_until_signalled(lambda stop: worker.tasks(services, services.outbox, stop))
    return 0
