"""`python -m bot site`: the support site alone, served by gunicorn."""

import argparse
from collections.abc import Callable
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options; the address comes from SITE_HOST and SITE_PORT."""


def run(args: argparse.Namespace) -> int:
    """Serve until stopped."""
    from bot import bootstrap
    from bot.settings import Settings
    from bot.site.app import create_app
    from bot.telemetry import configure_logs

    settings = Settings.load()
    configure_logs(settings.log_level)
    serve(lambda: create_app(bootstrap.build(settings)), f"{settings.site_host}:{settings.site_port}")
    return 0


def serve(make: Callable[[], Any], address: str) -> None:
    """Serve a WSGI application until stopped; it is made in the process that serves it."""
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):
        def load_config(self) -> None:
            options = {
                "bind": address,
                "workers": 1,  # /metrics tells of one process; more of them are more replicas
                "forwarded_allow_ips": "",  # TRUSTED_PROXIES says whom to believe
                "worker_class": "gthread",
                "threads": 16,
                "loglevel": "warning",
                "control_socket_disable": True,
            }
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return make()

    Server().run()
