"""Adds the console to the site."""

from flask import Flask

from bot.bootstrap import Services, console_identity
from bot.site.console import insight, problems, queue, shown, sign_in, ticket
from bot.site.console.entrance import LONGEST_SESSION, Entrance, bp, csrf

PARTS = (sign_in, queue, ticket, insight, problems)  # each adds its pages to the blueprint
PAGES = (("console.queue", "Queue"), ("console.insight", "Analytics"), ("console.unanswered", "Review"))


def mount(app: Flask, services: Services) -> None:
    """Flask's session is the console's alone: the chat has a cookie of its own."""
    app.config.update(
        SESSION_COOKIE_NAME="console",
        SESSION_COOKIE_PATH="/console",
        PERMANENT_SESSION_LIFETIME=LONGEST_SESSION,
        WTF_CSRF_CHECK_DEFAULT=False,  # the API tells by the origin
        WTF_CSRF_TIME_LIMIT=None,  # it ends with the session: a long reply is not lost
    )
    app.extensions["console"] = Entrance(console_identity(services, LONGEST_SESSION), services.settings.staff_emails)
    csrf.init_app(app)
    app.jinja_env.filters |= shown.filters(services.settings, services.clock)
    app.jinja_env.globals |= {"csrf": shown.csrf_field, "console_pages": PAGES}
    app.register_blueprint(bp)
