"""`python -m bot site`: the support site alone, served by waitress."""

import argparse
import logging


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options; the address comes from SITE_HOST and SITE_PORT."""


def run(args: argparse.Namespace) -> int:
    """Serve until stopped."""
    from bot import bootstrap
    from bot.content.root import follow
    from bot.setting_checks import exposure
    from bot.settings import Settings
    from bot.site.app import create_app
    from bot.site.console.entrance import largest_form
    from bot.site.server import serve
    from bot.telemetry import configure_logs

    settings = Settings.load()
    configure_logs(settings.log_level)
    follow(settings)
    for risk in exposure(settings.site_host, settings.site_url, "site_secret_key" not in settings.__fields_set__):
        logging.getLogger(__name__).warning(risk)
    app, proxied = create_app(bootstrap.build(settings)), settings.trusted_proxies > 0
    largest = largest_form(settings)
    serve(app, settings.site_host, settings.site_port, behind_proxy=proxied, largest_files=largest)
    return 0
