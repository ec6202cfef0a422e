"""`python -m bot site`: the support site alone, served by waitress."""

import argparse
import logging


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options; the address comes from SITE_HOST and SITE_PORT."""


def run(args: argparse.Namespace) -> int:
    """Serve until stopped."""
    from bot import bootstrap
    from bot.content.root import follow
    from bot.passing_files import passing_files
    from bot.setting_checks import exposure
    from bot.settings import Settings
    from bot.site.app import create_app
    from bot.site.console.entrance import largest_form
    from bot.site.server import serve
    from bot.telemetry.logs import configure_logs
    from bot.telemetry.traces import configure_traces

    settings = Settings.load()
    configure_logs("site", settings.log_level, settings.log_format)
    configure_traces("site", settings.otel_exporter_otlp_endpoint, settings.otel_exporter_otlp_headers)
    follow(settings)
    own_key = "site_secret_key" not in settings.__fields_set__
    for risk in (*settings.misspelt(), *exposure(settings.site_host, settings.site_url, own_key)):
        logging.getLogger(__name__).warning(risk)
    services = bootstrap.build(settings)
    try:
        services.studio.reconcile()
    except OSError as error:  # a full disk, say; the worker tries again, and what was live before goes on
        logging.getLogger(__name__).error("what was published could not be put right: %s", type(error).__name__)
    app, proxied = create_app(services), settings.trusted_proxies > 0
    largest = largest_form(settings)
    with passing_files():
        serve(app, settings.site_host, settings.site_port, behind_proxy=proxied, largest_files=largest)
    return 0
