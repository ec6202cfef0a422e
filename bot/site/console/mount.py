"""Adds the console to the site."""

from flask import Flask

from bot.bootstrap import Services, console_identity
from bot.site.console import (
    answers,
    content,
    content_drafts,
    content_preview,
    conversation,
    desk,
    editing,
    example_use,
    files,
    insight,
    live,
    lookups,
    mails,
    new_content,
    problems,
    publications,
    queue,
    review_page,
    shown,
    sign_in,
    team,
    ticket,
)
from bot.site.console.content_fields import marked_parts
from bot.site.console.counted import CountedFigures
from bot.site.console.entrance import LONGEST_SESSION, Entrance, bp, csrf
from bot.staff import StaffList

# Each adds its pages to the blueprint.
DESK_PARTS = (sign_in, queue, ticket, files, desk, answers, live, mails, lookups, conversation, team, insight)
STUDIO_PARTS = (
    review_page,
    content,
    editing,
    example_use,
    new_content,
    content_preview,
    content_drafts,
    publications,
)
PARTS = (*DESK_PARTS, *STUDIO_PARTS, problems)
PAGES = (
    ("console.queue", "Queue"),
    ("console.refused_mails", "Mail"),
    ("console.lookups", "Look-ups"),
    ("console.canned_answers", "Answers"),
    ("console.content", "Content"),
    ("console.team", "Team"),
    ("console.insight", "Analytics"),
    ("console.unanswered", "Review"),
)


def mount(app: Flask, services: Services) -> None:
    """Flask's session is the console's alone: the chat has a cookie of its own."""
    app.config.update(
        SESSION_COOKIE_NAME="console",
        SESSION_COOKIE_PATH="/console",
        PERMANENT_SESSION_LIFETIME=LONGEST_SESSION,
        WTF_CSRF_CHECK_DEFAULT=False,  # the API tells by the origin
        WTF_CSRF_TIME_LIMIT=None,  # it ends with the session: a long reply is not lost
    )
    app.extensions["console"] = Entrance(console_identity(services, LONGEST_SESSION), StaffList(services.settings))
    app.extensions["counted"] = CountedFigures(services.clock)
    csrf.init_app(app)
    app.jinja_env.filters |= shown.filters(services.settings, services.clock, services.tickets.level)
    app.jinja_env.globals |= {"csrf": shown.csrf_field, "console_pages": PAGES, "person_of": conversation.person_of}
    app.jinja_env.filters["marked_parts"] = marked_parts
    app.jinja_env.globals |= {
        "may_edit": content.may_edit,
        "content_tabs": content.content_tabs,
        "faq_address": editing.faq_address,
        "needs_second": content.needs_second,
    }
    app.register_blueprint(bp)
